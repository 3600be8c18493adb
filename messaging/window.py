"""WhatsApp's window: a day after the person's last message only an approved template may be sent.

What is written outside it waits (state `held`) and goes out when the person writes; meanwhile a template says that
there is an answer. Without a template it goes by SMS to the same number. https://www.twilio.com/docs/whatsapp/key-concepts
"""

import re
from datetime import timedelta

import structlog
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from messaging import contacts, segments
from messaging.models import UNDELIVERED, Contact, Message
from runtime.deployment import deployment
from runtime.settings import settings
from runtime.words import sentence
from store.database import changed, now, transaction

log = structlog.get_logger()

OPEN_FOR = timedelta(hours=24)
WAITS_FOR = timedelta(days=14)
"""An answer that nobody came for is given up; the record says so."""
TEMPLATE, ALERT = "answer_waits", "alert"
_CODE = re.compile(r"\b[A-Z0-9]{4,6}-[A-Z0-9]\b")
AT_ONCE = frozenset({"alert", "staff"})
"""Kinds that must not wait for an answer to a template where there is another way."""


def is_open(session: Session, contact: Contact) -> bool:
    """True if any text may be sent to the contact now; always, but for WhatsApp at Twilio."""
    if contact.channel != "whatsapp" or contact.provider == "simulator":
        return True
    last = session.scalar(
        select(func.max(Message.created_at)).where(Message.contact_id == contact.id, Message.direction == "in")
    )
    return last is not None and last > now() - OPEN_FOR


def hold(message: Message, contact: Contact) -> list[int]:
    """Bring the person a text that may not be sent on WhatsApp now. Returns the contacts to announce."""
    if message.kind == "alert" and (approved := _template(contact, ALERT)) is not None:
        return _as_template(message, contact, approved)
    template = _template(contact, TEMPLATE)
    with transaction() as session:
        phone = _same_phone(session, contact) if template is None or message.kind in AT_ONCE else None
        if template is not None and phone is None:
            _set(session, message, state="held", error_code="window_closed")
            if not _told_lately(session, contact):
                _queue_template(session, contact, template, message)
            return [contact.id]
        if phone is None:
            _set(session, message, state="failed", error_code="window_closed")
            return []
        counted = segments.count(message.body or "").segments
        moved = {"state": "queued", "contact_id": phone.id, "segments": counted, "error_code": None, "due_at": now()}
        _set(session, message, **moved)
    log.info("sent_by_sms_instead", message_id=message.id)
    return [phone.id]


def release(session: Session, contact: Contact) -> bool:
    """The person wrote: what was held may go. True if there was something; announce it after the commit."""
    if contact.channel != "whatsapp":
        return False
    theirs = (Message.contact_id == contact.id, Message.direction == "out", Message.state == "held")
    held = (*theirs, Message.error_code == "window_closed")  # not what waits for the person to want it
    values = {"state": "queued", "due_at": now(), "created_at": now(), "error_code": None}
    return changed(session, update(Message).where(*held).values(values)) > 0


def give_up() -> int:
    """What was held too long did not reach the person."""
    with transaction() as session:
        old = (Message.direction == "out", Message.state == "held", Message.created_at < now() - WAITS_FOR)
        return changed(session, update(Message).where(*old).values(state="failed"))


def _as_template(message: Message, contact: Contact, template: str) -> list[int]:
    """An alert as the approved template that says the same, with the code as its only value."""
    code = _CODE.search(message.body or "")
    values = {"1": code[0]} if code else None
    with transaction() as session:
        _set(session, message, state="queued", template=template, template_values=values, due_at=now())
    return [contact.id]


def _template(contact: Contact, name: str) -> str | None:
    known = deployment().whatsapp_templates.get(name, {})
    return known.get(contact.language or "") or known.get(deployment().default_language)


def _told_lately(session: Session, contact: Contact) -> bool:
    last = session.scalar(
        select(func.max(Message.created_at)).where(
            Message.contact_id == contact.id,
            Message.template.is_not(None),
            Message.state.not_in(UNDELIVERED),
        )
    )
    return last is not None and last > now() - OPEN_FOR


def _queue_template(session: Session, contact: Contact, template: str, waiting: Message) -> None:
    session.add(
        Message(
            contact_id=contact.id,
            direction="out",
            state="queued",
            kind=waiting.kind,
            body=sentence(TEMPLATE, contact.language),
            template=template,
            segments=1,
            in_reply_to=waiting.in_reply_to,
        )
    )
    session.flush()


def _same_phone(session: Session, contact: Contact) -> Contact | None:
    """The contact of the same number by SMS, if the address is a number and we have an SMS sender."""
    if not contact.address.startswith("+") or not (
        settings().twilio_sms_from or settings().twilio_messaging_service_sid
    ):
        return None
    phone = contacts.find_or_make(session, contact.provider, "sms", contact.address)
    phone.language = phone.language or contact.language
    phone.introduced_at = phone.introduced_at or contact.introduced_at
    # who said STOP on WhatsApp did not ask for texts
    phone.opted_out_at = phone.opted_out_at or contact.opted_out_at
    phone.with_people_until = phone.with_people_until or contact.with_people_until
    phone.answer_waits = phone.answer_waits or contact.answer_waits
    return phone


def _set(session: Session, message: Message, **values: object) -> None:
    session.execute(
        update(Message).where(Message.id == message.id, Message.state.in_(("queued", "sending"))).values(values)
    )
