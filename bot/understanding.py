"""The trained model in this process: what `sawti understand` and the workers ask."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rasa.core.processor import MessageProcessor
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from actions.codes import words_of
from bot import hearing
from bot.encoder import Vectors
from bot.language import identify
from bot.nlu.component import Understanding as Component
from runtime import taxonomy


class Understanding:
    """Reads texts with the trained component of a Rasa message processor.

    It asks the component itself: Rasa's graph runner spends a millisecond a text on planning a pipeline of one.
    """

    def __init__(self, processor: MessageProcessor) -> None:
        nodes = processor.graph_runner._instantiated_nodes.values()
        self._component = next(n._component for n in nodes if isinstance(n._component, Component))

    def read(self, text: str) -> dict[str, Any]:
        """The model's reading of one text, as Rasa's parse data."""
        # in Rasa a leading slash makes a text a command; people only mistype it
        message = Message(data={TEXT: words_of(text).lstrip("/ \t\r\n")})
        self._component.process([message])
        found: dict[str, Any] = message.as_dict(only_output_properties=True)
        return found

    def meaning(self, text: str, language: str | None) -> Vectors:
        """The vector by which the text is compared with others (bot/nlu/likeness.py), shape (100,)."""
        return self._component.likeness(text, language)

    def describe(self, text: str) -> dict[str, Any]:
        """The reading in the shape that `sawti understand` promises (docs/understanding.md)."""
        return self.assess(text)[0]

    def assess(self, text: str) -> tuple[dict[str, Any], list[str]]:
        """The reading, and the model's intents, likeliest first (none where it was not asked)."""
        guess = identify(text)
        heard = hearing.command(text) if text.strip() else hearing.Heard("out_of_scope", 0.0)
        if heard is None and hearing.number_in(text) is not None:
            heard = hearing.Heard("menu")  # an answer to a menu; without one it brings the menu
        read = heard.read if heard else self.read(text)
        if heard is None:
            intent, confidence = read["intent"]["name"], read["intent"]["confidence"]
        else:
            intent, confidence = heard.intent, heard.confidence
        if intent not in taxonomy.intents():  # MORE is a command, not an intent
            intent = "menu"
        if heard is None and confidence < hearing.NO_IDEA:
            intent = "out_of_scope"
        if read.get("sensitive"):
            intent = "report_privately"
        said = {
            "text": text,
            "language": guess.language,
            "language_confidence": round(guess.confidence, 4),
            "intent": intent,
            "confidence": round(confidence, 4),
            "feedback_types": read.get("feedback_types", []),
            "sensitive": [
                {"category": item["category"], "score": round(item["score"], 4)} for item in read.get("sensitive", [])
            ],
            "ask_softly": read.get("ask_softly", False),
        }
        return said, [item["name"] for item in read.get("intent_ranking", ())]


def load(model: Path) -> Understanding:
    """A reader alone, without sessions and actions."""
    from rasa.core.lock_store import InMemoryLockStore
    from rasa.core.tracker_store import InMemoryTrackerStore
    from rasa.shared.core.domain import Domain

    from bot.nlg import Catalogues

    processor = MessageProcessor(model, InMemoryTrackerStore(Domain.empty()), InMemoryLockStore(), Catalogues())
    return Understanding(processor)
