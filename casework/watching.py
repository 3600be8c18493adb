"""What the clock sees to beside the calling: news that nobody read, reports left alone, the daily test of alerts."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework import alerts, escalation, routing, staff
from casework.report_models import Alert, AuditEntry, Report, ReportEntry, Staff
from casework.routing import Routing
from messaging import outbox
from messaging.models import Message
from runtime.deployment import deployment
from store.database import now, transaction

OF_STAFF = ("relay", "note", "safe_hours", "referral", "event")
"""Kinds of entries that show that somebody works on a report."""
RECENT = timedelta(days=14)


def tell_of_more(session: Session, report: Report) -> list[int]:
    """The person wrote again in a report that somebody has taken: tell them, unless they have not looked since the last
    time they were told. Returns the contacts to announce after the commit."""
    person = session.get(Staff, report.taken_by) if report.taken_by else None
    if person is None:
        return []
    if _is_away(person):
        return escalation.begin(session, report)
    last = _last_news(session, report, person)
    if last is not None and not alerts.is_lost(session, last, now()) and not _looked_since(session, report, last):
        return []
    return alerts.tell(session, report, person, "more", now())


def tell_colleagues(session: Session, report: Report) -> list[int]:
    """Let the others look as well, where who has taken it is named, or closed what concerns our own. Contacts."""
    called = routing.called(session, Routing.of(report), now())
    others = [person for person in (*called.on_duty, *called.backups) if person.id != report.taken_by]
    others = others or list(called.administrators)
    return [contact for person in others for contact in alerts.tell(session, report, person, "more", now())]


def pass_on_unread_news(at: datetime | None = None) -> int:
    """News that did not reach who has taken the report, or that they did not look at in time: everybody is called as if
    nobody had taken it. Returns how many reports."""
    at = at or now()
    count = 0
    announced: list[int] = []
    with transaction() as session:
        taken = select(Report).join(Alert, Alert.report_id == Report.id)
        taken = taken.where(Report.state == "open", Report.taken_by == Alert.staff_id, Alert.kind == "more")
        for report in session.scalars(taken.where(Alert.created_at > at - RECENT).distinct()).all():
            person = session.get_one(Staff, report.taken_by)
            last = _last_news(session, report, person)
            if last is None or last.created_at < (report.taken_at or at) or _looked_since(session, report, last):
                continue
            late = last.created_at < at - deployment().escalation.reminder(report.urgent)
            if late or alerts.is_lost(session, last, at):
                announced += escalation.begin(session, report)
                count += 1
    _announce(announced)
    return count


def remind_of_quiet(at: datetime | None = None) -> int:
    """Taken and then left alone: nothing was done for longer than one has to acknowledge, or the person has not heard
    within the longer time. Who has taken it and the administrators are told, once in that time. Returns how many."""
    at = at or now()
    times = deployment().escalation
    quiet, late = timedelta(days=times.acknowledge_days), timedelta(days=times.feedback_days)
    announced: list[int] = []
    count = 0
    with transaction() as session:
        for report in session.scalars(select(Report).where(Report.state == "open", Report.taken_at < at - quiet)):
            done = ReportEntry.kind.in_(OF_STAFF) & (ReportEntry.report_id == report.id)
            last = session.scalar(select(func.max(ReportEntry.created_at)).where(done)) or report.created_at
            told = [one for one in alerts.of(session, report) if one.kind == "unanswered"]
            if last >= at - quiet and report.created_at >= at - late:
                continue
            if any(one.created_at > at - quiet for one in told):
                continue
            called = routing.called(session, Routing.of(report), at)
            holder = session.get(Staff, report.taken_by) if report.taken_by else None
            hear = [holder, *(called.administrators or (*called.on_duty, *called.backups))]
            for person in {one.id: one for one in hear if one is not None}.values():
                announced += alerts.tell(session, report, person, "unanswered", at)
            count += 1
    _announce(announced)
    return count


def test_alerts(at: datetime | None = None) -> int:
    """The daily test, once a day from the deployment's hour on: everybody who may be alerted. Returns how many."""
    at = at or now()
    hour = deployment().escalation.test_at
    if hour is None:
        return 0
    local = at.astimezone(ZoneInfo(deployment().time_zone))
    begins = local.replace(hour=int(hour[:2]), minute=int(hour[3:]), second=0, microsecond=0)
    begins = begins if begins <= local else begins - timedelta(days=1)
    announced: list[int] = []
    with transaction() as session:
        tested = set(session.scalars(select(Alert.staff_id).where(Alert.kind == "test", Alert.created_at >= begins)))
        for person in staff.everybody(session):
            if person.id in tested or person.disabled_at is not None or person.created_at > begins:
                continue
            if {"focal_point", "administrator"} & set(person.roles):
                announced += alerts.tell(session, None, person, "test", at)
    _announce(announced)
    return len(announced)


def last_test(session: Session) -> tuple[datetime, int, int] | None:
    """When the daily test went out last, to how many, and how many it did not reach; None if there was none yet."""
    newest = session.scalar(select(func.max(Alert.created_at)).where(Alert.kind == "test"))
    if newest is None:
        return None
    query = select(Alert.message_id, Alert.mail_id).where(Alert.kind == "test")
    told = session.execute(query.where(Alert.created_at > newest - timedelta(hours=1))).all()
    ids = {number for row in told for number in row if number is not None}
    lost = set(session.scalars(select(Message.id).where(Message.id.in_(ids), alerts.lost(now()))))
    missed = sum(all(number in lost for number in row if number is not None) for row in told)
    return newest, len(told), missed


def unreachable(session: Session) -> list[Staff]:
    """Focal points without an address that works: none that this deployment can send to, or the last alert was lost."""
    found = []
    for person in staff.everybody(session):
        if person.disabled_at is not None or "focal_point" not in person.roles:
            continue
        query = select(Alert).where(Alert.staff_id == person.id).order_by(Alert.id.desc()).limit(1)
        last = session.scalars(query).first()
        if not routing.reachable_by(person) or (last is not None and alerts.is_lost(session, last, now())):
            found.append(person)
    return found


def _is_away(person: Staff) -> bool:
    today = now().astimezone(ZoneInfo(deployment().time_zone)).date()
    return person.disabled_at is not None or staff.is_away(person, today)


def _last_news(session: Session, report: Report, person: Staff) -> Alert | None:
    query = select(Alert).where(Alert.report_id == report.id, Alert.staff_id == person.id, Alert.kind == "more")
    return session.scalars(query.order_by(Alert.id.desc()).limit(1)).first()


def _looked_since(session: Session, report: Report, alert: Alert) -> bool:
    """True if who was told has opened the report since."""
    person = session.get_one(Staff, alert.staff_id)
    looked = select(AuditEntry.id).where(
        AuditEntry.subject == report.reference, AuditEntry.actor == person.login, AuditEntry.action == "viewed"
    )
    return session.scalars(looked.where(AuditEntry.at > alert.created_at).limit(1)).first() is not None


def _announce(contact_ids: list[int]) -> None:
    for contact_id in dict.fromkeys(contact_ids):
        outbox.announce(contact_id)
