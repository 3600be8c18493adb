"""What people may ask of us at any time: stop, start, delete."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.turn import Turn, here
from casework import feedback, forgetting, relay, report_life
from runtime import taxonomy
from runtime.words import sentence
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
            turn.announce.extend(relay.stop(turn.session, turn.contact))
            feedback.allow_no_more(turn.session, turn.contact)
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
    """Delete what was written, after one question; of private reports what may go (report_life.delete_at_wish)."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_forget"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """With the value `sure`, delete; with `show`, tell what is kept; otherwise ask."""
        with here(tracker) as turn:
            if turn.value == "show":
                _tell_what_is_kept(turn, dispatcher)
            elif turn.value == "sure":
                forgetting.forget_words(turn.session, turn.contact, turn.message_id)
                turn.announce.extend(report_life.delete_at_wish(turn.session, turn.contact))
                dispatcher.utter_message(response="utter_forgotten")
                return [SlotSet(name, None) for name in ("topic", "told", "place_for", "hint", "asked", "report")]
            else:
                dispatcher.utter_message(response="utter_forget_ask")
        return []


def _tell_what_is_kept(turn: Turn, dispatcher: CollectingDispatcher) -> None:
    """Counts, language and place; never words: somebody else may hold the phone. Nothing of private reports."""
    kept = forgetting.what_is_kept(turn.session, turn.contact)
    none = sentence("nothing_kept", turn.language)
    dispatcher.utter_message(
        response="utter_my_data",
        messages=kept.messages,
        feedback=kept.feedback,
        language=taxonomy.languages().get(turn.contact.language or "", none),
        place=sentence("button_yes", turn.language) if turn.contact.place else none,
        delete=sentence("keyword_delete", turn.language),
    )
