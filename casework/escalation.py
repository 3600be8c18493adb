"""Somebody is told, surely: first those on duty, one by one, then all backups, then the administrators, and again from
the start, until a focal point takes the report. The clock is in the database: no restart and no lost task stops it.

An alert says that something waits and its code; it is the same, to the letter count, for every category.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from casework import audit, people, routing, staff
from casework.report_models import Alert, Report, Staff
from casework.routing import Routing
from messaging import outbox
from messaging.models import UNDELIVERED, Contact, Message
from runtime.deployment import deployment
from runtime.settings import settings
from runtime.words import sentence
from store.database import now, reading, transaction

log = structlog.get_logger()

STUCK_AFTER = 3
"""Failed attempts after which an alert that is still being tried counts as not delivered."""
PATIENCE = timedelta(minutes=5)
"""How long until a group is tried again of which nobody could be reached."""
FAILING_FOR = timedelta(hours=1)
MOST = 200


def begin(session: Session, report: Report) -> list[int]:
    """Start calling, from the first on duty. Returns the contacts to announce after the commit."""
    report.taken_by = report.taken_at = None
    report.step = 0
    return _call(session, report, now())


def acknowledge(session: Session, report: Report, person: Staff, way: str) -> bool:
    """The focal point takes the report. False if they may not read it."""
    if not routing.may_read(person, Routing.of(report)):
        return False
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
    report = session.scalars(select(Report).where(Report.reference == code, Report.state == "open")).first()
    if report is None:
        return None
    for person in staff.of_phone(session, contact.address):
        if acknowledge(session, report, person, contact.channel):
            return sentence("alert_acknowledged", person.language, reference=report.reference)
    return None


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


def tell_of_more(session: Session, report: Report) -> list[int]:
    """The person wrote again in a report that somebody has taken: tell them, once in the reminder's time."""
    person = session.get(Staff, report.taken_by) if report.taken_by else None
    if person is None or _told_lately(session, report, person, now(), news=True):
        return []
    return _tell(session, report, person, "more", now())


def retell_lost(at: datetime | None = None) -> int:
    """News that did not reach who has taken the report: it is escalated as if nobody had. Returns how many."""
    at = at or now()
    count = 0
    with transaction() as session:
        lost = session.execute(
            select(Alert, Report)
            .join(Report, Report.id == Alert.report_id)
            .where(Alert.kind == "more", Report.state == "open", Report.taken_by == Alert.staff_id)
            .where(Alert.created_at > at - timedelta(days=2), Alert.created_at > Report.taken_at)
        ).all()
        announced: list[int] = []
        for alert, report in lost:
            if _is_lost(session, alert):
                announced += begin(session, report)
                count += 1
    for contact_id in announced:
        outbox.announce(contact_id)
    return count


def test_alerts(at: datetime | None = None) -> int:
    """The daily test, once a day from the deployment's hour on: everybody who may be alerted. Returns how many."""
    from zoneinfo import ZoneInfo

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
            fresh = person.created_at > begins
            if person.id in tested or person.disabled_at is not None or not _may_be_alerted(person) or fresh:
                continue
            announced += _tell(session, None, person, "test", at)
    for contact_id in dict.fromkeys(announced):
        outbox.announce(contact_id)
    return len(announced)


def failing(at: datetime | None = None) -> list[str]:
    """Codes of open reports of which for an hour no alert has reached anybody."""
    at = at or now()
    found = []
    with reading() as session:
        waiting = session.scalars(
            select(Report).where(
                Report.state == "open", Report.taken_at.is_(None), Report.created_at < at - FAILING_FOR
            )
        ).all()
        for report in waiting:
            if routing.is_withheld(report):
                continue
            alerts = session.scalars(
                select(Alert).where(Alert.report_id == report.id).order_by(Alert.id.desc()).limit(20)
            ).all()
            if all(_is_lost(session, alert) for alert in alerts):
                found.append(report.reference)
    return found


def unreachable(session: Session) -> list[Staff]:
    """Focal points without an address that works: none that this deployment can send to, or the last alert was lost."""
    found = []
    for person in staff.everybody(session):
        if person.disabled_at is not None or "focal_point" not in person.roles:
            continue
        last = session.scalars(
            select(Alert).where(Alert.staff_id == person.id).order_by(Alert.id.desc()).limit(1)
        ).first()
        if not routing.reachable_by(person) or (last is not None and _is_lost(session, last)):
            found.append(person)
    return found


def _call(session: Session, report: Report, at: datetime) -> list[int]:
    """Tell the next group in which somebody was not told lately; set the clock for the one after."""
    reminder = deployment().escalation.reminder(report.urgent)
    called = routing.called(session, Routing.of(report), at)
    groups: list[tuple[Sequence[Staff], str]] = [((person,), "report") for person in called.on_duty]
    groups += [
        (group, kind) for group, kind in ((called.backups, "report"), (called.administrators, "unanswered")) if group
    ]
    announced: list[int] = []
    report.escalate_at = at + reminder
    for _ in groups:
        group, kind = groups[report.step % len(groups)]
        report.step += 1
        untold = [person for person in group if not _told_lately(session, report, person, at)]
        reached = [_tell(session, report, person, kind, at) for person in untold]
        if any(reached):
            announced = [contact for contacts in reached for contact in contacts]
            break
    else:  # everybody was told lately, or has no address: try again soon enough
        report.escalate_at = at + min(reminder, PATIENCE if not groups else reminder)
    session.flush()
    log.info("alert_queued", report_id=report.id, count=report.step)
    return announced


def _tell(session: Session, report: Report | None, person: Staff, kind: str, at: datetime) -> list[int]:
    """One person, by every way that they have. Returns the contacts to announce; empty without a working address."""
    name = {"report": "alert", "more": "alert_more", "unanswered": "alert_unanswered", "test": "alert_test"}[kind]
    code = {"reference": report.reference} if report is not None else {}
    text = sentence(name, person.language, **code)
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


def _due(at: datetime) -> Sequence[int]:
    """Reports whose time is over, or whose newest alerts may have been lost."""
    open_ones = select(Report.id).where(Report.state == "open", Report.taken_at.is_(None))
    with reading() as session:
        late = session.scalars(open_ones.where(Report.escalate_at <= at).limit(MOST)).all()
        lost = session.scalars(
            open_ones.join(Alert, Alert.report_id == Report.id)
            .join(Message, (Message.id == Alert.message_id) | (Message.id == Alert.mail_id))
            .where(Alert.step == Report.step, Alert.kind != "more", _lost())
            .distinct()
            .limit(MOST)
        ).all()
    return list(dict.fromkeys([*late, *lost]))


def _is_due(session: Session, report: Report, at: datetime) -> bool:
    if report.escalate_at is None or report.escalate_at <= at:
        return True
    newest = session.scalars(
        select(Alert).where(Alert.report_id == report.id, Alert.step == report.step, Alert.kind != "more")
    ).all()
    if not newest or not all(_is_lost(session, alert) for alert in newest):
        return False
    # after a whole round in which nobody was reached, wait a little instead of hammering
    groups = routing.called(session, Routing.of(report), at)
    round_ = len(groups.on_duty) + bool(groups.backups) + bool(groups.administrators)
    return report.step % max(round_, 1) != 0 or max(alert.created_at for alert in newest) <= at - PATIENCE


def _told_lately(session: Session, report: Report, person: Staff, at: datetime, news: bool = False) -> bool:
    """True if an alert (or with `news` only: that the person wrote again) reached them within the reminder's time."""
    since = at - deployment().escalation.reminder(report.urgent)
    query = select(Alert).where(Alert.report_id == report.id, Alert.staff_id == person.id, Alert.created_at > since)
    alerts = session.scalars(query.where(Alert.kind == "more") if news else query)
    return any(not _is_lost(session, alert) for alert in alerts)


def _is_lost(session: Session, alert: Alert) -> bool:
    """True if none of its messages reached, or will reach, the person."""
    ids = [number for number in (alert.message_id, alert.mail_id) if number is not None]
    lost = session.scalars(select(Message.id).where(Message.id.in_(ids), _lost())).all()
    return len(lost) == len(ids)


def _lost() -> ColumnElement[bool]:
    """The message did not reach its address, or fails again and again."""
    return Message.state.in_(UNDELIVERED) | (
        Message.state.in_(("queued", "sending")) & (Message.attempts >= STUCK_AFTER)
    )


def _may_be_alerted(person: Staff) -> bool:
    return bool({"focal_point", "administrator"} & set(person.roles)) and bool(routing.reachable_by(person))
