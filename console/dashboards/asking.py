"""Which days and which place somebody asks for, read from the address; what is odd in it counts as not asked."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from casework.figures import Period
from console.words import gettext, mark

CHOICES = {
    "7": mark("Last 7 days"),
    "30": mark("Last 30 days"),
    "90": mark("Last 90 days"),
    "this": mark("This month"),
    "last": mark("Last month"),
    "own": mark("From … to …"),
}
USUAL = "30"
EARLIEST = date(2000, 1, 1)
_MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")


@dataclass(frozen=True)
class Asked:
    """What is looked at, and how it was chosen."""

    choice: str
    period: Period
    is_odd: bool = False
    """Something in the address makes no sense, or is not for this reader."""

    @property
    def query(self) -> dict[str, str]:
        """The same as parameters of an address."""
        own = self.choice == "own"
        days = {"since": self.period.since.isoformat(), "until": self.period.until.isoformat()} if own else {}
        place = {"place": self.period.place} if self.period.place else {}
        return {**({"period": self.choice} if self.choice != USUAL else {}), **days, **place}


def read(asked: Mapping[str, str], places: list[str], last: date, exact: bool) -> Asked:
    """What an address asks for. `last`: the newest day that may be looked at. Only who sees all may choose days."""
    choice = asked.get("period", USUAL)
    since, until = _day(asked.get("since"), last), _day(asked.get("until"), last)
    days = (asked.get("since"), since), (asked.get("until"), until)
    is_odd = any(text and day is None for text, day in days) or choice not in dict(choices(exact))
    if choice not in CHOICES or (choice == "own" and not (exact and (since or until))):
        choice = USUAL
    place = asked.get("place", "")
    period = Period(*_days(choice, since, until, last), place if place in places else "")
    return Asked(choice, period, is_odd or place not in ("", *places))


def choices(exact: bool) -> list[tuple[str, str]]:
    """The periods that can be chosen."""
    return [(name, gettext(text)) for name, text in CHOICES.items() if exact or name != "own"]


def month(text: str, last: date) -> Period | None:
    """The days of `2026-10`, up to the newest that may be looked at; None for what is no month, or not yet."""
    found = _MONTH.fullmatch(text)
    if found is None:
        return None
    first = date(int(found[1]), int(found[2]), 1)
    return Period(first, min(_end(first), last)) if first <= last else None


def months(first: date, last: date) -> list[date]:
    """The first days of the months from the one to the other, the newest first."""
    found, day = [], last.replace(day=1)
    while day >= first.replace(day=1):
        found.append(day)
        day = (day - timedelta(days=1)).replace(day=1)
    return found


def is_whole(period: Period) -> bool:
    """True for a month that is over."""
    return period.until == _end(period.since)


def _days(choice: str, since: date | None, until: date | None, last: date) -> tuple[date, date]:
    this = last.replace(day=1)
    if choice == "this":
        return this, last
    if choice == "last":
        return (this - timedelta(days=1)).replace(day=1), this - timedelta(days=1)
    if choice == "own":
        end = until or last
        begin = since or end
        return min(begin, end), max(begin, end)
    return last - timedelta(days=int(choice) - 1), last


def _day(text: str | None, last: date) -> date | None:
    try:
        found = date.fromisoformat(text or "")
    except ValueError:
        return None
    return min(found, last) if found >= EARLIEST else None


def _end(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
