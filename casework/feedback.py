"""Feedback as people give it: taken once, added to, placed, marked; and taken away again when it was private."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from casework import clusters, states, word_index
from casework.codes import new_code
from casework.models import Feedback, FeedbackEvent
from messaging.models import Contact, Message
from runtime import promises
from runtime.deployment import deployment
from store.database import now

AFTER_AN_ANSWER = timedelta(days=3)
"""So long what a person writes may be about our answer."""
MARKED_WITHIN = timedelta(days=14)
LOW = 2
"""Marks up to here open a closed feedback again."""


@dataclass(frozen=True)
class Told:
    """What a person told, and what was read in it. `meaning`: the encoder's vector, shape (384,), if there is one."""

    message_id: int | None
    text: str
    types: Sequence[str]
    topic: str | None = None
    language: str | None = None
    place: str | None = None
    sensitive: bool = False
    meaning: clusters.Vector | None = None


def take(session: Session, contact: Contact, told: Told) -> Feedback:
    """Store a feedback in the caller's transaction; the same message is stored once."""
    known = of_message(session, told.message_id)
    if known is not None:
        return known
    at = now()
    acknowledge_by, answer_by = promises.due(deployment().promises, list(told.types), at)
    feedback = Feedback(
        reference=new_code(session),
        contact_id=contact.id,
        message_id=told.message_id,
        types=list(told.types),
        topic=told.topic,
        place=told.place,
        language=told.language,
        channel=contact.channel,
        body=told.text,
        sensitive=told.sensitive,
        state="new",
        acknowledge_by=acknowledge_by,
        answer_by=answer_by,
        changed_at=at,
        created_at=at,
    )
    session.add(feedback)
    session.flush()
    record(session, feedback, "taken", message_id=told.message_id)
    word_index.put(session, feedback)
    if told.meaning is not None and told.types[0] != "question":
        clusters.join(session, feedback, told.meaning)
    earlier = recently_answered(session, contact)
    if earlier is not None and feedback.topic and earlier.topic == feedback.topic and earlier.id != feedback.id:
        link(session, earlier, feedback)
    return feedback


def record(
    session: Session,
    feedback: Feedback,
    kind: str,
    by: str | None = None,
    *,
    message_id: int | None = None,
    words: str | None = None,
    **detail: Any,
) -> FeedbackEvent:
    """Write down what happened."""
    event = FeedbackEvent(
        feedback_id=feedback.id,
        kind=kind,
        by=by,
        message_id=message_id,
        words=words or None,
        detail={name: value for name, value in detail.items() if value is not None} or None,
        at=now(),
    )
    session.add(event)
    session.flush()
    return event


def add_words(session: Session, feedback: Feedback, message_id: int, sensitive: bool = False) -> None:
    """A further message of the person belongs to this feedback; what was answered or closed is open again.

    `sensitive`: there is half a hint of something private in it.
    """
    if of_message(session, message_id) is not None:
        return
    session.refresh(feedback, with_for_update=True)  # staff may be closing it in this moment
    feedback.sensitive = feedback.sensitive or sensitive
    record(session, feedback, "added", message_id=message_id)
    word_index.put(session, feedback)
    if feedback.state in ("answered", "closed"):
        reopen(session, feedback, why="wrote_more")


def set_place(session: Session, feedback: Feedback, place: str, message_id: int | None) -> None:
    """Where it was, as the person said afterwards."""
    feedback.place = place
    record(session, feedback, "place", message_id=message_id, place=place)


def reopen(
    session: Session, feedback: Feedback, by: str | None = None, words: str | None = None, why: str | None = None
) -> None:
    """Somebody has to look again; the times for it start anew.

    `words`: of the staff member. `why`: wrote_more, low_mark or not_reached, where nobody of staff did it.

    Raises:
        Impossible: it is open.
    """
    at = now()
    states.move(feedback, "reopened", at)
    feedback.acknowledge_by, feedback.answer_by = promises.due(deployment().promises, feedback.types, at)
    feedback.resolution = feedback.reminded_at = None
    record(session, feedback, "reopened", by, words=words, why=why)


def rate(session: Session, contact: Contact, mark: int, message_id: int | None, in_words: bool) -> Feedback | None:
    """The person's mark for how a feedback was closed; a low one opens it again. None if none was asked for."""
    feedback = own(session, contact, contact.rating_for)
    if feedback is not None:
        session.refresh(feedback, with_for_update=True)
    contact.rating_for = None
    if feedback is None or feedback.state not in ("closed", "reopened") or feedback.changed_at < now() - MARKED_WITHIN:
        return None
    feedback.mark = mark
    record(session, feedback, "rated", message_id=message_id if in_words else None, mark=mark)
    if mark <= LOW and feedback.state == "closed":
        reopen(session, feedback, why="low_mark")
    return feedback


def allow_no_more(session: Session, contact: Contact) -> None:
    """STOP again: what was allowed after an earlier one holds no longer."""
    allowed = (Feedback.contact_id == contact.id, Feedback.may_reply.is_(True))
    session.execute(update(Feedback).where(*allowed).values(may_reply=False))


def link(session: Session, one: Feedback, other: Feedback, by: str | None = None) -> None:
    """Two feedbacks belong together."""
    for feedback, to in ((one, other), (other, one)):
        record(session, feedback, "linked", by, to=to.reference)


def find_own(session: Session, contact: Contact, code: str | None) -> Feedback | None:
    """The contact's feedback with this code, or the latest without one. Nobody sees another's."""
    query = select(Feedback).where(Feedback.contact_id == contact.id)
    if code is not None:
        query = query.where(Feedback.reference == code)
    return session.scalars(query.order_by(Feedback.id.desc()).limit(1)).first()


def own(session: Session, contact: Contact, feedback_id: int | None) -> Feedback | None:
    """The contact's feedback with this id."""
    feedback = session.get(Feedback, feedback_id) if feedback_id is not None else None
    return feedback if feedback is not None and feedback.contact_id == contact.id else None


def recently_answered(session: Session, contact: Contact, at: datetime | None = None) -> Feedback | None:
    """The contact's feedback that was answered last, if that was not long ago."""
    since = (at or now()) - AFTER_AN_ANSWER
    query = select(Feedback).where(Feedback.contact_id == contact.id, Feedback.answered_at > since)
    return session.scalars(query.order_by(Feedback.answered_at.desc()).limit(1)).first()


def of_message(session: Session, message_id: int | None) -> Feedback | None:
    """The feedback that a message began or was added to."""
    if message_id is None:
        return None
    began = session.scalars(select(Feedback).where(Feedback.message_id == message_id)).first()
    if began is not None:
        return began
    added = select(Feedback).join(FeedbackEvent, FeedbackEvent.feedback_id == Feedback.id)
    return session.scalars(added.where(FeedbackEvent.message_id == message_id).limit(1)).first()


def code_begun_by(session: Session, message_ids: Sequence[int]) -> str | None:
    """The code of the feedback that one of the messages began."""
    query = select(Feedback.reference).where(Feedback.message_id.in_(message_ids))
    return session.scalars(query.order_by(Feedback.id).limit(1)).first()


def withdraw(session: Session, message_id: int) -> list[int]:
    """Take a message out of the feedback that staff read, without a trace: it is private.

    If it began a feedback, the whole goes; returns the other messages of the person that were part of it.
    """
    began = session.scalars(select(Feedback).where(Feedback.message_id == message_id)).first()
    if began is None:
        _take_out(session, message_id)
        return []
    theirs = (
        select(FeedbackEvent.message_id)
        .join(Message, Message.id == FeedbackEvent.message_id)
        .where(FeedbackEvent.feedback_id == began.id, Message.direction == "in", Message.id != message_id)
    )
    others = [found for found in session.scalars(theirs) if found is not None]
    clusters.leave(session, began)
    session.execute(update(Contact).where(Contact.rating_for == began.id).values(rating_for=None))
    _unlink(session, began)
    word_index.remove(session, began)
    session.execute(delete(FeedbackEvent).where(FeedbackEvent.feedback_id == began.id))
    session.delete(began)
    session.flush()
    return others


def _unlink(session: Session, feedback: Feedback) -> None:
    """Take its code out of the cases that it is linked to; a link stands on both sides."""
    links = select(FeedbackEvent).where(FeedbackEvent.kind == "linked")
    own_links = session.scalars(links.where(FeedbackEvent.feedback_id == feedback.id)).all()
    others = select(Feedback.id).where(Feedback.reference.in_([(event.detail or {}).get("to") for event in own_links]))
    for event in session.scalars(links.where(FeedbackEvent.feedback_id.in_(others))).all():
        if (event.detail or {}).get("to") == feedback.reference:
            session.delete(event)
    session.flush()


def _take_out(session: Session, message_id: int) -> None:
    """A message that was added to a feedback, with the reopening that it caused."""
    events = session.scalars(select(FeedbackEvent).where(FeedbackEvent.message_id == message_id)).all()
    for event in events:
        after = select(FeedbackEvent).where(FeedbackEvent.feedback_id == event.feedback_id, FeedbackEvent.id > event.id)
        following = session.scalars(after.order_by(FeedbackEvent.id).limit(1)).first()
        if following is not None and following.kind == "reopened" and following.by is None:
            session.get_one(Feedback, event.feedback_id).state = "answered"
            session.delete(following)
        session.delete(event)
    session.flush()
    for feedback_id in {event.feedback_id for event in events}:
        word_index.put(session, session.get_one(Feedback, feedback_id))
