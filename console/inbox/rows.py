"""The rows of the list: all that stands in them, in a handful of queries however many they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from babel.dates import format_timedelta
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework import reminders
from casework.models import Cluster, Feedback, FeedbackEvent
from console import words
from console.blueprint import blueprint
from console.inbox import among
from store.database import now

EXCERPT = 140
"""Letters of a person's words in a list."""


@dataclass(frozen=True)
class Row:
    """One feedback in a list."""

    code: str
    types: tuple[str, ...]
    topic: str | None
    place: str | None
    language: str | None
    channel: str
    state: str
    assignee: str | None
    """Name of the colleague, or the login of somebody who has left."""
    is_mine: bool
    needs_care: bool
    """There is half a hint of something private in it."""
    is_late: bool
    is_live: bool
    """The person waits for people to write, now."""
    voices: int
    group: int | None
    labels: tuple[str, ...]
    is_sample: bool
    created_at: datetime
    excerpt: str
    seen: int
    """Id of its newest event."""


def of(session: Session, found: Sequence[Feedback], names: Mapping[str, str], me: str) -> list[Row]:
    """Feedbacks as rows, in their order. `names`: those of staff by login; `me`: the reader's login."""
    ids = [one.id for one in found]
    voices = _voices(session, {one.cluster_id for one in found if one.cluster_id is not None})
    seen = _newest_events(session, ids)
    # whether anybody waits live is asked only where there are open questions
    live = among.live_ids(session) if any("question" in one.types for one in found) else set()
    at = now()
    return [
        Row(
            code=one.reference,
            types=tuple(one.types),
            topic=one.topic,
            place=one.place,
            language=one.language,
            channel=one.channel,
            state=one.state,
            assignee=names.get(one.assignee, one.assignee) if one.assignee else None,
            is_mine=one.assignee == me,
            needs_care=one.sensitive,
            is_late=reminders.is_overdue(one, at),
            is_live=one.id in live,
            voices=voices.get(one.cluster_id or 0, 1),
            group=one.cluster_id,
            labels=tuple(one.labels or ()),
            is_sample=one.sample,
            created_at=one.created_at,
            excerpt=excerpt(one.body),
            seen=seen.get(one.id, 0),
        )
        for one in found
    ]


def excerpt(text: str | None, longest: int = EXCERPT) -> str:
    """The beginning, on one line, cut between words."""
    whole = " ".join((text or "").split())
    if len(whole) <= longest:
        return whole
    start = whole[: longest + 1]
    cut = start.rpartition(" ")[0]
    return (cut if len(cut) > longest // 2 else start[:longest]) + "\u00a0…"


@blueprint.app_template_filter("age")
def age(at: datetime) -> str:
    """`3 days`: how long ago that was, in the language of the reader."""
    if now() - at < timedelta(minutes=1):
        return words.gettext("just now")
    return format_timedelta(now() - at, granularity="minute", threshold=1.2, locale=words.locale())


def _voices(session: Session, groups: set[int]) -> dict[int, int]:
    if not groups:
        return {}
    found = session.execute(select(Cluster.id, Cluster.voices).where(Cluster.id.in_(groups)))
    return dict(found.tuples().all())


def _newest_events(session: Session, ids: Sequence[int]) -> dict[int, int]:
    if not ids:
        return {}
    newest = select(FeedbackEvent.feedback_id, func.max(FeedbackEvent.id)).where(FeedbackEvent.feedback_id.in_(ids))
    return dict(session.execute(newest.group_by(FeedbackEvent.feedback_id)).tuples().all())
