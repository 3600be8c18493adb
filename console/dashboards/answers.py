"""How soon people were answered, and how much it helped them."""

from collections import Counter
from datetime import date, timedelta

from sqlalchemy.orm import Session

from casework import figures
from casework.figures import Period, Times
from console import labels
from console.dashboards.blocks import Block, bars, duration
from console.dashboards.lens import ENOUGH, Lens, Row, number
from console.dashboards.overview import MARKS, of_marks, of_times
from console.dashboards.page import Page
from console.words import gettext, mark, ngettext

WITHIN = (1, 3, 7, 14, 30)
"""Days."""
WORDS_OF_MARKS = {
    "5": mark("5, helped very much"),
    "4": mark("4"),
    "3": mark("3"),
    "2": mark("2"),
    "1": mark("1, did not help at all"),
}


def page(session: Session, period: Period, lens: Lens, today: date, codes: bool) -> Page:
    """The tab."""
    found = figures.totals(session, period)
    times = figures.answer_times(session, period, today)
    of_all = times[figures.ALL]
    return Page(
        (*of_times(of_all, lens), of_marks(found["mark"], lens)),
        (how_long(of_all, figures.number(session, period), lens), marks(found["mark"], lens), by_type(times, lens)),
    )


def how_long(times: Times, taken: int, lens: Lens) -> Block:
    """How many were answered within a day, three days …"""
    rows, before = [], 0
    for days in WITHIN:
        within = times.within(timedelta(days=days))
        words = ngettext("Within %(num)s day", "Within %(num)s days", days) % {"num": number(days)}
        rows.append(Row(words, lens.see(within - before), str(days)))
        before = within
    rows.append(Row(gettext("Later"), lens.see(times.answered - before), "later"))
    rows.append(Row(gettext("Not answered yet"), lens.see(max(taken - times.answered, 0)), "open"))
    return bars(
        "how-long",
        gettext("How long people waited for an answer"),
        gettext("Answered"),
        rows,
        gettext("Each feedback is counted once, in the first row that it fits."),
    )


def by_type(times: dict[str, Times], lens: Lens) -> Block:
    """The same for each type."""
    rows = []
    for kind in labels.TYPES:
        of_kind = times.get(kind, Times(0, 0, 0, Counter()))
        told = lens.exact or of_kind.answered >= ENOUGH
        rows.append(
            (
                labels.of_type(kind),
                lens.told(of_kind.answered),
                lens.share(of_kind.in_time, of_kind.in_time + of_kind.late) or "–",
                duration(of_kind.share(0.5), lens.exact) if told else "–",
                duration(of_kind.share(0.9), lens.exact) if told else "–",
            )
        )
    heads = (
        gettext("Type"),
        gettext("Answered"),
        gettext("In time"),
        gettext("Half within"),
        gettext("Nine of ten within"),
    )
    return Block("times-by-type", gettext("Answers by type"), heads, tuple(rows))


def marks(given: Counter[str], lens: Lens) -> Block:
    """How often each mark was given."""
    rows = lens.fixed(given, MARKS, lambda value: gettext(WORDS_OF_MARKS[value]))
    return bars("marks", gettext("How much it helped, as people said"), gettext("Mark"), rows)
