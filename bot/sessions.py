"""Dialogue sessions in Redis: a Rasa tracker store that is bounded, encrypted and expiring, and forgets the words.

What is kept of a conversation: the slots, the active form, and the last turns' events without a single text. A turn
costs one read and one write, however long the conversation. A session may vanish at any time: the next starts anew.
"""

import json
import zlib
from collections.abc import Iterable
from typing import Any, cast

import structlog
from rasa.core.lock import TicketLock
from rasa.core.lock_store import LockStore
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.events import ActionExecuted, ActiveLoop, Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from runtime.deployment import deployment
from runtime.logging import failure
from runtime.redis import RedisError, redis
from store.encryption import Unreadable, keyring

log = structlog.get_logger()

TURNS = 2
"""User turns whose events are kept; the rules look back no further."""
PURPOSE = "session"
OF_WORDS = frozenset({"safe_time", "wishes", "feedback_text"})
"""Slots that a person's words fill: used within one turn; only that they were used (True) is kept."""
_KEPT_OF_USER = ("event", "timestamp", "parse_data", "input_channel")


class Sessions(TrackerStore):
    """Rasa's tracker store on Redis. `save` only remembers; `commit` writes, after the database has committed."""

    def __init__(self, domain: Any = None, endpoint: EndpointConfig | None = None, **kwargs: Any) -> None:
        super().__init__(domain, None, **kwargs)
        self._read: dict[str, DialogueStateTracker] = {}
        self._unwritten: dict[str, DialogueStateTracker] = {}

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """The session of this turn: read once, then the one in hand."""
        if sender_id not in self._read:
            found = self._fetch(sender_id)
            if found is None:
                return None
            self._read[sender_id] = found
        return self._read[sender_id]

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Keep for `commit`."""
        self._read[tracker.sender_id] = tracker
        self._unwritten[tracker.sender_id] = tracker

    async def keys(self) -> Iterable[str]:
        """Nobody may list who talks with us."""
        return []

    async def delete(self, sender_id: str) -> None:
        """Forget a session."""
        self.forget(sender_id)

    def open(self, sender_id: str) -> DialogueStateTracker:
        """The session for a turn, read from Redis or new."""
        self.close(sender_id)
        tracker = self._fetch(sender_id)
        if tracker is None:
            tracker = self.init_tracker(sender_id)
            tracker.update(ActionExecuted("action_listen"))
        self._read[sender_id] = tracker
        return tracker

    def commit(self, sender_id: str) -> None:
        """Write the session of a finished turn. Without Redis it is lost, which is allowed."""
        tracker = self._unwritten.pop(sender_id, None)
        self.close(sender_id)
        if tracker is None:
            return
        try:
            sealed = keyring().encrypt(PURPOSE, zlib.compress(_dump(tracker), 1))
            redis().set(_key(sender_id), sealed, ex=int(deployment().session_hours * 3600))
        except RedisError as error:
            log.warning("session_not_kept", **failure(error))

    def close(self, sender_id: str) -> None:
        """Drop what is in hand, written or not (a turn failed)."""
        self._read.pop(sender_id, None)
        self._unwritten.pop(sender_id, None)

    def forget(self, sender_id: str) -> None:
        """Remove the session from Redis too."""
        self.close(sender_id)
        try:
            redis().delete(_key(sender_id))
        except RedisError as error:
            log.warning("session_not_forgotten", **failure(error))

    def _fetch(self, sender_id: str) -> DialogueStateTracker | None:
        try:
            sealed = cast("bytes | None", redis().get(_key(sender_id)))
        except RedisError as error:
            log.warning("session_not_read", **failure(error))
            return None
        if sealed is None:
            return None
        try:
            return _load(self.init_tracker(sender_id), zlib.decompress(keyring().decrypt(PURPOSE, sealed)))
        except (Unreadable, zlib.error, ValueError, KeyError, TypeError) as error:
            log.warning("session_unreadable", **failure(error))
            return None


class ContactLocks(LockStore):
    """The contact's own lock is held around the whole turn (bot/turn.py), so Rasa needs none."""

    def get_lock(self, conversation_id: str) -> TicketLock | None:
        """A lock that is free."""
        return TicketLock(conversation_id)

    def save_lock(self, lock: TicketLock) -> None:
        """Nothing to keep."""

    def delete_lock(self, conversation_id: str) -> None:
        """Nothing to delete."""


def _key(sender_id: str) -> str:
    return f"session:{{{sender_id}}}"


def _dump(tracker: DialogueStateTracker) -> bytes:
    """The bounded form as JSON: state before the last turns, then their events, without texts."""
    events = list(tracker.events)
    turns = [index for index, event in enumerate(events) if isinstance(event, UserUttered)]
    cut = turns[-TURNS] if len(turns) > TURNS else 0
    slots: dict[str, Any] = {}
    loop = None
    for event in events[:cut]:
        if isinstance(event, SlotSet):
            slots[event.key] = event.value
        elif isinstance(event, ActiveLoop):
            loop = event.name
    kept = [_without_words(event) for event in events[cut:]]
    state = {
        "slots": {name: value for name, value in slots.items() if value is not None and _may_be_kept(name, value)},
        "loop": loop,
        "events": [event for event in kept if event],
    }
    return json.dumps(state, separators=(",", ":")).encode()


def _may_be_kept(slot: str, value: Any) -> bool:
    return slot not in OF_WORDS or value is True or value is None


def _without_words(event: Event) -> dict[str, Any] | None:
    data = {key: value for key, value in event.as_dict().items() if value is not None and key != "metadata"}
    kind = data["event"]
    if kind == "user":
        parsed = data.get("parse_data") or {}
        kept = {key: data[key] for key in _KEPT_OF_USER if key in data}
        kept["parse_data"] = {"intent": parsed.get("intent") or {}, "entities": [], "text": ""}
        return {**kept, "text": ""}
    if kind == "bot":
        return {"event": "bot", "timestamp": data.get("timestamp"), "text": ""}
    if kind == "slot" and not _may_be_kept(data["name"], data.get("value")):
        return None
    return data if kind in ("action", "slot", "active_loop", "session_started") else None


def _load(tracker: DialogueStateTracker, state_json: bytes) -> DialogueStateTracker:
    state = json.loads(state_json)
    before: list[Event] = [SlotSet(name, value) for name, value in state["slots"].items()]
    if state["loop"]:
        before.append(ActiveLoop(state["loop"]))
    events = [*before, *(Event.from_parameters(parameters) for parameters in state["events"])]
    if not any(isinstance(event, ActionExecuted) for event in events):
        events.append(ActionExecuted("action_listen"))
    for event in events:
        if event is not None:
            tracker.update(event)
    return tracker
