"""Where does my complaint stand?"""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.turn import Turn, here
from casework import answering, feedback, reference, reports
from casework.models import Feedback

STATUS = {
    "new": "utter_status",
    "acknowledged": "utter_status_acknowledged",
    "in_progress": "utter_status_in_progress",
    "answered": "utter_status_answered",
    "closed": "utter_status_closed",
    "reopened": "utter_status_reopened",
}


class CheckStatus(Action):
    """By the code in the message, or the person's latest."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_check_status"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Tell the state, and an answer that has not reached the person."""
        with here(tracker) as turn:
            code = reference.find(turn.text)
            found = feedback.find_own(turn.session, turn.contact, code)
            if found is not None:
                _tell(turn, dispatcher, found)
            elif (day := reports.day_of_own(turn.session, turn.contact, code)) is not None:
                # neutral: who holds the phone must not learn more than the person who wrote
                dispatcher.utter_message(response="utter_status", reference=code, date=day.isoformat())
            else:
                dispatcher.utter_message(response="utter_status_none")
        return []


def _tell(turn: Turn, dispatcher: CollectingDispatcher, found: Feedback) -> None:
    dispatcher.utter_message(
        response=STATUS[found.state],
        reference=found.reference,
        date=found.changed_at.date().isoformat(),
        outcome=(found.outcome or "-").rstrip("."),
    )
    untold = answering.untold_answer(turn.session, found)
    if untold is not None:
        dispatcher.utter_message(response="utter_status_answer", answer=untold)
