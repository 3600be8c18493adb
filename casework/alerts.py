"""One person told of one report, by every way that they have, without content; and whether it reached them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from casework import people, routing
from casework.report_models import Alert, Report, Staff
from messaging import outbox
from messaging.models import UNDELIVERED, Message
from runtime.deployment import deployment
from runtime.settings import settings
from runtime.words import sentence

SENTENCES = {"report": "alert", "more": "alert_more", "unanswered": "alert_unanswered", "test": "alert_test"}
STUCK_AFTER = 3
"""Failed attempts after which an alert that is still being tried counts as not delivered."""
UNSENT_FOR = timedelta(minutes=5)
"""After so long without being sent, whatever the reason, too."""
NEWEST = 30


def tell(session: Session, report: Report | None, person: Staff, kind: str, at: datetime) -> list[int]:
    """Queue it. Returns the contacts to announce; empty for somebody without a working address."""
    code: dict[str, Any] = {"reference": report.reference} if report is not None else {}
    text = sentence(SENTENCES[kind], person.language, **code)
    alert = Alert(
        kind=kind,
        report_id=report.id if report else None,
        staff_id=person.id,
        step=report.step if report else 0,
        created_at=at,
    )
    announced = []
    for way in routing.reachable_by(person):
        address = person.email if way == "email" else person.phone
        contact = people.contact_of(session, str(address), way)
        contact.language = contact.language or person.language
        if way == "email":
            link = sentence("alert_link", person.language, address=f"{settings().origin}/console/")
            alert.mail_id = outbox.queue(session, contact, f"{text}\n\n{link}", "alert")[0]
        else:
            alert.message_id = outbox.queue(session, contact, text, "alert")[0]
        announced.append(contact.id)
    if announced:
        session.add(alert)
        session.flush()
    return announced


def of(session: Session, report: Report) -> Sequence[Alert]:
    """A report's newest alerts, newest first."""
    query = select(Alert).where(Alert.report_id == report.id).order_by(Alert.id.desc())
    return session.scalars(query.limit(NEWEST)).all()


def told_lately(session: Session, report: Report, person: Staff, at: datetime) -> bool:
    """True if since the calling began an alert reached the person within the reminder's time, as far as we know."""
    since = at - deployment().escalation.reminder(report.urgent)
    since = max(since, report.begun_at) if report.begun_at is not None else since
    query = select(Alert).where(Alert.report_id == report.id, Alert.staff_id == person.id, Alert.created_at >= since)
    return any(not is_lost(session, alert, at) for alert in session.scalars(query.where(Alert.kind != "more")))


def is_lost(session: Session, alert: Alert, at: datetime) -> bool:
    """True if none of its messages reached, or will reach, the person."""
    ids = [number for number in (alert.message_id, alert.mail_id) if number is not None]
    gone = session.scalars(select(Message.id).where(Message.id.in_(ids), lost(at))).all()
    return len(gone) == len(ids)


def lost(at: datetime) -> ColumnElement[bool]:
    """The message did not reach its address, fails again and again, or has not left for long."""
    waits = Message.state.in_(("queued", "sending", "held"))
    return Message.state.in_(UNDELIVERED) | (
        waits & ((Message.attempts >= STUCK_AFTER) | (Message.created_at < at - UNSENT_FOR))
    )
