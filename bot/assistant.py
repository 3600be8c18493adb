"""The Rasa agent in this process: model, sessions, words, and the actions without a network in between."""

from __future__ import annotations

import asyncio
from contextvars import copy_context
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.core.processor import MessageProcessor
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActiveLoop, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig
from rasa_sdk.executor import ActionExecutor

from actions import turn as turns
from bot.hearing import Heard
from bot.nlg import Catalogues
from bot.sessions import ContactLocks, Sessions
from bot.understanding import Understanding


class ActionFailed(Exception):
    """An action raised; Rasa would only log it and go on, but a turn is done wholly or not at all."""


class InProcessActions(EndpointConfig):
    """Rasa's action endpoint that calls the actions right here, and remembers what went wrong in them."""

    def __init__(self) -> None:
        super().__init__(url="in-process", enable_selective_domain=True)
        self._executor = ActionExecutor()
        self._executor.register_package("actions")
        self.failure: BaseException | None = None

    async def request(self, method: str = "post", **kwargs: Any) -> Any:
        """Run the action of the call that Rasa would have sent over HTTP."""
        try:
            return await self._executor.run(kwargs["json"])
        except Exception as error:
            self.failure = error
            raise


@dataclass(frozen=True)
class Reply:
    """What the assistant says: paragraphs, and numbered choices as (payload, title)."""

    texts: tuple[str, ...]
    choices: tuple[tuple[str, str], ...]


class Assistant:
    """One per process; not for several threads."""

    def __init__(self, model: Path) -> None:
        self._runner = asyncio.Runner()
        self._actions = InProcessActions()
        self.sessions = Sessions()
        self._processor = MessageProcessor(
            model_path=model,
            tracker_store=self.sessions,
            lock_store=ContactLocks(),
            generator=Catalogues(),
            action_endpoint=self._actions,
        )
        domain: Domain = self._processor.domain
        self.sessions.domain = domain
        self._processor.nlg = Catalogues(domain=domain)
        self.understanding = Understanding(self._processor, self._runner)

    def reply(self, tracker: DialogueStateTracker, turn: turns.Turn, heard: Heard) -> Reply:
        """Let the rules answer what was heard; actions work in the turn's transaction.

        Raises:
            ActionFailed: the turn must be rolled back.
        """
        parsed = {
            "text": turn.text,
            "intent": {"name": heard.intent, "confidence": heard.confidence},
            "entities": [],
        }
        if tracker.get_slot("language") != turn.language:
            tracker.update(SlotSet("language", turn.language))
        self._actions.failure = None
        channel = CollectingOutputChannel()
        message = UserMessage(
            turn.text, channel, tracker.sender_id, parse_data=parsed, input_channel=turn.contact.channel
        )
        with turns.during(turn):
            self._runner.run(self._processor.handle_message(message), context=copy_context())
        if self._actions.failure is not None:
            raise ActionFailed(type(self._actions.failure).__name__) from self._actions.failure
        said = channel.messages
        choices = tuple((b["payload"], b["title"]) for part in said for b in part.get("buttons") or ())
        if choices:
            tracker.update(SlotSet("menu", [list(choice) for choice in choices]))
        return Reply(tuple(part["text"] for part in said if part.get("text")), choices)

    @staticmethod
    def leave_form(tracker: DialogueStateTracker) -> None:
        """End an open form: what the person writes now goes first."""
        if tracker.active_loop_name is not None:
            tracker.update(ActiveLoop(None))
            tracker.update(SlotSet("requested_slot", None))
