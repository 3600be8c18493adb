"""Staff are told by phone, without content: what is overdue, and what many people tell."""

from collections.abc import Sequence
from datetime import datetime

import structlog
from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session, aliased

from casework import feedback, people, states
from casework.models import Cluster, Feedback, FeedbackEvent
from messaging import outbox
from messaging.models import Message
from runtime.deployment import deployment
from runtime.words import sentence
from store.database import now, transaction

log = structlog.get_logger()

NAMED = 5
"""Codes in one reminder."""
UNDELIVERED = ("failed", "undelivered", "suppressed")


def overdue(session: Session, at: datetime | None = None, limit: int = 1000) -> Sequence[Feedback]:
    """Open feedback that should have been acknowledged or answered by now, oldest first."""
    at = at or now()
    late = or_(
        Feedback.state.in_(("new", "reopened")) & (Feedback.acknowledge_by < at),
        Feedback.state.in_(states.OPEN) & (Feedback.answer_by < at),
    )
    return session.scalars(select(Feedback).where(late).order_by(Feedback.id).limit(limit)).all()


def remind() -> int:
    """Tell staff of what is overdue and was not told of lately; one text each. Returns how many feedbacks that were."""
    at = now()
    with transaction() as session:
        late = [
            found
            for found in overdue(session, at)
            if found.reminded_at is None or found.reminded_at < at - deployment().promises.remind
        ]
        if not late or not deployment().engagement:
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
    """Answers that did not arrive: the record says so, and the feedback waits for staff again."""
    noticed = aliased(FeedbackEvent)
    with transaction() as session:
        lost = session.execute(
            select(FeedbackEvent, Feedback, Message.error_code)
            .join(Message, Message.id == FeedbackEvent.message_id)
            .join(Feedback, Feedback.id == FeedbackEvent.feedback_id)
            .where(
                FeedbackEvent.kind.in_(("answered", "closed")),
                Message.state.in_(UNDELIVERED),
                ~exists().where(noticed.message_id == FeedbackEvent.message_id, noticed.kind == "undelivered"),
            )
            .limit(500)
        ).all()
        for event, found, code in lost:
            feedback.record(session, found, "undelivered", message_id=event.message_id, code=code)
            if found.state == "answered":
                states.move(found, "in_progress", now())
    if lost:
        log.warning("answers_undelivered", count=len(lost))
    return len(lost)


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
