"""Menus: what can be asked, and in which language."""

from collections.abc import Sequence
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.knowledge import title
from actions.turn import Turn, here
from casework import hand_over
from runtime import taxonomy
from runtime.deployment import deployment
from runtime.words import sentence

ASKED_IN = "cannot_tell"
"""Value of the turn: the message's language cannot be told; the likeliest are in `understanding`."""
FIRST = ("health", "food", "shelter", "cash_assistance", "registration", "legal_identity")
SECOND = ("labour_rights", "asylum", "family_tracing", "safety", "voluntary_return", "about_service")


def topic_button(topic: str, language: str | None) -> dict[str, str] | None:
    """A menu choice for a topic; None where there is no page."""
    found = title(topic, language)
    return {"title": found, "payload": f"ask_{topic}"} if found else None


def _buttons(topics: tuple[str, ...], others: list[tuple[str, str]], language: str | None) -> list[dict[str, str]]:
    known = [button for topic in topics if (button := topic_button(topic, language))]
    return known + [{"title": sentence(name, language), "payload": payload} for name, payload in others]


def main_menu(language: str | None) -> list[dict[str, str]]:
    """The first menu: topics most asked for, complaints, a person."""
    others = [
        ("button_feedback", "give_feedback"),
        ("button_human", "talk_to_human"),
        ("button_more_topics", "menu:more"),
    ]
    return _buttons(FIRST, others, language)


class Menu(Action):
    """The numbered menu; with the value `more`, the second one."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_menu"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Show the menu."""
        with here(tracker) as turn:
            hand_over.end(turn.contact)
            if turn.value == "more":
                others = [("button_private", "report_privately"), ("button_language", "change_language")]
                dispatcher.utter_message(response="utter_more_topics", buttons=_buttons(SECOND, others, turn.language))
                return []
            greeted = tracker.latest_message["intent"]["name"] == "greet"
            dispatcher.utter_message(
                response="utter_greet" if greeted else "utter_menu", buttons=main_menu(turn.language)
            )
        return []


class AskLanguage(Action):
    """Change the language, or ask which one."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_ask_language"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """With a served language as value: speak it from now on, until the person says otherwise."""
        with here(tracker) as turn:
            if turn.value in deployment().languages:
                choose(turn, turn.value)
                # the sentence must already be in the new language
                dispatcher.utter_message(text=sentence("language_set", turn.value), buttons=main_menu(turn.value))
                return [SlotSet("language", turn.value), SlotSet("told", None)]
            if turn.value == ASKED_IN:  # in the likeliest languages, below each other
                likely = turn.understanding["likely_languages"]
                lines = [sentence("cannot_tell_language", code) for code in likely]
                dispatcher.utter_message(text="\n".join(lines), buttons=language_buttons(likely))
                return []
            dispatcher.utter_message(response="utter_ask_language", buttons=language_buttons())
        return []


def choose(turn: Turn, language: str) -> None:
    """Keep the contact's choice."""
    turn.contact.language = language
    turn.contact.language_chosen = True
    turn.language = language


def language_buttons(first: Sequence[str] = ()) -> list[dict[str, str]]:
    """The languages of this deployment, by their own names; `first` before the others."""
    names = taxonomy.languages()
    order = dict.fromkeys([*first, *deployment().languages])
    return [{"title": names[code], "payload": f"change_language:{code}"} for code in order]
