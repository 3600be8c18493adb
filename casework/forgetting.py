"""Deletion at the person's wish: texts go, anonymous counts stay. Sensitive reports follow their own rules."""

from dataclasses import dataclass

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from casework.models import Feedback
from messaging.models import Contact, Message


def forget_words(session: Session, contact: Contact, present: int | None) -> None:
    """Remove the words of the contact's messages and feedback, in the caller's transaction; not what is on its way.

    `present` is the message that asks for it, which is still being answered.
    """
    past = or_(Message.state.not_in(("received", "queued", "sending")), Message.id == present)
    session.execute(
        update(Message).where(Message.contact_id == contact.id, past).values(body=None, extras=None, body_hash=None)
    )
    contact.learning_agreed_at = None
    contact.place = None
    session.execute(
        update(Feedback).where(Feedback.contact_id == contact.id).values(body=None, contact_id=None, message_id=None)
    )


@dataclass(frozen=True)
class Kept:
    """How many messages and feedbacks of a contact still have words."""

    messages: int
    feedback: int


def what_is_kept(session: Session, contact: Contact) -> Kept:
    """For MY DATA."""
    messages = select(func.count()).where(Message.contact_id == contact.id, Message.body.is_not(None))
    feedback = select(func.count()).where(Feedback.contact_id == contact.id)
    return Kept(session.scalar(messages) or 0, session.scalar(feedback) or 0)
