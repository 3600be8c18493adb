"""Forgetting: with times of minutes, words and files and contacts go; counts and tombstones stay; nothing unread goes."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import undefer

from casework import answering, forgetting, retention, tombstones
from casework.models import Feedback, FeedbackEvent, Media, Tombstone
from messaging.models import Contact, Message
from runtime.deployment import deployment
from runtime.promises import Retention
from store.database import now, reading, transaction
from tests.casework.conftest import Give

MINUTES = Retention(
    messages="10 minutes", media="10 minutes", feedback="20 minutes", contacts="30 minutes", warn="5 minutes"
)
"""As they would stand in deployment.yml."""


@pytest.fixture(autouse=True)
def in_minutes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    promises = deployment().promises.model_copy(update={"retention": MINUTES})
    changed = deployment().model_copy(update={"promises": promises})
    monkeypatch.setattr(retention, "deployment", lambda: changed)
    yield


def after(minutes: float) -> retention.Forgotten:
    return retention.run(now() + timedelta(minutes=minutes))


def feedback(code: str) -> Feedback:
    with reading() as session:
        return session.scalars(
            select(Feedback).options(undefer(Feedback.likeness)).where(Feedback.reference == code)
        ).one()


def count(what: type) -> int:
    with reading() as session:
        return session.scalar(select(func.count()).select_from(what)) or 0


def test_nothing_that_nobody_has_read_goes(give: Give) -> None:
    code = give("the truck is late")
    assert after(10_000) == retention.Forgotten()
    assert feedback(code).body == "the truck is late"
    with reading() as session:
        assert session.scalars(select(Message.body)).all() == ["the truck is late"]


def test_what_is_worked_on_stays(give: Give) -> None:
    code = give()
    answering.acknowledge(code, "Ada")
    assert after(10_000) == retention.Forgotten()


def test_a_closed_case_loses_words_then_its_contact_and_leaves_counts_and_a_tombstone(give: Give) -> None:
    code = give(topic="water_sanitation", place="Riverside")
    answering.close(code, "done", "The tank was cleaned on Monday", "Ada")
    with transaction() as session:
        session.execute(update(Message).where(Message.direction == "out").values(state="delivered"))
    assert after(15) == retention.Forgotten()  # the case still has its words
    assert after(25) == retention.Forgotten(messages=1, feedback=1)  # and the answer, with the case
    kept = feedback(code)
    assert (kept.body, kept.outcome, kept.contact_id, kept.message_id, kept.likeness) == (None,) * 5
    assert (kept.types, kept.topic, kept.place, kept.state) == (
        ["complaint"],
        "water_sanitation",
        "Riverside",
        "closed",
    )
    with reading() as session:
        assert session.scalars(select(FeedbackEvent.words).where(FeedbackEvent.words.is_not(None))).all() == []
    assert after(35) == retention.Forgotten(contacts=1)
    assert (count(Contact), count(Message), count(Feedback)) == (0, 0, 1)
    with reading() as session:
        query = select(Tombstone.kind, Tombstone.reference, Tombstone.number).where(Tombstone.kind != tombstones.RUN)
        stones = session.execute(query.order_by(Tombstone.id))
        assert [tuple(row) for row in stones] == [
            ("messages", None, 1),
            ("feedback", code, 1),
            ("messages", None, 1),
            ("contact", None, 1),
        ]
    assert after(10_000) == retention.Forgotten()


def test_an_ordinary_question_goes_after_its_time(give: Give) -> None:
    with transaction() as session:
        from messaging import contacts

        contact = contacts.find_or_make(session, "twilio", "sms", "+254722000009")
        for direction, state in (("in", "done"), ("out", "delivered"), ("in", "received")):
            session.add(Message(contact_id=contact.id, direction=direction, state=state, kind="message", body="words"))
    assert after(5) == retention.Forgotten()
    assert after(15) == retention.Forgotten(messages=2)  # what waits to be answered stays
    assert after(10_000) == retention.Forgotten()


def test_files_go_once_their_case_is_closed(give: Give) -> None:
    code = give()
    with transaction() as session:
        session.add(
            Media(message_id=feedback(code).message_id, content_type="image/jpeg", content=b"picture", state="kept")
        )
    assert after(15) == retention.Forgotten()
    answering.close(code, "done", "The tank was cleaned on Monday", "Ada")
    assert after(15).media == 1
    with reading() as session:
        media = session.scalars(select(Media)).one()
        assert (media.state, media.content, media.source) == ("gone", None, None)


def test_a_stop_outlives_the_contact(give: Give) -> None:
    from messaging import contacts

    code = give()
    with transaction() as session:
        session.execute(update(Contact).values(opted_out_at=now()))
    answering.close(code, "done", "The tank was cleaned on Monday", "Ada")
    after(25)
    assert after(35).contacts == 1
    with reading() as session:
        found = contacts.find(session, "twilio", "sms", "+254722000001")
        assert found is not None and found.opted_out_at is not None and found.address == ""
    assert after(60).contacts == 0
    contacts.rehash()
    with transaction() as session:  # who writes again can be answered, and still gets nothing else
        again = contacts.find_or_make(session, "twilio", "sms", "+254722000001")
        assert (again.address, again.kept, again.opted_out_at is not None) == ("+254722000001", False, True)


def test_a_contact_of_a_private_report_stays_reachable(give: Give) -> None:
    code = give("he wants money for the card")
    answering.pass_on(code, ["fraud"], "Ada")
    with transaction() as session:
        session.execute(update(Message).where(Message.direction == "out").values(state="delivered"))
    after(25)
    assert after(10_000).contacts == 0
    with reading() as session:
        assert "+254722000001" in session.scalars(select(Contact.address)).all()


def test_the_preview_tells_what_would_go_and_removes_nothing(give: Give) -> None:
    code = give()
    answering.close(code, "done", "The tank was cleaned on Monday", "Ada")
    later = now() + timedelta(minutes=25)
    assert retention.preview(later).feedback == 1
    assert retention.soon(now() + timedelta(minutes=16)).feedback == 1  # it is warned of before
    assert feedback(code).body is not None


def test_deletion_at_a_wish_takes_words_files_and_the_place(give: Give) -> None:
    code = give()
    with transaction() as session:
        contact = session.scalars(select(Contact)).one()
        contact.place = "Riverside"
        session.add(Media(message_id=feedback(code).message_id, content_type="image/jpeg", content=b"p", state="kept"))
    answering.note(code, "she is at the school", "Ada")
    with transaction() as session:
        forgetting.forget_words(session, session.scalars(select(Contact)).one(), None)
    kept = feedback(code)
    assert (kept.body, kept.contact_id, kept.state, kept.resolution) == (None, None, "closed", "withdrawn")
    with reading() as session:
        assert session.scalars(select(FeedbackEvent.words)).all() == [None] * 3
        assert session.scalars(select(Contact.place)).all() == [None]
        assert [media.state for media in session.scalars(select(Media))] == ["gone"]
