"""Numbers about messages, for operators: never a text, never an address."""

from sqlalchemy import func, select

from messaging.models import Message
from store.database import now, reading


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
