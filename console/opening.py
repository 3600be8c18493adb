"""A report on the desk of who is logged in: found, opened with their key, announced after the commit."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from flask import abort, g
from sqlalchemy.orm import Session

from casework import audit, readers, routing
from casework.readers import NotForYou, Opened, Reader
from casework.report_models import Report, Staff
from console import access
from messaging import outbox
from store.database import transaction


class Closed(Exception):
    """The report is for this person, but their key does not open it. `refused`: the person who wrote said no;
    `alarms`: nobody has taken it, and somebody is called again and again."""

    def __init__(self, report: Report) -> None:
        super().__init__("closed")
        self.reference = report.reference
        self.refused = routing.is_withheld(report)
        self.alarms = report.state == "open" and report.taken_at is None and not self.refused


@dataclass
class Desk:
    """An open report. `announced`: contacts whose outbox got something."""

    session: Session
    person: Staff
    reader: Reader
    report: Report
    opened: Opened
    announced: list[int] = field(default_factory=list)


@contextmanager
def desk(reference: str) -> Iterator[Desk]:
    """The report with this code, in a transaction; or the answer that there is no such page.

    Raises:
        Closed: it is routed to this person, but their key does not open it.
    """
    try:
        with transaction() as session:
            person, report = find(session, reference)
            try:
                opened = readers.open_(session, g.who.reader, report)
            except NotForYou:
                raise Closed(report) from None
            here = Desk(session, person, g.who.reader, report, opened)
            yield here
    except Closed as closed:
        reason = "words_kept_closed" if closed.refused else "no_seal"
        audit.note(g.who.person.login, "refused", reference, reason=reason)
        raise
    except NotForYou:
        access.note_refused({"reference": reference})
        abort(404)
    announce(here.announced)


def find(session: Session, reference: str) -> tuple[Staff, Report]:
    """Who is logged in, and the report with this code if it is routed to them.

    Raises:
        NotForYou: otherwise.
    """
    if not reference.isprintable():
        raise NotForYou("that is no code")
    person = session.get_one(Staff, g.who.person.id)
    return person, readers.find(session, person, reference)


def announce(contact_ids: list[int]) -> None:
    """Tell the delivery workers, after the commit."""
    for contact_id in dict.fromkeys(contact_ids):
        outbox.announce(contact_id)
