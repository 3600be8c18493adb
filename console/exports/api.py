"""The interface for tools that read feedback and figures: JSON, with keys (door.py), described in description.py."""

import base64
import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from flask import Blueprint, Response, g, request
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException

from casework import figure_counting as counting
from casework import figures as figures_of
from casework.figure_tables import EVERYWHERE
from casework.figures import Period
from casework.finding import Filters
from casework.models import Feedback
from console.blueprint import blueprint
from console.dashboards.lens import Lens
from console.exports import description, door, parameters, problems, rows
from console.exports.counts import months, seen_days
from console.exports.problems import Problem
from console.exports.rows import Row
from runtime.deployment import deployment
from runtime.logging import failure
from runtime.redis import RedisError
from store.database import now, reading
from store.encryption import Unreadable, keyring

log = structlog.get_logger()
api = Blueprint("api", __name__, url_prefix="/api/v1")
PAGE = "api page"
"""What the place in a list is encrypted for: it is an id, and a gap between ids tells that something was taken out."""
LONGEST = {"day": timedelta(days=92), "month": timedelta(days=3 * 366)}
"""Of a longer period the last part is counted; the answer says which days it is of."""
USUAL = {"day": timedelta(days=30), "month": timedelta(days=365)}


@api.get("/feedback")
def feedback() -> Response:
    """A page of feedback, newest first."""
    asked = parameters.read(request.args, description.FEEDBACK)
    if asked["words"]:
        door.opens_words()
    wanted = {"kind": asked["type"], **{name: asked[name] for name in description.SAME}}
    with reading() as session:
        found, following = rows.some(
            session, Filters(**wanted), _place_of(asked["before"]), asked["limit"], asked["words"]
        )
    return _json(feedback=[_told(row, asked["words"]) for row in found], next=_name_of(following))


@api.get("/feedback/<code>")
def one_feedback(code: str) -> Response:
    """One feedback."""
    asked = parameters.read(request.args, description.ONE)
    if asked["words"]:
        door.opens_words()
    with reading() as session:
        found = session.scalars(select(Feedback).where(Feedback.reference == code)).all() if code.isprintable() else []
        told = rows.of(session, found, asked["words"])
    if not told:
        raise Problem(404, "There is no feedback with this code.")
    return _json(**_told(told[0], asked["words"]))


@api.get("/figures")
def figures() -> Response:
    """How much feedback of each day or month has which value."""
    asked = parameters.read(request.args, description.FIGURES)
    lens = Lens(exact=g.key.scope != "figures")
    since, until = _period(asked["by"], asked["since"], asked["until"], lens)
    with reading() as session:
        found = [
            {"period": name, "value": value or None, "count": lens.see(n)}
            for name, days in _parts(asked["by"], since, until, asked["place"])
            for value, n in sorted(_counted(session, days, asked["of"]).items())
            if lens.see(n) is not None  # a row without its number would tell what few told
        ]
        counted_at = figures_of.counted_at(session)
    return _json(
        by=asked["by"],
        of=asked["of"],
        place=asked["place"],
        since=since.isoformat(),
        until=until.isoformat(),
        counted_at=_local(counted_at),
        figures=found,
    )


@api.get("/openapi.json")
def openapi() -> Response:
    """The description, for everybody: it holds no secret."""
    return _json(**description.made())


@api.errorhandler(Problem)
def _problem(problem: Problem) -> Response:
    return problems.answer(problem.status, problem.detail, problem.headers, **problem.more)


@api.errorhandler(HTTPException)
def _refused(error: HTTPException) -> Response:
    return problems.of(error)


@api.errorhandler(RedisError)
def _away(_error: Exception) -> Response:
    return problems.answer(503, "Try again in a minute.", {"Retry-After": "60"})


@api.errorhandler(Exception)
def _unexpected(error: Exception) -> Response:
    log.error("request_failed", **failure(error))
    return problems.answer(500, "Something went wrong on our side.")


blueprint.register_blueprint(api)


def _told(row: Row, with_words: bool) -> dict[str, Any]:
    told = asdict(row)
    if not with_words:
        del told["words"]
    return told


def _parts(by: str, since: date, until: date, place: str | None) -> Iterator[tuple[str, Period]]:
    """Each day, or the days of each month, by its name."""
    for first, last in months(since, until):
        if by == "month":
            yield f"{first:%Y-%m}", Period(first, last, place or EVERYWHERE)
        else:
            yield from ((f"{day}", Period(day, day, place or EVERYWHERE)) for day in counting.days(first, last))


def _counted(session: Session, days: Period, of: str) -> dict[str, int]:
    """How many have each value."""
    if of == "all":
        return {"": n} if (n := figures_of.number(session, days)) else {}
    if of == "place" and days.place != EVERYWHERE:
        return {days.place: n} if (n := figures_of.number(session, days)) else {}
    return dict(figures_of.totals(session, days)[of])


def _period(by: str, since: date | None, until: date | None, lens: Lens) -> tuple[date, date]:
    today = now().astimezone(ZoneInfo(deployment().time_zone)).date()
    last = min(until or today, today)
    return seen_days(max(since or last - USUAL[by], last - LONGEST[by]), last, today, lens)


def _name_of(place: int | None) -> str | None:
    """A place in the list as we give it out."""
    if place is None:
        return None
    return base64.urlsafe_b64encode(keyring().encrypt(PAGE, str(place).encode())).decode().rstrip("=")


def _place_of(name: str | None) -> int | None:
    """The place that was given out."""
    if name is None:
        return None
    try:
        return int(keyring().decrypt(PAGE, base64.urlsafe_b64decode(name + "=" * (-len(name) % 4))))
    except (Unreadable, ValueError):
        raise Problem(404, "There is no such page. Begin again without it.", parameter="before") from None


def _local(at: datetime | None) -> str | None:
    return at.astimezone(ZoneInfo(deployment().time_zone)).isoformat(timespec="seconds") if at else None


def _json(**told: Any) -> Response:
    return Response(json.dumps(told, ensure_ascii=False), mimetype="application/json")
