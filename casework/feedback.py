"""Taking feedback, and telling where it stands."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.codes import new_code
from casework.models import Feedback
from messaging.models import Contact


def take(
    session: Session,
    contact: Contact,
    message_id: int | None,
    text: str,
    types: Sequence[str],
    topic: str | None,
    language: str | None,
) -> Feedback:
    """Store a feedback in the caller's transaction; the same message is stored once."""
    known = session.scalars(select(Feedback).where(Feedback.message_id == message_id)).first() if message_id else None
    if known is not None:
        return known
    feedback = Feedback(
        reference=new_code(session),
        contact_id=contact.id,
        message_id=message_id,
        types=list(types),
        topic=topic,
        language=language,
        channel=contact.channel,
        body=text,
    )
    session.add(feedback)
    session.flush()
    return feedback


def find_own(session: Session, contact: Contact, code: str | None) -> Feedback | None:
    """The contact's feedback with this code, or the latest without one. Nobody sees another's."""
    query = select(Feedback).where(Feedback.contact_id == contact.id)
    if code is not None:
        query = query.where(Feedback.reference == code)
    return session.scalars(query.order_by(Feedback.id.desc()).limit(1)).first()
