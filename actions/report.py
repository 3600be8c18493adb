"""Sensitive matters. The bot stops collecting, says what must be said, asks only for consent and a safe way."""

from typing import Any

from rasa_sdk import Action, FormValidationAction, Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.turn import Turn, emergency_number, here
from casework import hand_over, reports
from casework.models import Report

DEADLY = frozenset({"danger", "child", "gbv"})
ADD, TOLD = "add", "told"
"""Values of the turn: the message joins the open report; the person said yes to the soft question about it."""


class OpenReport(Action):
    """A disclosure, or the wish to tell something in private."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_open_report"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Seal the words away, tell a focal point, and say what safeguarding asks for, in its order."""
        with here(tracker) as turn:
            known = reports.own_open_report(turn.session, turn.contact, tracker.get_slot("report"))
            if turn.value == ADD and known is not None:
                return _add(turn, tracker, dispatcher, known)
            categories = [item["category"] for item in turn.understanding.get("sensitive") or []]
            categories = categories or list(turn.understanding.get("hints") or []) * (turn.value == TOLD)
            _, _, hinted, _ = tracker.get_slot("hint") or (0, 0, [], 0)
            told = dict.fromkeys([*hinted, *(number for number in (turn.message_id, turn.present) if number)])
            report, announced = reports.open_report(turn.session, turn.contact, list(told), categories, turn.language)
            turn.announce.extend(announced)
            turn.private = True
            if categories or turn.value == TOLD:
                dispatcher.utter_message(response="utter_private_sorry")
                if not categories or DEADLY & set(categories):
                    dispatcher.utter_message(response="utter_private_danger", number=emergency_number(turn))
                dispatcher.utter_message(response="utter_private_help")
            else:
                dispatcher.utter_message(response="utter_private_wish")
            dispatcher.utter_message(response="utter_private_secrecy")
            dispatcher.utter_message(response="utter_private_reference", reference=report.reference)
            hand_over.end(turn.contact)  # what follows is for the focal point, not for those who answer feedback
            turn.contact.place = None  # where the person is, is not for whoever holds the phone next
            return [
                SlotSet("report", report.id),
                SlotSet("hint", None),
                SlotSet("may_contact", None),
                SlotSet("safe_time", None),
                SlotSet("topic", None),
                SlotSet("told", None),
                SlotSet("place_for", None),
                SlotSet("asked", None),
            ]


class ValidateConsent(FormValidationAction):
    """Consent is written down the moment it is given: the talk may end at any word."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "validate_consent_form"

    async def required_slots(
        self, domain_slots: list[str], dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[str]:
        """The safe time is asked after a yes only."""
        return ["may_contact"] if tracker.get_slot("may_contact") is False else domain_slots

    def validate_may_contact(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        """Keep the answer in the report."""
        if value is None:  # the form begins: nothing was answered yet
            return {"may_contact": None}
        with here(tracker) as turn:
            report = reports.own_open_report(turn.session, turn.contact, tracker.get_slot("report"))
            if report is not None:
                reports.add_note(
                    turn.session, report, kind="consent", given=value is True, wording=1, language=turn.language
                )
        return {"may_contact": value is True}


class KeepConsent(Action):
    """The safe way goes into the report and out of the messages and the session."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_keep_consent"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Write it down and say what happens."""
        with here(tracker) as turn:
            report = reports.own_open_report(turn.session, turn.contact, tracker.get_slot("report"))
            given = tracker.get_slot("may_contact") is True
            if report is not None:
                if given:
                    _keep_safe_way(turn, report, str(tracker.latest_message["intent"]["name"]))
                dispatcher.utter_message(
                    response="utter_consent_given" if given else "utter_consent_refused", reference=report.reference
                )
        return [SlotSet("may_contact", None), SlotSet("safe_time", None)]


def _keep_safe_way(turn: Turn, report: Report, intent: str) -> None:
    """The first choice is "any time, on this number", the second "rather not say"; else it is the person's words."""
    if intent in ("affirm", "deny"):
        reports.add_note(turn.session, report, kind="safe_way", any_time=intent == "affirm", told=intent == "affirm")
    elif turn.message_id is not None:
        reports.add_note(turn.session, report, kind="safe_way", in_words=True)
        reports.add_message(turn.session, report, turn.message_id)
        turn.private = True


def _add(turn: Turn, tracker: Tracker, dispatcher: CollectingDispatcher, report: Report) -> list[dict[str, Any]]:
    """A further message of a private talk joins its report, and nothing is asked. A graver turn alerts again."""
    if turn.message_id is not None:
        reports.add_message(turn.session, report, turn.message_id)
    turn.private = True
    categories = [item["category"] for item in turn.understanding.get("sensitive") or []]
    turn.announce.extend(reports.told_more(turn.session, report, categories))
    if DEADLY & set(categories):
        dispatcher.utter_message(response="utter_private_danger", number=emergency_number(turn))
    dispatcher.utter_message(response="utter_private_added")
    return [FollowupAction("action_listen")]
