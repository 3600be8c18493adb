"""Taking a message in: stored once, then the contact's mail is announced."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select, update

from messaging import contacts
from messaging.inbound import Inbound
from messaging.models import Contact, Message
from runtime import tasks
from store.database import insert_once, now, reading, transaction


@dataclass(frozen=True)
class Receipt:
    """What came of a message: the record's id, and whether this delivery was the first."""

    message_id: int
    contact_id: int
    new: bool


def receive(inbound: Inbound) -> Receipt:
    """Store the message once (unique provider id) and announce it. Safe to call again with the same message."""
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
        made = session.execute(insert_once(session, Message).values(values).returning(Message.id)).scalar_one_or_none()
        if made is not None:
            changed: dict[str, object] = {"last_inbound_at": arrived}
            if contact.sender != inbound.recipient:
                changed["sender"] = inbound.recipient
            session.execute(update(Contact).where(Contact.id == contact.id).values(changed))
        known = (
            made or session.execute(select(Message.id).where(Message.provider_sid == inbound.provider_sid)).scalar_one()
        )
        receipt = Receipt(known, contact.id, made is not None)
    if receipt.new:
        tasks.publish(tasks.READ_MAIL, receipt.contact_id)
    return receipt


def next_waiting(contact_id: int) -> Message | None:
    """The contact's oldest message that nobody has handled yet."""
    with reading() as session:
        return session.scalars(
            select(Message)
            .where(Message.contact_id == contact_id, Message.direction == "in", Message.state == "received")
            .order_by(Message.id)
            .limit(1)
        ).first()


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
