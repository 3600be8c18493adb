"""How much feedback of a month tells what, where, in which language: a table without anybody's feedback in it.

Who sees no small numbers on the dashboards (console/dashboards/lens.py) gets none here: of whole months, without today.
"""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import String, cast, func, select

from casework.finding import Filters, conditions
from casework.models import Feedback
from console.dashboards.lens import Lens
from console.exports.rows import Cell, every
from store.database import now, reading

HEADER = ("month", "type", "topic", "place", "language", "sample", "feedbacks")
HASHTAGS = (
    "#date+reported",
    "#x_feedback+type+code",
    "#x_feedback+topic+code",
    "#loc+name",
    "#x_language+code",
    "#meta+sample",
    "#indicator+feedbacks+num",
)


def by_month(filters: Filters, first: date, last: date, lens: Lens) -> Iterator[tuple[Cell, ...]]:
    """Rows of the table. A feedback of two types is counted for each of them."""
    for since, until in months(first, last):
        at = replace(filters, since=since, until=until)
        found = _of_words(at) if at.words else _of(at)
        for values, n in sorted(found.items(), key=lambda item: [value or "" for value in item[0]]):
            if (seen := lens.see(n)) is not None:  # a row without its number would tell what few told
                yield (f"{since:%Y-%m}", *values, seen)


def _of(filters: Filters) -> Counter[tuple[str | None, ...]]:
    what = (cast(Feedback.types, String), Feedback.topic, Feedback.place, Feedback.language, Feedback.sample)
    query = select(*what, func.count()).where(*conditions(filters, now())).group_by(*what)
    found: Counter[tuple[str | None, ...]] = Counter()
    with reading() as session:
        for types, topic, place, language, sample, n in session.execute(query):
            for kind in json.loads(types):
                found[kind, topic, place, language, "yes" if sample else "no"] += n
    return found


def _of_words(filters: Filters) -> Counter[tuple[str | None, ...]]:
    """One by one, for the words are encrypted. A code finds its feedback whenever it came: it counts in its month."""
    found: Counter[tuple[str | None, ...]] = Counter()
    for row in every(filters, with_words=False):
        if f"{filters.since}" <= row.created[:10] <= f"{filters.until}":
            for kind in row.types:
                found[kind, row.topic, row.place, row.language, "yes" if row.sample else "no"] += 1
    return found


def seen_days(first: date, last: date, today: date, lens: Lens) -> tuple[date, date]:
    """The days that may be counted together: else a day more or less would tell what a small number hides."""
    if lens.exact:
        return first, last
    following = (last.replace(day=1) + timedelta(days=31)).replace(day=1)
    return first.replace(day=1), min(following, today) - timedelta(days=1)


def months(first: date, last: date) -> Iterator[tuple[date, date]]:
    """First and last day of each month, within these days."""
    while first <= last:
        following = (first.replace(day=1) + timedelta(days=31)).replace(day=1)
        yield first, min(last, following - timedelta(days=1))
        first = following


def first_day() -> date | None:
    """The day of the oldest feedback, a day early where zones differ; None without any."""
    with reading() as session:
        oldest = session.scalar(select(func.min(Feedback.created_at)))
    return oldest.date() - timedelta(days=1) if oldest is not None else None
