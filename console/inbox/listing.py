"""The inbox' list: what waits, narrowed by filters, a page at a time; and what came since it was shown."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from flask import g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from casework import answering, audit, desk_step, finding, states, views
from casework.models import FeedbackEvent
from console import asked, labels, words
from console.blueprint import blueprint
from console.inbox import among, choices, narrowing, rows
from console.inbox.narrowing import CHIPS, Asked
from console.words import gettext, mark, ngettext
from runtime import taxonomy
from runtime.redis import redis
from store.database import reading
from store.encryption import keyring

PAGE = 50
COUNTED, COUNTED_OF_A_SEARCH, COUNTED_OF_A_VIEW = 1000, 200, 99
"""More are shown as `1000+`. Of a search fewer: long words are opened to be counted."""
NEWEST = 500
"""Of what happened since a list was shown so much is looked at."""
NOTED_EVERY = 3600
"""Seconds in which the same list of the same person is written down once."""
BUILT_IN: tuple[tuple[str, dict[str, str]], ...] = (
    (mark("Waits for somebody"), {}),
    (mark("Mine"), {"assignee": "me"}),
    (mark("Overdue"), {"late": "1"}),
    (mark("Nobody's"), {"assignee": "nobody"}),
    (mark("Live"), {"live": "1"}),
    (mark("All"), {"state": "all"}),
)


@dataclass(frozen=True)
class Tab:
    """A view above the list: one of ours, or a saved one (then with its id)."""

    name: str
    parameters: dict[str, str]
    count: str
    is_here: bool
    id: int | None = None
    is_own: bool = False
    is_shared: bool = False


@blueprint.get("/feedback")
def inbox() -> ResponseReturnValue:
    """What is asked for, newest or oldest first."""
    wanted = narrowing.of(request.args, g.who.person.login)
    before = asked.number(request.args.get("before"))
    if before is None:
        note(wanted)
    return _page(wanted, before), 400 if wanted.odd else 200


@blueprint.get("/feedback/live")
def inbox_live() -> ResponseReturnValue:
    """The list once more if anything in it is new, or was changed by others, since an event; else 204.

    Asked by the open list itself (live.js), which takes over what stands in the parts that it marks.
    """
    me = g.who.person.login
    wanted = narrowing.of(request.args, me)
    told = request.args.get("after")
    after = 0 if told == "0" else asked.number(told)
    new = changed = 0
    if after is not None:
        with reading() as session:
            new, changed = _since(session, wanted, after, me)
    if not new and not changed:
        return "", 204
    return _page(wanted, asked.number(request.args.get("before")), _said(new, changed))


def _page(wanted: Asked, before: int | None, said: str = "") -> str:
    """The list. `said`: what is new in it, for who has it open."""
    me = g.who.person
    most = COUNTED_OF_A_SEARCH if wanted.filters.words else COUNTED
    with reading() as session:
        newest_event = session.scalar(select(func.max(FeedbackEvent.id))) or 0  # first: what comes now is news
        found, number = among.look(session, wanted, before, PAGE, most)
        names = choices.names(session)
        shown = rows.of(session, found.rows, names, me.login)
        tabs = _tabs(session, wanted)
        places = choices.places(session)
        colleagues = [(one.login, one.name) for one in answering.colleagues(session)]
    return render_template(
        "console/inbox/list.html",
        wanted=wanted,
        chips=list(narrowing.chips(wanted, names)),
        rows=shown,
        next=found.next,
        before=before,
        number=number,
        count=up_to(number, most),
        tabs=tabs,
        types=taxonomy.feedback_types(),
        topics=_by_title(taxonomy.topics(), labels.of_topic),
        languages=_by_title(taxonomy.languages(), words.of_language),
        states=list(states.MOVES),
        resolutions=[name for name in states.RESOLUTIONS if name != "withdrawn"],
        known_places=_with(places, wanted.filters.place),
        known_labels=_with(choices.labels(), wanted.filters.label, *(label for row in shown for label in row.labels)),
        colleagues=colleagues,
        ages=narrowing.CAME,
        live=url_for("console.inbox_live", after=newest_event, before=before, **wanted.address),
        news=said,
        most_views=views.MOST,
        longest_name=views.LONGEST,
    )


def up_to(number: int, most: int) -> str:
    """`128`, or `1000+` for more than were counted."""
    return f"{most}+" if number > most else str(number)


def note(wanted: Asked) -> None:
    """Write down that this person looked through feedback, and by what; never what words they searched."""
    me = g.who.person.login
    which = keyring().fingerprints("listed", f"{me} {sorted(wanted.parameters.items())}")[0]
    if redis().set(f"listed:{which}", 1, nx=True, ex=NOTED_EVERY):
        audit.note(me, "feedback_listed", None, filters=[name for name in CHIPS if name in wanted.parameters])


def _tabs(session: Session, wanted: Asked) -> list[Tab]:
    person = g.who.person
    made = [_tab(session, wanted, gettext(name), parameters) for name, parameters in BUILT_IN]
    saved = views.known_to(session, person.id)
    return made + [
        _tab(session, wanted, view.name, view.parameters, view.id, view.is_own, view.shared) for view in saved
    ]


def _tab(
    session: Session,
    wanted: Asked,
    name: str,
    parameters: Mapping[str, str],
    number: int | None = None,
    is_own: bool = False,
    is_shared: bool = False,
) -> Tab:
    of_view = narrowing.of(parameters, g.who.person.login)
    count = up_to(among.count(session, of_view, COUNTED_OF_A_VIEW), COUNTED_OF_A_VIEW)
    is_here = of_view.parameters == wanted.parameters
    return Tab(name, of_view.address, count, is_here, number, is_own, is_shared)


def _since(session: Session, wanted: Asked, after: int, me: str) -> tuple[int, int]:
    by_others = or_(FeedbackEvent.by.is_(None), FeedbackEvent.by != me)
    happened = session.execute(
        select(FeedbackEvent.feedback_id, FeedbackEvent.kind)
        .where(FeedbackEvent.id > after, by_others, FeedbackEvent.kind.not_in(desk_step.NO_CHANGE))
        .order_by(FeedbackEvent.id.desc())
        .limit(NEWEST)
    ).all()
    ids = {number for number, _ in happened}
    if not ids:
        return 0, 0
    chosen = among.chosen(session, wanted)
    there = {one.id for one in finding.among(session, wanted.filters, ids if chosen is None else ids & chosen)}
    new = {number for number, kind in happened if kind == "taken"} & there
    return len(new), len(there - new)


def _said(new: int, changed: int) -> str:
    told = []
    if new:
        told.append(ngettext("%(num)s is new.", "%(num)s are new.", new) % {"num": new})
    if changed:
        told.append(ngettext("%(num)s has changed.", "%(num)s have changed.", changed) % {"num": changed})
    return " ".join(told)


def _by_title(names: Iterable[str], title: Callable[[str], str]) -> list[tuple[str, str]]:
    return sorted(((name, title(name)) for name in names), key=lambda pair: pair[1])


def _with(known: list[str], *more: str | None) -> list[str]:
    """In the order of letters, with what is chosen or shown now."""
    return sorted({*known, *(one for one in more if one)})
