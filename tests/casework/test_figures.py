"""Counts by day: they equal what a plain count gives, follow every change, and know nothing of reports."""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, func, select, update

from casework import answering, feedback, figure_keeping, figures, forgetting
from casework import figure_counting as counting
from casework.figure_tables import SAID, TIMES, WHAT, Figure, FigureDay
from casework.figures import Period
from casework.models import Cluster, Feedback, FeedbackEvent
from casework.report_models import Report, Staff
from messaging import contacts, outbox
from messaging.models import Contact, Message, MessageFlag
from store.database import now, reading, transaction
from tests.casework.conftest import Give, Take
from tests.phones import Town

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
TODAY = counting.day_of
DAY = timedelta(days=1)
PARTS = {TIMES: ("took", "kept", "due"), SAID: ("sent", "segments", "flag", "guess", "unserved")}


def counted() -> set[tuple[Any, ...]]:
    """Every number that figures are drawn from."""
    with reading() as session:
        days = {("day", row.day, row.feedback) for row in session.scalars(select(FigureDay)) if row.feedback}
        rows = session.scalars(select(Figure)).all()
        whole = {(row.part, row.place, row.day, "", row.feedback) for row in rows}
        return days | whole | {(row.part, row.place, row.day, *item) for row in rows for item in row.counts.items()}


def totals(name: str, place: str = "", days: int = 400) -> dict[str, int]:
    today = TODAY(now())
    period = Period(today - days * DAY, today, place)
    part = next((part for part, names in PARTS.items() if name in names), WHAT)
    with reading() as session:
        if name == "all":
            return {"": figures.number(session, period)}
        return dict(figures.totals(session, period, part)[name])


def put(**values: Any) -> Feedback:
    """A feedback as it stands in the table."""
    with transaction() as session:
        made = Feedback(
            **{
                "reference": f"T{random.randrange(10**9)}",
                "types": ["complaint"],
                "channel": "sms",
                "topic": "food",
                "created_at": now() - timedelta(hours=1),
                **values,
            }
        )
        session.add(made)
        session.flush()
        return made


def many(number: int) -> Iterator[dict[str, Any]]:
    dice = random.Random(7)
    for _ in range(number):
        created = now() - timedelta(days=dice.uniform(0, 40))
        yield {
            "types": dice.sample(["complaint", "question", "rumour", "praise"], dice.choice([1, 1, 2])),
            "topic": dice.choice(["food", "health", "shelter", None]),
            "place": dice.choice(["Riverside", "Hilltop", None]),
            "language": dice.choice(["en", "ar", "sw", None]),
            "channel": dice.choice(["sms", "whatsapp"]),
            "state": dice.choice(["new", "answered", "closed"]),
            "mark": dice.choice([None, 1, 5]),
            "created_at": created,
        }


def test_the_counts_equal_a_plain_count(database: str) -> None:
    rows = list(many(150))
    for row in rows:
        put(**row)
    figure_keeping.recount_all()
    for place in ("", "Riverside", "Hilltop"):
        here = [row for row in rows if place in ("", row["place"])]
        for name, column in {"topic": "topic", "language": "language", "channel": "channel", "state": "state"}.items():
            assert totals(name, place) == Counter(row[column] or "" for row in here), (place, name)
        assert totals("all", place) == {"": len(here)}
        assert totals("type", place) == Counter(kind for row in here for kind in row["types"])
        assert totals("mark", place) == Counter(str(row["mark"]) for row in here if row["mark"])
        rumours = [row for row in here if "rumour" in row["types"]]
        assert totals("rumour_topic", place) == Counter(row["topic"] or "" for row in rumours)
        with reading() as session:
            today = TODAY(now())
            per_day = figures.by_day(session, Period(today - 50 * DAY, today, place))
        assert per_day == Counter(TODAY(row["created_at"]) for row in here)
    assert totals("place") == Counter(row["place"] or "" for row in rows)


def test_a_day_is_one_of_the_deployments_time_zone(database: str) -> None:
    put(created_at=datetime.fromisoformat("2026-03-01T21:30:00+00:00"))  # in Nairobi it is the second already
    figure_keeping.recount_all()
    assert {row[2] for row in counted() if row[0] == "what"} == {date(2026, 3, 2)}


def test_counting_twice_changes_nothing(database: str) -> None:
    for row in many(30):
        put(**row)
    figure_keeping.recount_all()
    first = counted()
    figure_keeping.recount_all()
    assert counted() == first
    with transaction() as session:
        session.execute(update(Figure).values(feedback=77, counts={"topic:food": 1}))
        session.execute(delete(Figure).where(Figure.place == "Hilltop"))
    figure_keeping.recount_all()
    assert counted() == first


def test_the_clock_counts_today_every_few_minutes(database: str) -> None:
    put()
    at = now()
    assert figure_keeping.keep(at) > 0 and totals("all") == {"": 1}
    put()
    assert figure_keeping.keep(at + timedelta(minutes=1)) == 0 and totals("all") == {"": 1}
    assert figure_keeping.keep(at + timedelta(minutes=3)) > 0 and totals("all") == {"": 2}
    with reading() as session:
        assert figures.counted_at(session) == at + timedelta(minutes=3)


@SQLITE
def test_every_change_is_followed(database: str, give: Give) -> None:
    code, other = give(topic="food"), give("the queue is long", topic="health", phone="+254722000002")
    with transaction() as session:  # long ago, so that only what happened to them brings them back
        session.execute(update(Feedback).values(created_at=now() - timedelta(days=30)))
    at = now() - timedelta(minutes=30)

    def later() -> None:
        nonlocal at
        at += timedelta(minutes=3)
        figure_keeping.keep(at)

    later()
    assert totals("topic") == {"food": 1, "health": 1} and totals("state") == {"new": 2}
    answering.correct(code, "Ada", types=["praise"], topic="shelter")
    with transaction() as session:
        kept = session.scalars(select(Feedback).where(Feedback.reference == other)).one()
        feedback.set_place(session, kept, "Riverside", None)
    later()
    assert totals("topic") == {"shelter": 1, "health": 1} and totals("type") == {"praise": 1, "complaint": 1}
    assert totals("place") == {"": 1, "Riverside": 1} and totals("topic", "Riverside") == {"health": 1}
    answering.close(code, "done", "the truck came on Monday", "Ada")
    later()
    assert totals("state") == {"closed": 1, "new": 1}
    with transaction() as session:
        contact = session.scalars(select(Contact).join(Feedback).where(Feedback.reference == code)).one()
        feedback.rate(session, contact, 5, None, False)
    later()
    assert totals("mark") == {"5": 1}
    with transaction() as session:
        contact = session.scalars(select(Contact).join(Feedback).where(Feedback.reference == other)).one()
        forgetting.forget_words(session, contact, None)
    later()
    assert totals("topic") == {"shelter": 1, "health": 1}, "anonymous counts stay"
    assert totals("state") == {"closed": 2}


@SQLITE
def test_what_is_gone_from_an_old_day_is_found(database: str) -> None:
    made = [put(created_at=now() - timedelta(days=days)) for days in (200, 150, 150, 20)]
    at = now()
    figure_keeping.keep(at)
    assert totals("all") == {"": 4}
    with transaction() as session:
        session.execute(delete(Feedback).where(Feedback.id == made[1].id))
    put(created_at=now() - timedelta(days=300))
    figure_keeping.keep(at + timedelta(minutes=3))
    assert totals("all") == {"": 4} and totals("all", days=250) == {"": 3}


@SQLITE
def test_what_changed_unseen_is_found_within_a_day(database: str) -> None:
    put(created_at=now() - timedelta(days=30))
    at = now()
    figure_keeping.keep(at)
    with transaction() as session:
        session.execute(update(Feedback).values(topic="health"))
    for step in range(1, 9):
        figure_keeping.keep(at + step * timedelta(minutes=11))
    assert totals("topic") == {"health": 1}


def test_answer_times_and_promises(database: str) -> None:
    def answered(after: timedelta, **more: Any) -> None:
        begun = now() - timedelta(days=60)
        by = begun + timedelta(days=14)
        made = put(created_at=begun, answer_by=by, answered_at=begun + after, state="answered", **more)
        with transaction() as session:
            session.add(FeedbackEvent(feedback_id=made.id, kind="answered", at=begun + after))
            session.add(FeedbackEvent(feedback_id=made.id, kind="answered", at=begun + timedelta(days=40)))

    for days in (1, 2, 3, 4, 20):
        answered(timedelta(days=days))
    answered(timedelta(days=1), types=["question"])
    long_ago = now() - timedelta(days=50)
    put(created_at=long_ago, answer_by=long_ago + timedelta(days=14))
    put(created_at=now() - timedelta(days=2), answer_by=now() + timedelta(days=12))
    put(created_at=long_ago, state="closed", resolution="withdrawn", closed_at=long_ago + timedelta(days=1))
    figure_keeping.recount_all()
    today = TODAY(now())
    with reading() as session:
        found = figures.answer_times(session, Period(today - 90 * DAY, today), today)
    complaints = found["complaint"]
    assert (complaints.answered, complaints.in_time, complaints.late) == (5, 4, 2)
    assert [(complaints.share(part) or DAY) / DAY for part in (0.5, 0.9)] == pytest.approx([3, 20], rel=0.05)
    assert complaints.within(timedelta(days=7)) == 4
    assert found[figures.ALL].answered == 6 and found["question"].answered == 1


def test_a_case_that_was_opened_again_is_held_to_its_first_promise(database: str) -> None:
    begun = now() - timedelta(days=60)
    made = put(created_at=begun, state="reopened", answer_by=now() + timedelta(days=9))
    with transaction() as session:
        session.add(FeedbackEvent(feedback_id=made.id, kind="answered", at=begun + timedelta(days=20)))
        session.add(FeedbackEvent(feedback_id=made.id, kind="reopened", at=begun + timedelta(days=21)))
    figure_keeping.recount_all()
    assert totals("kept") == {"|no": 1, "complaint|no": 1}


@pytest.mark.parametrize("minutes", [0, 1, 30, 60, 3000, 90_000, 500_000])
def test_times_are_kept_within_five_percent(minutes: int) -> None:
    kept = counting.time_of(counting.step_of(timedelta(minutes=minutes))) / timedelta(minutes=1)
    assert kept == pytest.approx(max(minutes, 1), rel=0.05)


def test_what_rises_this_week(database: str) -> None:
    with transaction() as session:
        group = Cluster(first_reference="K7Q4-X", topic="food", size=6, voices=6)
        session.add(group)
        session.flush()
        number = group.id
    for days, topic, place in (
        (1, "food", "Riverside"),
        (2, "food", "Riverside"),
        (2, "food", None),
        (9, "food", None),
    ):
        put(created_at=now() - timedelta(days=days), topic=topic, place=place, cluster_id=number)
    for days in (1, 2, 8, 9, 10):
        put(created_at=now() - timedelta(days=days), topic="health")
    figure_keeping.recount_all()
    today = TODAY(now())
    week = Period(today - 6 * DAY, today)
    with reading() as session:
        assert figures.rising(session, "topic", week) == [figures.Rise("food", 3, 1)]
        assert figures.rising(session, "place", week, fewest=2) == [figures.Rise("Riverside", 2, 0)]
        assert figures.rising_groups(session, week) == [figures.Group("K7Q4-X", "food", 3, 1)]
        assert figures.places(session, today) == ["Riverside"]
        assert figures.first_day(session) == TODAY(now() - timedelta(days=10))


def say(phone: str, kind: str, state: str = "delivered", body: str | None = "words", **more: Any) -> int:
    """A text of ours that went to this phone."""
    with transaction() as session:
        contact = contacts.find_or_make(session, "twilio", more.pop("channel", "sms"), phone)
        contact.language = "sw"
        made = Message(contact_id=contact.id, direction="out", state=state, kind=kind, body=body, segments=2, **more)
        session.add(made)
        session.flush()
        return made.id


def test_deliveries_and_what_was_not_understood(database: str) -> None:
    first = say("+254722000001", "reply")
    say("+254722000001", "answer", "failed")
    say("whatsapp:+254722000001", "reply", channel="whatsapp")
    with transaction() as session:
        for name, detail in (
            ("not_understood", {"intent": "ask_food"}),
            ("unsure", None),
            ("unserved", {"language": "tr"}),
            ("corrected", {"intent": "ask_food"}),
        ):
            session.add(MessageFlag(message_id=first, name=name, detail=detail))
    figure_keeping.recount_all()
    assert totals("sent") == {
        "sms|assistant|delivered": 1,
        "sms|staff|failed": 1,
        "whatsapp|assistant|delivered": 1,
    }
    assert totals("segments") == {"sms": 2, "whatsapp": 2}
    assert totals("flag") == {"not_understood|sw": 1, "unsure|sw": 1}
    assert totals("guess") == {"food": 1} and totals("unserved") == {"tr": 1}


def test_what_was_counted_stays_when_texts_are_forgotten_in_their_time(database: str) -> None:
    old = say("+254722000001", "reply", created_at=now() - timedelta(days=170))
    figure_keeping.recount_all()
    with transaction() as session:
        session.execute(update(Message).where(Message.id == old).values(body=None))
    figure_keeping.recount_all(now() + timedelta(days=12))
    assert totals("sent") == {"sms|assistant|delivered": 1}


def test_a_report_leaves_no_trace_in_any_count(give: Give, take: Take) -> None:
    say("+254722000009", "reply")
    give(topic="food")
    figure_keeping.recount_all()
    before = counted()
    code = take(categories=("danger", "sea"), consent=True)  # alerts are queued
    for kind, state, body in (
        ("private", "queued", "help exists"),
        ("private", "sent", "help exists"),
        ("relay", "held", "can we talk"),
        ("relay", "later", "can we talk"),
        ("reply", "delivered", None),
        ("answer", "delivered", None),
        ("answer", "failed", None),
    ):
        say("+254722000001", kind, state, body)
    with reading() as session:
        focal = session.scalars(select(Staff).where(Staff.phone.is_not(None)).order_by(Staff.id)).first()
        assert focal is not None and focal.phone is not None
    say(focal.phone, "reply", body=f"It is with you: {code}")  # the answer to their OK
    figure_keeping.recount_all()
    with reading() as session:
        assert session.scalar(select(func.count()).where(Message.kind == "alert")), "somebody was alerted"
    assert counted() == before


def test_what_becomes_a_report_leaves_every_count(give: Give) -> None:
    give("the bread is old", phone="+254722000003", topic="food")
    figure_keeping.recount_all()
    before = counted()
    code = give("he asked me for money", topic="cash_assistance", place="Riverside")
    with transaction() as session:
        made = session.scalars(select(Feedback).where(Feedback.reference == code)).one()
        session.add(MessageFlag(message_id=made.message_id, name="not_understood"))
        made.created_at = now() - timedelta(days=40)
    at = now()
    figure_keeping.recount_all(at)
    assert totals("topic")["cash_assistance"] == 1 and totals("flag") == {"not_understood|en": 1}
    answering.pass_on(code, ["fraud"], "Ada")
    figure_keeping.keep(at + timedelta(minutes=3))
    assert counted() == before


@SQLITE
def test_a_private_talk_by_phone_changes_no_count(town: Town) -> None:
    """The whole path: a disclosure, what is asked, the alert, the focal point's OK, their text, the person's answer."""
    town.says("+254722000009", "the bread in the camp is always old")
    figure_keeping.recount_all()
    before = counted()
    person, at = "+254722000001", now()
    town.says(person, "my husband beats me every night")
    for answer in ("1", "1", "4"):
        town.says(person, answer)
    with transaction() as session:
        found = session.scalars(select(Report)).one()
        contact = contacts.find(session, "twilio", "sms", person)
        assert contact is not None
        code, number = found.reference, contact.id
        outbox.queue(session, contact, "can you talk today?", "relay")
    outbox.deliver(number)
    town.says("+254700000001", f"OK {code}")
    town.says(person, "he came back yesterday and beat me again")
    figure_keeping.recount_all(at + timedelta(minutes=5))
    assert counted() == before


@SQLITE
def test_a_language_that_is_not_served_is_counted(town: Town) -> None:
    town.says("+254722000009", "Merhaba, çocuklarım için okul arıyorum, nereye gitmem gerekiyor?")
    figure_keeping.recount_all()
    assert totals("unserved") == {"tr": 1}
