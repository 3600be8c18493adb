"""Answers to questions, from the pages of data/knowledge."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.knowledge import page
from actions.turn import here
from casework import feedback
from runtime.deployment import deployment


class Answer(Action):
    """The short answer; the long one on WhatsApp, after MORE, or with the value `more`."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_answer"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Say the page's words in the contact's language, or leave the question to a person."""
        topic = str(tracker.latest_message["intent"]["name"]).removeprefix("ask_")
        with here(tracker) as turn:
            default = deployment().default_language
            found = page(topic, turn.language or default) or page(topic, default)
            if found is None:
                kept = feedback.take(
                    turn.session, turn.contact, turn.message_id, turn.text, ["question"], topic, turn.language
                )
                dispatcher.utter_message(response="utter_no_page", reference=kept.reference)
                return []
            long = turn.value == "more" or turn.contact.channel == "whatsapp"
            parts = ("more", "steps", "rights") if turn.value == "more" else ("more", "steps") if long else ("short",)
            words = "\n\n".join(found.parts[part] for part in parts)
            dispatcher.utter_message(text=words.replace("{organisation}", deployment().organisation))
            if not long:
                dispatcher.utter_message(response="utter_more_hint")
        return [SlotSet("topic", topic)]
