"""What the pages show of reports: rows of the queue, clocks, the thread of one report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import String, cast, func, select
from sqlalchemy.orm import Session

from casework import readers, routing, staff
from casework.readers import Opened
from casework.report_models import AuditEntry, Report, ReportEntry, ReportSeal, Staff
from casework.routing import Routing
from messaging.models import Message
from runtime.deployment import deployment
from store.database import now

FROM_THE_PERSON = ("words", "consent", "safe_way", "wishes")
"""Pieces that make a report unread again."""
SOON = 3
"""Days before its time from which a clock draws the eye."""
IN_THE_HEAD = frozenset({"head", "identity"})


@dataclass(frozen=True)
class Clock:
    """Something that should be done by a time."""

    by: datetime
    done_at: datetime | None

    @property
    def is_late(self) -> bool:
        """True once the time is over and it is not done."""
        return self.done_at is None and now() > self.by

    @property
    def is_soon(self) -> bool:
        """True while it is not done and little time is left."""
        return self.done_at is None and not self.is_late and self.days_left < SOON

    @property
    def days_left(self) -> int:
        """Whole days until then; 0 on the last one and afterwards."""
        return max(0, (self.by - now()).days)

    @property
    def days_over(self) -> int:
        """Whole days since then; 0 before and on the first one."""
        return max(0, (now() - self.by).days)


@dataclass(frozen=True)
class Row:
    """A report in the queue."""

    report: Report
    routing: Routing
    taken_by: str | None
    is_mine: bool
    is_sealed: bool
    """True if this person's key opens it."""
    is_unread: bool
    """Never opened by this person, or the one who wrote added something since."""
    acknowledge: Clock
    tell: Clock

    @property
    def is_waiting(self) -> bool:
        """True while others are called because nobody has taken it."""
        return calls_on(self.report)

    @property
    def is_pressing(self) -> bool:
        """True for what comes before everything else: urgent, and with nobody."""
        return self.report.urgent and self.is_waiting

    @property
    def group(self) -> str:
        """Under which heading of the queue it stands."""
        if self.is_waiting:
            return "pressing" if self.is_pressing else "waiting"
        return "news" if self.is_unread else "rest"


@dataclass(frozen=True)
class Line:
    """One piece of the thread. `delivery`: state of the text that was sent."""

    at: datetime
    kind: str
    data: Mapping[str, Any]
    by: str | None
    delivery: str | None


def queue(session: Session, person: Staff, state: str) -> list[Row]:
    """The reports for this person in one state: urgent and with nobody, with nobody, unread, and the oldest first."""
    found = readers.of_person(session, person.id, state)
    names = names_of(session)
    ids = [report.id for report in found]
    seen, news, seals = _seen(session, person), _news(session, ids), _seals(session, ids)
    rows = []
    for report in found:
        routed = Routing.of(report)
        sealed = person.id in seals[report.id]
        last, looked = news.get(report.id), seen.get(report.reference)
        rows.append(
            Row(
                report,
                routed,
                names.get(report.taken_by) if report.taken_by else None,
                report.taken_by == person.id,
                sealed,
                sealed and (looked is None or (last is not None and last > looked)),
                *clocks(report),
            )
        )
    return sorted(
        rows, key=lambda row: (not row.is_pressing, not row.is_waiting, not row.is_unread, row.report.created_at)
    )


def grouped(rows: Sequence[Row]) -> list[tuple[str, list[Row]]]:
    """Rows of `queue`, under their headings and in their order."""
    return [(group, list(of_group)) for group, of_group in groupby(rows, key=attrgetter("group"))]


def calls_on(report: Report) -> bool:
    """True while somebody is called again and again."""
    return report.state == "open" and report.taken_at is None and not routing.is_withheld(report)


def clocks(report: Report) -> tuple[Clock, Clock]:
    """Acknowledge it, and tell the person what was done, by when."""
    times = deployment().escalation
    begun = report.created_at
    return (
        Clock(begun + timedelta(days=times.acknowledge_days), report.taken_at),
        Clock(begun + timedelta(days=times.feedback_days), report.closed_at),
    )


def thread(session: Session, opened: Opened) -> list[Line]:
    """The pieces in their order, without what stands at the head of the page."""
    shown = [piece for piece in opened.pieces if piece.kind not in IN_THE_HEAD]
    states = _states(session, [piece.data["message"] for piece in shown if piece.data.get("message")])
    names = {person.login: person.name for person in staff.everybody(session)}
    return [
        Line(
            piece.at,
            piece.kind,
            piece.data,
            names.get(str(piece.data.get("by")), piece.data.get("by")),
            states.get(piece.data.get("message", 0)),
        )
        for piece in shown
    ]


def able(session: Session, report: Report) -> list[tuple[Staff, bool]]:
    """Who may read it, and whether their key opens it."""
    people = routing.readers(session, Routing.of(report))
    return [(person, readers.has_seal(session, report, person.id)) for person in people]


def names_of(session: Session) -> dict[int, str]:
    """Id to name of everybody."""
    return {person.id: person.name for person in staff.everybody(session)}


def _states(session: Session, ids: Sequence[int]) -> dict[int, str]:
    """Message id to its state; `asked` where the person is asked first whether to read it now."""
    query = select(Message.id, Message.state, Message.error_code).where(Message.id.in_(ids))
    return {
        number: "asked" if state == "held" and code == "asked_first" else state
        for number, state, code in session.execute(query)
    }


def _seals(session: Session, ids: Sequence[int]) -> Mapping[int, set[int | None]]:
    """Report id to those whose keys open it: `readers.has_seal` for many at once."""
    found: dict[int, set[int | None]] = {number: set() for number in ids}
    query = select(ReportSeal.report_id, ReportSeal.staff_id).where(ReportSeal.report_id.in_(ids))
    for number, staff_id in session.execute(query):
        found[number].add(staff_id)
    return found


def _seen(session: Session, person: Staff) -> dict[str | None, datetime]:
    """Code to the last time at which this person looked at the whole page; other looks tell `what` they were at."""
    detail = func.coalesce(cast(AuditEntry.detail, String), "")
    looked = (AuditEntry.actor == person.login, AuditEntry.action == "viewed", detail.not_like('%"what"%'))
    query = select(AuditEntry.subject, func.max(AuditEntry.at)).where(*looked).group_by(AuditEntry.subject)
    return dict(session.execute(query).tuples().all())


def _news(session: Session, ids: Sequence[int]) -> dict[int, datetime]:
    """Report id to when the person last wrote or answered something."""
    entries = (ReportEntry.report_id.in_(ids), ReportEntry.kind.in_(FROM_THE_PERSON))
    query = select(ReportEntry.report_id, func.max(ReportEntry.created_at)).where(*entries)
    return dict(session.execute(query.group_by(ReportEntry.report_id)).tuples().all())
