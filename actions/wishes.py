"""What people may ask of us at any time: stop, start, delete."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.turn import here
from casework import forgetting
from store.database import now


class OptOut(Action):
    """STOP: one neutral confirmation, then nothing that the person did not ask for."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_opt_out"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Note it."""
        with here(tracker) as turn:
            turn.contact.opted_out_at = turn.contact.opted_out_at or now()
            dispatcher.utter_message(response="utter_opted_out")
        return []


class OptIn(Action):
    """START."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_opt_in"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Note it."""
        with here(tracker) as turn:
            turn.contact.opted_out_at = None
            dispatcher.utter_message(response="utter_opted_in")
        return []


class Forget(Action):
    """Delete what was written, after one question. Private reports stay: the focal point decides with the person."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_forget"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """With the value `sure`, delete; otherwise ask."""
        with here(tracker) as turn:
            if turn.value == "sure":
                forgetting.forget_words(turn.session, turn.contact, turn.message_id)
                dispatcher.utter_message(response="utter_forgotten")
            else:
                dispatcher.utter_message(response="utter_forget_ask")
        return []
