"""What was said with one contact, in order: for the simulator and the terminal."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from messaging import contacts
from messaging.models import Message
from store.database import reading


@dataclass(frozen=True)
class Line:
    """One message of a thread. `text` is None once it was sealed away."""

    id: int
    direction: str
    text: str | None
    state: str
    at: datetime
    in_reply_to: int | None


def read(provider: str, channel: str, address: str, after: int = 0, limit: int = 200) -> list[Line]:
    """The newest `limit` lines with ids above `after`, oldest first; empty for an address that never wrote."""
    with reading() as session:
        contact = contacts.find(session, provider, channel, address)
        if contact is None:
            return []
        found = session.scalars(
            select(Message)
            .where(Message.contact_id == contact.id, Message.id > after)
            .order_by(Message.id.desc())
            .limit(limit)
        ).all()
    return [
        Line(m.id, m.direction, m.body, m.state, m.created_at, m.in_reply_to)
        for m in reversed(found)
        if m.direction == "in" or m.state not in ("queued", "sending", "suppressed")
    ]
