"""Answers to questions: the page's words, in portions, and the places where help is."""

from __future__ import annotations

from dataclasses import astuple, dataclass, replace
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import places
from actions.knowledge import answer, title
from actions.menu import topic_button
from actions.turn import Turn, emergency_number, here
from casework import feedback
from directory import search
from runtime import pages
from runtime.deployment import deployment
from runtime.words import sentence

MORE = "more"
UNKNOWN_PLACE = "unknown_place"
AWAITED = "awaited"
"""The text answers "in which town are you?"."""
ABOUT_MONEY = frozenset({"cash_assistance", "social_protection", "labour_rights", "ethical_recruitment"})
"""Topics where "how much?" does not ask what help costs."""
OFTEN = 3
"""The same question so many times: what we have written does not help."""


@dataclass(frozen=True)
class Told:
    """What this talk was told of a topic: `times` asked, `portions` given."""

    topic: str
    language: str | None
    times: int = 0
    portions: int = 0

    @classmethod
    def of(cls, tracker: Tracker, topic: str, language: str | None) -> Told:
        """From the slot; nothing yet if the talk was about another topic, or in another language."""
        kept = tracker.get_slot("told") or [None, None]
        return cls(*kept) if kept[:2] == [topic, language] else cls(topic, language)


class Answer(Action):
    """A question on a topic; `turn.value` holds MORE, or cues such as where+open_now (bot/follow_ups.py)."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_answer"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Answer from the page or the directory, else leave the question to a person."""
        topic = str(tracker.latest_message["intent"]["name"]).removeprefix("ask_")
        with here(tracker) as turn:
            told = Told.of(tracker, topic, turn.language)
            awaited = None
            cues = frozenset((turn.value or "").split("+")) - {""}
            if title(topic, turn.language) is None:
                leave_to_people(turn, dispatcher, topic, "utter_no_page")
            elif UNKNOWN_PLACE in cues:
                _unknown_place(dispatcher, topic)
                awaited = topic
            elif MORE in cues:
                told = _portion(turn, dispatcher, told)
            elif "cost" in cues and not cues & places.LOCATING and topic not in ABOUT_MONEY:
                dispatcher.utter_message(response="utter_cost_answer")
            elif "child" in cues and not cues & places.LOCATING:
                _for_a_child(turn, dispatcher, topic)
            else:
                told, awaited = _asked(turn, dispatcher, told, cues, AWAITED in cues)
            for other in turn.understanding.get("also", ()):
                say_also(turn, dispatcher, other)
        return [SlotSet("topic", topic), SlotSet("told", list(astuple(told))), SlotSet("place_for", awaited)]


def _asked(
    turn: Turn, dispatcher: CollectingDispatcher, told: Told, cues: frozenset[str], awaited: bool
) -> tuple[Told, str | None]:
    """The question itself. `awaited`: the place was asked for. Returns what was told, and for which topic it is now."""
    told = replace(told, times=told.times + 1)
    locating = bool(cues & places.LOCATING or turn.extras.location or search.place_named(turn.text))
    locating = locating and search.has_topic(told.topic)
    if locating:
        lines = places.services(turn, told.topic, cues, awaited)
        if lines:
            dispatcher.utter_message(text="\n\n".join(lines))
            return told, None
        if lines is not None:
            leave_to_people(turn, dispatcher, told.topic, "utter_no_service")
            return told, None
    if told.times >= OFTEN and not locating:
        dispatcher.utter_message(response="utter_asked_again")
        return told, None
    if told.times > 1 and not locating:
        last = max(told.portions, len(_portions(turn)) - 1)
        return _portion(turn, dispatcher, replace(told, portions=last)), None
    if not (locating and told.portions):  # the page was told already
        told = _portion(turn, dispatcher, replace(told, portions=0), hint=not locating)
    if not locating:
        return told, None
    dispatcher.utter_message(response="utter_ask_place")
    return told, told.topic


def _portions(turn: Turn) -> tuple[tuple[str, ...], ...]:
    return pages.PORTIONS["whatsapp" if turn.contact.channel == "whatsapp" else "sms"]


def _portion(turn: Turn, dispatcher: CollectingDispatcher, told: Told, hint: bool = True) -> Told:
    """The next portion of the page, and how to read on; after the last, related topics; then a person."""
    portions = _portions(turn)
    if told.portions >= len(portions):
        human = {"title": sentence("button_human", turn.language), "payload": "talk_to_human"}
        dispatcher.utter_message(response="utter_more_end", buttons=[human, *_related(turn, told.topic)])
        return told
    dispatcher.utter_message(text=_words(turn, told.topic, portions[told.portions]))
    given = replace(told, portions=told.portions + 1)
    if given.portions == len(portions):
        dispatcher.utter_message(response="utter_next_topics", buttons=_related(turn, told.topic))
    elif hint and (turn.contact.channel != "whatsapp" or told.portions):
        dispatcher.utter_message(response="utter_more_hint")
    return given


def _words(turn: Turn, topic: str, parts: tuple[str, ...]) -> str:
    found = answer(turn.session, topic, turn.language)
    if found is None:
        raise LookupError(topic)
    page, doubted = found
    words = pages.told(page, parts, turn.contact.channel)
    if pages.tells_emergency_number(topic, parts):
        words = f"{words}\n{sentence('emergency', turn.language, number=emergency_number(turn))}"
    if doubted:
        words = f"{words}\n\n{sentence('page_doubtful', turn.language)}"
    return words.replace("{organisation}", deployment().organisation)


def _related(turn: Turn, topic: str) -> list[dict[str, str]]:
    found = answer(turn.session, topic, turn.language)
    buttons = [topic_button(other, turn.language) for other in (found[0].next if found else ())]
    where = [{"title": sentence("button_place", turn.language), "payload": f"ask_{topic}:where"}]
    return [button for button in buttons if button] + (where if search.has_topic(topic) else [])


def _for_a_child(turn: Turn, dispatcher: CollectingDispatcher, topic: str) -> None:
    buttons = [button for button in [topic_button("child_protection", turn.language)] if button]
    if search.has_topic(topic):
        buttons.append({"title": sentence("button_place", turn.language), "payload": f"ask_{topic}:where+child"})
    dispatcher.utter_message(response="utter_child_answer", buttons=buttons)


def _unknown_place(dispatcher: CollectingDispatcher, topic: str) -> None:
    known = search.some_places(places.KNOWN_SHOWN)
    dispatcher.utter_message(response="utter_unknown_place", places=", ".join(known))


def say_also(turn: Turn, dispatcher: CollectingDispatcher, topic: str) -> None:
    """The answer to a second question in the same message: places if it names one, else the short words."""
    if title(topic, turn.language) is None:
        return
    lines = None
    if "where" in turn.understanding.get("cues", ()) and search.has_topic(topic):
        lines = places.services(turn, topic, turn.understanding["cues"])
    words = "\n\n".join(lines) if lines else _words(turn, topic, ("short",))
    dispatcher.utter_message(text=f"{sentence('also', turn.language)} {words}")


def leave_to_people(turn: Turn, dispatcher: CollectingDispatcher, topic: str, response: str) -> None:
    """Nothing is written on this: the question is kept for people."""
    told = feedback.Told(turn.message_id, turn.text, ["question"], topic, turn.language, turn.contact.place)
    kept = feedback.take(turn.session, turn.contact, told)
    dispatcher.utter_message(response=response, reference=kept.reference)
