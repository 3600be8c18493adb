"""The turn in which an action runs: database session, contact, message, and what must follow the commit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from rasa_sdk import Tracker
from sqlalchemy.orm import Session

from casework.clusters import Vector
from messaging import contacts
from messaging.inbound import Extras
from messaging.models import Contact
from messaging.providers import simulator
from runtime.deployment import deployment
from store.database import transaction


@dataclass
class Turn:
    """One message being answered. `understanding` is what was read in it (bot/hearing.py)."""

    session: Session
    contact: Contact
    message_id: int | None
    text: str
    language: str | None
    understanding: dict[str, Any] = field(default_factory=dict)
    extras: Extras = field(default_factory=Extras)
    value: str | None = None
    announce: list[int] = field(default_factory=list)
    """Contacts whose outbox must be announced after the commit."""
    present: int | None = None
    """The message that chose what an earlier one is; then `message_id`, `text` and `extras` are the earlier one's."""
    private: bool = False
    """The message's words were moved into a report: nothing else may keep them."""
    meaning: Callable[[str], Vector] | None = None
    """Gives the vector by which a text is compared with others, shape (n,)."""


_current: ContextVar[Turn | None] = ContextVar("turn", default=None)


@contextmanager
def during(turn: Turn) -> Iterator[None]:
    """Run actions inside this turn."""
    token = _current.set(turn)
    try:
        yield
    finally:
        _current.reset(token)


@contextmanager
def here(tracker: Tracker) -> Iterator[Turn]:
    """The current turn; under `rasa run actions` (development) one of its own, with a made-up contact."""
    turn = _current.get()
    if turn is not None:
        yield turn
        return
    with transaction() as session:
        contact = contacts.find_or_make(session, simulator.NAME, "sms", "+12025550199")
        parsed = tracker.latest_message
        yield Turn(session, contact, None, parsed.get("text") or "", tracker.get_slot("language"), dict(parsed))


def emergency_number(turn: Turn) -> str:
    """The deployment's number, else that of the country of the person's phone."""
    return deployment().emergency_number or contacts.emergency_number(contacts.country_of(turn.contact))
