"""One step of a staff member at one feedback: in one transaction, and refused where somebody else was there first."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from casework.models import Feedback, FeedbackEvent
from casework.refusal import Refusal
from casework.states import Impossible
from messaging import outbox
from messaging.models import Contact
from store.database import transaction

NO_CHANGE = ("reminded",)
"""Kinds of events that change nothing of what a staff member has before their eyes."""


class CannotAnswer(Refusal):
    """It cannot be done; the sentence says why."""


class NoSuchFeedback(CannotAnswer):
    """There is none with this code, or there is none any more."""


class Changed(CannotAnswer):
    """Somebody else did something to it since the staff member looked: nothing was done."""


@dataclass
class Desk:
    """A feedback, locked, while a step is done to it; `announce`: contacts for whom something was queued."""

    session: Session
    feedback: Feedback
    announce: list[int] = field(default_factory=list)


@contextmanager
def at(reference: str, by: str, seen: int | None) -> Iterator[Desk]:
    """The feedback with this code. `seen`: id of the newest event that `by` had before their eyes.

    Raises:
        NoSuchFeedback, Changed.
        CannotAnswer: its words are gone, or the step does not follow.
    """
    with transaction() as session:
        query = select(Feedback).where(Feedback.reference == reference.upper()).with_for_update()
        found = session.scalars(query).first()
        if found is None:
            raise NoSuchFeedback("there is no feedback with this code")
        if found.contact_id is None and found.body is None:
            raise CannotAnswer("its words were deleted, at the person's wish or because of its age")
        if seen is not None and has_changed(session, found.id, by, seen):
            raise Changed("it changed while you looked at it: look again first")
        desk = Desk(session, found)
        try:
            yield desk
        except Impossible as error:
            raise CannotAnswer(error.sentence, **error.values) from None
    for contact_id in desk.announce:
        outbox.announce(contact_id)


def contact_of(desk: Desk) -> Contact:
    """Who gave it.

    Raises:
        CannotAnswer: nothing leads to them any more.
    """
    if desk.feedback.contact_id is None:
        raise CannotAnswer("this person asked to be forgotten, or it was too long ago")
    return desk.session.get_one(Contact, desk.feedback.contact_id)


def tell(desk: Desk, contact: Contact, text: str) -> int | None:
    """Queue a text of staff; the message's id, or None where the person said STOP and did not allow this answer."""
    if not can_tell(desk.feedback, contact):
        return None
    kind = "allowed" if contact.opted_out_at is not None else "answer"
    queued = outbox.queue(desk.session, contact, text, kind, desk.feedback.message_id)
    desk.announce.append(contact.id)
    return queued[0]


def can_tell(feedback: Feedback, contact: Contact) -> bool:
    """False for who said STOP and did not allow this answer."""
    return contact.opted_out_at is None or feedback.may_reply is True


def has_changed(session: Session, feedback_id: int, by: str, seen: int) -> bool:
    """True where a colleague, the person or the service did something after the event that `by` saw last."""
    later = select(FeedbackEvent.id).where(
        FeedbackEvent.feedback_id == feedback_id,
        FeedbackEvent.id > seen,
        FeedbackEvent.kind.not_in(NO_CHANGE),
        or_(FeedbackEvent.by.is_(None), FeedbackEvent.by != by),
    )
    return session.scalars(later.limit(1)).first() is not None
