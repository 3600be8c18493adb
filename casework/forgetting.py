"""Deletion at the person's wish: words, files and the place go; anonymous counts and a tombstone stay.

Sensitive reports follow their own rules (docs/safeguarding.md).
"""

from dataclasses import dataclass

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from casework import clusters, feedback, states, tombstones, word_index
from casework.models import Cluster, Feedback, FeedbackEvent, Media
from messaging.models import Contact, Message, MessageFlag
from store.database import changed, now

ON_ITS_WAY = ("received", "queued", "sending")


def forget_words(session: Session, contact: Contact, present: int | None) -> None:
    """Remove the words of the contact's messages and feedback, in the caller's transaction; not what is on its way.

    `present` is the message that asks for it, which is still being answered.
    """
    theirs = select(Message.id).where(Message.contact_id == contact.id)
    past = or_(Message.state.not_in(ON_ITS_WAY), Message.id == present)
    bare = {"body": None, "extras": None, "body_hash": None}
    messages = changed(
        session,
        update(Message).where(Message.contact_id == contact.id, past, Message.body.is_not(None)).values(bare),
    )
    files = changed(
        session,
        update(Media)
        .where(Media.message_id.in_(theirs), Media.state.in_(("waiting", "kept")))
        .values(content=None, source=None, state="gone"),
    )
    for found in session.scalars(select(Feedback).where(Feedback.contact_id == contact.id).with_for_update()).all():
        strip(session, found, "wish")
    session.execute(delete(MessageFlag).where(MessageFlag.message_id.in_(theirs)))
    tombstones.put(session, "messages", "wish", messages)
    tombstones.put(session, "media", "wish", files)
    contact.learning_agreed_at = contact.place = contact.agreed_at = None
    contact.with_people_until = contact.rating_for = None
    # a held or queued answer of staff is one more copy of what was told
    session.execute(
        update(Message)
        .where(Message.contact_id == contact.id, Message.direction == "out", Message.state == "held")
        .values(body=None, state="suppressed", error_code="forgotten")
    )


def strip(session: Session, found: Feedback, reason: str) -> None:
    """Take words and contact from a feedback; its type, topic, place, times and mark stay as anonymous counts."""
    told = select(FeedbackEvent.message_id).where(
        FeedbackEvent.feedback_id == found.id, FeedbackEvent.message_id.is_not(None)
    )
    # answers that went by another channel to the same number stand under another contact
    answers = (Message.id.in_(told), Message.direction == "out", Message.state.not_in(ON_ITS_WAY))
    bare = changed(
        session, update(Message).where(*answers, Message.body.is_not(None)).values(body=None, body_hash=None)
    )
    tombstones.put(session, "messages", reason, bare)
    session.execute(
        update(FeedbackEvent).where(FeedbackEvent.feedback_id == found.id).values(words=None, message_id=None)
    )
    word_index.remove(session, found)
    found.body = found.likeness = found.outcome = found.contact_id = found.message_id = None
    session.flush()
    group = session.get(Cluster, found.cluster_id) if found.cluster_id else None
    if group is not None:
        clusters.recentre(session, group)
    if found.state in states.OPEN or found.state == "answered":
        states.move(found, "closed", now())
        found.resolution = "withdrawn"
        feedback.record(session, found, "closed", why=reason)
    tombstones.put(session, "feedback", reason, reference=found.reference)


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
