"""What is counted of the feedback of some days, and of the messages of one day.

Feedback that became a sensitive report is gone from its table, and so from every count. Of messages only those are
counted that nothing private can be among: what the assistant and staff answered, as long as its text is kept. Texts of
a private talk are of other kinds until they are sent, and have no text afterwards; alerts go to phones of staff, which
are left out with all that they write. What people wrote is not counted at all: its number, beside that of the answers,
would tell of talks of which the answers are missing.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, func, select
from sqlalchemy.orm import Session

from casework import states
from casework.figure_tables import EVERYWHERE, SAID, TIMES, WHAT
from casework.models import Feedback, FeedbackEvent
from casework.report_models import Alert
from messaging.models import Contact, Message, MessageFlag
from runtime import taxonomy
from runtime.deployment import deployment

ANSWERS = ("reply", "answer", "allowed")
"""Kinds of messages that are counted: of the assistant, and of staff."""
LEFT = ("sent", "delivered", "undelivered")
"""States in which a message has cost something."""
FINENESS = math.log(1.1)
"""Times are counted in steps of 10 %."""


class Key(NamedTuple):
    """Of which part of which day and place something is the count."""

    place: str
    part: str
    day: date


@dataclass
class Counted:
    """`feedback`: how much was counted; `counts`: how many of it, or of messages, have each value, as `topic:food`."""

    feedback: int = 0
    counts: Counter[str] = field(default_factory=Counter)


Counts = dict[Key, Counted]


def zone() -> ZoneInfo:
    """Days are those of the deployment."""
    return ZoneInfo(deployment().time_zone)


def begin(day: date) -> datetime:
    """When the day begins."""
    return datetime.combine(day, time.min, zone()).astimezone(UTC)


def day_of(at: datetime) -> date:
    """The day that a time is in."""
    return at.astimezone(zone()).date()


def of_feedback(session: Session, since: date, until: date) -> Counts:
    """All counts of the feedback of these days, the last one included."""
    between = (Feedback.created_at >= begin(since), Feedback.created_at < begin(until + timedelta(days=1)))
    steps = (
        select(FeedbackEvent.feedback_id, FeedbackEvent.kind, func.min(FeedbackEvent.at))
        .join(Feedback, Feedback.id == FeedbackEvent.feedback_id)
        .where(*between, FeedbackEvent.kind.in_(("answered", "reopened")))
        .group_by(FeedbackEvent.feedback_id, FeedbackEvent.kind)
    )
    first = {(feedback_id, kind): at for feedback_id, kind, at in session.execute(steps)}
    query = select(
        Feedback.id,
        Feedback.types,
        Feedback.topic,
        Feedback.place,
        Feedback.language,
        Feedback.channel,
        Feedback.state,
        Feedback.mark,
        Feedback.resolution,
        Feedback.cluster_id,
        Feedback.answer_by,
        Feedback.answered_at,
        Feedback.closed_at,
        Feedback.created_at,
    ).where(*between)
    found: Counts = defaultdict(Counted)
    for row in session.execute(query):
        answered = first.get((row.id, "answered")) or row.answered_at
        reopened = (row.id, "reopened") in first
        day, what, times = day_of(row.created_at), list(_what(row)), list(_times(row, answered, reopened))
        for place in (EVERYWHERE, row.place) if row.place else (EVERYWHERE,):
            for part, values in ((WHAT, what), (TIMES, times)):
                counted = found[Key(place, part, day)]
                counted.feedback += 1
                counted.counts.update(values)
    return found


def _what(row: Row[Any]) -> Iterator[str]:
    yield from (f"type:{name}" for name in row.types)
    yield f"topic:{row.topic or ''}"
    yield f"place:{row.place or ''}"
    yield f"language:{row.language or ''}"
    yield f"channel:{row.channel}"
    yield f"state:{row.state}"
    if row.mark is not None:
        yield f"mark:{row.mark}"
    if "rumour" in row.types:
        yield f"rumour_topic:{row.topic or ''}"
        yield f"rumour_place:{row.place or ''}"
        if row.cluster_id is not None:
            yield f"rumour_group:{row.cluster_id}"


def _times(row: Row[Any], answered: datetime | None, reopened: bool) -> Iterator[str]:
    """How long it took to the first answer, or to closing without one, and whether that was in time.

    `took` has the type (none for all) and the step of time; `kept` the type and yes or no; `due` the type and the day
    by which an answer is owed that nobody gave yet.
    """
    closed = row.closed_at if row.resolution != "withdrawn" else None
    ends = [at for at in (answered, closed) if at is not None]
    promised = row.created_at + deployment().promises.times_for(row.types).answer
    by = promised if reopened or row.answer_by is None else row.answer_by
    for kind in ("", *row.types):
        if ends:
            yield f"took:{kind}|{step_of(min(ends) - row.created_at)}"
            yield f"kept:{kind}|{'yes' if min(ends) <= by else 'no'}"
        elif row.state in states.OPEN:
            yield f"due:{kind}|{day_of(by).isoformat()}"


def step_of(took: timedelta) -> int:
    """The step of a time: 0 up to a minute, then each 10 % longer than the one before."""
    minutes = max(took.total_seconds() / 60, 1)
    return int(math.log(minutes) / FINENESS)


def time_of(step: int) -> timedelta:
    """The middle of a step."""
    return timedelta(minutes=math.exp((step + 0.5) * FINENESS))


def of_messages(session: Session, day: date) -> Counts:
    """All counts of the answers of one day, and of what the assistant did not understand."""
    found: Counter[str] = Counter()
    between = (Message.created_at >= begin(day), Message.created_at < begin(day + timedelta(days=1)))
    answers = (
        select(Contact.channel, Message.kind, Message.state, func.count(), func.sum(Message.segments))
        .join(Contact, Contact.id == Message.contact_id)
        .where(*between, Message.direction == "out", Message.kind.in_(ANSWERS), Message.body.is_not(None), _not_staff())
        .group_by(Contact.channel, Message.kind, Message.state)
    )
    for channel, kind, state, n, segments in session.execute(answers):
        found[f"sent:{channel}|{'assistant' if kind == 'reply' else 'staff'}|{state}"] += n
        if state in LEFT:
            found[f"segments:{channel}"] += int(segments)
    flags = (
        select(MessageFlag.name, Contact.language, MessageFlag.detail)
        .join(Message, Message.id == MessageFlag.message_id)
        .join(Contact, Contact.id == Message.contact_id)
        .where(*between, MessageFlag.name.in_(("not_understood", "unsure", "unserved")), _not_staff())
    )
    for name, language, detail in session.execute(flags):
        guess = str((detail or {}).get("intent") or "").removeprefix("ask_")
        if name == "unserved":
            found[f"unserved:{(detail or {}).get('language') or ''}"] += 1
            continue
        found[f"flag:{name}|{language or ''}"] += 1
        if guess in taxonomy.topics():
            found[f"guess:{guess}"] += 1
    return {Key(EVERYWHERE, SAID, day): Counted(0, found)} if found else {}


def _not_staff() -> ColumnElement[bool]:
    """Phones to which alerts go: an "OK" to one is answered, and the number of such answers is that of reports."""
    texts = select(Alert.message_id).where(Alert.message_id.is_not(None))
    alerts = texts.union(select(Alert.mail_id).where(Alert.mail_id.is_not(None)))
    alerted = select(Message.contact_id).where(Message.id.in_(alerts))
    return Contact.informed.is_distinct_from("staff") & Contact.id.not_in(alerted)


def days(since: date, until: date) -> Iterable[date]:
    """Every day from the first to the last."""
    return (since + timedelta(days=number) for number in range((until - since).days + 1))
