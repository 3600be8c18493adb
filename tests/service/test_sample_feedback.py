"""The demonstration's invented feedback: harmless, believable, quiet, and made once."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bot.nlu.lexicon import lexicon
from casework import answering, clusters, hand_over, reminders, retention, states
from casework.models import Cluster, Feedback, FeedbackEvent
from console.inbox import desk
from directory import importing
from messaging import inbox, outbox
from messaging.models import Contact, Message
from runtime import taxonomy
from runtime.deployment import deployment
from runtime.settings import ROOT
from service import sample_feedback, sample_texts
from store.database import now, reading, transaction
from webhooks.simulator import PHONES

LANGUAGES = ("en", "fr", "es", "ar", "pt", "sw", "so", "am", "fa", "uk", "ru", "ht")
Told = Callable[[], list[Feedback]]


@pytest.fixture
def told(database: str) -> Told:
    """Fills the demonstration; returns its feedback, oldest first."""
    importing.apply("sample.csv", importing.plan(importing.open_file(ROOT / "data" / "directory" / "sample.csv")))
    sample_feedback.prepare()

    def told() -> list[Feedback]:
        with reading() as session:
            return list(session.scalars(select(Feedback).order_by(Feedback.id)))

    return told


def count(*conditions: object) -> int:
    with reading() as session:
        return session.scalar(select(func.count()).select_from(Message).where(*conditions)) or 0  # type: ignore[arg-type]


def every_text() -> list[str]:
    found = [text for language in LANGUAGES for text in sample_texts.not_understood(language)]
    for sample in (one for language in LANGUAGES for one in sample_texts.samples(language)):
        found += [sample.text, sample.answer or "", sample.outcome or "", *sample.matter.notes]
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_some_thirty_texts_of_its_own(language: str) -> None:
    texts = [sample.text for sample in sample_texts.samples(language)]
    assert len(texts) >= 30 and len(set(texts)) == len(texts)


def test_each_text_is_about_something_that_there_is() -> None:
    for matter in sample_texts.matters().values():
        assert set(matter.types) <= set(taxonomy.feedback_types()) and matter.topic in taxonomy.topics()
        assert matter.labels == tuple(map(answering.plain_label, matter.labels))


def test_nothing_sensitive_is_told() -> None:
    assert {text: found for text in every_text() if (found := lexicon().find(text))} == {}


def test_no_text_has_a_number_that_could_be_somebodys() -> None:
    assert not [text for text in every_text() if sum(letter.isdigit() for letter in text) > 4]


@pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
def test_it_is_made_once(database: str) -> None:
    importing.apply("sample.csv", importing.plan(importing.open_file(ROOT / "data" / "directory" / "sample.csv")))
    assert sample_feedback.prepare() is not None
    known = count()
    assert sample_feedback.prepare() is None and count() == known


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_without_the_sample_directory_there_is_none(database: str) -> None:
    assert sample_feedback.prepare() is None and count() == 0


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
class TestWhatIsThere:
    def test_four_hundred_samples_of_all_languages_types_and_states_over_three_months(self, told: Told) -> None:
        found = told()
        assert len(found) >= 380 and all(one.sample for one in found)
        assert {one.language for one in found} == set(LANGUAGES)
        assert {name for one in found for name in one.types} == set(taxonomy.feedback_types())
        assert {one.channel for one in found} == {"sms", "whatsapp"}
        assert {one.state for one in found} >= {"new", "acknowledged", "in_progress", "answered", "closed"}
        assert found[0].created_at < now() - timedelta(days=80) and found[-1].created_at > now() - timedelta(hours=24)
        assert all(one.words_key for one in found)

    def test_water_in_riverside_waits_in_arabic(self, told: Told) -> None:
        water = [
            one for one in told() if (one.language, one.topic, one.place) == ("ar", "water_sanitation", "Riverside")
        ]
        assert len(water) >= 9
        old = [one for one in water if one.state in states.OPEN and one.created_at < now() - timedelta(days=15)]
        waits = [one for one in old if reminders.is_overdue(one, now()) and one.answered_at is None]
        assert len(waits) >= 7, "these wait in every demonstration; what else is open depends on the hour"

    def test_what_many_tell_stands_together_and_the_water_rises(self, told: Told) -> None:
        groups = desk.groups(fewest=10)
        assert len(groups) >= 5 and groups[0].topic == "water_sanitation" and groups[0].voices >= 40
        members = [
            one for one in told() if one.cluster_id and one.topic == "water_sanitation" and one.place == "Riverside"
        ]
        week = [sum(week <= (now() - one.created_at).days // 7 < week + 1 for one in members) for week in (0, 1)]
        assert week[0] >= 2 * week[1] and len({one.language for one in members}) == len(LANGUAGES)

    def test_every_life_is_one_that_a_real_feedback_could_have(self, told: Told) -> None:
        with reading() as session:
            steps: dict[int, list[FeedbackEvent]] = {}
            for event in session.scalars(select(FeedbackEvent).order_by(FeedbackEvent.id)):
                steps.setdefault(event.feedback_id, []).append(event)
        for one in told():
            times = [event.at for event in steps[one.id]]
            assert times == sorted(times) and times[0] == one.created_at and times[-1] < now()
            assert steps[one.id][0].kind == "taken"
            assert (one.state == "closed") == (one.outcome is not None and one.closed_at is not None) or one.mark
            assert one.state == "new" or one.acknowledged_at is not None

    def test_most_is_answered_and_some_is_late(self, told: Told) -> None:
        found = told()
        late = [one for one in found if reminders.is_overdue(one, now())]
        assert 4 <= len(late) <= 60
        assert sum(one.state == "closed" for one in found) > len(found) / 3
        assert len({one.mark for one in found if one.mark}) == 5

    def test_phones_are_fictional_and_not_the_visitors(self, told: Told) -> None:
        with reading() as session:
            people = list(session.scalars(select(Contact).where(Contact.provider == "simulator")))
        numbers = [one.address for one in people]
        staff = {one.phone for one in (*deployment().focal_points, *deployment().engagement)}
        assert all(number[5:].startswith("55501") for number in numbers) and len(set(numbers)) == len(numbers) > 250
        assert not set(numbers) & {*PHONES, *staff}

    def test_the_clock_finds_nothing_to_do(self, told: Told, published: list[tuple[str, int]]) -> None:
        with transaction() as session:
            before = Counter(session.scalars(select(Feedback.state)))
            groups = Counter(session.scalars(select(Cluster.size)))
        done = [
            reminders.remind(),
            reminders.tell_of_many(),
            reminders.notice_undelivered(),
            answering.close_answered(),
        ]
        assert done == [0, 0, 0, 0] and hand_over.take_back() == 0 and clusters.regroup() == 0
        assert retention.run() == retention.Forgotten() == retention.soon()
        with reading() as session:
            assert Counter(session.scalars(select(Feedback.state))) == before
            assert Counter(session.scalars(select(Cluster.size))) == groups

    def test_nothing_waits_to_be_read_or_sent(self, told: Told, published: list[tuple[str, int]]) -> None:
        assert count(Message.state.in_(("received", "queued", "sending", "held", "later"))) == 0
        assert inbox.left_behind(timedelta(0)) == outbox.left_behind(timedelta(0)) == [] == published
        assert count(Message.direction == "out", Message.segments > 1) and count(Message.state == "undelivered")
