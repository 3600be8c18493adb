"""Who works with the service, for administrators: who can be told, which hours nobody covers. Nothing of reports."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask import g, render_template
from flask.typing import ResponseReturnValue

from casework import audit, routing, staff, watching
from casework.report_models import Staff
from console.blueprint import blueprint
from runtime.deployment import deployment
from store.database import now, reading

HALF_HOUR = timedelta(minutes=30)
MOST_GAPS = 5
"""Stretches of uncovered hours that are shown of a category."""


@dataclass(frozen=True)
class Row:
    """One person in the list."""

    person: Staff
    address: str
    is_away: bool
    is_unreachable: bool


@dataclass(frozen=True)
class Gap:
    """Local times between which nobody is on duty."""

    start: datetime
    end: datetime


@blueprint.get("/people")
def people() -> ResponseReturnValue:
    """Everybody, and the gaps of the coming week."""
    with reading() as session:
        unreachable = {person.id for person in watching.unreachable(session)}
        today = now().astimezone(ZoneInfo(deployment().time_zone)).date()
        rows = [
            Row(person, _address(person), staff.is_away(person, today), person.id in unreachable)
            for person in staff.everybody(session)
        ]
        gaps = {category: stretches(times) for category, times in routing.uncovered(session).items()}
    audit.note(g.who.person.login, "people_viewed")
    return render_template("console/administration/people.html", rows=rows, gaps=gaps, most=MOST_GAPS)


def stretches(half_hours: Sequence[datetime]) -> list[Gap]:
    """Half-hours that follow each other, put together."""
    found: list[Gap] = []
    for at in half_hours:
        if found and found[-1].end == at:
            found[-1] = Gap(found[-1].start, at + HALF_HOUR)
        else:
            found.append(Gap(at, at + HALF_HOUR))
    return found


def _address(person: Staff) -> str:
    """Enough to recognise it, not enough to use it."""
    if person.channel == "email":
        return f"…@{(person.email or '').partition('@')[2]}" if person.email else "none"
    return f"… {person.phone[-2:]}" if person.phone else "none"
