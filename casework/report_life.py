"""How a report ends: closed with an outcome, opened again, deleted at the person's wish, forgotten after its time."""

from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from casework import audit, relay, reports, routing, tombstones, watching
from casework.models import Media
from casework.readers import Opened, Reader
from casework.report_models import Referral, Report, ReportEntry, ReportSeal
from casework.routing import Routing
from casework.states import Impossible
from messaging.models import Contact
from runtime.deployment import deployment
from runtime.words import sentence
from store.database import now, reading, transaction

OUTCOMES = ("helped", "referred", "investigated", "unfounded", "no_contact", "withdrawn")
"""How a report ended: got help here; brought to others; passed to investigators; nothing in it; the person could not be
reached; the person wished no more."""
SHORTEST_NOTE = 10
LEADS_TO_THE_PERSON = ("identity", "safe_way", "safe_hours", "wishes")
"""Kinds of entries that go where the words must stay."""


def close(session: Session, reader: Reader, opened: Opened, outcome: str, note: str, tell: bool = True) -> list[int]:
    """Close it; the person is told in neutral words, in their safe hours, if they may be written to.

    Returns the contacts to announce.

    Raises:
        Impossible: it is closed, the outcome is unknown, or nothing is said about it.
    """
    report = opened.report
    if report.state != "open":
        raise Impossible("%(code)s is closed already", code=report.reference)
    if outcome not in OUTCOMES:
        raise Impossible("say how it ended: %(outcomes)s", outcomes=", ".join(OUTCOMES))
    if len(note.strip()) < SHORTEST_NOTE:
        raise Impossible("say what was done, or why nothing could be")
    reports.write(session, report, "closed", outcome=outcome, text=note.strip(), by=reader.login)
    announced = []
    if tell:
        try:
            contact = relay.contact_of(session, opened)
            text = sentence("request_closed", contact.language, reference=report.reference)
            announced = relay.send(session, reader, opened, text, ask_first=False)
        except relay.CannotWrite:
            announced = []  # they did not want to be contacted: their code tells them when they ask
    relay.let_go(session, opened)
    if report.taken_at is None:
        report.taken_by, report.taken_at = reader.staff_id, now()
    report.state, report.outcome, report.closed_at = "closed", outcome, now()
    report.escalate_at = None
    audit.record(session, reader.login, "closed", report.reference, outcome=outcome)
    if opened.routing.must_be_told:  # what concerns our own is not closed by one alone
        watching.tell_colleagues(session, report)
    return announced


def reopen(session: Session, reader: Reader, report: Report) -> None:
    """Open it again, taken by who does it.

    Raises:
        Impossible: it is open.
    """
    if report.state == "open":
        raise Impossible("%(code)s is open", code=report.reference)
    report.state, report.closed_at, report.outcome = "open", None, None
    report.taken_by, report.taken_at = reader.staff_id, now()
    reports.write(session, report, "event", what="reopened", by=reader.login)
    audit.record(session, reader.login, "reopened", report.reference)


def delete_at_wish(session: Session, contact: Contact) -> list[int]:
    """The person wants what they wrote deleted. Words and identity go at once, unless staff must report the matter or a
    life or a child is at risk: then the focal point decides, and is told. Returns contacts to announce.
    """
    announced: list[int] = []
    own = select(Report).where(
        Report.reporter_hash.in_(reports.hashes_of_phone(session, contact)), Report.forgotten_at.is_(None)
    )
    relay.end(session, contact)
    for report in session.scalars(own.with_for_update()).all():
        routed = Routing.of(report)
        if not routed.is_at_risk:
            leads = ReportEntry.kind.in_(LEADS_TO_THE_PERSON) & (ReportEntry.report_id == report.id)
            session.execute(delete(ReportEntry).where(leads))
            report.reporter_hash = report.relay_until = None
        if routed.is_at_risk or routed.must_be_told:
            report.deletion_asked_at = now()
            reports.write(session, report, "event", what="deletion_asked")
            announced += watching.tell_of_more(session, report)
        else:
            forget(session, report, "wish")
    return announced


def forget(session: Session, report: Report, reason: str) -> None:
    """Words, identity, files, seals and the way to the person go; the code, dates and outcome stay."""
    session.execute(delete(ReportEntry).where(ReportEntry.report_id == report.id))
    session.execute(delete(ReportSeal).where(ReportSeal.report_id == report.id))
    session.execute(update(Referral).where(Referral.report_id == report.id).values(sealed=None, consent=None))
    session.execute(update(Media).where(Media.report_id == report.id).values(content=None, source=None, state="gone"))
    report.reporter_hash = report.held_key = report.routing = None
    report.relay_until = report.escalate_at = None
    report.state, report.closed_at = "closed", report.closed_at or now()
    report.outcome = report.outcome or "withdrawn"
    report.forgotten_at = now()
    tombstones.put(session, "report", reason, reference=report.reference)
    audit.record(session, audit.SERVICE, "forgotten", report.reference, reason=reason)


def forget_due(at: datetime | None = None) -> int:
    """Forget reports whose time is over: closed ones, and those that nobody may read. Returns how many."""
    at = at or now()
    ids = due(at)
    for report_id in ids:
        with transaction() as session:
            report = session.get(Report, report_id, with_for_update=True)
            if report is not None and report.forgotten_at is None and _is_due(report, at):
                forget(session, report, "retention")
    return len(ids)


def due(at: datetime) -> list[int]:
    """Ids of the reports that `forget_due` would forget."""
    since = at - deployment().promises.retention.reports
    old = select(Report).where(Report.forgotten_at.is_(None), Report.created_at < since)
    with reading() as session:
        return [report.id for report in session.scalars(old) if _is_due(report, at)]


def _is_due(report: Report, at: datetime) -> bool:
    since = at - deployment().promises.retention.reports
    closed = report.state == "closed" and report.closed_at is not None and report.closed_at < since
    return closed or (routing.is_withheld(report) and report.created_at < since)
