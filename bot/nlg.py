"""Rasa's words come from the gettext catalogues: a response in the domain names a sentence, not a text."""

from typing import Any

from rasa.core.nlg.generator import NaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from runtime.deployment import deployment
from runtime.settings import ROOT
from runtime.words import sentence


class Catalogues(NaturalLanguageGenerator):
    """Renders `utter_…` in the contact's language (slot `language`)."""

    def __init__(self, endpoint_config: EndpointConfig | None = None, domain: Domain | None = None) -> None:
        # `rasa run` and `rasa shell` make this before they have loaded a model, with an empty domain
        known = domain if domain is not None and domain.responses else Domain.load(str(ROOT / "domain.yml"))
        self._responses = known.responses

    async def generate(
        self, utter_action: str, tracker: DialogueStateTracker, output_channel: str, **kwargs: Any
    ) -> dict[str, Any] | None:
        """The response's sentence and buttons; None for a response that the domain does not have."""
        variants = self._responses.get(utter_action)
        if not variants:
            return None
        chosen = next((v for v in variants if v.get("channel") == output_channel), None) or next(
            v for v in variants if not v.get("channel")
        )
        language = tracker.get_slot("language")
        values = {"organisation": deployment().organisation, **kwargs}
        buttons = [
            {"title": sentence(button["title"], language), "payload": button["payload"]}
            for button in chosen.get("buttons", ())
        ]
        return {"text": sentence(chosen["text"], language, **values), "buttons": buttons}
