"""WhatsApp's window: outside it an answer waits behind a template, or goes by SMS; the person's next word lets it go."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from messaging import contacts, inbox, outbox, window
from messaging.inbound import Inbound
from messaging.models import Contact, Message
from runtime import tasks
from runtime.deployment import deployment
from runtime.words import sentence
from store.database import now, reading, transaction
from tests.conftest import forget_settings
from tests.standins.twilio_api import TwilioAPI

PHONE, OURS = "+254722000001", "+254711000000"
TEMPLATE = "HX" + "a" * 32


@pytest.fixture
def api(twilio_api: TwilioAPI, database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[TwilioAPI]:
    monkeypatch.setenv("TWILIO_WHATSAPP_FROM", OURS)
    forget_settings()
    monkeypatch.setattr(tasks, "publish", lambda task, number: True)
    yield twilio_api


@pytest.fixture
def with_template(monkeypatch: pytest.MonkeyPatch) -> None:
    changed = deployment().model_copy(update={"whatsapp_templates": {"answer_waits": {"en": TEMPLATE}}})
    monkeypatch.setattr(window, "deployment", lambda: changed)


def wrote(hours_ago: float, sid: str = "SM1", address: str = PHONE) -> int:
    receipt = inbox.receive(Inbound("twilio", sid, "whatsapp", address, OURS, "hello"))
    with transaction() as session:
        at = now() - timedelta(hours=hours_ago)
        session.execute(update(Message).where(Message.id == receipt.message_id).values(created_at=at, state="done"))
    return receipt.contact_id


def answers(contact_id: int, text: str = "The truck comes on Monday.", kind: str = "answer") -> int:
    with transaction() as session:
        return outbox.queue(session, session.get_one(Contact, contact_id), text, kind)[0]


def deliver_all() -> None:
    with reading() as session:
        ids = session.scalars(select(Contact.id)).all()
    for contact_id in ids:
        outbox.deliver(contact_id)


def state(message_id: int) -> str:
    with reading() as session:
        return session.get_one(Message, message_id).state


def test_within_a_day_it_goes_as_it_is(api: TwilioAPI) -> None:
    contact_id = wrote(23)
    message_id = answers(contact_id)
    deliver_all()
    assert (state(message_id), api.bodies(f"whatsapp:{PHONE}")) == ("sent", ["The truck comes on Monday."])


def test_later_a_template_calls_and_the_answer_waits_for_the_next_word(api: TwilioAPI, with_template: None) -> None:
    contact_id = wrote(25)
    first, second = answers(contact_id), answers(contact_id, "Bring your card.")
    deliver_all()
    assert (state(first), state(second)) == ("held", "held")
    (sent,) = api.requests  # told once, by the template, without its words
    assert sent["ContentSid"] == TEMPLATE and "Body" not in sent
    wrote(0, "SM2")
    with transaction() as session:
        assert window.release(session, session.get_one(Contact, contact_id))
    deliver_all()
    assert api.bodies(f"whatsapp:{PHONE}")[1:] == ["The truck comes on Monday.", "Bring your card."]


def test_without_a_template_it_goes_by_sms_to_the_same_number(api: TwilioAPI) -> None:
    message_id = answers(wrote(25))
    deliver_all()
    deliver_all()
    assert (state(message_id), api.bodies(PHONE)) == ("sent", ["The truck comes on Monday."])
    assert api.bodies(f"whatsapp:{PHONE}") == []


def test_an_id_that_is_no_number_cannot_be_reached_and_the_record_says_so(api: TwilioAPI) -> None:
    message_id = answers(wrote(25, address="US.1234567"))
    deliver_all()
    with reading() as session:
        message = session.get_one(Message, message_id)
        assert (message.state, message.error_code) == ("failed", "window_closed")


def test_an_alert_does_not_wait_behind_a_template(api: TwilioAPI, with_template: None) -> None:
    message_id = answers(wrote(25), "a report waits", kind="alert")
    deliver_all()
    deliver_all()
    assert (state(message_id), api.bodies(PHONE)) == ("sent", ["a report waits"])


def test_when_twilio_says_that_it_is_closed_it_is(api: TwilioAPI) -> None:
    contact_id = wrote(23.9)
    message_id = answers(contact_id)
    api.behave = lambda form: "63016" if form["To"].startswith("whatsapp:") else "ok"
    deliver_all()
    deliver_all()
    assert (state(message_id), api.bodies(PHONE)) == ("sent", ["The truck comes on Monday."])


def test_a_stop_on_whatsapp_brings_no_texts(api: TwilioAPI) -> None:
    contact_id = wrote(25)
    message_id = answers(contact_id)
    with transaction() as session:
        session.execute(update(Contact).where(Contact.id == contact_id).values(opted_out_at=now()))
    deliver_all()
    deliver_all()
    assert (state(message_id), api.requests) == ("suppressed", [])


def test_an_answer_allowed_despite_a_stop_is_called_for_too(api: TwilioAPI, with_template: None) -> None:
    contact_id = wrote(25)
    message_id = answers(contact_id, kind="allowed")
    with transaction() as session:
        session.execute(update(Contact).where(Contact.id == contact_id).values(opted_out_at=now()))
    deliver_all()
    deliver_all()
    assert (state(message_id), [sent["ContentSid"] for sent in api.requests]) == ("held", [TEMPLATE])


def test_what_nobody_came_for_is_given_up(api: TwilioAPI, with_template: None) -> None:
    message_id = answers(wrote(25))
    deliver_all()
    assert window.give_up() == 0
    with transaction() as session:
        session.execute(update(Message).values(created_at=now() - timedelta(days=15)))
    assert window.give_up() == 1
    assert state(message_id) == "failed"


def test_the_template_says_what_the_catalogue_says(api: TwilioAPI, with_template: None) -> None:
    contact_id = wrote(25)
    answers(contact_id)
    deliver_all()
    with reading() as session:
        contact = session.get_one(Contact, contact_id)
        bodies = session.scalars(select(Message.body).where(Message.template.is_not(None))).all()
    assert bodies == [sentence("answer_waits", contact.language)]
    assert contacts.country_of(contact) == "KE"
