"""A person is wanted: the talk goes to staff while they are there; otherwise the message waits for them."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.feedback import keep
from actions.places import hours
from actions.turn import Turn, here
from casework import feedback, hand_over, media
from runtime.deployment import deployment

WAITING = "waiting"
"""Value of the turn: people hold the talk, and this message is for them."""


class TalkToHuman(Action):
    """Leave the message to a person."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_talk_to_human"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Store it as a question for people; say when they are there. While they hold the talk, say nothing."""
        with here(tracker) as turn:
            if turn.value == WAITING:
                _to_people(turn)
                return []
            kept = keep(turn, ["question"])
            kept.may_reply = True  # who asks for a person asks for the answer, also after a STOP
            if hand_over.begin(turn.contact):
                feedback.record(turn.session, kept, "handed_over")
                dispatcher.utter_message(response="utter_human_soon", reference=kept.reference)
            else:
                when = hours(deployment().promises.opening_hours, turn.language)
                dispatcher.utter_message(response="utter_human_later", reference=kept.reference, hours=when)
        return [SlotSet("menu", None), SlotSet("topic", None), SlotSet("told", None)]


def _to_people(turn: Turn) -> None:
    asked = hand_over.record_of(turn.session, turn.contact)
    if asked is None or turn.message_id is None:
        keep(turn, ["question"])
        return
    feedback.add_words(turn.session, asked, turn.message_id, bool(turn.understanding.get("half_hint")))
    if turn.extras.media:
        media.want(turn.session, turn.message_id, turn.extras)
