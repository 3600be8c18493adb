"""Numbers about messages, for operators: never a text, never an address."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from messaging.models import UNDELIVERED, Message
from store.database import now, reading

TELLING = ("alert", "private", "relay")
"""Kinds whose number could tell that there is a sensitive report: administrators are shown the others."""
LATE = timedelta(minutes=5)
MOST = 10_000
"""More than these are not counted, for the page that shows them has to be quick."""


@dataclass(frozen=True)
class Waiting:
    """Messages of one direction that are not finished. `late`: those that should have gone minutes ago."""

    number: int
    late: int
    oldest: datetime | None


def waiting(session: Session, at: datetime) -> dict[str, Waiting]:
    """By direction; without what could tell of a report, and counted no further than MOST."""
    states = {"in": ("received",), "out": ("queued", "sending")}
    found = {}
    for direction, unfinished in states.items():
        inside = (
            select(Message.due_at, Message.created_at)
            .where(Message.direction == direction, Message.state.in_(unfinished), Message.kind.not_in(TELLING))
            .limit(MOST)
            .subquery()
        )
        late = func.count().filter(inside.c.due_at < at - LATE)
        found[direction] = Waiting(*session.execute(select(func.count(), late, func.min(inside.c.created_at))).one())
    return found


def failures(session: Session, since: datetime) -> list[tuple[str, str | None, int]]:
    """State, error code and number of messages that did not arrive since then, the most first; again without what could
    tell of a report."""
    inside = (
        select(Message.state, Message.error_code)
        .where(Message.direction == "out", Message.state.in_(UNDELIVERED), Message.due_at >= since)
        .where(Message.kind.not_in(TELLING))
        .limit(MOST)
        .subquery()
    )
    grouped = select(inside.c.state, inside.c.error_code, func.count()).group_by(inside.c.state, inside.c.error_code)
    return [(state, code, number) for state, code, number in session.execute(grouped.order_by(func.count().desc()))]


def messages_by_state() -> dict[tuple[str, str], int]:
    """Number of messages per direction and state."""
    with reading() as session:
        rows = session.execute(
            select(Message.direction, Message.state, func.count()).group_by(Message.direction, Message.state)
        )
        return {(direction, state): number for direction, state, number in rows}


def oldest_waiting() -> dict[str, float]:
    """Seconds that the oldest unfinished message of each direction has waited; 0 where none waits."""
    waiting = {"in": ("received",), "out": ("queued", "sending")}
    with reading() as session:
        found = {
            direction: session.scalar(
                select(func.min(Message.created_at)).where(Message.direction == direction, Message.state.in_(states))
            )
            for direction, states in waiting.items()
        }
    return {direction: (now() - oldest).total_seconds() if oldest else 0.0 for direction, oldest in found.items()}
