"""What a page of figures is made of: titles with a table each, and a chart of the same numbers where one helps."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import log10

from babel.dates import format_skeleton
from babel.units import format_unit

from console import words
from console.dashboards.drawing import Sketch
from console.dashboards.lens import Row, number, shown
from console.words import gettext

MOST = 12
"""Bars of one chart; the table has all."""
LONGEST = 46
"""Letters above a bar."""


@dataclass(frozen=True)
class Block:
    """A title with its table: words of the columns, rows of texts, the first of which names the row.

    `told`: what the chart shows, for who does not see it. `codes`: of rows that lead to a case, its code.
    """

    name: str
    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    sketch: Sketch | None = None
    told: str = ""
    note: str = ""
    codes: tuple[str | None, ...] = ()


def bars(name: str, title: str, of_what: str, rows: Sequence[Row], note: str = "") -> Block:
    """Values with how often each was told. `of_what`: the head of the first column."""
    drawn = [row for row in rows if row.n is not None or row.value][:MOST]
    sketch = None
    if any(row.n for row in drawn):
        sketch = Sketch(
            "bars",
            tuple(row.n for row in drawn),
            labels=tuple(_cut(row.label) for row in drawn),
            shown=tuple(shown(row.n) for row in drawn),
            rtl=words.is_right_to_left(),
        )
    table = tuple((row.label, shown(row.n)) for row in rows)
    return Block(name, title, (of_what, gettext("Number")), table, sketch, _most(rows), note)


def columns(name: str, title: str, of_what: str, spans: Sequence[tuple[str, str, int | None]], note: str = "") -> Block:
    """Numbers over time. `spans`: the whole name of each, a short one for under the chart, and the number."""
    values = tuple(n for _, _, n in spans)
    most, sketch = max((n for n in values if n), default=0), None
    if most:
        every = -(-len(spans) // 5)
        ticks = tuple((i, short) for i, (_, short, _) in enumerate(spans) if i % every == 0)
        sketch = Sketch("columns", values, ticks=ticks, steps=_steps(most), rtl=words.is_right_to_left())
    rows = tuple((long, shown(n)) for long, _, n in spans)
    told = _most([Row(long, n) for long, _, n in spans])
    return Block(name, title, (of_what, gettext("Number")), rows, sketch, told, note)


def spans(since: date, until: date) -> list[tuple[date, date]]:
    """The days of a period, or its weeks or months if those would be too many; cut at both ends."""
    days = (until - since).days + 1
    if days <= 31:
        return [(since + timedelta(n), since + timedelta(n)) for n in range(days)]
    found: list[tuple[date, date]] = []
    while since <= until:
        if days <= 26 * 7:
            end = since + timedelta(days=6 - since.weekday())
        else:
            end = (since.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        found.append((since, min(end, until)))
        since = end + timedelta(days=1)
    return found


def name_of_span(span: tuple[date, date], days: int) -> tuple[str, str]:
    """How a span is called, in full and short: `12 Oct 2026`, `12 Oct`; of weeks the first day, of months the month."""
    locale, first = words.locale(), span[0]
    if days > 26 * 7:
        return format_skeleton("yMMMM", first, locale=locale), format_skeleton("yMMM", first, locale=locale)
    short = format_skeleton("MMMd", first, locale=locale)
    if span[0] == span[1] and days <= 31:
        return format_skeleton("yMMMd", first, locale=locale), short
    last = format_skeleton("MMMd", span[1], locale=locale)
    return gettext("%(first)s to %(last)s") % {"first": short, "last": last}, short


def duration(took: timedelta | None, exact: bool = True) -> str:
    """`3.5 days`, `5 hours`; whole ones for who does not see all; `–` for nothing."""
    if took is None:
        return "–"
    minutes = took.total_seconds() / 60
    for unit, length, least in (("day", 1440, 2 * 1440), ("hour", 60, 60), ("minute", 1, 0)):
        if minutes >= least:
            value = round(minutes / length, 1 if exact and unit == "day" else 0)
            return _with_unit(int(value) if value == int(value) else value, f"duration-{unit}")
    return "–"


def _with_unit(value: float, unit: str) -> str:
    told = format_unit(value, unit, locale=words.locale())
    # Babel 2.18 lacks the long form of Arabic days and gives the unit's own name; the short form has the same words
    return format_unit(value, unit, length="short", locale=words.locale()) if unit in told else told


def _steps(most: int) -> tuple[tuple[int, str], ...]:
    """Nought, a half and the whole of a round number that is not less."""
    unit = 10 ** int(log10(most))
    tops: Iterable[int] = (unit * part // 10 for part in (10, 12, 16, 20, 30, 40, 50, 60, 80, 100))
    top = next(top for top in tops if top >= most)
    top += top % 2
    return tuple((step, number(step)) for step in (0, top // 2, top))


def _most(rows: Sequence[Row]) -> str:
    known = [row for row in rows if row.n]
    if not known:
        return gettext("There is nothing to show.")
    most = max(known, key=lambda row: row.n or 0)
    return gettext("The most: %(label)s, %(number)s. All numbers are in the table.") % {
        "label": most.label,
        "number": shown(most.n),
    }


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
