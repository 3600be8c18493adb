"""The duty rota that administrators have written: while there is one, it holds in the place of deployment.yml's.

Every version is kept; the newest one counts, in every process, from the next call on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework import audit, staff
from casework.refusal import Refusal
from casework.report_models import DutyRota
from runtime.deployment import Duty, deployment

log = structlog.get_logger()

MOST_LINES = 40
LONGEST_HOURS = 200


class BadRota(Refusal):
    """A line of the rota is wrong, or somebody else wrote another rota; the sentence says what."""


@dataclass(frozen=True)
class Written:
    """The newest version. `lines` is None where deployment.yml's rota was put back."""

    version: int
    lines: tuple[Duty, ...] | None
    by: str
    at: datetime


def newest(session: Session) -> Written | None:
    """What administrators wrote last; None if nobody ever did."""
    found = session.scalars(select(DutyRota).order_by(DutyRota.id.desc()).limit(1)).first()
    if found is None:
        return None
    lines = None if found.lines is None else tuple(line for line in map(_read, found.lines) if line is not None)
    return Written(found.id, lines, found.by, found.created_at)


def write(session: Session, by: str, given: Sequence[Mapping[str, Any]], seen: int) -> Written:
    """Another rota, in force at once. `seen`: the version that was looked at before, 0 for none.

    Raises:
        BadRota: a line is wrong, or another version came in between.
    """
    return _add(session, by, checked(session, given), seen)


def put_back(session: Session, by: str, seen: int) -> Written:
    """Deployment.yml's rota holds again.

    Raises:
        BadRota: another version came in between.
    """
    return _add(session, by, None, seen)


def checked(session: Session, given: Sequence[Mapping[str, Any]]) -> tuple[Duty, ...]:
    """The lines, if each names people who answer for reports, hours, and what this deployment knows.

    Raises:
        BadRota: otherwise.
    """
    if len(given) > MOST_LINES:
        raise BadRota("a rota has at most %(most)s lines", most=MOST_LINES)
    able = {one.login for one in staff.everybody(session) if one.disabled_at is None and "focal_point" in one.roles}
    return tuple(_checked(number, line, able) for number, line in enumerate(given, 1))


def _checked(number: int, line: Mapping[str, Any], able: set[str]) -> Duty:
    try:
        duty = Duty.model_validate(line)
    except ValidationError as error:
        place = error.errors(include_input=False)[0]["loc"][0]
        if place == "hours":
            raise BadRota(
                "line %(number)s: write hours as Mo-Fr 08:00-16:00; Sa 09:00-12:00, or 24/7", number=number
            ) from None
        if place == "people":
            raise BadRota("line %(number)s: name somebody", number=number) from None
        raise BadRota("line %(number)s: there is no such category", number=number) from None
    if unknown := [login for login in duty.people if login not in able]:
        raise BadRota("line %(number)s: %(login)s is no focal point now", number=number, login=unknown[0])
    if duty.site is not None and duty.site not in deployment().sites:
        raise BadRota("line %(number)s: there is no such site", number=number)
    if len(duty.hours) > LONGEST_HOURS:
        raise BadRota("line %(number)s: that is too long", number=number)
    return duty


def _add(session: Session, by: str, lines: tuple[Duty, ...] | None, seen: int) -> Written:
    staff.hold_all(session)  # one writer at a time
    before = newest(session)
    if (before.version if before is not None else 0) != seen:
        raise BadRota("somebody else changed the rota meanwhile: look at it first, then change it")
    made = DutyRota(by=by, lines=None if lines is None else [line.model_dump() for line in lines])
    session.add(made)
    session.flush()
    audit.record(session, by, "rota_changed", lines=len(lines) if lines is not None else None)
    return Written(made.id, lines, made.by, made.created_at)


def _read(line: Mapping[str, Any]) -> Duty | None:
    """A kept line; one that does not fit any more (a category is gone) is left out: others still call."""
    try:
        return Duty.model_validate(line)
    except ValidationError:
        log.warning("rota_line_unfit", count=1)
        return None
