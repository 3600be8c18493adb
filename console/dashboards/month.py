"""The report of one month: what a manager reads first, in sentences; then charts and tables."""

from datetime import date, timedelta

from babel.dates import format_skeleton
from sqlalchemy.orm import Session

from casework import figures
from casework.figures import Period
from console import labels, words
from console.dashboards import answers, deliveries, languages, overview
from console.dashboards import topics as topics_tab
from console.dashboards.blocks import Block, bars, duration
from console.dashboards.lens import ENOUGH, Lens, Row, listed, number, percent
from console.dashboards.page import Page
from console.words import gettext, ngettext

OF_MESSAGES = ("unserved", "not-understood", "became", "segments")
"""Of what goes to and fro: messages have no place, so a report of one place is without it."""


def name_of(first: date) -> str:
    """`October 2026`."""
    return format_skeleton("yMMMM", first, locale=words.locale())


def page(session: Session, period: Period, lens: Lens, today: date) -> Page:
    """The report of the days of one month."""
    found = figures.totals(session, period)
    number_of = figures.number(session, period)
    times = figures.answer_times(session, period, today)
    topics = lens.ranked(found["topic"], labels.of_topic)
    places = lens.ranked(found["place"], str) if not period.place else []
    of_tabs = _of_tabs(session, period, lens, today)
    blocks = [
        overview.volume(session, period, lens),
        bars(
            "types",
            gettext("What it is"),
            gettext("Type"),
            lens.fixed(found["type"], labels.TYPES, labels.of_type),
            gettext("One feedback may be of several types."),
        ),
        bars("topics", gettext("Topics"), gettext("Topic"), topics),
        *([] if period.place else [bars("places", gettext("Places"), gettext("Place"), places)]),
        of_tabs["rumours"],
        answers.how_long(times[figures.ALL], number_of, lens),
        answers.marks(found["mark"], lens),
        of_tabs["languages"],
        of_tabs["channels"],
        answers.by_type(times, lens),
    ]
    if not period.place:
        blocks += [of_tabs[name] for name in OF_MESSAGES]
    told = _sentences(session, period, lens, number_of, topics, places, times[figures.ALL])
    mean, given = overview.mean_mark(found["mark"], lens)
    if mean:
        told.append(
            gettext("People said how much it helped: %(mean)s of 5 on average (%(number)s marks).")
            % {"mean": mean, "number": lens.told(given)}
        )
    return Page((), tuple(blocks), tuple(told))


def _of_tabs(session: Session, period: Period, lens: Lens, today: date) -> dict[str, Block]:
    """What the tabs show of these days, by name."""
    tabs = (topics_tab.page, languages.page, deliveries.page)
    return {block.name: block for tab in tabs for block in tab(session, period, lens, today, False).blocks}


def _sentences(
    session: Session,
    period: Period,
    lens: Lens,
    taken: int,
    topics: list[Row],
    places: list[Row],
    times: figures.Times,
) -> list[str]:
    seen = lens.see(taken)
    if seen is None:
        return [gettext("There were fewer than 5 feedbacks.")]
    text = ngettext("%(num)s feedback came in.", "%(num)s feedbacks came in.", seen)
    told = [text % {"num": number(seen)}, *_compared(session, period, lens, seen)]
    named = _three(topics)
    if named:
        told.append(gettext("Most was told about: %(topics)s.") % {"topics": listed(named)})
    named = _three(places)
    if named:
        told.append(gettext("Most came from: %(places)s.") % {"places": listed(named)})
    share = lens.share(times.in_time, times.in_time + times.late)
    if share:
        told.append(gettext("%(share)s were answered in the time promised.") % {"share": share})
    if times.late and lens.see(times.late) is not None:
        told.append(gettext("%(number)s were answered late or are overdue.") % {"number": lens.told(times.late)})
    if times.answered and (lens.exact or times.answered >= ENOUGH):
        half, nine = (duration(times.share(part), lens.exact) for part in (0.5, 0.9))
        told.append(
            gettext("Half were answered within %(half)s, nine of ten within %(nine)s.") % {"half": half, "nine": nine}
        )
    return [*told, *_risen(session, period, lens)]


def _three(rows: list[Row]) -> list[str]:
    """The first three with their numbers; in one piece also where a name is of another script than the sentence."""
    begin, end = ("\u2068", "\u2069") if words.is_right_to_left() else ("", "")
    return [f"{begin}{row.label}{end} ({number(row.n)})" for row in rows if row.value and row.n][:3]


def _compared(session: Session, period: Period, lens: Lens, seen: int) -> list[str]:
    """More or less than in the month before; of a month that is not over, than in as many days of it."""
    first = (period.since - timedelta(days=1)).replace(day=1)
    last = min(first + timedelta(days=period.days - 1), period.since - timedelta(days=1))
    if period.until == (period.since + timedelta(days=31)).replace(day=1) - timedelta(days=1):
        last = period.since - timedelta(days=1)
    before = lens.see(figures.number(session, Period(first, last, period.place)))
    if not before:
        return []
    values = {"share": percent(abs(seen - before) / before), "number": number(before)}
    if seen == before:
        return [gettext("That is as many as in the month before.")]
    if seen > before:
        return [gettext("That is %(share)s more than in the month before (%(number)s).") % values]
    return [gettext("That is %(share)s less than in the month before (%(number)s).") % values]


def _risen(session: Session, period: Period, lens: Lens) -> list[str]:
    """What rose in the second half of the days against the first."""
    half = period.days // 2
    if half < 2:
        return []
    late = Period(period.until - timedelta(days=half - 1), period.until, period.place)
    rows = [
        row for row in figures.rising(session, "topic", late) if (lens.see(row.now) or 0) > (lens.see(row.before) or 0)
    ]
    if not rows:
        return []
    named = listed([labels.of_topic(row.value) for row in rows[:3]])
    return [gettext("In its second half more was told about: %(topics)s.") % {"topics": named}]
