"""Forgetting by itself: words, files and contacts go after their time; tombstones and anonymous counts stay.

Nothing that nobody has read goes, nor anything that is still worked on.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import ColumnElement, Select, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session

from casework import forgetting, report_life, reports, tombstones
from casework.models import Feedback, FeedbackEvent, Media, Tombstone
from casework.report_models import Alert
from messaging.models import Contact, Message, MessageFlag
from runtime.deployment import deployment
from store.database import now, reading, transaction

log = structlog.get_logger()

BATCH = 500


@dataclass(frozen=True)
class Forgotten:
    """How many of each were (or would be) forgotten."""

    messages: int = 0
    media: int = 0
    feedback: int = 0
    contacts: int = 0
    reports: int = 0


def run(at: datetime | None = None) -> Forgotten:
    """Forget what is due, a batch per transaction; may be stopped and run again at any time. How it ended is kept."""
    try:
        done = _run(at or now())
    except Exception:
        _note_run("failed", 0)
        raise
    _note_run("done", done.messages + done.media + done.feedback)  # of reports nothing is told, nor of contacts
    return done


def _run(at: datetime) -> Forgotten:
    forgotten = report_life.forget_due(at)
    feedback, media = _feedback(at), _media(at)  # first: what they hold is freed by it
    done = Forgotten(_messages(at), media, feedback, _contacts(at), forgotten)
    if done != Forgotten():
        log.info("forgotten", count=done.messages + done.media + done.feedback + done.contacts + done.reports)
    return done


def _note_run(outcome: str, number: int) -> None:
    with transaction() as session:
        tombstones.note_run(session, outcome, number, now())


@dataclass(frozen=True)
class Run:
    """The last round: when it ended, whether it failed, how many words of messages, files and feedback it removed."""

    at: datetime
    has_failed: bool
    removed: int


def last_run(session: Session) -> Run | None:
    """None if there was none yet."""
    found = tombstones.last_run(session)
    return Run(found.at, found.reason == "failed", found.number) if found is not None else None


def preview(at: datetime | None = None) -> Forgotten:
    """What `run` would forget at that time, words of messages by their own time only."""
    at = at or now()
    with reading() as session:
        found = [session.scalars(query).all() for query in (_due_messages(at), _due_media(at), _due_feedback(at))]
        contacts = session.scalars(_due_contacts(at)).all()
        spared = [contact for contact in contacts if reports.has_own(session, contact)]
        messages, media, feedback = map(len, found)
        return Forgotten(messages, media, feedback, len(contacts) - len(spared), len(report_life.due(at)))


def soon(at: datetime | None = None) -> Forgotten:
    """What goes within the time of warning, if nobody does anything."""
    return preview((at or now()) + deployment().promises.retention.warn)


def soon_gone(session: Session, most: int, at: datetime | None = None) -> Forgotten:
    """The same for administrators, counted no further than `most`: words of messages, files and feedback. Reports and
    contacts, which a report may hold, are not told."""
    by = (at or now()) + deployment().promises.retention.warn
    due = (_due_messages(by), _due_media(by), _due_feedback(by))
    numbers = (session.scalar(select(func.count()).select_from(query.limit(most).subquery())) or 0 for query in due)
    messages, media, feedback = numbers
    return Forgotten(messages, media, feedback)


def gone(session: Session, since: datetime) -> list[tuple[str, str, str, int]]:
    """Day (UTC), kind, reason and number of what was removed since then, the newest first; nothing of reports."""
    day = func.date(Tombstone.at)
    query = select(day, Tombstone.kind, Tombstone.reason, func.sum(Tombstone.number))
    query = query.where(Tombstone.at >= since, Tombstone.kind.in_(("messages", "media", "feedback")))
    query = query.group_by(day, Tombstone.kind, Tombstone.reason).order_by(day.desc(), Tombstone.kind)
    return [(str(at), kind, reason, int(number)) for at, kind, reason, number in session.execute(query)]


def _kept_by_feedback(message: Any) -> ColumnElement[bool]:
    """A feedback that still has its words (it is open, or not closed for long enough) holds its messages too."""
    began = exists().where(Feedback.message_id == message)
    part = exists().where(FeedbackEvent.message_id == message, FeedbackEvent.feedback_id == Feedback.id)
    return or_(began, part)


def _due_messages(at: datetime) -> Select[Any]:
    return select(Message.id).where(
        Message.body.is_not(None),
        Message.created_at < at - deployment().promises.retention.messages,
        Message.state.not_in((*forgetting.ON_ITS_WAY, "held")),
        ~_kept_by_feedback(Message.id),
    )


def _due_media(at: datetime) -> Select[Any]:
    """Of messages whose feedback, if there is one, is closed."""
    began = exists().where(Feedback.message_id == Media.message_id, Feedback.state != "closed")
    part = exists().where(
        FeedbackEvent.message_id == Media.message_id,
        FeedbackEvent.feedback_id == Feedback.id,
        Feedback.state != "closed",
    )
    return select(Media.id).where(
        Media.report_id.is_(None),
        Media.state == "kept",
        Media.created_at < at - deployment().promises.retention.media,
        ~or_(began, part),
    )


def _due_feedback(at: datetime) -> Select[Any]:
    return select(Feedback.id).where(
        Feedback.state == "closed",
        Feedback.closed_at < at - deployment().promises.retention.feedback,
        or_(
            Feedback.body.is_not(None),
            Feedback.contact_id.is_not(None),
            exists().where(FeedbackEvent.feedback_id == Feedback.id, FeedbackEvent.words.is_not(None)),
        ),
    )


def _due_contacts(at: datetime) -> Select[Any]:
    """Nobody wrote for long, nothing with words is left. Who has a sensitive report is spared (`_drop_contacts`)."""
    since = at - deployment().promises.retention.contacts
    present = exists().where(
        Message.contact_id == Contact.id,
        or_(
            Message.body.is_not(None),
            Message.created_at >= since,
            Message.state.in_((*forgetting.ON_ITS_WAY, "held", "later")),
            exists().where(or_(Alert.message_id == Message.id, Alert.mail_id == Message.id)),
        ),
    )
    known = exists().where(Feedback.contact_id == Contact.id)
    return select(Contact.id).where(Contact.created_at < since, ~present, ~known, Contact.kept.is_(False))


def _feedback(at: datetime) -> int:
    return sum(_in_batches(_due_feedback(at), Feedback, _strip))


def _strip(session: Session, ids: list[int]) -> int:
    for found in session.scalars(select(Feedback).where(Feedback.id.in_(ids))):
        forgetting.strip(session, found, "retention")
    return len(ids)


def _media(at: datetime) -> int:
    return sum(_in_batches(_due_media(at), Media, _drop_files))


def _drop_files(session: Session, ids: list[int]) -> int:
    session.execute(update(Media).where(Media.id.in_(ids)).values(content=None, source=None, state="gone"))
    tombstones.put(session, "media", "retention", len(ids))
    return len(ids)


def _messages(at: datetime) -> int:
    return sum(_in_batches(_due_messages(at), Message, _bare))


def _bare(session: Session, ids: list[int]) -> int:
    session.execute(update(Message).where(Message.id.in_(ids)).values(body=None, extras=None, body_hash=None))
    session.execute(delete(MessageFlag).where(MessageFlag.message_id.in_(ids)))
    tombstones.put(session, "messages", "retention", len(ids))
    return len(ids)


def _contacts(at: datetime) -> int:
    return sum(_in_batches(_due_contacts(at), Contact, _drop_contacts))


def _drop_contacts(session: Session, ids: list[int]) -> int:
    """The contact with its empty messages. Of who said STOP the keyed hash stays, so that STOP still holds."""
    # no table leads from a report to its contact: ask for each whether somebody may still have to reach them
    ids = [contact for contact in ids if not reports.has_own(session, contact)]
    stopped = session.scalars(select(Contact.id).where(Contact.id.in_(ids), Contact.opted_out_at.is_not(None))).all()
    theirs = select(Message.id).where(Message.contact_id.in_(ids))
    session.execute(delete(Media).where(Media.message_id.in_(theirs)))
    session.execute(delete(MessageFlag).where(MessageFlag.message_id.in_(theirs)))
    session.execute(update(FeedbackEvent).where(FeedbackEvent.message_id.in_(theirs)).values(message_id=None))
    session.execute(delete(Message).where(Message.contact_id.in_(ids)))
    session.execute(delete(Contact).where(Contact.id.in_(set(ids) - set(stopped))))
    bare = {"address": "", "sender": None, "place": None, "language": None, "kept": True}
    session.execute(update(Contact).where(Contact.id.in_(stopped)).values(bare))
    tombstones.put(session, "contact", "retention", len(ids))
    return len(ids)


def _in_batches(query: Select[Any], table: type, forget: Callable[[Session, list[int]], int]) -> Iterator[int]:
    """Find without holding up writers; then lock the rows and look again, for what came in between."""
    last = 0
    while True:
        with reading() as session:
            after = query.where(table.id > last).order_by(table.id)  # type: ignore[attr-defined]
            ids = list(session.scalars(after.limit(BATCH)))
        if not ids:
            return
        last = ids[-1]
        with transaction() as session:
            session.execute(select(table.id).where(table.id.in_(ids)).with_for_update())  # type: ignore[attr-defined]
            still = list(session.scalars(query.where(table.id.in_(ids))))  # type: ignore[attr-defined]
            done = forget(session, still) if still else 0
        yield done
        if len(ids) < BATCH:
            return
