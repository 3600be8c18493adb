"""Staff are told by phone, without content: what is overdue, and what many people tell."""

from datetime import datetime, timedelta

import structlog
from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session, aliased

from casework import feedback, people, states
from casework.models import Cluster, Feedback, FeedbackEvent
from messaging import outbox
from messaging.models import UNDELIVERED, Message
from runtime.deployment import deployment
from runtime.words import sentence
from store.database import now, reading, transaction

log = structlog.get_logger()

MOST = 1000
WATCHED = timedelta(days=30)
"""So long after it was written an answer is watched; what is held for WhatsApp's window is given up sooner."""
NAMED = 5
"""Codes in one reminder."""


def is_overdue(found: Feedback, at: datetime) -> bool:
    """True if it should have been acknowledged or answered by now."""
    unread = found.state in ("new", "reopened") and found.acknowledge_by is not None and found.acknowledge_by < at
    return unread or (found.state in states.OPEN and found.answer_by is not None and found.answer_by < at)


def overdue(at: datetime) -> ColumnElement[bool]:
    """The same as a condition."""
    return or_(
        Feedback.state.in_(("new", "reopened")) & (Feedback.acknowledge_by < at),
        Feedback.state.in_(states.OPEN) & (Feedback.answer_by < at),
    )


def remind() -> int:
    """Tell staff of what is overdue and was not told of lately; one text each. Returns how many feedbacks that were."""
    at = now()
    if not deployment().engagement:
        return 0
    lately = at - deployment().promises.remind
    untold = or_(Feedback.reminded_at.is_(None), Feedback.reminded_at < lately)
    with transaction() as session:
        late = session.scalars(select(Feedback).where(overdue(at), untold).order_by(Feedback.id).limit(MOST)).all()
        if not late:
            return 0
        for found in late:
            found.reminded_at = at
            feedback.record(session, found, "reminded")
        named = ", ".join(found.reference for found in late[:NAMED])
        announced = _tell_staff(session, "overdue_reminder", count=len(late), references=named)
    _announce(announced)
    log.info("staff_reminded", count=len(late))
    return len(late)


def tell_of_many() -> int:
    """Tell staff once when so many people tell the same thing (promises.voices). Returns how many groups that were."""
    steps = sorted(deployment().promises.voices)
    if not steps or not deployment().engagement:
        return 0
    announced: list[int] = []
    count = 0
    with transaction() as session:
        grown = session.scalars(
            select(Cluster).where(Cluster.voices >= steps[0], Cluster.told_at_voices < Cluster.voices)
        ).all()
        for cluster in grown:
            step = max(step for step in steps if step <= cluster.voices)
            if cluster.told_at_voices >= step:
                continue
            cluster.told_at_voices = cluster.voices
            announced += _tell_staff(session, "many_voices", count=cluster.voices, reference=cluster.first_reference)
            count += 1
    _announce(announced)
    return count


def notice_undelivered() -> int:
    """Answers and closing words that did not arrive: the record says so, and the feedback waits for staff again."""
    noticed = aliased(FeedbackEvent)
    query = (
        select(FeedbackEvent.id, Message.error_code)
        .join(Message, Message.id == FeedbackEvent.message_id)
        .where(
            FeedbackEvent.kind.in_(("answered", "closed")),
            FeedbackEvent.at > now() - WATCHED,
            Message.state.in_(UNDELIVERED),
            ~exists().where(noticed.message_id == FeedbackEvent.message_id, noticed.kind == "undelivered"),
        )
        .limit(MOST)
    )
    with reading() as session:
        lost = session.execute(query).all()
    for event_id, code in lost:
        with transaction() as session:
            _record_lost(session, session.get(FeedbackEvent, event_id), code)
    if lost:
        log.warning("answers_undelivered", count=len(lost))
    return len(lost)


def _record_lost(session: Session, event: FeedbackEvent | None, code: str | None) -> None:
    found = session.get(Feedback, event.feedback_id, with_for_update=True) if event is not None else None
    if event is None or found is None or event.message_id is None:
        return
    feedback.record(session, found, "undelivered", message_id=event.message_id, code=code)
    if found.state == "answered":
        states.move(found, "in_progress", now())
    elif found.state == "closed" and found.contact_id is not None:
        feedback.reopen(session, found, why="not_reached")


def _tell_staff(session: Session, name: str, **values: object) -> list[int]:
    told = []
    for person in deployment().engagement:
        contact = people.contact_of(session, person.phone, person.channel)
        outbox.queue(session, contact, sentence(name, person.language, **values), "staff")
        told.append(contact.id)
    return told


def _announce(contact_ids: list[int]) -> None:
    for contact_id in dict.fromkeys(contact_ids):
        outbox.announce(contact_id)
