"""The pages of figures: tabs, the months, one month. What they show is made once for all who see the same."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from babel.dates import format_skeleton
from flask import abort, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy.orm import Session

from casework import figure_counting, figures
from casework.figures import Period
from console import access, words
from console.blueprint import blueprint
from console.dashboards import answers, asking, deliveries, drawing, kept, languages, month, overview, topics
from console.dashboards.lens import SMALL, Lens
from console.dashboards.page import Page
from console.words import gettext, mark
from runtime.deployment import deployment
from store.database import now, reading

Make = Callable[[Session, Period, Lens, date, bool], Page]
TABS: dict[str, tuple[str, Make]] = {
    "figures": (mark("Overview"), overview.page),
    "figures_answers": (mark("Answers"), answers.page),
    "figures_topics": (mark("Topics and places"), topics.page),
    "figures_languages": (mark("Languages"), languages.page),
    "figures_deliveries": (mark("Deliveries"), deliveries.page),
}
WITHOUT_PLACE = frozenset({"figures_deliveries"})
"""Tabs about messages, which have no place."""


@dataclass(frozen=True)
class _Reader:
    """Who looks: how they see numbers, whether cases are for them, the newest day they see, when it was counted."""

    lens: Lens
    codes: bool
    today: date
    last: date
    counted_at: datetime | None


@blueprint.get("/figures", endpoint="figures")
def overview_() -> ResponseReturnValue:
    """How much, of what kind, what rises."""
    return _tab("figures")


@blueprint.get("/figures/answers")
def figures_answers() -> ResponseReturnValue:
    """How soon people are answered, and how much it helped."""
    return _tab("figures_answers")


@blueprint.get("/figures/topics")
def figures_topics() -> ResponseReturnValue:
    """What people tell of, and where."""
    return _tab("figures_topics")


@blueprint.get("/figures/languages")
def figures_languages() -> ResponseReturnValue:
    """Languages, channels, what was not understood."""
    return _tab("figures_languages")


@blueprint.get("/figures/deliveries")
def figures_deliveries() -> ResponseReturnValue:
    """What became of answers, and their cost."""
    return _tab("figures_deliveries")


@blueprint.get("/figures/months")
def months() -> ResponseReturnValue:
    """The months of which there is a report."""
    with reading() as session:
        reader = _reader(session)
        first = figures.first_day(session)
    found = asking.months(first, reader.last) if first is not None and first <= reader.last else []
    named = [(f"{one:%Y-%m}", month.name_of(one)) for one in found]
    return render_template("console/dashboards/months.html", months=named, tabs=_links({}))


@blueprint.get("/figures/month/<month>", endpoint="month")
def month_(month: str) -> ResponseReturnValue:
    """One month, of all places or of one, to be printed."""
    with reading() as session:
        reader = _reader(session)
        places = _places(session, reader)
    period = asking.month(month, reader.last)
    if period is None:
        abort(404)
    place = request.args.get("place", "")
    if place in places:
        period = replace(period, place=place)
    body = _body(reader, ("month", period), _report, period, is_open=True)
    page = render_template(
        "console/dashboards/month.html",
        body=body,
        name=_month_name(period),
        days=_days(period),
        place=period.place,
        sites=places,
        is_over=asking.is_whole(period),
        organisation=deployment().organisation,
        **_about(reader),
    )
    return page, 400 if place not in ("", *places) else 200


def _tab(tab: str) -> ResponseReturnValue:
    words_, make = TABS[tab]
    with reading() as session:
        reader = _reader(session)
        places = _places(session, reader)
        asked = asking.read(request.args, places, reader.last, reader.lens.exact)
        if tab in WITHOUT_PLACE:
            places = []
    body = _body(reader, (tab, asked.period), make, asked.period)
    page = render_template(
        "console/dashboards/tab.html",
        body=body,
        title=gettext(words_),
        here=tab,
        tabs=_links(asked.query),
        looked=asked,
        choices=asking.choices(reader.lens.exact),
        sites=places,
        last=reader.last,
        days=_days(asked.period),
        **_about(reader),
    )
    return page, 400 if asked.is_odd else 200


def _places(session: Session, reader: _Reader) -> list[str]:
    """What can be chosen: places of which this reader sees anything."""
    fewest = 1 if reader.lens.exact else SMALL
    return kept.once(
        ("places", reader.last, fewest, reader.counted_at),
        lambda: (figures.places(session, reader.last, fewest), True),
    )


def _about(reader: _Reader) -> dict[str, object]:
    return {
        "exact": reader.lens.exact,
        "counted_at": reader.counted_at,
    }


def _reader(session: Session) -> _Reader:
    roles = g.who.person.roles
    today = figure_counting.day_of(now())
    lens = Lens.of(roles)
    last = today if lens.exact else today - timedelta(days=1)
    return _Reader(lens, bool(access.ENGAGEMENT & set(roles)), today, last, figures.counted_at(session))


def _report(session: Session, period: Period, lens: Lens, today: date, _codes: bool) -> Page:
    return month.page(session, period, lens, today)


def _days(period: Period) -> str:
    return " – ".join(format_skeleton("yMMMd", day, locale=words.locale()) for day in (period.since, period.until))


def _month_name(period: Period) -> str:
    return month.name_of(period.since)


def _body(reader: _Reader, what: tuple[object, ...], make: Make, period: Period, is_open: bool = False) -> Markup:
    """The numbers and charts as HTML, the same for all who see the same; made anew when it was counted anew."""

    def made() -> tuple[str, bool]:
        with reading() as session:
            page = make(session, period, reader.lens, reader.today, reader.codes)
        pictures = [drawing.picture(block.sketch) if block.sketch is not None else None for block in page.blocks]
        html = render_template(
            "console/dashboards/_body.html", page=page, pictures=pictures, is_open=is_open, exact=reader.lens.exact
        )
        is_whole = all(
            picture is not None or block.sketch is None for picture, block in zip(pictures, page.blocks, strict=True)
        )
        return html, is_whole

    name = (*what, reader.lens, reader.codes, reader.today, reader.counted_at, words.language())
    return Markup(kept.once(name, made))  # noqa: S704 - a template made it, and escaped what is in it


def _links(query: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(tab, gettext(text), url_for(f"console.{tab}", **query)) for tab, (text, _) in TABS.items()]
