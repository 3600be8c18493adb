"""Sensitive reports for a demonstration, so that a focal point's desk has something on it: invented, marked as such.

They are opened and sealed by the same functions as real ones. Who took one long ago is not called any more; the newest
waits for somebody, and calls the demonstration's phones.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from random import Random
from typing import Any

import yaml
from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from casework import alerts, reports, routing
from casework.audit import SERVICE
from casework.report_models import Report, ReportEntry
from casework.routing import Routing
from messaging.models import Message
from runtime.deployment import deployment
from service import sample_feedback, sample_people, sample_texts
from service.sample_people import Person
from store.database import now, transaction

SEED = 11
AREA = "816"
"""Of phones that wrote no other sample."""
READ_AFTER = timedelta(minutes=20)
DONE_AFTER = timedelta(hours=30)


def prepare(at: datetime | None = None) -> str | None:
    """A line for the operator; None if there is a report already, or not these places. All of them, or none."""
    at = at or now()
    told = yaml.safe_load((sample_texts.FOLDER / "reports.yml").read_text(encoding="utf-8"))
    numbers = (f"+1{AREA}55501{line:02d}" for line in sample_people.LINES)
    rng = Random(SEED)  # noqa: S311 - the same in every demonstration
    with transaction() as session:
        if session.scalar(select(exists().where(Report.id.is_not(None)))) or not sample_feedback.has_places(session):
            return None
        served = [one for one in told["reports"] if one["language"] in deployment().languages]
        for sample in sorted(served, key=lambda one: -one["hours"]):
            began = at - timedelta(hours=sample["hours"])
            person = Person(rng.choice(("sms", "whatsapp")), next(numbers), sample["language"], ())
            _file(session, person, sample, told["mark"], began)
    return f"Sample reports: {len(served)} invented ones, marked as samples in the console."


def _file(session: Session, person: Person, sample: Mapping[str, Any], mark: str, began: datetime) -> None:
    contact = sample_people.contact_of(session, person)
    contact.created_at = contact.introduced_at = began
    message = sample_people.heard(contact, sample["text"], began)
    session.add(message)
    session.flush()
    report, _ = reports.open_report(
        session, contact, [message.id], sample["categories"], person.language, sample.get("site")
    )
    reports.settle_consent(session, report, contact, True, person.language)
    reports.write(session, report, "note", text=mark, by=SERVICE)
    if "by" in sample:
        _take(session, report, sample, began)
    _date_back(session, report, began)


def _take(session: Session, report: Report, sample: Mapping[str, Any], began: datetime) -> None:
    """As if it had been taken soon after: whoever was called was told then, and nobody is called now."""
    able = [person for person in routing.readers(session, Routing.of(report)) if person.public_key is not None]
    if not able:
        return
    by = able[sample["by"] % len(able)]
    report.taken_by, report.taken_at, report.escalate_at = by.id, began + READ_AFTER, None
    for alert in alerts.of(session, report):
        alert.created_at = began
        for message in session.scalars(select(Message).where(Message.id.in_((alert.message_id, alert.mail_id)))):
            message.state, message.created_at, message.handled_at = "delivered", began, began
    reports.write(session, report, "note", text=sample["note"], by=by.login)
    if "outcome" in sample:
        reports.write(session, report, "closed", outcome=sample["outcome"], text=sample["closed"], by=by.login)
        report.state, report.outcome, report.closed_at = "closed", sample["outcome"], began + DONE_AFTER


def _date_back(session: Session, report: Report, began: datetime) -> None:
    """What the person told stands at the time of telling, the work on it after that."""
    report.created_at = began
    session.flush()
    for piece in session.scalars(select(ReportEntry).where(ReportEntry.report_id == report.id)):
        after = {"note": READ_AFTER, "closed": DONE_AFTER}.get(piece.kind, timedelta())
        piece.created_at = began + after
