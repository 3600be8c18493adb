"""What to say when it is not clear: ask softly, ask "did you mean", or admit it and show the menu."""

from functools import lru_cache
from typing import Any

import yaml
from babel import Locale
from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import after_feedback
from actions.feedback import keep
from actions.menu import language_buttons, main_menu, topic_button
from actions.places import settle
from actions.turn import Turn, here
from casework import feedback
from casework.models import Feedback
from messaging.models import MessageFlag
from runtime import taxonomy
from runtime.deployment import deployment
from runtime.settings import ROOT
from runtime.words import sentence

SOFTLY, UNSERVED, UNSURE, PLACE = "softly", "unserved", "unsure", "place"
"""Values of the turn: perhaps a disclosure; a language not served; several likely intents; nothing but a place."""

GUESSES = 3
_NAMED = {
    "give_feedback": "button_feedback",
    "talk_to_human": "button_human",
    "report_privately": "button_private",
    "change_language": "button_language",
    "feedback_complaint": "button_feedback",
    "feedback_suggestion": "button_feedback",
}


class Fallback(Action):
    """Nothing fits, or nothing fits well."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_fallback"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Say so kindly; a person sees what the assistant could not read."""
        with here(tracker) as turn:
            if turn.value == SOFTLY:
                _ask_softly(turn, dispatcher)
            elif turn.value == UNSERVED:
                _unserved(turn, dispatcher)
            elif turn.extras.media:
                keep(turn, ["question"])
                dispatcher.utter_message(response="utter_media")
            elif turn.value is None and (answered := _about_an_answer(turn)):
                after_feedback.add(turn, dispatcher, answered)
            elif turn.extras.location or turn.value == PLACE:
                place, _ = settle(turn)
                named = {"response": "utter_place_kept", "place": place} if place else {"response": "utter_location"}
                dispatcher.utter_message(**named, buttons=main_menu(turn.language))
            elif turn.value == UNSURE and (guesses := _guesses(turn)):
                _flag(turn, "unsure")
                other = {"title": sentence("button_none", turn.language), "payload": "menu"}
                dispatcher.utter_message(response="utter_clarify", buttons=[*guesses, other])
            else:
                _flag(turn, "not_understood")
                dispatcher.utter_message(response="utter_not_understood", buttons=main_menu(turn.language))
        return []


def _about_an_answer(turn: Turn) -> Feedback | None:
    """The feedback that staff answered a short while ago: words that fit nothing else go on about it."""
    doubtful = turn.understanding.get("ask_softly") or turn.understanding.get("half_hint")
    if doubtful or len(turn.text.split()) < 2:
        return None
    return feedback.recently_answered(turn.session, turn.contact)


def _ask_softly(turn: Turn, dispatcher: CollectingDispatcher) -> None:
    """Yes opens a report with the message that was asked about; no answers it as what it seemed to be."""
    seemed = turn.understanding.get("seemed") or "out_of_scope"
    dispatcher.utter_message(
        response="utter_ask_private",
        buttons=[
            {"title": sentence("button_yes", turn.language), "payload": f"report_privately:told={turn.message_id}"},
            {"title": sentence("button_no", turn.language), "payload": f"{seemed}:of={turn.message_id}"},
        ],
    )


def _unserved(turn: Turn, dispatcher: CollectingDispatcher) -> None:
    """In the person's own language where we have the sentence, else in the one we answer in."""
    spoken = str(turn.understanding.get("spoken"))
    keep(turn, ["question"])
    _flag(turn, UNSERVED, language=turn.understanding.get("spoken"))
    own = _sentences().get(spoken)
    if own:
        names = taxonomy.languages()
        served = ", ".join(names[code] for code in deployment().languages)
        dispatcher.utter_message(text=own.replace("{languages}", served))
        return
    known = Locale.parse(turn.language or deployment().default_language).languages
    dispatcher.utter_message(response="utter_unserved", language=known.get(spoken, spoken), buttons=language_buttons())


@lru_cache(maxsize=1)
def _sentences() -> dict[str, str]:
    """Language code to what is said in it (bot/locales/unserved.yml)."""
    return dict(yaml.safe_load((ROOT / "bot" / "locales" / "unserved.yml").read_text(encoding="utf-8"))["sentences"])


def _guesses(turn: Turn) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    for intent in turn.understanding.get("likely", ())[:GUESSES]:
        button = topic_button(intent.removeprefix("ask_"), turn.language) if intent.startswith("ask_") else None
        if button is not None:
            button["payload"] += f":of={turn.message_id}"
        if button is None and intent in _NAMED:
            button = {"title": sentence(_NAMED[intent], turn.language), "payload": f"{intent}:of={turn.message_id}"}
        if button is not None and button["title"] not in [known["title"] for known in found]:
            found.append(button)
    return found


def _flag(turn: Turn, name: str, **told: str | None) -> None:
    """For people to look at: what the assistant thought it was, and how sure; no text. `told`: what else is known."""
    doubtful = turn.understanding.get("ask_softly") or turn.understanding.get("half_hint")
    if turn.message_id is not None and not doubtful:  # what may be private is nobody's to label
        guess = turn.understanding.get("intent") or {}
        read = {"intent": guess.get("name"), "confidence": guess.get("confidence")} if guess else {}
        detail = {**read, **told} or None
        turn.session.add(MessageFlag(message_id=turn.message_id, name=name, detail=detail))
