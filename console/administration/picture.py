"""The coming week hour by hour, as a table that is a picture: how many are on duty, and where nobody is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date
from sqlalchemy.orm import Session

from casework import coverage
from casework.coverage import STEP, Gap, Slot
from casework.report_models import Staff
from console import words
from runtime import taxonomy
from runtime.deployment import Duty, deployment
from store.database import now

DAYS = 8
"""Today and the same day of the coming week."""


@dataclass(frozen=True)
class Cell:
    """An hour of a day. `people`: the fewest of its half-hours; None for an hour that this day does not have, where
    clocks are put forward. `is_part`: somebody is there in a part of it only."""

    people: int | None
    is_part: bool
    is_over: bool

    @property
    def look(self) -> str:
        """Its class: what it looks like."""
        if self.people is None:
            return "none"
        if self.is_over:
            return "over"
        if self.people == 0:
            return "part" if self.is_part else "gap"
        return "one" if self.people == 1 else "more"


@dataclass(frozen=True)
class Row:
    """A day with its 24 hours."""

    day: date
    name: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Grid:
    """Categories that the same people cover. `now`: who is on duty; `next`: who after them, and from when, None where
    that does not change for a week."""

    categories: tuple[str, ...]
    rows: tuple[Row, ...]
    gaps: tuple[Gap, ...]
    now: tuple[Staff, ...]
    next: tuple[Staff, ...]
    next_at: datetime | None


def grids(session: Session, duty: Sequence[Duty] | None = None) -> list[Grid]:
    """A picture of each group of categories. `duty`: of another rota than the one in force."""
    at, zone = now(), ZoneInfo(deployment().time_zone)
    today = at.astimezone(zone).date()
    begin, end = (datetime.combine(day, time(), zone) for day in (today, today + timedelta(days=DAYS)))
    lasts = end.astimezone(at.tzinfo) - begin.astimezone(at.tzinfo)
    slots = coverage.slots(session, begin, lasts, duty)
    groups: dict[tuple[tuple[int, ...], ...], list[str]] = {}
    for category in taxonomy.sensitive_categories():
        known = tuple(tuple(person.id for person in slot.on[category]) for slot in slots)
        groups.setdefault(known, []).append(category)
    return [_grid(tuple(names), slots, at) for names in groups.values()]


def _grid(categories: tuple[str, ...], slots: Sequence[Slot], at: datetime) -> Grid:
    category = categories[0]
    to_come = [slot for slot in slots if slot.at + STEP > at]
    present = to_come[0].on[category]
    after = next((slot for slot in to_come if slot.on[category] != present), None)
    return Grid(
        categories,
        tuple(_rows(category, slots, at)),
        tuple(coverage.gaps(to_come, category)),
        present,
        after.on[category] if after is not None else (),
        after.at if after is not None else None,
    )


def _rows(category: str, slots: Sequence[Slot], at: datetime) -> list[Row]:
    days: dict[date, dict[int, list[Slot]]] = {}
    for slot in slots:
        days.setdefault(slot.local.date(), {}).setdefault(slot.local.hour, []).append(slot)
    return [
        Row(
            day,
            format_date(day, "EEE d MMM", locale=words.locale()),
            tuple(_cell(category, hours, number, at) for number in range(24)),
        )
        for day, hours in days.items()
    ]


def _cell(category: str, hours: Mapping[int, Sequence[Slot]], number: int, at: datetime) -> Cell:
    of_hour = hours.get(number, ())
    if not of_hour:
        return Cell(None, False, False)
    counts = [len(slot.on[category]) for slot in of_hour]
    is_over = all(slot.at + STEP <= at for slot in of_hour)
    return Cell(min(counts), min(counts) == 0 < max(counts), is_over)
