"""How much came in, of what kind, and what rises this week."""

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta

from sqlalchemy.orm import Session

from casework import figures, states
from casework.figures import Period, Times
from console import labels
from console.dashboards.blocks import Block, bars, columns, duration, name_of_span, spans
from console.dashboards.lens import ENOUGH, SMALL, Lens, number
from console.dashboards.page import Page, Tile
from console.words import gettext

MARKS = ("5", "4", "3", "2", "1")
MANY = 10
"""Rows of what rises."""


def page(session: Session, period: Period, lens: Lens, today: date, codes: bool) -> Page:
    """The tab. `codes`: the reader may open cases."""
    found = figures.totals(session, period)
    before = figures.number(session, period.before())
    times = figures.answer_times(session, period, today)[figures.ALL]
    number_of = figures.number(session, period)
    open_ = sum(n for state, n in found["state"].items() if state in states.OPEN)
    tiles = (
        Tile(
            gettext("Feedback"),
            lens.told(number_of),
            gettext("%(number)s in as many days before") % {"number": lens.told(before)},
        ),
        Tile(gettext("Of it still open"), lens.told(open_)),
        *of_times(times, lens),
        of_marks(found["mark"], lens),
    )
    blocks = (
        volume(session, period, lens),
        bars(
            "types",
            gettext("What it is"),
            gettext("Type"),
            lens.fixed(found["type"], labels.TYPES, labels.of_type),
            gettext("One feedback may be of several types."),
        ),
    )
    return Page(tiles, (*blocks, *risen(session, period, lens, today, codes)))


def volume(session: Session, period: Period, lens: Lens) -> Block:
    """Feedback by day, week or month."""
    by_day = figures.by_day(session, period)
    named = []
    for span in spans(period.since, period.until):
        total = sum(by_day[span[0] + timedelta(n)] for n in range((span[1] - span[0]).days + 1))
        named.append((*name_of_span(span, period.days), lens.see(total)))
    title = gettext("Feedback by day")
    if period.days > 31:
        title = gettext("Feedback by week") if period.days <= 26 * 7 else gettext("Feedback by month")
    return columns("volume", title, gettext("When"), named)


def of_times(times: Times, lens: Lens) -> tuple[Tile, Tile]:
    """How soon people were answered, in two numbers."""
    told = lens.exact or times.answered >= ENOUGH
    median = duration(times.share(0.5), lens.exact) if told else "–"
    nine = duration(times.share(0.9), lens.exact) if told else "–"
    return (
        Tile(
            gettext("Answered in the time promised"),
            lens.share(times.in_time, times.in_time + times.late) or "–",
            gettext("of those that were answered or are overdue"),
        ),
        Tile(
            gettext("Half are answered within"),
            median,
            gettext("nine of ten within %(time)s") % {"time": nine} if nine != "–" else "",
        ),
    )


def of_marks(marks: Counter[str], lens: Lens) -> Tile:
    """The mean of the marks."""
    mean, given = mean_mark(marks, lens)
    told = gettext("of 5; %(number)s marks") % {"number": lens.told(given)} if mean else ""
    return Tile(gettext("How much it helped"), mean or "–", told)


def mean_mark(marks: Counter[str], lens: Lens) -> tuple[str, int]:
    """The mean of the marks that may be seen, and how many were given; empty where too few."""
    seen = {int(mark): lens.see(n) or 0 for mark, n in marks.items()}
    total = sum(seen.values())
    if total < (1 if lens.exact else 2 * SMALL):
        return "", marks.total()
    return number(round(sum(mark * n for mark, n in seen.items()) / total, 1)), marks.total()


def risen(session: Session, period: Period, lens: Lens, today: date, codes: bool) -> tuple[Block, ...]:
    """Topics, places and groups that are told more in the last seven days than in the seven before."""
    last = today if lens.exact else today - timedelta(days=1)
    week = Period(last - timedelta(days=6), last, period.place)
    heads = (gettext("Last 7 days"), gettext("7 days before"))
    made = []
    kinds: list[tuple[str, str, str, Callable[[str], str]]] = [
        ("topic", gettext("Topics that rise"), gettext("Topic"), labels.of_topic)
    ]
    if not period.place:
        kinds.append(("place", gettext("Places that rise"), gettext("Place"), str))
    for name, title, head, name_of in kinds:
        rows = [
            (name_of(row.value), lens.told(row.now), lens.told(row.before))
            for row in figures.rising(session, name, week)
            if (lens.see(row.now) or 0) > (lens.see(row.before) or 0)
        ]
        made.append(Block(f"rising-{name}", title, (head, *heads), tuple(rows[:MANY])))
    if codes:
        groups = figures.rising_groups(session, week)
        rows = [(labels.of_topic(one.topic), lens.told(one.now), lens.told(one.before)) for one in groups]
        made.append(
            Block(
                "rising-groups",
                gettext("What several tell, and more than before"),
                (gettext("Topic"), *heads),
                tuple(rows),
                note=gettext("Each row is a group of feedback that tells the same; the code opens its first."),
                codes=tuple(one.reference for one in groups),
            )
        )
    return tuple(made)
