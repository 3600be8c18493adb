"""Feedback: taken in one message, thanked with a code, and looked up again."""

import re
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.answer import say_also
from actions.turn import Turn, here
from casework import feedback, reference
from casework.models import Feedback
from runtime import taxonomy

_CODE_ALONE = re.compile(r"^\W*(?:\w+\W+)?(?=\w*[-\d])[^\W_]{4,6}\s?-?\s?[^\W_]\W*$")

THANKS = {
    "complaint": "utter_complaint_taken",
    "suggestion": "utter_suggestion_taken",
    "praise": "utter_praise_taken",
    "rumour": "utter_rumour_taken",
}


class TakeFeedback(Action):
    """Store what the person said about a service."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_take_feedback"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Thank, and give the code."""
        with here(tracker) as turn:
            intent = str(tracker.latest_message["intent"]["name"])
            types = feedback_types(turn, intent)
            kept = keep(turn, types)
            dispatcher.utter_message(response=THANKS.get(types[0], THANKS["complaint"]), reference=kept.reference)
            for topic in turn.understanding.get("also", ()):
                say_also(turn, dispatcher, topic)
        return [SlotSet("feedback_text", None)]


class TalkToHuman(Action):
    """Leave the message to a person."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_talk_to_human"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Store it as a question for people."""
        with here(tracker) as turn:
            kept = keep(turn, ["question"])
            dispatcher.utter_message(response="utter_human", reference=kept.reference)
        return []


class CheckStatus(Action):
    """Where does my complaint stand?"""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_check_status"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """By the code in the message, or the person's latest."""
        with here(tracker) as turn:
            found = feedback.find_own(turn.session, turn.contact, code_in(turn.text))
            if found is None:
                dispatcher.utter_message(response="utter_status_none")
            else:
                dispatcher.utter_message(
                    response="utter_status", reference=found.reference, date=found.created_at.date().isoformat()
                )
        return []


def asks_by_code(text: str) -> bool:
    """True if the message is nothing but a code as we write it, with at most a word such as "status" before it.

    Words that happen to pass for a code ("me matan") must not: a hyphen or a digit has to be there.
    """
    return len(text) <= 24 and bool(_CODE_ALONE.match(text)) and reference.find(text) is not None


def code_in(text: str) -> str | None:
    """The reference code in a text, if a valid one is there."""
    return reference.find(text)


def keep(turn: Turn, types: list[str]) -> Feedback:
    """Store the turn's message as feedback."""
    topic = turn.understanding.get("topic")
    return feedback.take(turn.session, turn.contact, turn.message_id, turn.text, types, topic, turn.language)


def feedback_types(turn: Turn, intent: str) -> list[str]:
    """The types of a feedback, the intent's first; a complaint where nothing tells (it was announced as feedback)."""
    leading = intent.removeprefix("feedback_")
    read = [name for name in turn.understanding.get("feedback_types", ()) if name != "question"]
    types = [leading, *read] if leading in taxonomy.feedback_types() else read
    return list(dict.fromkeys(types)) or ["complaint"]
