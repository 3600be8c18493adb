"""Deletion at the person's wish: texts go, anonymous counts stay. Sensitive reports follow their own rules."""

from sqlalchemy import update
from sqlalchemy.orm import Session

from casework.models import Feedback
from messaging.models import Contact, Message


def forget_words(session: Session, contact: Contact) -> None:
    """Remove the words of the contact's messages and feedback, in the caller's transaction; not what is on its way."""
    session.execute(
        update(Message)
        .where(Message.contact_id == contact.id, Message.state.not_in(("received", "queued", "sending")))
        .values(body=None, extras=None, body_hash=None)
    )
    contact.learning_agreed_at = None
    session.execute(
        update(Feedback).where(Feedback.contact_id == contact.id).values(body=None, contact_id=None, message_id=None)
    )
