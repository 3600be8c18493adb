"""The counts by day are kept up: the clock counts anew the last days, those in which something changed, and, a few at a
time, all others. Whatever is counted twice comes out the same.
"""

import time
from collections.abc import Iterable
from datetime import date, datetime, timedelta

import structlog
from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from casework import figure_counting as counting
from casework.figure_counting import Key
from casework.figure_tables import EVERYWHERE, SAID, WHAT, Figure, FigureDay
from casework.models import Feedback, FeedbackEvent
from messaging.models import Message
from runtime.deployment import deployment
from store.database import now, reading, transaction

log = structlog.get_logger()

EVERY = timedelta(minutes=2)
"""How old today's counts may get."""
LATELY, LATELY_EVERY = timedelta(days=8), timedelta(minutes=10)
"""Deliveries are reported late, and groups of these days are made anew: they are counted anew by themselves."""
SOME = 8
"""So many of the days that were counted longest ago are counted anew with them: within a day or so, all."""
MARGIN = timedelta(minutes=5)
"""A transaction may take so long from its first change to its end."""
EVENTS = 20_000
"""So many steps are looked through for days that changed; more come only by hand, and are found by their number."""
SECONDS = 20.0
"""Longest time of one round; the next goes on."""
APART = 28
"""Days whose number is compared at once: within them one more would hide one less."""
TOGETHER = 7
"""Days that are counted in one go."""


def keep(at: datetime | None = None) -> int:
    """What the clock does every few seconds. Returns how many days were counted."""
    at = at or now()
    today = counting.day_of(at)
    with reading() as session:
        counted = dict(session.execute(select(FigureDay.day, FigureDay.counted_at)).tuples().all())
        last = counted.get(today)
        if last is not None and at - last < EVERY:
            return 0
        due = {today, today - timedelta(days=1), *_changed(session, last or at)}
        week_ago = counted.get(today - timedelta(days=2))
        if week_ago is None or at - week_ago >= LATELY_EVERY:
            due |= {*counting.days(today - LATELY, today), *sorted(counted, key=lambda day: counted[day])[:SOME]}
    recount(due, at)
    with reading() as session:
        counted_now = set(session.scalars(select(FigureDay.day)))
        missing = set(counting.days(min(_first_day(session) or today, today), today)) - counted_now
        more = missing | set(_differing(session, today))
    return len(due) + recount(more, at, SECONDS)


def recount_all(at: datetime | None = None) -> int:
    """Count every day anew, from the first feedback on. Returns how many days that were."""
    at = at or now()
    today = counting.day_of(at)
    with reading() as session:
        return recount(counting.days(min(_first_day(session) or today, today), today), at)


def recount(due: Iterable[date], at: datetime | None = None, seconds: float | None = None) -> int:
    """Count these days anew, the newest first, as far as the time allows; how many that were."""
    at, began, done = at or now(), time.monotonic(), 0
    left = sorted(set(due), reverse=True)
    while left and (seconds is None or time.monotonic() - began < seconds):
        until = left[0]
        together = [day for day in left if (until - day).days < TOGETHER]
        left = left[len(together) :]
        _count(set(together), at)
        done += len(together)
    return done


def _count(due: set[date], at: datetime) -> None:
    """Read without holding up writers; then write what differs."""
    kept_from = counting.day_of(at - deployment().promises.retention.messages) + timedelta(days=2)
    with_messages = {day for day in due if day >= kept_from}
    """Before, texts are forgotten: of those days the counts stay as they are."""
    with reading() as session:
        fresh = counting.of_feedback(session, min(due), max(due))
        for day in with_messages:
            fresh |= counting.of_messages(session, day)
    with transaction() as session:
        stored = session.scalars(select(Figure).where(Figure.day.in_(due))).all()
        old = {Key(row.place, row.part, row.day): row for row in stored}
        for key, row in old.items():
            if key not in fresh and (key.part != SAID or key.day in with_messages):
                session.delete(row)
        for key, counted in fresh.items():
            if key.day in due and key not in old:
                session.add(Figure(**key._asdict(), feedback=counted.feedback, counts=dict(counted.counts)))
            elif key.day in due and (old[key].feedback, old[key].counts) != (counted.feedback, counted.counts):
                old[key].feedback, old[key].counts = counted.feedback, dict(counted.counts)
        session.execute(delete(FigureDay).where(FigureDay.day.in_(due)))
        sizes = {day: fresh.get(Key(EVERYWHERE, WHAT, day), counting.Counted()).feedback for day in sorted(due)}
        made = [{"day": day, "feedback": number, "counted_at": at} for day, number in sizes.items()]
        session.execute(insert(FigureDay), made)


def _changed(session: Session, since: datetime) -> set[date]:
    """Days of the feedback to which something happened since."""
    newest = session.scalar(select(func.max(FeedbackEvent.id))) or 0
    query = (
        select(Feedback.created_at)
        .join(FeedbackEvent, FeedbackEvent.feedback_id == Feedback.id)
        .where(FeedbackEvent.id > newest - EVENTS, FeedbackEvent.at >= since - MARGIN)
    )
    return {counting.day_of(created) for created in session.scalars(query)}


def _differing(session: Session, today: date) -> list[date]:
    """Days that have not as many feedbacks as were counted: some were taken out or put in. Found by halving."""
    first = session.scalar(select(func.min(FigureDay.day)))
    start = min(day for day in (first, _first_day(session), today) if day is not None)
    found: list[date] = []
    parts = list(counting.days(start, today))[::APART]
    left = [(day, min(day + timedelta(days=APART - 1), today)) for day in parts]
    while left:
        since, until = left.pop()
        if _is_as_counted(session, since, until):
            continue
        if since == until:
            found.append(since)
            continue
        middle = since + (until - since) // 2
        left += [(since, middle), (middle + timedelta(days=1), until)]
    return found


def _is_as_counted(session: Session, since: date, until: date) -> bool:
    of_days = (FigureDay.day >= since, FigureDay.day <= until)
    counted = session.scalar(select(func.sum(FigureDay.feedback)).where(*of_days)) or 0
    between = (
        Feedback.created_at >= counting.begin(since),
        Feedback.created_at < counting.begin(until + timedelta(days=1)),
    )
    return counted == session.scalar(select(func.count()).select_from(Feedback).where(*between))


def _first_day(session: Session) -> date | None:
    """The first day of which there is something; messages older than that tell nothing."""
    found = [session.scalar(select(func.min(table.created_at))) for table in (Feedback, Message)]
    return min((counting.day_of(at) for at in found if at is not None), default=None)
