"""Somebody is told, surely: first those on duty, one by one, then all backups, then the administrators, and again from
the start, until a focal point takes the report. The clock is in the database: no restart and no lost task stops it.

An alert says that something waits and its code; it is the same, to the letter count, for every category.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework import alerts, audit, people, routing, staff
from casework.alerts import is_lost, lost, tell, told_lately
from casework.report_models import Alert, Report, ReportSeal, Staff
from casework.routing import Routing
from messaging import outbox
from messaging.models import Contact, Message
from runtime.deployment import deployment
from runtime.words import sentence
from store.database import now, reading, transaction

log = structlog.get_logger()

PATIENCE = timedelta(minutes=5)
"""How long until a group is tried again of which nobody could be reached."""
FAILING_FOR = timedelta(hours=1)
MOST = 200


def begin(session: Session, report: Report, anew: bool = True) -> list[int]:
    """Start calling, from the first on duty. Returns the contacts to announce after the commit.

    `anew`: there is news for everybody, also for who was told of it before.
    """
    if anew:
        report.begun_at = now()
    report.taken_by = report.taken_at = None
    report.step = 0
    return _call(session, report, now())


def acknowledge(session: Session, report: Report, person: Staff, way: str) -> bool:
    """The focal point takes the report, from a colleague only in the console (`way`), who is told.

    False if it is not for them, is closed, or others could open it and they cannot: then the calling goes on.
    """
    if report.state != "open" or not routing.may_read(person, Routing.of(report)):
        return False
    if not _opens(session, report, person.id) and _opens(session, report):
        return False
    if report.taken_by is not None and report.taken_by != person.id:
        if way != "console":
            return False
        before = session.get(Staff, report.taken_by)
        if before is not None:
            tell(session, report, before, "more", now())
    if report.taken_by != person.id:
        report.taken_by, report.taken_at, report.escalate_at = person.id, now(), None
        audit.record(session, person.login, "acknowledged", report.reference, way=way)
    return True


def acknowledge_by_phone(session: Session, contact: Contact, code: str) -> str | None:
    """A focal point answered OK with a code. Returns the sentence for them.

    None if this phone is no focal point's, or not one of those who answer for it: then it is an ordinary message.
    """
    if contact.provider != people.provider():
        return None
    query = select(Report).where(Report.reference == code, Report.state == "open")
    report = session.scalars(query.with_for_update()).first()
    theirs = staff.of_phone(session, contact.address) if report is not None else []
    able = [person for person in theirs if report is not None and routing.may_read(person, Routing.of(report))]
    if report is None or not able:
        return None
    person = next((one for one in able if acknowledge(session, report, one, contact.channel)), None)
    if person is not None:
        return sentence("alert_acknowledged", person.language, reference=report.reference)
    if report.taken_at is None:  # they have no key to it: others are called
        return sentence("status_none", able[0].language)
    day = report.taken_at.date().isoformat()
    return sentence("status_acknowledged", able[0].language, reference=report.reference, date=day)


def pass_on_overdue(at: datetime | None = None) -> int:
    """Call the next for every report that nobody took in time, or whose alerts reached nobody. Returns how many."""
    at = at or now()
    count = 0
    for report_id in _due(at):
        with transaction() as session:
            report = session.get(Report, report_id, with_for_update=True)
            if report is None or report.taken_at is not None or report.state != "open":
                continue
            if routing.is_withheld(report) or not _is_due(session, report, at):
                continue  # the person wants nobody to be told, or somebody else has just called
            announced = _call(session, report, at)
        for contact_id in announced:
            outbox.announce(contact_id)
        count += bool(announced)
    if count:
        log.warning("alerts_passed_on", count=count)
    return count


def failing(at: datetime | None = None) -> list[str]:
    """Codes of open reports of which for an hour no alert has reached anybody."""
    at = at or now()
    with reading() as session:
        waiting = session.scalars(
            select(Report).where(
                Report.state == "open", Report.taken_at.is_(None), Report.created_at < at - FAILING_FOR
            )
        ).all()
        return [
            report.reference
            for report in waiting
            if not routing.is_withheld(report) and all(is_lost(session, one, at) for one in alerts.of(session, report))
        ]


def _call(session: Session, report: Report, at: datetime) -> list[int]:
    """Tell the next group in which somebody was not told lately; set the clock for the one after."""
    reminder = deployment().escalation.reminder(report.urgent)
    groups = _groups(session, report, at)
    announced: list[int] = []
    for _ in groups:
        group, kind = groups[report.step % len(groups)]
        report.step += 1
        untold = [person for person in group if not told_lately(session, report, person, at)]
        announced = [contact for person in untold for contact in tell(session, report, person, kind, at)]
        if announced:
            break
    waits = any(told_lately(session, report, person, at) for group, _ in groups for person in group)
    report.escalate_at = at + (reminder if announced or waits else min(reminder, PATIENCE))
    session.flush()
    log.info("alert_queued", report_id=report.id, count=report.step)
    return announced


def _groups(session: Session, report: Report, at: datetime) -> list[tuple[Sequence[Staff], str]]:
    """Who is called one after the other; of those on duty first who can open it."""
    called = routing.called(session, Routing.of(report), at)
    on_duty = sorted(called.on_duty, key=lambda person: not _opens(session, report, person.id))
    groups: list[tuple[Sequence[Staff], str]] = [((person,), "report") for person in on_duty]
    behind = ((called.backups, "report"), (called.administrators, "unanswered"))
    return [*groups, *((group, kind) for group, kind in behind if group)]


def _opens(session: Session, report: Report, staff_id: int | None = None) -> bool:
    """True if the report was sealed to this person (to anybody for whom it still is)."""
    seals = select(ReportSeal.staff_id).where(ReportSeal.report_id == report.id, ReportSeal.staff_id.is_not(None))
    if staff_id is not None:
        return session.scalars(seals.where(ReportSeal.staff_id == staff_id).limit(1)).first() is not None
    able = {person.id for person in routing.readers(session, Routing.of(report))}
    return any(reader in able for reader in session.scalars(seals))


def _due(at: datetime) -> Sequence[int]:
    """Reports whose time is over, or whose newest alerts may have been lost."""
    open_ones = select(Report.id).where(Report.state == "open", Report.taken_at.is_(None))
    with reading() as session:
        late = session.scalars(open_ones.where(Report.escalate_at <= at).limit(MOST)).all()
        gone = session.scalars(
            open_ones.join(Alert, Alert.report_id == Report.id)
            .join(Message, (Message.id == Alert.message_id) | (Message.id == Alert.mail_id))
            .where(Alert.step == Report.step, Alert.kind != "more", lost(at))
            .distinct()
            .limit(MOST)
        ).all()
    return list(dict.fromkeys([*late, *gone]))


def _is_due(session: Session, report: Report, at: datetime) -> bool:
    if report.escalate_at is None or report.escalate_at <= at:
        return True
    newest = [
        one
        for one in alerts.of(session, report)
        if one.step == report.step and one.kind != "more" and one.created_at >= (report.begun_at or one.created_at)
    ]
    if not newest or not all(is_lost(session, one, at) for one in newest):
        return False
    # after a whole round in which nobody was reached, wait a little instead of hammering
    round_ = max(len(_groups(session, report, at)), 1)
    return report.step % round_ != 0 or max(one.created_at for one in newest) <= at - PATIENCE
