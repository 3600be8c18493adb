"""Who is on duty at each half-hour of a time to come, and when nobody is. Only people with an address count."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from opening_hours import OpeningHours
from sqlalchemy.orm import Session

from casework import routing, staff
from casework.report_models import Staff
from runtime import taxonomy
from runtime.deployment import Duty, deployment
from store.database import now

STEP = timedelta(minutes=30)
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Slot:
    """Half an hour from `at` on. `local`: what clocks of the deployment's time zone show. `on`: category to those on
    duty, in the order of calling; a shift of one site covers nobody elsewhere and does not count."""

    at: datetime
    local: datetime
    on: Mapping[str, tuple[Staff, ...]]


@dataclass(frozen=True)
class Gap:
    """Times between which nobody is on duty."""

    start: datetime
    end: datetime


def slots(
    session: Session, start: datetime | None = None, lasts: timedelta = WEEK, duty: Sequence[Duty] | None = None
) -> list[Slot]:
    """The half-hours from the full hour of `start` on. `duty`: another rota than the one in force.

    They are half-hours of real time: where clocks are put forward an hour of the day is not there, where they are put
    back it is there twice.
    """
    zone = ZoneInfo(deployment().time_zone)
    begin = (start or now()).astimezone(zone).replace(minute=0, second=0, microsecond=0)
    at, shifts = begin.astimezone(now().tzinfo), routing.duty(session) if duty is None else duty
    hours = {shift.hours: OpeningHours(shift.hours) for shift in shifts}
    able = [
        person
        for person in staff.everybody(session)
        if person.disabled_at is None and "focal_point" in person.roles and routing.reachable_by(person)
    ]
    found = []
    for number in range(int(lasts / STEP)):
        moment = at + number * STEP
        local = moment.astimezone(zone).replace(tzinfo=None)
        there = [person for person in able if not staff.is_away(person, local.date())]
        open_now = [shift for shift in shifts if hours[shift.hours].is_open(local)]
        on = {name: _on_duty(name, there, open_now, bool(shifts)) for name in taxonomy.sensitive_categories()}
        found.append(Slot(moment, local, on))
    return found


def uncovered(session: Session, start: datetime | None = None) -> dict[str, list[datetime]]:
    """Category to the local half-hours of the coming week in which nobody with an address is on duty; empty: all is
    well."""
    gaps: dict[str, list[datetime]] = {}
    for slot in slots(session, start):
        for category, people in slot.on.items():
            if not people:
                gaps.setdefault(category, []).append(slot.local)
    return gaps


def gaps(of: Iterable[Slot], category: str) -> list[Gap]:
    """Uncovered half-hours that follow each other, put together."""
    found: list[Gap] = []
    for slot in of:
        if slot.on[category]:
            continue
        end = slot.at + STEP
        if found and found[-1].end == slot.at:
            found[-1] = Gap(found[-1].start, end)
        else:
            found.append(Gap(slot.at, end))
    return found


def _on_duty(category: str, there: Sequence[Staff], shifts: Sequence[Duty], has_rota: bool) -> tuple[Staff, ...]:
    able = {person.login: person for person in there if category in person.categories}
    if not has_rota:
        return tuple(able.values())
    named = (login for shift in shifts if routing.is_for(shift, (category,), None) for login in shift.people)
    return tuple(able[login] for login in dict.fromkeys(named) if login in able)
