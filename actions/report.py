"""Sensitive matters. The bot stops collecting, says what must be said, asks only for consent and a safe way."""

from typing import Any

from rasa_sdk import Action, FormValidationAction, Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.turn import Turn, here
from casework import reports
from messaging.contacts import country_of
from runtime.deployment import deployment

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
            if turn.value == ADD:
                return _add(turn, tracker, dispatcher)
            categories = [item["category"] for item in turn.understanding.get("sensitive") or []]
            categories = categories or list(turn.understanding.get("hints") or []) * (turn.value == TOLD)
            report, announced = reports.open_report(
                turn.session, turn.contact, [turn.message_id] if turn.message_id else [], categories, turn.language
            )
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
            return [
                SlotSet("report", report.id),
                SlotSet("may_contact", None),
                SlotSet("safe_time", None),
                SlotSet("topic", None),
            ]


class ValidateConsent(FormValidationAction):
    """Without a yes there is nothing more to ask."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "validate_consent_form"

    async def required_slots(
        self, domain_slots: list[str], dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[str]:
        """The safe time is asked after a yes only."""
        return ["may_contact"] if tracker.get_slot("may_contact") is False else domain_slots


class KeepConsent(Action):
    """Consent, and the safe way, go into the report and out of the session."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_keep_consent"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Write it down and say what happens."""
        with here(tracker) as turn:
            report = reports.own_open_report(turn.session, turn.contact, tracker.get_slot("report"))
            given = tracker.get_slot("may_contact") is True
            if report is not None:
                reports.add_note(
                    turn.session,
                    report,
                    kind="consent",
                    given=given,
                    wording=1,
                    language=turn.language,
                    safe=tracker.get_slot("safe_time") if given else None,
                )
                if given and turn.message_id is not None:
                    reports.add_message(turn.session, report, turn.message_id)
                    turn.private = True
                dispatcher.utter_message(
                    response="utter_consent_given" if given else "utter_consent_refused", reference=report.reference
                )
        return [SlotSet("may_contact", None), SlotSet("safe_time", None)]


def emergency_number(turn: Turn) -> str:
    """The deployment's number; 112 where none is set (GSM phones connect it everywhere, 3GPP TS 22.101)."""
    return deployment().emergency_number or {"US": "911", "CA": "911"}.get(country_of(turn.contact) or "", "112")


def _add(turn: Turn, tracker: Tracker, dispatcher: CollectingDispatcher) -> list[dict[str, Any]]:
    """A further message of a private talk joins its report, and nothing is asked."""
    report = reports.own_open_report(turn.session, turn.contact, tracker.get_slot("report"))
    if report is not None and turn.message_id is not None:
        reports.add_message(turn.session, report, turn.message_id)
        turn.private = True
        dispatcher.utter_message(response="utter_private_added")
    return [FollowupAction("action_listen")]
