"""Texts of focal points that wait for a safe hour: let go when it comes, given up when it was missed."""

from datetime import datetime, timedelta

from sqlalchemy import select, update

from casework import relay
from messaging import outbox
from messaging.models import Contact, Message
from store.database import now, transaction

LATE = timedelta(minutes=15)
"""So long after its time a text still goes; later the hours may be over, and the thread shows that it did not go."""
MOST = 500


def release_due(at: datetime | None = None) -> int:
    """What waited for the person's safe hours goes out. Returns how many texts."""
    at = at or now()
    announced = []
    with transaction() as session:
        due = (Message.direction == "out", Message.state == "later", Message.due_at <= at)
        waiting = session.scalars(select(Message).where(*due).limit(MOST).with_for_update(skip_locked=True)).all()
        for message in waiting:
            if message.due_at < at - LATE:
                message.state, message.error_code = "failed", "too_late"
                message.body = message.body_hash = None
                message.kind = "answer"
                continue
            message.state, message.created_at = "queued", now()
            relay.hold_talk(session, session.get_one(Contact, message.contact_id))
            announced.append(message.contact_id)
    for contact_id in dict.fromkeys(announced):
        outbox.announce(contact_id)
    return len(announced)


def give_up() -> int:
    """What the person did not want to read for long goes, unread; the thread shows that. Returns how many texts."""
    from messaging import window

    with transaction() as session:
        old = (Message.state == "held", Message.error_code == relay.ASKED_FIRST)
        theirs = select(Message).where(*old, Message.created_at < now() - window.WAITS_FOR)
        found = session.scalars(theirs.limit(MOST)).all()
        for message in found:
            message.state, message.kind = "failed", "answer"
            message.body = message.body_hash = None
            session.execute(update(Contact).where(Contact.id == message.contact_id).values(answer_waits=False))
    return len(found)
