"""Sensitive reports: the words leave the messages' table at once and stand encrypted in the report's entries."""

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from casework import escalation, feedback, media
from casework.codes import new_code
from casework.models import Report, ReportEntry
from messaging.inbound import Extras
from messaging.models import Contact, Message, MessageFlag
from runtime.deployment import deployment
from store.database import transaction
from store.encryption import keyring

DEFAULT_CATEGORY = "misconduct"
"""Where a person only says that it is private, somebody who may read it must still be told."""


def open_report(
    session: Session,
    contact: Contact,
    message_ids: Sequence[int],
    categories: Sequence[str],
    language: str | None,
) -> tuple[Report, list[int]]:
    """Open a report, move the messages' words into it and alert the focal point on duty, in the caller's transaction.

    Returns the report and the contacts whose outbox holds an alert: announce them after the commit.
    """
    report = Report(
        # the person keeps the code that they were given for the first of these words
        reference=feedback.code_begun_by(session, message_ids) or new_code(session),
        reporter_hash=reporter_hashes(contact)[0],
        urgent=bool(set(categories) & set(deployment().escalation.urgent)),
    )
    session.add(report)
    session.flush()
    head = {"kind": "head", "contact": contact.id, "categories": list(categories), "language": language}
    _write(session, report, head)
    for message_id in message_ids:
        add_message(session, report, message_id)
    alerted = escalation.alert_next(session, report, list(categories) or [DEFAULT_CATEGORY], told=0)
    return report, [alerted]


def add_message(session: Session, report: Report, message_id: int) -> None:
    """Move a message's words into the report; nothing readable of them stays in the messages' table."""
    message = session.get_one(Message, message_id)
    if message.kind == "private" or (message.body is None and message.extras is None):
        return  # it is in a report already, or the person had it deleted
    extras = Extras.parse(message.extras)
    _write(session, report, {"kind": "words", "text": message.body, "extras": message.extras})
    session.execute(update(Message).where(Message.id == message_id).values(body=None, extras=None, kind="private"))
    session.execute(delete(MessageFlag).where(MessageFlag.message_id == message_id))
    media.move_to_report(session, message_id, report.id, extras)
    # what an earlier turn made of it: a feedback that staff read, with what was added to it
    for other in feedback.withdraw(session, message_id):
        add_message(session, report, other)


def told_more(session: Session, report: Report, categories: Sequence[str]) -> list[int]:
    """A further disclosure in an open report: alert again where it adds a category or is urgent.

    Returns the contacts whose outbox holds an alert: announce them after the commit.
    """
    known = categories_of(session, report)
    urgent = bool(set(categories) & set(deployment().escalation.urgent))
    if not urgent and set(categories) <= set(known):
        return []
    report.urgent = report.urgent or urgent
    _write(session, report, {"kind": "categories", "categories": list(categories)})
    return [escalation.alert_next(session, report, list(categories), told=0)]


def add_note(session: Session, report: Report, **note: Any) -> None:
    """Add consent, a safe time or the like."""
    _write(session, report, note)


def own_open_report(session: Session, contact: Contact, report_id: int | None = None) -> Report | None:
    """The contact's own open report, by id or the latest."""
    query = select(Report).where(Report.reporter_hash.in_(reporter_hashes(contact)), Report.state == "open")
    if report_id is not None:
        query = query.where(Report.id == report_id)
    return session.scalars(query.order_by(Report.id.desc()).limit(1)).first()


def day_of_own(session: Session, contact: Contact, code: str | None) -> date | None:
    """The day on which the contact's own report with this code was opened; None if there is no such report."""
    query = select(Report.created_at).where(
        Report.reporter_hash.in_(reporter_hashes(contact)), Report.reference == code
    )
    found = session.scalars(query).first() if code else None
    return found.date() if found else None


def read(session: Session, report: Report) -> list[dict[str, Any]]:
    """All entries of a report, oldest first. For focal points only."""
    entries = session.scalars(select(ReportEntry).where(ReportEntry.report_id == report.id).order_by(ReportEntry.id))
    return [json.loads(entry.body) for entry in entries if entry.body]


def categories_of(session: Session, report: Report) -> list[str]:
    """The categories that decide who is told."""
    told = [name for entry in read(session, report) for name in entry.get("categories", ())]
    return list(dict.fromkeys(told)) or [DEFAULT_CATEGORY]


def reporter_hashes(contact: Contact) -> list[str]:
    """Keyed hashes of the contact for reports, newest key first."""
    return keyring().fingerprints("reporter", str(contact.id))


def rehash() -> None:
    """Bring every report's hash of its reporter under the newest key."""
    with transaction() as session:
        for report in session.scalars(select(Report)):
            head = next((entry for entry in read(session, report) if entry["kind"] == "head"), None)
            contact = session.get(Contact, head["contact"]) if head else None
            if contact is not None:
                report.reporter_hash = reporter_hashes(contact)[0]


def _write(session: Session, report: Report, entry: dict[str, Any]) -> None:
    session.add(ReportEntry(report_id=report.id, body=json.dumps(entry, ensure_ascii=False)))
    session.flush()
