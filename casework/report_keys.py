"""A report's key: sealed to its readers and to the recovery key, held where that must wait, taken back, given later."""

import json
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session, undefer

from casework import escalation, routing, sealing
from casework.models import Media
from casework.report_models import RecoveryKey, Report, ReportEntry, ReportSeal, Staff
from casework.routing import Routing
from store.database import changed, now, transaction
from store.encryption import keyring

UNSETTLED = timedelta(days=7)
"""So long a report can be kept from its readers by a late "no", or by the wish that nobody who works there reads it."""


def give(session: Session, report: Report, keys: sealing.Keys, routed: Routing) -> None:
    """Seal the report's private key to the recovery key and to each reader; hold it where that must wait."""
    seal_to_recovery(session, report, keys.private)
    report.held_key = keys.private
    share_held(session, report, routed)


def share_held(session: Session, report: Report, routed: Routing) -> int:
    """Seal the held key to the readers who have a key of their own; let go of it once nothing can take it back from all
    of them: neither a "no", nor that it shall be kept from the people who work there."""
    if report.held_key is None:
        return 0
    have = set(session.scalars(select(ReportSeal.staff_id).where(ReportSeal.report_id == report.id)))
    able: list[Staff] = [person for person in routing.readers(session, routed) if person.public_key is not None]
    new = [person for person in able if person.id not in have]
    for person in new:
        session.add(seal_to(report, person, report.held_key))
    settled = report.consent is True or routed.must_be_told or routed.is_at_risk
    elsewhere = {person.id for person in routing.readers(session, replace(routed, outside=True))}
    if settled and any(person.id in elsewhere for person in able):
        report.held_key = None
    session.flush()
    return len(new)


def seal_to(report: Report, person: Staff, private: bytes) -> ReportSeal:
    """The report's private key for one reader."""
    return ReportSeal(report_id=report.id, staff_id=person.id, sealed=sealing.seal(person.public_key or b"", private))


def seal_to_recovery(session: Session, report: Report, private: bytes) -> None:
    """The report's private key for the recovery key in use, if there is one and it has none yet."""
    have = select(ReportSeal.recovery_id).where(ReportSeal.report_id == report.id, ReportSeal.recovery_id.is_not(None))
    new = select(RecoveryKey).where(RecoveryKey.retired_at.is_(None), RecoveryKey.id.not_in(have))
    for recovery in session.scalars(new):
        sealed = sealing.seal(recovery.public_key, private)
        session.add(ReportSeal(report_id=report.id, recovery_id=recovery.id, sealed=sealed))


def drop(session: Session, report: Report, people: set[int]) -> int:
    """Drop the seals of these people. Returns how many there were.

    Where no other seal and no held key would be left, the words would be lost for ever: then the seals stay, of no use
    to these people, for whom the report is no longer (routing.may_read), until it is found not to concern them.
    """
    of_report = ReportSeal.report_id == report.id
    others = select(ReportSeal.id).where(of_report, ReportSeal.staff_id.is_(None) | ReportSeal.staff_id.not_in(people))
    if report.held_key is None and session.scalars(others.limit(1)).first() is None:
        return 0
    theirs = delete(ReportSeal).where(of_report, ReportSeal.staff_id.in_(people)).returning(ReportSeal.id)
    return len(session.execute(theirs).all())


def release_held(session: Session) -> int:
    """Seal reports that waited for a reader with a key to those who have one now. Returns how many seals were made."""
    made = 0
    for report in session.scalars(select(Report).where(Report.held_key.is_not(None), Report.forgotten_at.is_(None))):
        if not routing.is_withheld(report):
            made += share_held(session, report, Routing.of(report))
    return made


def settle_late() -> int:
    """Answers that did not come for long: the service gives its own copy of the key away. Returns how many."""
    with transaction() as session:
        old = (Report.held_key.is_not(None), Report.consent.is_not(False), Report.created_at < now() - UNSETTLED)
        has_reader = select(ReportSeal.id).where(ReportSeal.report_id == Report.id, ReportSeal.staff_id.is_not(None))
        return changed(session, update(Report).where(*old, has_reader.exists()).values(held_key=None))


def bring_up_to_date() -> int:
    """Seal every report of before migration 0005 and call people for it anew. Returns how many."""
    with transaction() as session:
        old = select(Report).where(Report.public_key.is_(None), Report.forgotten_at.is_(None))
        found = session.scalars(old).all()
        for report in found:
            seal_old(session, report)
            kept = select(Media).where(Media.report_id == report.id, Media.content.is_not(None))
            for file in session.scalars(kept.options(undefer(Media.content))):
                file.content = sealing.seal(report.public_key or b"", file.content or b"")
            if report.state == "open":
                escalation.begin(session, report)
    return len(found)


def seal_old(session: Session, report: Report) -> None:
    """Bring a report of before migration 0005, which the deployment's key opens, under a key of its own."""
    keys = sealing.new_keys()
    report.public_key = keys.public
    categories: list[str] = []
    for entry in session.scalars(select(ReportEntry).where(ReportEntry.report_id == report.id)):
        if entry.sealed is None:
            continue
        data = json.loads(keyring().decrypt("report_entries.body", entry.sealed))
        categories += data.get("categories", ())
        entry.kind = str(data["kind"])[:16]
        entry.sealed = sealing.seal(keys.public, json.dumps(data, ensure_ascii=False).encode())
    routed = Routing(tuple(dict.fromkeys(categories)))
    report.routing = routed.text()
    give(session, report, keys, routed)
