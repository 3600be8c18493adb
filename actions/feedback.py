"""Feedback: taken in one message, thanked with a code; then at most one question that may be left unanswered."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import after_feedback
from actions.answer import say_also
from actions.turn import Turn, here
from casework import feedback, media
from casework.models import Feedback
from directory import search
from runtime import taxonomy
from runtime.words import sentence

THANKS = {
    "complaint": "utter_complaint_taken",
    "suggestion": "utter_suggestion_taken",
    "praise": "utter_praise_taken",
    "rumour": "utter_rumour_taken",
}
PLACED = frozenset({"complaint", "suggestion", "rumour"})
"""Types of which it helps to know where."""


class TakeFeedback(Action):
    """Store what the person said about a service, or what they add to it."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_take_feedback"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Thank, give the code, ask one thing."""
        with here(tracker) as turn:
            if (added := after_feedback.heard(turn, dispatcher)) is not None:
                return [SlotSet("asked", added or None)]
            types = feedback_types(turn, str(tracker.latest_message["intent"]["name"]))
            kept = keep(turn, types)
            dispatcher.utter_message(response=THANKS.get(types[0], THANKS["complaint"]), reference=kept.reference)
            for topic in turn.understanding.get("also", ()):
                say_also(turn, dispatcher, topic)
            asked = _ask(turn, dispatcher, kept)
        return [SlotSet("feedback_text", None), SlotSet("asked", asked)]


def _ask(turn: Turn, dispatcher: CollectingDispatcher, kept: Feedback) -> list[Any] | None:
    """One question that helps: may we reply (after a STOP), or where was it. As the slot `asked` has it."""
    if turn.contact.opted_out_at is not None and kept.may_reply is None:
        buttons = [
            {
                "title": sentence(f"button_{word}", turn.language),
                "payload": f"feedback_complaint:reply_{word}-{kept.id}",
            }
            for word in ("yes", "no")
        ]
        dispatcher.utter_message(response="utter_ask_may_reply", buttons=buttons)
        return [after_feedback.REPLY, kept.id]
    if kept.place is None and PLACED & set(kept.types) and not turn.understanding.get("also"):
        dispatcher.utter_message(response="utter_ask_where")
        return [after_feedback.WHERE, kept.id]
    return None


def keep(turn: Turn, types: list[str]) -> Feedback:
    """Store the turn's message as feedback."""
    doubtful = turn.understanding.get("half_hint") or turn.understanding.get("ask_softly")
    told = feedback.Told(
        message_id=turn.message_id,
        text=turn.text,
        types=types,
        topic=turn.understanding.get("topic"),
        language=turn.language,
        place=search.place_named(turn.text) or turn.contact.place,
        sensitive=bool(doubtful),
        meaning=turn.meaning(turn.text) if turn.meaning and turn.text else None,
    )
    kept = feedback.take(turn.session, turn.contact, told)
    if turn.extras.media and turn.message_id is not None:
        media.want(turn.session, turn.message_id, turn.extras)
    return kept


def feedback_types(turn: Turn, intent: str) -> list[str]:
    """The types of a feedback, the intent's first; a complaint where nothing tells (it was announced as feedback)."""
    leading = intent.removeprefix("feedback_")
    read = [name for name in turn.understanding.get("feedback_types", ()) if name != "question"]
    types = [leading, *read] if leading in taxonomy.feedback_types() else read
    return list(dict.fromkeys(types)) or ["complaint"]
