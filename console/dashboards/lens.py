"""Who sees which numbers. Those who answer feedback, and administrators, see all; viewers no small ones.

Where few told something, a number can point at somebody. So a viewer gets no count under 5, and every other one, totals
too, to the nearest 5, and days only once they are over, in periods that are given: whatever is taken from whatever, no
small number comes out of it, but where small ones alone make up a total. Shares and means are made from those numbers,
never from the exact ones.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from babel.lists import format_list
from babel.numbers import format_decimal, format_percent

from console import words
from console.words import gettext

SMALL = 5
ENOUGH = 20
"""So many a viewer's median is made of at least."""
SEES_ALL = frozenset({"engagement", "administrator"})


@dataclass(frozen=True)
class Lens:
    """How a reader sees numbers."""

    exact: bool

    @classmethod
    def of(cls, roles: Iterable[str]) -> "Lens":
        """That of somebody with these roles."""
        return cls(bool(SEES_ALL & set(roles)))

    def see(self, n: int) -> int | None:
        """The number as it may be seen; None: too small for that."""
        if self.exact:
            return n
        return SMALL * ((2 * n + SMALL) // (2 * SMALL)) if n >= SMALL else None

    def told(self, n: int) -> str:
        """The number as text."""
        return shown(self.see(n))

    def share(self, part: int, whole: int) -> str:
        """Part of the whole, as `85 %`; empty where it may not be told, or of nothing."""
        seen, of = self.see(part), self.see(whole)
        return percent(min(seen / of, 1)) if of and seen is not None else ""

    def ranked(self, counts: Counter[str], name_of: Callable[[str], str]) -> list["Row"]:
        """Those told most first, the unknown at the end; for a viewer all that are too small are one row."""
        seen = [(value, self.see(n)) for value, n in counts.items() if n]
        rows = [Row(name_of(value) if value else gettext("not known"), n, value) for value, n in seen if n is not None]
        rows.sort(key=lambda row: (row.value == "", -(row.n or 0), row.label))
        if len(rows) < len(seen):
            rows.append(Row(gettext("Others, each told fewer than 5 times"), None))
        return rows

    def fixed(self, counts: Counter[str], values: Iterable[str], name_of: Callable[[str], str]) -> list["Row"]:
        """Each of the values, in this order, whether it was told or not."""
        return [Row(name_of(value), self.see(counts[value]), value) for value in values]


@dataclass(frozen=True)
class Row:
    """A value and how often; None: too few to be shown."""

    label: str
    n: int | None
    value: str = ""


def shown(n: int | None) -> str:
    """A number as the reader's language writes it."""
    return gettext("<5") if n is None else number(n)


def number(n: float) -> str:
    """`1,204`."""
    return format_decimal(n, locale=words.locale())


def percent(part: float) -> str:
    """`85%`."""
    return format_percent(round(part, 2), locale=words.locale())


def listed(items: list[str]) -> str:
    """`food, health and water`."""
    return format_list(items, locale=words.locale())
