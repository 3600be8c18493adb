"""What somebody with an open key may do with reports: list, read, give to others, take a file out."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from casework import audit, report_keys, routing, sealing
from casework.models import Media
from casework.report_models import Report, ReportEntry, ReportSeal, Staff
from casework.routing import Routing


class NotForYou(Exception):
    """This person may not read this report, or has no key to it; the text says which."""


@dataclass(frozen=True)
class Reader:
    """A focal point who is logged in. `private` opens the seals made for them; it is nowhere stored in the clear."""

    staff_id: int
    login: str
    private: bytes = field(repr=False)


@dataclass(frozen=True)
class Piece:
    """One opened entry of a report."""

    id: int
    kind: str
    at: datetime
    data: dict[str, Any] = field(repr=False)


@dataclass(frozen=True)
class Opened:
    """A report that was opened by a reader."""

    report: Report
    routing: Routing
    pieces: tuple[Piece, ...]
    private: bytes = field(repr=False)

    def last(self, kind: str) -> dict[str, Any] | None:
        """The newest piece of a kind."""
        return next((piece.data for piece in reversed(self.pieces) if piece.kind == kind), None)

    @property
    def identity(self) -> dict[str, Any] | None:
        """Who the person is, if that was given to the readers."""
        return self.last("identity")

    @property
    def safe_hours(self) -> str | None:
        """When the person may be written to, as OpenStreetMap writes hours; None until somebody has set it."""
        hours = self.last("safe_hours")
        if hours is not None:
            return str(hours["hours"])
        way = self.last("safe_way")
        return "24/7" if way is not None and way.get("any_time") else None

    @property
    def shows_number(self) -> bool:
        """True where the person gave the number for that, or a life or a child is at risk."""
        way = self.last("safe_way")
        return self.routing.is_at_risk or bool(way is not None and way.get("any_time"))


def of_person(session: Session, staff_id: int, state: str | None = None) -> Sequence[Report]:
    """The reports that this person may read, oldest first."""
    person = session.get_one(Staff, staff_id)
    query = select(Report).where(Report.forgotten_at.is_(None))
    if state is not None:
        query = query.where(Report.state == state)
    found = session.scalars(query.order_by(Report.id))
    return [report for report in found if routing.may_read(person, Routing.of(report))]


def find(session: Session, person: Staff, reference: str, lock: bool = False) -> Report:
    """The report with this code, if this person may read it; with `lock` for a change.

    Raises:
        NotForYou: there is none, or it is not for this person; the same words, so that nothing is learnt.
    """
    query = select(Report).where(Report.reference == reference)
    report = session.scalars(query.with_for_update() if lock else query).first()
    if report is None or report.forgotten_at is not None or not routing.may_read(person, Routing.of(report)):
        raise NotForYou("there is no report with this code for you")
    return report


def has_seal(session: Session, report: Report, staff_id: int) -> bool:
    """True if the person's key opens the report."""
    seal = select(ReportSeal.id).where(ReportSeal.report_id == report.id, ReportSeal.staff_id == staff_id)
    return session.scalars(seal.limit(1)).first() is not None


def open_(session: Session, reader: Reader, report: Report) -> Opened:
    """Open every piece.

    Raises:
        NotForYou: there is no seal for this reader, or their key does not open it.
    """
    private = key_of(session, reader, report)
    return Opened(report, Routing.of(report), tuple(pieces(session, report, private)), private)


def key_of(session: Session, reader: Reader, report: Report) -> bytes:
    """The report's private key, by the reader's own."""
    person = session.get_one(Staff, reader.staff_id)
    if not routing.may_read(person, Routing.of(report)):
        raise NotForYou("there is no report with this code for you")
    if routing.is_withheld(report):
        raise NotForYou("the person said no: the words are kept closed until they say otherwise")
    seals = select(ReportSeal.sealed).where(ReportSeal.report_id == report.id, ReportSeal.staff_id == reader.staff_id)
    for sealed in session.scalars(seals.order_by(ReportSeal.id.desc())):
        try:
            return sealing.unseal(reader.private, sealed)
        except sealing.Unopened:
            continue  # sealed to an earlier key of theirs
    raise NotForYou("it was not sealed to your key: somebody who reads it can give it to you")


def pieces(session: Session, report: Report, private: bytes) -> list[Piece]:
    """All entries, oldest first, opened with the report's own key."""
    found = session.scalars(select(ReportEntry).where(ReportEntry.report_id == report.id).order_by(ReportEntry.id))
    return [
        Piece(entry.id, entry.kind, entry.created_at, json.loads(sealing.unseal(private, entry.sealed)))
        for entry in found
        if entry.sealed is not None
    ]


def without_seal(session: Session, report: Report) -> list[Staff]:
    """People who may read it and have a key of their own, but were given none to it: they joined later."""
    return [
        person
        for person in routing.readers(session, Routing.of(report))
        if person.public_key is not None and not has_seal(session, report, person.id)
    ]


def give(session: Session, reader: Reader, report: Report, to: set[int] | None = None) -> list[str]:
    """Seal the report to those who may read it and cannot yet (of `to` only, if it is given), and to the recovery key.

    Returns their logins.
    """
    private = key_of(session, reader, report)
    given = [person for person in without_seal(session, report) if to is None or person.id in to]
    for person in given:
        session.add(report_keys.seal_to(report, person, private))
    report_keys.seal_to_recovery(session, report, private)
    session.flush()
    logins = [person.login for person in given]
    if given:
        audit.record(session, reader.login, "seal_given", report.reference, to=logins)
    return logins


def give_all(session: Session, reader: Reader, to: set[int] | None = None) -> int:
    """The same for every report that the reader opens. Returns how many seals were made."""
    count = 0
    for report in of_person(session, reader.staff_id):
        if has_seal(session, report, reader.staff_id):
            try:
                count += len(give(session, reader, report, to))
            except NotForYou:
                continue  # theirs is of an older key
    return count


def files(session: Session, report: Report) -> Sequence[Media]:
    """The report's files, without their content."""
    return session.scalars(select(Media).where(Media.report_id == report.id).order_by(Media.id)).all()


def file(session: Session, opened: Opened, media_id: int) -> tuple[str, bytes]:
    """Type and content of one file.

    Raises:
        NotForYou: it is not of this report, or is not kept.
    """
    query = select(Media).where(Media.id == media_id, Media.report_id == opened.report.id)
    found = session.scalars(query.options(undefer(Media.content))).first()
    if found is None or found.content is None:
        raise NotForYou("there is no such file")
    return found.content_type, sealing.unseal(opened.private, found.content)
