"""One feedback as it leaves for a table or another tool: no number, no name, no trace of who handles it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.finding import Filters, page
from casework.models import Cluster, Feedback
from casework.stripping import stripped
from runtime.deployment import deployment
from store.database import reading

BATCH = 500
"""Feedbacks that are in memory at once."""
BETWEEN = " | "
"""Between the values of one cell. No semicolon: Excel takes it for the end of a cell where the comma marks decimals."""
Cell = str | int | float | None


@dataclass(frozen=True)
class Row:
    """What is told of a feedback. Times are ISO 8601 in the deployment's time zone."""

    code: str
    created: str
    types: tuple[str, ...]
    topic: str | None
    place: str | None
    language: str | None
    channel: str
    state: str
    resolution: str | None
    mark: int | None
    labels: tuple[str, ...]
    days_to_answer: float | None
    acknowledged: str | None
    answered: str | None
    closed: str | None
    voices: int
    """How many people tell the same."""
    sample: bool
    words: str | None


@dataclass(frozen=True)
class Column:
    """A column of a table: its name, its HXL hashtag, and what stands in it."""

    name: str
    hashtag: str
    of: Callable[[Row], Cell]


COLUMNS = (
    Column("code", "#meta+id", lambda row: row.code),
    Column("created", "#date+reported", lambda row: row.created),
    Column("types", "#x_feedback+type+list", lambda row: BETWEEN.join(row.types)),
    Column("topic", "#x_feedback+topic+code", lambda row: row.topic),
    Column("place", "#loc+name", lambda row: row.place),
    Column("language", "#x_language+code", lambda row: row.language),
    Column("channel", "#x_channel+code", lambda row: row.channel),
    Column("state", "#status+code", lambda row: row.state),
    Column("resolution", "#status+resolution+code", lambda row: row.resolution),
    Column("mark", "#indicator+mark+num", lambda row: row.mark),
    Column("labels", "#x_feedback+label+list", lambda row: BETWEEN.join(row.labels)),
    Column("days_to_answer", "#indicator+answer_days+num", lambda row: row.days_to_answer),
    Column("acknowledged", "#date+acknowledged", lambda row: row.acknowledged),
    Column("answered", "#date+answered", lambda row: row.answered),
    Column("closed", "#date+end", lambda row: row.closed),
    Column("voices", "#indicator+voices+num", lambda row: row.voices),
    Column("sample", "#meta+sample", lambda row: "yes" if row.sample else "no"),
)
WORDS = Column("words", "#description+text", lambda row: row.words)


def every(filters: Filters, with_words: bool) -> Iterator[Row]:
    """All that the filters let through, newest first, a batch at a time."""
    before: int | None = None
    while True:
        with reading() as session:
            found, before = some(session, filters, before, BATCH, with_words)
        yield from found
        if before is None:
            return


def some(
    session: Session, filters: Filters, before: int | None, most: int, with_words: bool
) -> tuple[list[Row], int | None]:
    """The next rows, and where those after them begin (`before`); None at the end."""
    found = page(session, filters, before, most)
    return of(session, found.rows, with_words), found.next


def of(session: Session, found: Sequence[Feedback], with_words: bool) -> list[Row]:
    """Feedbacks as they leave. Without words where there was half a hint of something private in them."""
    groups = {feedback.cluster_id for feedback in found if feedback.cluster_id}
    query = select(Cluster.id, Cluster.voices).where(Cluster.id.in_(groups))
    voices = {number: many for number, many in session.execute(query)} if groups else {}  # noqa: C416
    zone = ZoneInfo(deployment().time_zone)
    return [
        Row(
            code=feedback.reference,
            created=_local(feedback.created_at, zone) or "",
            types=tuple(feedback.types),
            topic=feedback.topic,
            place=feedback.place,
            language=feedback.language,
            channel=feedback.channel,
            state=feedback.state,
            resolution=feedback.resolution,
            mark=feedback.mark,
            labels=tuple(_label(label) for label in feedback.labels),
            days_to_answer=_days(feedback),
            acknowledged=_local(feedback.acknowledged_at, zone),
            answered=_local(feedback.answered_at, zone),
            closed=_local(feedback.closed_at, zone),
            voices=voices.get(feedback.cluster_id or 0, 1),
            sample=feedback.sample,
            words=stripped(feedback.body) if with_words and feedback.body and not feedback.sensitive else None,
        )
        for feedback in found
    ]


def _local(at: datetime | None, zone: ZoneInfo) -> str | None:
    return at.astimezone(zone).isoformat(timespec="seconds") if at is not None else None


def _days(feedback: Feedback) -> float | None:
    if feedback.answered_at is None:
        return None
    return round((feedback.answered_at - feedback.created_at) / timedelta(days=1), 1)


@lru_cache(maxsize=1024)
def _label(label: str) -> str:
    """Staff typed it, and staff err."""
    return stripped(label)
