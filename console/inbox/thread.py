"""All that happened to one feedback, as lines to read; its messages and files in one query each, however many."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.models import Feedback, FeedbackEvent, Media
from messaging.models import Message

FROM_THE_PERSON = frozenset({"taken", "added", "place", "rated"})
"""Kinds of events that are the person's; a mark may come with words."""


@dataclass(frozen=True)
class File:
    """A file of the person. States: waiting → kept | refused | gone."""

    id: int
    content_type: str
    state: str


@dataclass(frozen=True)
class Line:
    """One step of a case: when, what, by whom (None: the person or the service), with what words; where it stands."""

    id: int
    at: datetime
    kind: str
    by: str | None
    words: str | None
    delivery: str | None
    detail: dict[str, Any] = field(default_factory=dict)
    files: tuple[File, ...] = ()


def lines(session: Session, feedback: Feedback) -> tuple[Line, ...]:
    """Oldest first. An answer's words are those of its event; of the person's words, those of their message."""
    of_case = select(FeedbackEvent).where(FeedbackEvent.feedback_id == feedback.id)
    events = session.scalars(of_case.order_by(FeedbackEvent.id)).all()
    ids = {event.message_id for event in events if event.message_id is not None}
    messages = {one.id: one for one in session.scalars(select(Message).where(Message.id.in_(ids)))} if ids else {}
    files = _files(session, ids) if ids else {}
    return tuple(_line(feedback, event, messages.get(event.message_id or 0), files) for event in events)


def linked(thread: Sequence[Line]) -> list[str]:
    """Codes of those that it was linked with by hand."""
    return [str(line.detail["to"]) for line in thread if line.kind == "linked" and line.detail.get("to")]


def _line(feedback: Feedback, event: FeedbackEvent, message: Message | None, files: dict[int, list[File]]) -> Line:
    is_theirs = message is not None and message.direction == "in"
    words = event.words or (message.body if message is not None and is_theirs else None)
    if event.kind == "taken":
        words = feedback.body
    return Line(
        event.id,
        event.at,
        event.kind,
        event.by,
        words,
        message.state if message is not None and not is_theirs else None,
        dict(event.detail or {}),
        tuple(files.get(event.message_id or 0, ())),
    )


def _files(session: Session, message_ids: set[int]) -> dict[int, list[File]]:
    found: dict[int, list[File]] = defaultdict(list)
    for media in session.scalars(select(Media).where(Media.message_id.in_(message_ids)).order_by(Media.id)):
        found[media.message_id or 0].append(File(media.id, media.content_type, media.state))
    return found
