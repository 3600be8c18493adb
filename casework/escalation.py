"""Somebody is told, surely: alerts to focal points, passed on until one of them acknowledges."""

from datetime import timedelta

import structlog
from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from casework import people
from casework.models import Alert, Report
from messaging import outbox
from messaging.models import UNDELIVERED, Contact, Message
from runtime.deployment import FocalPoint, deployment
from runtime.words import sentence
from store.database import now, transaction

log = structlog.get_logger()

STUCK_AFTER = 3


def alert_next(session: Session, report: Report, categories: list[str], told: int) -> int:
    """Tell the focal point whose turn it is (`told`: how many were told before). Returns the contact to announce."""
    on_duty = deployment().focal_points_for(categories) or list(deployment().focal_points)
    person = on_duty[told % len(on_duty)]
    contact = people.contact_of(session, person.phone, person.channel)
    text = sentence("alert", person.language, reference=report.reference)
    message_id = outbox.queue(session, contact, text, "alert")[0]
    hours = deployment().escalation.urgent_hours if report.urgent else deployment().escalation.other_hours
    session.add(Alert(report_id=report.id, message_id=message_id, round=told, due_at=now() + timedelta(hours=hours)))
    session.flush()
    log.info("alert_queued", report_id=report.id, count=told + 1)
    return contact.id


def acknowledge(session: Session, contact: Contact, code: str) -> str | None:
    """A focal point answered OK with a code: the report rests with them. Returns the sentence for them.

    None if this phone is no focal point's or was not told of this report: then it is an ordinary message.
    """
    report = session.scalars(select(Report).where(Report.reference == code)).first()
    if report is None or not _is_focal_point(contact):
        return None
    told = session.scalars(
        select(Alert.id)
        .join(Message, Message.id == Alert.message_id)
        .where(Alert.report_id == report.id, Message.contact_id.in_(people.same_phone(session, contact)))
    ).first()
    if told is None:
        return None
    session.execute(
        update(Alert).where(Alert.report_id == report.id, Alert.acknowledged_at.is_(None)).values(acknowledged_at=now())
    )
    person = next(person for person in deployment().focal_points if _reaches(person, contact))
    return sentence("alert_acknowledged", person.language, reference=report.reference)


def pass_on_overdue() -> int:
    """Alerts that nobody acknowledged in time, or that could not be delivered, go to the next person."""
    from casework.reports import categories_of

    announced = []
    with transaction() as session:
        overdue = session.execute(
            select(Alert, Report)
            .join(Report, Report.id == Alert.report_id)
            .join(Message, Message.id == Alert.message_id)
            .where(
                Alert.acknowledged_at.is_(None),
                Alert.passed_on_at.is_(None),
                (Alert.due_at <= now()) | _stuck(),
            )
            .limit(200)
            .with_for_update(skip_locked=True, of=Alert)
        ).all()
        for alert, report in overdue:
            undelivered = session.scalar(select(Message.id).where(Message.id == alert.message_id, _stuck()))
            everyone = len(deployment().focal_points_for(categories_of(session, report)))
            # after a whole round of undeliverable alerts, wait a little instead of hammering
            if undelivered and alert.round + 1 >= everyone and alert.created_at > now() - timedelta(minutes=5):
                continue
            alert.passed_on_at = now()
            announced.append(alert_next(session, report, categories_of(session, report), alert.round + 1))
    for contact_id in announced:
        outbox.announce(contact_id)
    if announced:
        log.warning("alerts_passed_on", count=len(announced))
    return len(announced)


def _stuck() -> ColumnElement[bool]:
    """The alert's message did not reach its phone, or fails again and again: nobody was told."""
    return Message.state.in_(UNDELIVERED) | ((Message.state == "queued") & (Message.attempts >= STUCK_AFTER))


def _reaches(person: FocalPoint, contact: Contact) -> bool:
    """By SMS or WhatsApp: an alert may have gone the other way, and may be answered either way."""
    return (contact.provider, contact.address) == (people.provider(), person.phone)


def _is_focal_point(contact: Contact) -> bool:
    return any(_reaches(person, contact) for person in deployment().focal_points)
