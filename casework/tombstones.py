"""What stays of what was removed: that, when and why; never what."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from casework.models import Tombstone


def put(session: Session, kind: str, reason: str, number: int = 1, reference: str | None = None) -> None:
    """Note a removal in the caller's transaction. `kind`: messages, feedback, media, contact."""
    if number:
        session.add(Tombstone(kind=kind, reason=reason, number=number, reference=reference))
        session.flush()


RUN = "run"
"""Kind of the one row about the last round of forgetting: its outcome as the reason, its number, its time."""


def note_run(session: Session, outcome: str, number: int, at: datetime) -> None:
    """Write down how the last round ended, over the one before. `outcome`: done, failed."""
    session.execute(delete(Tombstone).where(Tombstone.kind == RUN))
    session.add(Tombstone(kind=RUN, reason=outcome, number=number, at=at))
    session.flush()


def last_run(session: Session) -> Tombstone | None:
    """How the last round ended; None if there was none yet."""
    return session.scalars(select(Tombstone).where(Tombstone.kind == RUN).order_by(Tombstone.id.desc())).first()
