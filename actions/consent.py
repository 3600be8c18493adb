"""May a trained person contact you? How, when, who? Each answer is kept the moment it is given; all may be skipped."""

import unicodedata
from typing import Any

from rasa_sdk import Action, FormValidationAction, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.turn import Turn, here
from casework import reports
from casework.report_models import Report
from casework.routing import Routing

WISHES = ("woman", "man", "not_here", "nothing")
"""The numbered choices of `ask_wishes`, in their order; several may be chosen."""

NUMBER = 2
"""Characters up to which an answer is a number and tells nothing."""


class ValidateConsent(FormValidationAction):
    """What is asked next depends on the first answer."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "validate_consent_form"

    async def required_slots(
        self, domain_slots: list[str], dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[str]:
        """After a yes: the safe way, then wishes. After a no: only whether to keep it from the people of the place."""
        answer = tracker.get_slot("may_contact")
        if answer is None:
            return ["may_contact"]
        if answer:
            return ["may_contact", "safe_time", "wishes"]
        with here(tracker) as turn:
            report = _report(turn, tracker)
            told_on = report is not None and Routing.of(report).must_be_told
        return ["may_contact", "not_here"] if told_on else ["may_contact"]

    def validate_may_contact(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        """Keep the answer in the report."""
        if value is None:  # the form begins: nothing was answered yet
            return {"may_contact": None}
        with here(tracker) as turn:
            turn.private = True
            report = _report(turn, tracker)
            if report is not None:
                given = value is True
                turn.announce.extend(reports.settle_consent(turn.session, report, turn.contact, given, turn.language))
                _seal_answer(turn, report)
        return {"may_contact": value is True}

    def validate_safe_time(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        """The safe way goes into the report and out of the messages and the session."""
        if value is None:
            return {"safe_time": None}
        with here(tracker) as turn:
            turn.private = True
            report = _report(turn, tracker)
            if report is not None:
                _keep_safe_way(turn, report, str(tracker.latest_message["intent"]["name"]))
        return {"safe_time": True}

    def validate_wishes(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        """Who should call, and who should not know."""
        if value is None:
            return {"wishes": None}
        with here(tracker) as turn:
            turn.private = True
            report = _report(turn, tracker)
            if report is not None:
                _keep_wishes(turn, report)
        return {"wishes": True}

    def validate_not_here(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        """After a no: keep it from the people who work there?"""
        with here(tracker) as turn:
            turn.private = True
            report = _report(turn, tracker)
            if report is not None and value is not None:
                reports.write(turn.session, report, "wishes", outside=value is True)
                turn.announce.extend(reports.respect(turn.session, report, value is True, None))
                _seal_answer(turn, report)
        return {"not_here": value}


class KeepConsent(Action):
    """All was answered: say what happens."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_keep_consent"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """In the words that fit the answer and the category."""
        with here(tracker) as turn:
            turn.private = True
            report = _report(turn, tracker)
            if report is not None:
                said = _said(report, tracker.get_slot("may_contact") is True)
                dispatcher.utter_message(response=said, reference=report.reference)
        return [SlotSet(name, None) for name in ("may_contact", "safe_time", "wishes", "not_here", "menu")]


def _said(report: Report, given: bool) -> str:
    if given:
        return "utter_consent_given"
    routed = Routing.of(report)
    if routed.is_at_risk:
        return "utter_consent_refused_risk"
    return "utter_consent_refused_told" if routed.must_be_told else "utter_consent_refused"


def _report(turn: Turn, tracker: Tracker) -> Report | None:
    return reports.own_report(turn.session, turn.contact, tracker.get_slot("report"))


def _keep_safe_way(turn: Turn, report: Report, intent: str) -> None:
    """The first choice is "any time, on this number", the second "rather not say"; else it is the person's words."""
    if intent in ("affirm", "deny"):
        reports.write(turn.session, report, "safe_way", any_time=intent == "affirm")
    else:
        reports.write(turn.session, report, "safe_way", text=turn.text)
    _seal_answer(turn, report, written=True)


def _keep_wishes(turn: Turn, report: Report) -> None:
    """By number, several at once; or in words, which only the focal point can read."""
    chosen = {WISHES[number - 1] for number in _numbers(turn.text) if 1 <= number <= len(WISHES)}
    wants = next((who for who in ("woman", "man") if who in chosen), None) if {"woman", "man"} - chosen else None
    outside = "not_here" in chosen
    reports.write(turn.session, report, "wishes", wants=wants, outside=outside, text=None if chosen else turn.text)
    _seal_answer(turn, report, written=True)
    turn.announce.extend(reports.respect(turn.session, report, outside, wants))


def _seal_answer(turn: Turn, report: Report, written: bool = False) -> None:
    """An answer in words belongs to the report, and to nothing else. `written`: it stands there already."""
    if turn.message_id is not None and (len(turn.text) > NUMBER or turn.extras.media):
        turn.announce.extend(reports.add_message(turn.session, report, turn.message_id, written))


def _numbers(text: str) -> list[int]:
    """Every digit in the text, of any script."""
    plain = unicodedata.normalize("NFKC", text)
    return [int(value) for letter in plain if 0 <= (value := unicodedata.digit(letter, -1)) <= 9]
