"""In every language, every category: from the disclosure to the closing, with the focal point on the other side.

The texts stand in report_words.yaml; what is heard is compared with the catalogues.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import select, update

from casework import readers, reference, relay, report_life, safe_hours
from casework.report_models import Report
from casework.routing import ABOUT_OUR_OWN, AT_RISK, Routing
from messaging.models import Contact, Message
from runtime import taxonomy
from store.database import now, reading, transaction
from tests import focal_points
from tests.phones import Town
from tests.talk import Talk

WORDS: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "report_words.yaml").read_text(encoding="utf-8"))
LANGUAGES = tuple(taxonomy.languages())
CATEGORIES = tuple(taxonomy.sensitive_categories())
pytestmark = [
    pytest.mark.parametrize("database", ["sqlite"], indirect=True),
    pytest.mark.parametrize("language", LANGUAGES),
]
ADA = "+254700000001"


@pytest.fixture
def talks(town: Town, language: str) -> Any:
    """Phones that have chosen the language, by number."""
    return lambda number=0: Talk(town, language, WORDS[language], f"+2547220001{number:02d}")


def newest() -> Report:
    with reading() as session:
        return session.scalars(select(Report).order_by(Report.id.desc()).limit(1)).one()


def writes(login: str, text: str, **given: Any) -> list[int]:
    """A focal point writes to the person of the newest report."""
    with transaction() as session:
        opened = readers.open_(session, focal_points.reader(login), session.get_one(Report, newest().id))
        return relay.send(session, focal_points.reader(login), opened, text, **given)


def says_safe_hours(hours: str, login: str = "ada") -> None:
    with transaction() as session:
        opened = readers.open_(session, focal_points.reader(login), session.get_one(Report, newest().id))
        relay.set_safe_hours(session, focal_points.reader(login), opened, hours)


def clock(town: Town) -> None:
    """What the clock and the workers do."""
    safe_hours.release_due()
    with reading() as session:
        for contact in session.scalars(select(Contact.id)):
            town._publish("delivery.deliver", contact)
    town.work()


@pytest.mark.timeout(600)
def test_each_category_from_disclosure_to_closure(town: Town, talks: Any, language: str) -> None:
    for number, category in enumerate(CATEGORIES):
        talk: Talk = talks(number)
        heard = talk.asks(category)
        if talk.sentence("ask_private") in heard:  # not sure enough: asked softly, and the person says yes
            heard = talk.says("1")
        assert talk.sentence("private_sorry") in heard, (category, heard)
        routed = Routing.of(newest())
        assert category in routed.categories or not routed.categories, (category, routed)
        assert talk.part("private_secrecy") in heard
        assert talk.sentence("ask_may_contact") in heard
        assert heard.index(talk.sentence("private_sorry")) < heard.index(talk.part("private_secrecy"))
        code = reference.find(heard.splitlines()[-4]) or reference.find(heard)
        assert code == newest().reference
        assert talk.sentence("ask_safe_time") in talk.says("1")
        assert talk.sentence("ask_wishes") in talk.says(WORDS[language]["safe_time"])
        assert talk.part("consent_given") in talk.says("1")
        assert Routing.of(newest()).wants == "woman"
        talk.says(WORDS[language]["more"])
        assert focal_points.words("ada", code)[0] == WORDS[language][category]
        assert any(WORDS[language]["more"] == words for words in focal_points.words("ada", code))
        _answer_and_close(town, talk, language, code)


def _answer_and_close(town: Town, talk: Talk, language: str, code: str) -> None:
    with pytest.raises(relay.CannotWrite):
        writes("ada", "Can we talk tomorrow at nine?")  # their safe time is in words: somebody has to read it first
    says_safe_hours("24/7")
    town.says(ADA, f"OK {code}")
    before = talk.count
    writes("ada", "Can we talk tomorrow at nine?")
    clock(town)
    assert talk.since(before) == talk.sentence("relay_prompt"), "only a neutral line before the person wants to read"
    assert "tomorrow at nine" in talk.says("1")
    assert talk.part("relay_added") in talk.says(WORDS[language]["thanks"])
    assert WORDS[language]["thanks"] in focal_points.words("ada", code)
    before = talk.count
    with transaction() as session:
        opened = readers.open_(session, focal_points.reader("ada"), session.get_one(Report, newest().id))
        report_life.close(session, focal_points.reader("ada"), opened, "helped", "Met, and brought to the clinic.")
    clock(town)
    assert talk.since(before) == talk.sentence("request_closed", reference=code)
    with reading() as session:
        bodies = session.scalars(select(Message.body).where(Message.body.is_not(None))).all()
        assert not [body for body in bodies if "tomorrow at nine" in (body or "")]
        assert not [body for body in bodies if body in WORDS[language].values()]


def test_a_no_is_an_answer(talks: Any, language: str) -> None:
    for number, (category, said) in enumerate(
        {"gbv": "consent_refused", "fraud": "consent_refused_told", "child": "consent_refused_risk"}.items()
    ):
        talk: Talk = talks(number)
        heard = talk.asks(category)
        if talk.sentence("ask_private") in heard:
            heard = talk.says("1")
        report = newest()
        heard = talk.says("2")
        routed = Routing.of(report)
        if routed.must_be_told and not routed.is_at_risk:
            assert talk.sentence("ask_not_here") in heard
            heard = talk.says("1")
            assert Routing.of(newest()).outside
        if category in routed.categories:
            assert talk.part(said) in heard, (category, heard)
        if set(routed.categories) & AT_RISK:
            assert focal_points.opens("ada").identity is not None
        elif set(routed.categories) & ABOUT_OUR_OWN:
            assert focal_points.opens("ada").identity is None
            assert focal_points.words("ada")
        else:
            with pytest.raises(readers.NotForYou):
                focal_points.opens("ada")


def test_who_says_no_may_say_yes_later_by_the_code(talks: Any, language: str) -> None:
    talk: Talk = talks()
    heard = talk.asks("gbv")
    if talk.sentence("ask_private") in heard:
        heard = talk.says("1")
    code = newest().reference
    talk.says("2")
    talk.says(talk.sentence("keyword_exit"))
    assert talk.sentence("ask_may_contact") in talk.says(f"{WORDS[language]['more']} {code}")
    talk.says("1")
    assert focal_points.words("ada", code)[0] == WORDS[language]["gbv"]
    assert focal_points.opens("ada", code).identity is not None


def test_a_witness_a_friend_and_a_colleague_are_heard(talks: Any, language: str) -> None:
    noticed = 0
    for number, who in enumerate(("witness", "friend", "colleague")):
        talk: Talk = talks(number)
        heard = talk.asks(who)
        noticed += talk.sentence("ask_private") in heard or talk.sentence("private_sorry") in heard
    assert noticed == 3


def test_the_word_that_ends_the_talk_leaves_nothing_of_it_and_the_other_deletes(talks: Any, language: str) -> None:
    talk: Talk = talks()
    if talk.sentence("ask_private") in talk.asks("gbv"):
        talk.says("1")
    code = newest().reference
    assert talk.says(talk.sentence("keyword_exit").lower()) == talk.sentence("goodbye")
    assert talk.part("private_added") not in talk.says("1"), "the talk is over: a number joins nothing"
    assert talk.sentence("forget_ask") in talk.says(talk.sentence("keyword_delete"))
    assert talk.sentence("forgotten") in talk.says("1")
    with reading() as session:
        report = session.scalars(select(Report).where(Report.reference == code)).one()
        assert report.forgotten_at is not None and report.reporter_hash is None
    with pytest.raises(readers.NotForYou), reading() as session:
        from casework import staff

        readers.find(session, staff.find(session, "ada"), code)


def test_after_days_only_neutral_words_and_safe_hours(town: Town, talks: Any, language: str) -> None:
    """Shared phone: nothing goes out before a safe hour, and what goes out tells nothing."""
    talk: Talk = talks()
    if talk.sentence("ask_private") in talk.asks("gbv"):
        talk.says("1")
    talk.says("1")
    talk.says(WORDS[language]["safe_time"])
    talk.says("4")
    zone_hour = (now() + timedelta(hours=3 + 2)).strftime("%H")  # Nairobi is three hours ahead: two hours from now
    says_safe_hours(f"Mo-Su {zone_hour}:00-{zone_hour}:59")
    before = talk.count
    writes("ada", "Can we talk?")
    clock(town)
    assert talk.count == before, "not before a safe hour"
    with transaction() as session:
        session.execute(update(Message).where(Message.state == "later").values(due_at=now()))
    clock(town)
    assert talk.since(before) == talk.sentence("relay_prompt")
    assert talk.sentence("relay_later") in talk.says("2")
    assert "Can we talk?" in talk.says("1")
