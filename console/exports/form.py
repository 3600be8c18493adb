"""The form of the exports, filled as a list of feedback was narrowed, or as it was sent and could not be taken."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

from flask import flash, g, render_template
from sqlalchemy import select

from casework import states
from casework.refusal import Refusal
from console import access, refusals
from console.dashboards.lens import SMALL, Lens
from console.exports import wanted
from console.inbox import choices, narrowing
from directory.models import Place
from runtime import taxonomy
from runtime.deployment import deployment
from store.database import now, reading

LISTS_ONLY = ("live", "group")
"""What narrows a list of feedback, and no file."""
OURS = ("type", "topic", "place", "language", "state", "period", "since", "until")


def page(given: Mapping[str, str]) -> tuple[str, int]:
    """The form as an address fills it; what is not known is named."""
    asked = _asked(given)
    known = places()
    odd = list(asked.odd)
    odd += ["place"] if asked.filters.place not in (None, *known) else []
    odd += ["period"] if given.get("period", "") not in ("", *wanted.PERIODS) else []
    return _rendered(given, asked, known, odd), 400 if odd else 200


def refused(refusal: Refusal, given: Mapping[str, str]) -> tuple[str, int]:
    """The form as it was sent, and what is wrong with it."""
    flash(refusals.why(refusal), "problem")
    return _rendered(given, _asked(given), places(), []), 400


def places() -> list[str]:
    """Those of the directory; who sees feedback may choose others that occur in it too."""
    with reading() as session:
        known = set(session.scalars(select(Place.name)))
        if sees_feedback():
            known.update(choices.places(session))
    return sorted(known)


def sees_feedback() -> bool:
    """This person may take feedback out one by one."""
    return bool(set(g.who.person.roles) & access.TABLE["export_feedback"])


def today() -> date:
    """The day it is where people are."""
    return now().astimezone(ZoneInfo(deployment().time_zone)).date()


def _asked(given: Mapping[str, str]) -> narrowing.Asked:
    return narrowing.of({name: given.get(name, "") for name in narrowing.CHIPS}, g.who.person.login)


def _rendered(given: Mapping[str, str], asked: narrowing.Asked, known: list[str], odd: list[str]) -> str:
    roles = set(g.who.person.roles)
    also = _only(asked, wanted.ALSO) if sees_feedback() else _only(asked, ())
    with reading() as session:
        names = choices.names(session)
    query = asked.filters.to_query()
    return render_template(
        "console/exports/exports.html",
        asked=given,
        since=given.get("since") or query.get("since", ""),
        until=given.get("until") or query.get("until", ""),
        own={name: given[name] for name in (*OURS, *LISTS_ONLY) if given.get(name)},
        also={name: query[name] for name in also.parameters},
        chips=list(narrowing.chips(also, names)),
        lost=[chip.words for chip in narrowing.chips(_only(asked, LISTS_ONLY), names)],
        odd=odd,
        sees_feedback=sees_feedback(),
        makes_keys=bool(roles & access.TABLE["keys"]),
        sees_all=Lens.of(roles).exact,
        fewest=SMALL,
        periods=wanted.PERIODS,
        formats=wanted.FORMATS,
        types=taxonomy.feedback_types(),
        topics=tuple(taxonomy.topics()),
        places_known=known,
        languages=tuple(taxonomy.languages()),
        states=("all", "open", *states.MOVES),
        today=today(),
    )


def _only(asked: narrowing.Asked, names: tuple[str, ...]) -> narrowing.Asked:
    return replace(asked, parameters={name: asked.parameters[name] for name in names if name in asked.parameters})
