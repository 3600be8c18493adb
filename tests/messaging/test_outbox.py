"""The outbox against a Twilio that throttles, breaks, dawdles, loses its answer, or says that the person opted out."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from messaging import contacts, inbox, outbox
from messaging.inbound import Inbound
from messaging.models import Contact, Message
from store.database import now, reading, transaction
from tests.conftest import forget_settings
from tests.standins.twilio_api import TwilioAPI

PHONE = "+254722000001"


@pytest.fixture
def api(twilio_api: TwilioAPI, database: str) -> Iterator[TwilioAPI]:
    forget_settings()
    yield twilio_api


def queued(text: str = "an answer", kind: str = "reply") -> tuple[int, int]:
    with transaction() as session:
        contact = contacts.find_or_make(session, "twilio", "sms", PHONE, "+254711000000")
        return contact.id, outbox.queue(session, contact, text, kind)[0]


def message(message_id: int) -> Message:
    with reading() as session:
        return session.get_one(Message, message_id)


@contextmanager
def later(message_id: int) -> Iterator[None]:
    """As if the pause before the next try were over."""
    with transaction() as session:
        session.execute(update(Message).where(Message.id == message_id).values(due_at=now() - timedelta(seconds=1)))
    yield


@pytest.mark.parametrize("trouble", ["429", "500"])
def test_trouble_at_twilio_is_tried_again_later(api: TwilioAPI, trouble: str) -> None:
    contact_id, message_id = queued()
    api.behave = lambda form: trouble
    outbox.deliver(contact_id)
    assert (message(message_id).state, message(message_id).attempts) == ("queued", 1)
    assert message(message_id).due_at > now()
    outbox.deliver(contact_id)
    assert len(api.requests) == 1, "it did not wait"
    api.behave = lambda form: "ok"
    with later(message_id):
        outbox.deliver(contact_id)
    assert (message(message_id).state, api.bodies(PHONE)) == ("sent", ["an answer"])


def test_a_lost_answer_is_asked_about_and_not_sent_twice(api: TwilioAPI) -> None:
    contact_id, message_id = queued()
    api.behave = lambda form: "lost"
    outbox.deliver(contact_id)
    assert message(message_id).state == "queued"
    api.behave = lambda form: "ok"
    with later(message_id):
        outbox.deliver(contact_id)
    assert message(message_id).state == "sent"
    assert message(message_id).provider_sid == api.accepted[0]["sid"]
    assert len(api.accepted) == 1


def test_the_same_words_twice_are_two_messages_although_an_answer_was_lost(api: TwilioAPI) -> None:
    contact_id, _ = queued()
    outbox.deliver(contact_id)
    _, second = queued()
    api.behave = lambda form: "500"
    outbox.deliver(contact_id)
    api.behave = lambda form: "lost"
    with later(second):
        outbox.deliver(contact_id)
    api.behave = lambda form: "ok"
    with later(second):
        outbox.deliver(contact_id)
    assert len(api.accepted) == 2
    assert len({m["sid"] for m in api.accepted} & {message(second).provider_sid}) == 1


def test_a_worker_that_died_while_sending_is_made_up_for(api: TwilioAPI) -> None:
    contact_id, message_id = queued()
    with transaction() as session:
        session.execute(
            update(Message)
            .where(Message.id == message_id)
            .values(state="sending", attempts=1, handled_at=now(), due_at=now() - timedelta(seconds=1))
        )
    assert outbox.left_behind(timedelta(0)) == [contact_id]
    outbox.deliver(contact_id)
    assert (message(message_id).state, len(api.accepted)) == ("sent", 1)


def test_a_person_who_opted_out_at_the_carrier_hears_nothing_more(api: TwilioAPI) -> None:
    contact_id, message_id = queued(kind="answer")
    api.behave = lambda form: "21610"
    outbox.deliver(contact_id)
    assert (message(message_id).state, message(message_id).error_code) == ("failed", "21610")
    with reading() as session:
        assert session.get_one(Contact, contact_id).opted_out_at is not None
    api.behave = lambda form: "ok"
    _, next_id = queued("more", "notice")
    outbox.deliver(contact_id)
    assert (message(next_id).state, message(next_id).error_code, api.accepted) == ("suppressed", "opted_out", [])


@pytest.mark.parametrize(
    ("kind", "state"),
    [
        ("reply", "sent"),
        ("relay", "sent"),
        ("private", "sent"),
        ("answer", "suppressed"),
        ("notice", "suppressed"),
    ],
)
def test_what_still_reaches_a_person_who_said_stop(api: TwilioAPI, kind: str, state: str) -> None:
    contact_id, message_id = queued(kind=kind)
    with transaction() as session:
        session.execute(update(Contact).where(Contact.id == contact_id).values(opted_out_at=now()))
    outbox.deliver(contact_id)
    assert message(message_id).state == state


def test_a_number_that_is_no_mobile_is_given_up_and_the_next_goes_on(api: TwilioAPI) -> None:
    contact_id, message_id = queued()
    _, second = queued("another")
    api.behave = lambda form: "21211" if form["Body"] == "an answer" else "ok"
    outbox.deliver(contact_id)
    assert [message(message_id).state, message(second).state] == ["failed", "sent"]


def test_messages_to_one_person_keep_their_order_when_the_first_must_wait(api: TwilioAPI) -> None:
    contact_id, first = queued("first")
    queued("second")
    api.behave = lambda form: "429"
    outbox.deliver(contact_id)
    api.behave = lambda form: "ok"
    with later(first):
        outbox.deliver(contact_id)
    assert api.bodies(PHONE) == ["first", "second"]


def test_a_slow_twilio_is_waited_for(api: TwilioAPI) -> None:
    contact_id, message_id = queued()
    api.behave = lambda form: "slow"
    outbox.deliver(contact_id)
    assert message(message_id).state == "sent"


def test_after_a_day_it_is_given_up(api: TwilioAPI) -> None:
    contact_id, message_id = queued()
    with transaction() as session:
        session.execute(update(Message).where(Message.id == message_id).values(created_at=now() - timedelta(days=2)))
    outbox.deliver(contact_id)
    assert (message(message_id).state, message(message_id).error_code, api.requests) == ("failed", "gave_up", [])


def test_a_loop_with_another_machine_is_stopped(api: TwilioAPI) -> None:
    for _ in range(25):
        contact_id, message_id = queued("the same words")
        outbox.deliver(contact_id)
    assert len(api.accepted) == 20
    assert message(message_id).error_code == "loop"


@pytest.mark.parametrize(
    "reports", [["sent", "delivered"], ["delivered", "sent"], ["delivered", "queued", "delivered"]]
)
def test_reports_may_come_in_any_order_and_before_the_answer(api: TwilioAPI, reports: list[str]) -> None:
    contact_id, message_id = queued()
    with transaction() as session:
        session.execute(update(Message).where(Message.id == message_id).values(state="sending"))
    for state in reports:
        assert outbox.status(message_id, state, None, "SMx")
    assert (message(message_id).state, message(message_id).provider_sid) == ("delivered", "SMx")
    outbox.deliver(contact_id)
    assert api.requests == []


def test_a_failed_delivery_shows_its_code(api: TwilioAPI) -> None:
    contact_id, message_id = queued()
    outbox.deliver(contact_id)
    outbox.status(message_id, "undelivered", "30003", None)
    assert (message(message_id).state, message(message_id).error_code) == ("undelivered", "30003")


def test_a_long_text_leaves_in_pieces_that_twilio_takes(api: TwilioAPI) -> None:
    contact_id, _ = queued("A sentence of some length. " * 100)
    outbox.deliver(contact_id)
    assert len(api.accepted) == 2
    assert all(len(m["body"]) <= 1600 for m in api.accepted)


def test_an_inbound_message_left_behind_is_found(database: str) -> None:
    inbox.receive(Inbound("twilio", "SM77", "sms", PHONE, "+254711000000", "hello"))
    assert len(inbox.left_behind(timedelta(0))) == 1
    with reading() as session:
        assert session.scalars(select(Message.state)).all() == ["received"]
