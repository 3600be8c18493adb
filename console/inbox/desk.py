"""What staff see of feedback: what waits, one case with its thread, what many tell. No number, no way to one.

The reference code stands for the person: it is the same through one case, and another in the person's next.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from casework import finding, hand_over, reminders
from casework.filters import Filters
from casework.models import Cluster, Feedback, FeedbackEvent, Media
from console.inbox import thread
from console.inbox.thread import Line
from messaging.models import Contact
from store.database import now, reading

LARGEST_GROUP = 1000
"""Of a larger group those that are alike are looked for among so many."""


@dataclass(frozen=True)
class Item:
    """One feedback in a list."""

    reference: str
    types: tuple[str, ...]
    topic: str | None
    place: str | None
    language: str | None
    channel: str
    state: str
    assignee: str | None
    sensitive: bool
    overdue: bool
    live: bool
    """The person waits for people to write, now."""
    voices: int
    created_at: datetime
    text: str | None


@dataclass(frozen=True)
class Case:
    """A feedback with all that happened to it, oldest first, and the codes of others that tell the same."""

    item: Item
    resolution: str | None
    mark: int | None
    acknowledge_by: datetime | None
    answer_by: datetime | None
    lines: tuple[Line, ...]
    alike: tuple[str, ...]


@dataclass(frozen=True)
class Voices:
    """A group of feedback that tells the same thing."""

    first_reference: str
    topic: str | None
    voices: int
    size: int
    first_at: datetime
    last_at: datetime
    types: tuple[str, ...]


def waiting(limit: int = 50, *, state: str | None = None, kind: str | None = None, late: bool = False) -> list[Item]:
    """Feedback on which somebody has to act, oldest first (closed: newest); or in one state, of one type, overdue."""
    filters = Filters(state=state or "open", kind=kind, late=late)
    with reading() as session:
        found = finding.page(session, filters, most=limit, oldest_first=state != "closed")
        return [item(session, feedback) for feedback in found.rows]


def case(reference: str) -> Case | None:
    """One feedback with its thread; None if there is none with this code."""
    with reading() as session:
        feedback = session.scalars(select(Feedback).where(Feedback.reference == reference.upper())).first()
        if feedback is None:
            return None
        lines = thread.lines(session, feedback)
        return Case(
            item(session, feedback),
            feedback.resolution,
            feedback.mark,
            feedback.acknowledge_by,
            feedback.answer_by,
            lines,
            alike(session, feedback, thread.linked(lines)),
        )


def groups(most: int = 20, fewest: int = 2) -> list[Voices]:
    """What several people tell, most voices first."""
    with reading() as session:
        found = session.scalars(
            select(Cluster).where(Cluster.voices >= fewest).order_by(Cluster.voices.desc()).limit(most)
        ).all()
        return [_voices(session, group) for group in found]


def file_of(reference: str, media_id: int) -> tuple[str, bytes] | None:
    """Media type and content of a file of this feedback; None if it is not one of its files, or not kept."""
    with reading() as session:
        feedback = session.scalars(select(Feedback).where(Feedback.reference == reference.upper())).first()
        media = session.get(Media, media_id, options=[undefer(Media.content)])
        if feedback is None or media is None or media.message_id is None or media.content is None:
            return None
        theirs = select(FeedbackEvent.id).where(
            FeedbackEvent.feedback_id == feedback.id, FeedbackEvent.message_id == media.message_id
        )
        return (media.content_type, media.content) if session.scalar(theirs.limit(1)) else None


def item(session: Session, feedback: Feedback) -> Item:
    """One feedback as a list shows it."""
    group = session.get(Cluster, feedback.cluster_id) if feedback.cluster_id else None
    contact = session.get(Contact, feedback.contact_id) if feedback.contact_id else None
    live = contact is not None and "question" in feedback.types and hand_over.waits_live(session, contact)
    return Item(
        reference=feedback.reference,
        types=tuple(feedback.types),
        topic=feedback.topic,
        place=feedback.place,
        language=feedback.language,
        channel=feedback.channel,
        state=feedback.state,
        assignee=feedback.assignee,
        sensitive=feedback.sensitive,
        overdue=reminders.is_overdue(feedback, now()),
        live=live,
        voices=group.voices if group else 1,
        created_at=feedback.created_at,
        text=feedback.body,
    )


def alike(session: Session, feedback: Feedback, linked: Sequence[str], most: int = 10) -> tuple[str, ...]:
    """Linked by hand, then told by others in the same group; of each the newest first."""
    other = Feedback.id != feedback.id
    by_hand = select(Feedback.reference).where(Feedback.reference.in_(linked), other).order_by(Feedback.id.desc())
    found = list(session.scalars(by_hand.limit(most))) if linked else []
    if feedback.cluster_id is not None:
        # sorted outside: PostgreSQL would else walk all feedback from the newest until it has met enough of the group
        group = select(Feedback.id, Feedback.reference).where(Feedback.cluster_id == feedback.cluster_id, other)
        some = group.limit(LARGEST_GROUP).subquery()
        found += session.scalars(select(some.c.reference).order_by(some.c.id.desc()).limit(most))
    return tuple(dict.fromkeys(found))[:most]


def _voices(session: Session, group: Cluster) -> Voices:
    types = session.scalars(select(Feedback.types).where(Feedback.cluster_id == group.id).limit(500))
    known = sorted({name for names in types for name in names})
    return Voices(
        group.first_reference, group.topic, group.voices, group.size, group.first_at, group.last_at, tuple(known)
    )


def rising(days: int = 1, fewest: int = 3) -> list[tuple[Voices, int, int]]:
    """Groups that grow: each with the voices of the last `days` and of as many before, fastest growing first."""
    at = now()
    with reading() as session:
        found = []
        for group in session.scalars(select(Cluster).where(Cluster.last_at > at - timedelta(days=days))):
            times = session.scalars(
                select(Feedback.created_at).where(
                    Feedback.cluster_id == group.id, Feedback.created_at > at - timedelta(days=2 * days)
                )
            ).all()
            recent = sum(time > at - timedelta(days=days) for time in times)
            if recent >= fewest and recent > len(times) - recent:
                found.append((_voices(session, group), recent, len(times) - recent))
        return sorted(found, key=lambda row: row[2] - row[1])
