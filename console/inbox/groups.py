"""What many tell: groups of alike feedback by how many voices they have, and those that grow."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from casework.models import Cluster, Feedback
from console.blueprint import blueprint
from console.inbox import rows
from store.database import now, reading

MOST = 20
FEWEST, FEWEST_RECENT = 2, 3
"""Voices from which a group is shown; feedbacks of the last days from which it can be rising."""
DAYS = {"1": 1, "7": 7, "30": 30}
LOOKED_AT = 3000
"""Members whose types are looked at."""


@dataclass(frozen=True)
class Group:
    """A group of feedback that tells the same thing."""

    id: int
    topic: str | None
    voices: int
    size: int
    first_at: datetime
    last_at: datetime
    types: tuple[str, ...]
    excerpt: str
    """What one of them said; "" where the words are gone."""
    language: str | None
    recent: int = 0
    """How much of it came in the last days."""
    earlier: int = 0
    """And in as many days before."""


@blueprint.get("/feedback/groups")
def groups() -> ResponseReturnValue:
    """The largest groups, and those that are rising within the days that are chosen."""
    wanted = request.args.get("days", "")
    days = DAYS.get(wanted, 7)
    with reading() as session:
        page = render_template(
            "console/inbox/groups.html",
            rising=rising(session, days),
            largest=largest(session),
            days=days,
            choices=list(DAYS.values()),
        )
    return page, 200 if wanted in ("", *DAYS) else 400


def largest(session: Session) -> list[Group]:
    """Groups with most voices first."""
    query = select(Cluster).where(Cluster.voices >= FEWEST).order_by(Cluster.voices.desc(), Cluster.id.desc())
    return _groups(session, session.scalars(query.limit(MOST)).all(), {})


def rising(session: Session, days: int) -> list[Group]:
    """Groups of which more was told in the last days than in as many before, fastest growing first."""
    at = now()
    recent = func.sum(case((Feedback.created_at > at - timedelta(days=days), 1), else_=0))
    all_of_it = func.count()
    query = (
        select(Feedback.cluster_id, recent, all_of_it)
        .where(Feedback.created_at > at - timedelta(days=2 * days), Feedback.cluster_id.is_not(None))
        .group_by(Feedback.cluster_id)
        .having(recent >= FEWEST_RECENT, recent * 2 > all_of_it)
        .order_by((recent * 2 - all_of_it).desc())
        .limit(MOST)
    )
    grown = {number: (new, whole - new) for number, new, whole in session.execute(query)}
    found = session.scalars(select(Cluster).where(Cluster.id.in_(grown))).all()
    return sorted(_groups(session, found, grown), key=lambda group: group.earlier - group.recent)


def _groups(session: Session, found: Sequence[Cluster], grown: dict[int, tuple[int, int]]) -> list[Group]:
    types: defaultdict[int, set[str]] = defaultdict(set)
    members = select(Feedback.cluster_id, Feedback.types).where(Feedback.cluster_id.in_([one.id for one in found]))
    for number, names in session.execute(members.limit(LOOKED_AT)):
        types[number].update(names)
    firsts = select(Feedback).where(Feedback.reference.in_([one.first_reference for one in found]))
    said = {one.reference: one for one in session.scalars(firsts)}
    return [
        Group(
            id=one.id,
            topic=one.topic,
            voices=one.voices,
            size=one.size,
            first_at=one.first_at,
            last_at=one.last_at,
            types=tuple(sorted(types[one.id])),
            excerpt=rows.excerpt(said[one.first_reference].body) if one.first_reference in said else "",
            language=said[one.first_reference].language if one.first_reference in said else None,
            recent=grown.get(one.id, (0, 0))[0],
            earlier=grown.get(one.id, (0, 0))[1],
        )
        for one in found
    ]
