"""Taking a message in: stored once, then the contact's mail is announced."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from messaging import contacts
from messaging.inbound import Inbound
from messaging.models import CONTACTS, MESSAGES, Contact, Message
from runtime import tasks
from store.database import now, reading, transaction

ATTEMPTS = 3

# Statements of the message path are built once: building one anew costs as much as running it.
_INSERT = insert(MESSAGES).returning(MESSAGES.c.id)
_WAITING = (
    select(Message, Contact)
    .join(Contact, Contact.id == Message.contact_id)
    .where(Message.contact_id == bindparam("contact"), Message.direction == "in", Message.state == "received")
    .order_by(Message.id)
    .limit(2)
)


@dataclass(frozen=True)
class Receipt:
    """What came of a message: the record's id, and whether this delivery was the first."""

    message_id: int
    contact_id: int
    new: bool


def receive(inbound: Inbound) -> Receipt:
    """Store the message once (unique provider id) and announce it. Safe to call again with the same message."""
    for _ in range(ATTEMPTS):
        try:
            receipt = _store(inbound)
        except IntegrityError:  # the message is known, or its contact was made by another process in this moment
            known = _find(inbound.provider_sid)
            if known is None:
                continue
            return known
        tasks.publish(tasks.READ_MAIL, receipt.contact_id)
        return receipt
    raise RuntimeError("the message could be neither stored nor found")


def _store(inbound: Inbound) -> Receipt:
    with transaction() as session:
        contact = contacts.find_or_make(session, inbound.provider, inbound.channel, inbound.address, inbound.recipient)
        arrived = now()
        values = {
            "contact_id": contact.id,
            "direction": "in",
            "state": "received",
            "kind": "message",
            "provider_sid": inbound.provider_sid,
            "body": inbound.text,
            "extras": inbound.extras(),
            "segments": 0,
            "attempts": 0,
            "created_at": arrived,
            "due_at": arrived,
        }
        made = session.execute(_INSERT, values).scalar_one()
        if contact.sender != inbound.recipient:
            session.execute(update(CONTACTS).where(CONTACTS.c.id == contact.id).values(sender=inbound.recipient))
        return Receipt(made, contact.id, True)


def _find(provider_sid: str) -> Receipt | None:
    with reading() as session:
        found = session.execute(
            select(MESSAGES.c.id, MESSAGES.c.contact_id).where(MESSAGES.c.provider_sid == provider_sid)
        ).first()
    return Receipt(found[0], found[1], False) if found else None


def waiting(contact_id: int) -> list[tuple[Message, Contact]]:
    """The contact's two oldest messages that nobody has handled yet, each with the contact."""
    with reading() as session:
        found = session.execute(_WAITING, {"contact": contact_id}).all()
    # a turn that failed waits for its next try, and the contact's later messages wait behind it
    return [(message, contact) for message, contact in found] if found and found[0][0].due_at <= now() else []


def left_behind(older_than: timedelta) -> list[int]:
    """Contacts whose mail has waited longer than this: a task was lost, a worker died."""
    with reading() as session:
        return list(
            session.scalars(
                select(Message.contact_id)
                .where(Message.direction == "in", Message.state == "received", Message.due_at < now() - older_than)
                .distinct()
                .limit(1000)
            )
        )


def is_first_since_answer(message: Message) -> bool:
    """True if the contact has written nothing else since staff wrote to it last."""
    with reading() as session:
        last = session.scalar(
            select(func.max(Message.created_at)).where(
                Message.contact_id == message.contact_id,
                Message.direction == "out",
                Message.kind.in_(("answer", "allowed", "relay")),
                Message.state.not_in(("held", "later")),
            )
        )
        other = select(Message.id).where(
            Message.contact_id == message.contact_id,
            Message.direction == "in",
            Message.id < message.id,
        )
        other = other.where(Message.created_at > last) if last is not None else other
        return last is not None and session.scalar(other.limit(1)) is None


def waiting_texts(contact_id: int, limit: int = 100) -> list[str]:
    """The texts of the contact that nobody has handled yet."""
    with reading() as session:
        bodies = session.scalars(
            select(Message.body)
            .where(Message.contact_id == contact_id, Message.direction == "in", Message.state == "received")
            .order_by(Message.id)
            .limit(limit)
        )
        return [body for body in bodies if body]
