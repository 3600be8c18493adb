"""What stays of what was removed: that, when and why; never what."""

from sqlalchemy.orm import Session

from casework.models import Tombstone


def put(session: Session, kind: str, reason: str, number: int = 1, reference: str | None = None) -> None:
    """Note a removal in the caller's transaction. `kind`: messages, feedback, media, contact."""
    if number:
        session.add(Tombstone(kind=kind, reason=reason, number=number, reference=reference))
        session.flush()
