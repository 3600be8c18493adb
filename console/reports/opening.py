"""A report on the desk of who is logged in: found and opened with their key, to be looked at or to be changed.

A look is written down before the page goes out, and after the report was opened: the log is not held meanwhile.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from flask import abort, g, make_response, render_template
from sqlalchemy.orm import Session

from casework import audit, readers, routing, sealing
from casework.readers import NotForYou, Opened, Reader
from casework.report_models import Report, Staff
from console import access
from messaging import outbox
from store.database import reading, transaction

Shown = TypeVar("Shown")


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
    """An open report. `announced`: contacts whose outbox got something; `said`: what the next page tells besides."""

    session: Session
    person: Staff
    reader: Reader
    report: Report
    opened: Opened
    announced: list[int] = field(default_factory=list)
    said: list[str] = field(default_factory=list)


def look(reference: str, show: Callable[[Desk], Shown], action: str = "viewed", **detail: Any) -> Shown:
    """Open the report with this code, make something to show of it, write the look down; nothing is shown otherwise."""
    with answering(reference, **detail), reading() as session:
        shown = show(_open(session, reference))
    audit.note(g.who.person.login, action, reference, **detail)
    return shown


@contextmanager
def desk(reference: str) -> Iterator[Desk]:
    """The report with this code, in a transaction, for a change; or the answer that there is no such page.

    Raises:
        Closed: it is routed to this person, but their key does not open it.
    """
    with answering(reference), transaction() as session:
        here = _open(session, reference, lock=True)
        yield here
    for contact_id in dict.fromkeys(here.announced):
        outbox.announce(contact_id)


def find(session: Session, reference: str, lock: bool = False) -> tuple[Staff, Report]:
    """Who is logged in, and the report with this code if it is routed to them.

    Raises:
        NotForYou: otherwise.
    """
    if not reference.isprintable():
        raise NotForYou("that is no code")
    person = session.get_one(Staff, g.who.person.id)
    return person, readers.find(session, person, reference, lock)


def note_impossible(reference: str, step: str) -> None:
    """A step was refused, for it does not follow; what the page says of it is for the person only."""
    audit.note(g.who.person.login, "refused", reference, step=step)


def _open(session: Session, reference: str, lock: bool = False) -> Desk:
    person, report = find(session, reference, lock)
    try:
        opened = readers.open_(session, g.who.reader, report)
    except NotForYou:
        raise Closed(report) from None
    return Desk(session, person, g.who.reader, report, opened)


@contextmanager
def answering(reference: str, **detail: Any) -> Iterator[None]:
    """What is refused is written down, after the transaction, and answered with its page.

    Raises:
        Closed: it is routed to who is logged in, but their key does not open it.
    """
    login = g.who.person.login
    try:
        yield
    except Closed as closed:
        audit.note(login, "refused", reference, reason="words_kept_closed" if closed.refused else "no_seal", **detail)
        raise
    except NotForYou:
        access.note_refused({"reference": reference}, **detail)
        abort(404)
    except sealing.Unopened:
        audit.note(login, "refused", reference, reason="not_decrypted", **detail)
        abort(make_response(render_template("console/plain.html", what="damaged"), 500))
