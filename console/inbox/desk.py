"""What staff see of feedback: what waits, one case with its thread, what many tell. No number, no way to one.

The reference code stands for the person: it is the same through one case, and another in the person's next.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, String, cast, or_, select
from sqlalchemy.orm import Session, undefer

from casework import reminders, states
from casework.models import Cluster, Feedback, FeedbackEvent, Media
from messaging.models import Contact, Message
from store.database import now, reading


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
class Line:
    """One step of a case: when, what, by whom (None: the person or the service), with what words; where it stands."""

    at: datetime
    kind: str
    by: str | None
    words: str | None
    delivery: str | None
    files: tuple[tuple[int, str, str], ...] = ()
    """Id, media type and state of each file."""


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
    query: Select[tuple[Feedback]] = select(Feedback)
    query = query.where(Feedback.state == state if state else Feedback.state.in_(states.OPEN))
    if late:
        query = query.where(reminders.overdue(now()))
    if kind is not None:  # types are a JSON list in either database
        query = query.where(cast(Feedback.types, String).like(f'%"{kind}"%'))
    query = query.order_by(Feedback.id.desc() if state == "closed" else Feedback.id)
    with reading() as session:
        return [_item(session, feedback) for feedback in session.scalars(query.limit(limit))]


def case(reference: str) -> Case | None:
    """One feedback with its thread; None if there is none with this code."""
    with reading() as session:
        feedback = session.scalars(select(Feedback).where(Feedback.reference == reference.upper())).first()
        if feedback is None:
            return None
        events = session.scalars(
            select(FeedbackEvent).where(FeedbackEvent.feedback_id == feedback.id).order_by(FeedbackEvent.id)
        )
        lines = tuple(_line(session, feedback, event) for event in events)
        return Case(
            _item(session, feedback),
            feedback.resolution,
            feedback.mark,
            feedback.acknowledge_by,
            feedback.answer_by,
            lines,
            _alike(session, feedback),
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


def _item(session: Session, feedback: Feedback) -> Item:
    group = session.get(Cluster, feedback.cluster_id) if feedback.cluster_id else None
    contact = session.get(Contact, feedback.contact_id) if feedback.contact_id else None
    live = contact is not None and contact.is_with_people(now()) and "question" in feedback.types
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


def _line(session: Session, feedback: Feedback, event: FeedbackEvent) -> Line:
    message = session.get(Message, event.message_id) if event.message_id else None
    words = event.words or (message.body if message is not None and message.direction == "in" else None)
    if event.kind == "taken":
        words = feedback.body
    files = session.scalars(select(Media).where(Media.message_id == event.message_id)).all() if event.message_id else ()
    return Line(
        event.at,
        event.kind,
        event.by,
        words or (str(event.detail) if event.detail else None),
        message.state if message is not None and message.direction == "out" else None,
        tuple((media.id, media.content_type, media.state) for media in files),
    )


def _alike(session: Session, feedback: Feedback, most: int = 10) -> tuple[str, ...]:
    """Linked by hand, or told by others in the same group."""
    same = Feedback.cluster_id == feedback.cluster_id if feedback.cluster_id else Feedback.id.is_(None)
    linked = [
        str(event.detail["to"])
        for event in session.scalars(
            select(FeedbackEvent).where(FeedbackEvent.feedback_id == feedback.id, FeedbackEvent.kind == "linked")
        )
        if event.detail
    ]
    query = select(Feedback.reference).where(or_(same, Feedback.reference.in_(linked)), Feedback.id != feedback.id)
    return tuple(session.scalars(query.order_by(Feedback.id.desc()).limit(most)))


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
