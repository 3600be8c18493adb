"""The states of a feedback, and which may follow which. Everything else is a mistake of the caller."""

from datetime import datetime

from casework.models import Feedback
from casework.refusal import Refusal

MOVES: dict[str, frozenset[str]] = {
    "new": frozenset({"acknowledged", "in_progress", "answered", "closed"}),
    "acknowledged": frozenset({"in_progress", "answered", "closed"}),
    "in_progress": frozenset({"answered", "closed"}),
    "answered": frozenset({"in_progress", "answered", "closed", "reopened"}),
    "closed": frozenset({"reopened"}),
    "reopened": frozenset({"acknowledged", "in_progress", "answered", "closed"}),
}
OPEN = frozenset({"new", "acknowledged", "in_progress", "reopened"})
"""Somebody still has to do something."""
UNREAD = frozenset({"new"})
RESOLUTIONS = ("done", "partly", "not_done", "withdrawn")
"""How a feedback ended; `withdrawn`: at the person's own wish."""


class Impossible(Refusal):
    """The feedback cannot go into this state from the one it is in; the text says both."""


def move(feedback: Feedback, state: str, at: datetime) -> bool:
    """Bring the feedback into a state. False if it was there already.

    Raises:
        Impossible: no way leads there.
    """
    if state == feedback.state and state not in MOVES[state]:
        return False
    if state not in MOVES[feedback.state]:
        raise Impossible(
            "%(code)s is %(state)s and cannot become %(next_state)s",
            code=feedback.reference,
            state=feedback.state,
            next_state=state,
        )
    feedback.state, feedback.changed_at = state, at
    if state not in UNREAD and feedback.acknowledged_at is None:
        feedback.acknowledged_at = at
    if state == "answered":
        feedback.answered_at = at
    feedback.closed_at = at if state == "closed" else None
    return True
