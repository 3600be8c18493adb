"""The Rasa agent in this process: model, sessions, words, and the actions without a network in between."""

from __future__ import annotations

import asyncio
import re
from contextvars import copy_context
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rasa.core.actions.action import Action, ActionExecutionRejection, RemoteAction
from rasa.core.channels.channel import CollectingOutputChannel, OutputChannel, UserMessage
from rasa.core.nlg.generator import NaturalLanguageGenerator
from rasa.core.policies.policy import PolicyPrediction
from rasa.core.processor import MessageProcessor
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecutionRejected, ActiveLoop, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig
from rasa_sdk.executor import ActionExecutor

from actions import turn as turns
from bot.hearing import Heard
from bot.nlg import Catalogues
from bot.sessions import ContactLocks, Sessions
from bot.understanding import Understanding

_ONCE = re.compile(r":sure$|=|:reply_")
"""Choices that hold for the next message only: to delete, about one earlier message, whether we may reply."""


class InProcessActions(EndpointConfig):
    """Rasa's action endpoint that calls the actions right here."""

    def __init__(self) -> None:
        super().__init__(url="in-process", enable_selective_domain=True)
        self._executor = ActionExecutor()
        self._executor.register_package("actions")

    async def request(self, method: str = "post", **kwargs: Any) -> Any:
        """Run the action of the call that Rasa would have sent over HTTP."""
        return await self._executor.run(kwargs["json"])


def _is_ours(_action: RemoteAction, _result: dict[str, Any]) -> bool:
    """Rasa checks what an action server answers against a JSON schema, 18 ms of CPU a time; ours comes from rasa_sdk in
    this process, and what is wrong in it raises when it is read."""
    return True


RemoteAction._validate_action_result = _is_ours


class Processor(MessageProcessor):
    """Rasa's processor, but what goes wrong in an action ends the turn instead of being logged and passed over."""

    async def run_action_extract_slots(
        self, output_channel: OutputChannel, tracker: DialogueStateTracker
    ) -> DialogueStateTracker:
        if tracker.active_loop_name is None:
            return tracker  # our slots are filled from texts in a form only
        return await super().run_action_extract_slots(output_channel, tracker)

    async def _run_action(
        self,
        action: Action,
        tracker: DialogueStateTracker,
        output_channel: OutputChannel,
        nlg: NaturalLanguageGenerator,
        prediction: PolicyPrediction,
    ) -> bool:
        seen = tracker
        if prediction.events:  # only then must the action see what the tracker does not hold yet
            seen = tracker.copy()
            seen.update_with_events(prediction.events, self.domain)
        try:
            events = await action.run(output_channel, nlg, seen, self.domain)
        except ActionExecutionRejection:
            tracker.update(ActionExecutionRejected(action.name(), prediction.policy_name, prediction.max_confidence))
            return bool(self.should_predict_another_action(action.name()))
        self._log_action_on_tracker(tracker, action, events, prediction)
        await self.execute_side_effects(events, tracker, output_channel)
        return bool(self.should_predict_another_action(action.name()))


@dataclass(frozen=True)
class Reply:
    """What the assistant says: paragraphs, and numbered choices as (payload, title)."""

    texts: tuple[str, ...]
    choices: tuple[tuple[str, str], ...]


class Assistant:
    """One per process; not for several threads."""

    def __init__(self, model: Path) -> None:
        self._runner = asyncio.Runner()
        self.sessions = Sessions()
        self._processor = Processor(
            model_path=model,
            tracker_store=self.sessions,
            lock_store=ContactLocks(),
            generator=Catalogues(),
            action_endpoint=InProcessActions(),
        )
        domain: Domain = self._processor.domain
        self.sessions.domain = domain
        self._processor.nlg = Catalogues(domain=domain)
        self.understanding = Understanding(self._processor)

    def reply(self, tracker: DialogueStateTracker, turn: turns.Turn, heard: Heard) -> Reply:
        """Let the rules answer what was heard; actions work in the turn's transaction; what they raise comes out."""
        parsed = {
            "text": turn.text,
            "intent": {"name": heard.intent, "confidence": heard.confidence},
            "entities": [],
        }
        if tracker.get_slot("language") != turn.language:
            tracker.update(SlotSet("language", turn.language))
        channel = CollectingOutputChannel()
        message = UserMessage(
            turn.text, channel, tracker.sender_id, parse_data=parsed, input_channel=turn.contact.channel
        )
        with turns.during(turn):
            self._runner.run(self._processor.handle_message(message), context=copy_context())
        said = channel.messages
        choices = tuple((b["payload"], b["title"]) for part in said for b in part.get("buttons") or ())
        if choices:
            tracker.update(SlotSet("menu", [list(choice) for choice in choices]))
        elif any(_ONCE.search(payload) for payload, _ in tracker.get_slot("menu") or ()):
            tracker.update(SlotSet("menu", None))
        return Reply(tuple(part["text"] for part in said if part.get("text")), choices)

    @staticmethod
    def leave_form(tracker: DialogueStateTracker) -> None:
        """End an open form: what the person writes now goes first."""
        if tracker.active_loop_name is not None:
            tracker.update(ActiveLoop(None))
            tracker.update(SlotSet("requested_slot", None))
