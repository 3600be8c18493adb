"""What a message says in the light of the talk so far: the open menu, an open form, a private talk."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from zlib import crc32

from rasa.shared.core.events import SlotSet
from rasa.shared.core.trackers import DialogueStateTracker

from actions.human import WAITING
from actions.menu import ASKED_IN
from actions.report import ADD, RELAY
from bot import following, going_on, hearing, private_talk
from bot.hearing import Heard, Model
from bot.spoken import Spoken
from messaging.models import Message
from runtime.deployment import deployment
from runtime.folding import fold
from runtime.words import sentence
from store.database import reading

PRIVATE_TALK = frozenset({"out_of_scope", "report_privately", "affirm", "deny", "talk_to_human"})
"""In a private talk, texts of these intents (and feedback) join the report; questions and commands are answered."""
ENDS_SAFE_TIME = frozenset({"opt_out", "opt_in", "menu", "change_language", "delete_my_data", "check_status"})
NO_DOUBT = 0.9
HALF, ASKED = 1, 2
HINTING = ("out_of_scope", "ask_", "feedback_")
"""Intents whose texts may hold a hint; a wish such as "delete my data" is fulfilled, and asks for nothing more."""
HINT_TURNS = 3
"""Messages for which a hint is remembered."""


def hear(model: Model, tracker: DialogueStateTracker, message: Message, spoken: Spoken) -> Heard:
    """Decide what the message says."""
    if spoken.extras.opt_out_type:
        return Heard({"STOP": "opt_out", "START": "opt_in"}.get(spoken.extras.opt_out_type, "menu"), value="silent")
    asked = _once(tracker, "asked")
    if not spoken.text:
        return _without_words(tracker, spoken, asked)
    heard = hearing.command(spoken.text)
    if heard is not None:
        private_talk.leave(tracker, heard)
        return _more(tracker, heard)
    heard = private_talk.hear(tracker, message, spoken, model)
    if heard is not None:
        return heard
    is_number = hearing.number_in(spoken.text) is not None
    if spoken.may_mark and not spoken.with_people and not is_private(tracker):
        mark = going_on.mark(tracker, message, spoken.text, model)
        if mark is not None:
            return mark
    payload = hearing.chosen(spoken.text, tracker.get_slot("menu"))
    if payload is not None and not (payload == "menu" and is_number and private_talk.asks_how(tracker)):
        if ":of=" in payload:  # "no, it is nothing private", or what it was instead
            tracker.update(SlotSet("hint", None))
        return _in_talk(_choice(model, message, payload), spoken, asked)
    if is_number and not private_talk.asks_how(tracker):
        return Heard("talk_to_human", value=WAITING) if spoken.with_people else Heard("menu")
    languages = (spoken.language, spoken.reply_in)
    awaited = _once(tracker, "place_for")  # whatever comes now is the answer, or the end of the question
    told = following.graver_clause(hearing.free_text(spoken.text, model), spoken.text, model)
    heard = _with_earlier_hints(tracker, told, message.id, spoken.text)
    if heard.intent in ("affirm", "deny"):
        payload = _yes_or_no(tracker, heard.intent, spoken.reply_in)
        if payload is not None:
            return _in_talk(_choice(model, message, payload), spoken, asked)
    if heard.intent == "delete_my_data" and any(
        payload == private_talk.SURE_TO_DELETE for payload, _ in tracker.get_slot("menu") or ()
    ):
        return Heard("delete_my_data", value="sure")  # "yes, delete everything" in answer to "shall we delete?"
    if heard.value == "softly" and asked is not None:
        tracker.update(SlotSet("asked", asked))  # it is still asked once "no, nothing private" is said
    heard = _in_context(tracker, heard, spoken)
    if tracker.active_loop_name is not None or is_private(tracker):
        return heard
    if spoken.with_people:
        return going_on.for_people(heard)
    if asked is not None and (more := going_on.about_feedback(asked, heard, spoken.text)) is not None:
        return more
    return following.follow(tracker, heard, spoken.text, languages, model, awaited)


def _in_talk(chosen: Heard, spoken: Spoken, asked: list[Any] | None) -> Heard:
    """A choice about an earlier message is that message, said now: to people who hold the talk, or about a feedback."""
    if "earlier" not in chosen.read or chosen.value is not None:
        return chosen
    if spoken.with_people:
        return going_on.for_people(chosen)
    return (going_on.about_feedback(asked, chosen, chosen.read["said"]) if asked is not None else None) or chosen


def _without_words(tracker: DialogueStateTracker, spoken: Spoken, asked: list[Any] | None) -> Heard:
    """A picture, a voice note, a shared place."""
    if is_private(tracker) or spoken.in_relay:
        return Heard("report_privately", value=RELAY if spoken.in_relay else ADD)
    if spoken.with_people:
        return Heard("talk_to_human", value=WAITING)
    if asked is not None and (going := going_on.without_words(asked, spoken.extras)) is not None:
        return going
    return following.shared_place(tracker, spoken.extras) or Heard("out_of_scope")


def _once(tracker: DialogueStateTracker, slot: str) -> Any:
    """What the slot holds; it is forgotten: a question is about the next message only."""
    value = tracker.get_slot(slot)
    if value is not None:
        tracker.update(SlotSet(slot, None))
    return value


def _with_earlier_hints(tracker: DialogueStateTracker, heard: Heard, message_id: int, text: str = "") -> Heard:
    """Two half hints in one talk are asked about; two messages that must be asked about are acted on.

    The slot `hint` keeps the graver level (1 half a hint, 2 asked about), for how many messages it is remembered, the
    ids of the messages, so that their words join the report, and a checksum of the last one's words.
    """
    earlier, turns, messages, last = tracker.get_slot("hint") or (0, 0, [], 0)
    if is_private(tracker) or heard.intent == "affirm":
        return heard
    if heard.intent == "deny" or (heard.intent == "report_privately" and earlier < ASKED):
        tracker.update(SlotSet("hint", None))
        return heard
    if heard.intent == "report_privately" or not heard.intent.startswith(HINTING):
        return heard
    level = ASKED if heard.value == "softly" else HALF if heard.read.get("half_hint") else 0
    mark = crc32(fold(text).encode())
    if level == HALF and text and mark == last:  # the same words again are no second hint
        return heard
    known = [*messages, message_id] if level else messages
    remembered = HINT_TURNS if level else turns - 1
    tracker.update(SlotSet("hint", [max(level, earlier), remembered, known, mark] if remembered > 0 else None))
    if level == ASKED and earlier == ASKED:
        told = [{"category": name, "score": heard.confidence} for name in heard.read["hints"]]
        return replace(heard, intent="report_privately", value=None, read={**heard.read, "sensitive": told})
    if level == HALF and earlier:
        seemed = hearing.settled(heard.read)
        return replace(heard, intent="out_of_scope", value="softly", read={**heard.read, "seemed": seemed})
    return heard


def is_private(tracker: DialogueStateTracker) -> bool:
    """True once a report was opened in this talk."""
    return tracker.get_slot("report") is not None


def answers_form(tracker: DialogueStateTracker, heard: Heard, text: str) -> bool:
    """True if the open form goes on with this message; otherwise it is left, and what the message says goes first."""
    form = tracker.active_loop_name
    if heard.value == private_talk.LEAVE:
        return False
    if form == "consent_form":
        if heard.value == ADD:
            return True
        if private_talk.asks_how(tracker):
            return heard.intent not in ENDS_SAFE_TIME
        return heard.intent in ("affirm", "deny")
    if heard.value in ("softly", ADD, "unserved") or (heard.value == "unsure" and _asks(text)):
        return False
    if heard.intent.startswith("ask_"):  # "no cash for two months" is the announced complaint, not a question
        return not (_asks(text) or heard.confidence >= NO_DOUBT)
    return heard.intent == "out_of_scope" or heard.intent.startswith("feedback_")


def _asks(text: str) -> bool:
    return "?" in text or "؟" in text


def _in_context(tracker: DialogueStateTracker, heard: Heard, spoken: Spoken) -> Heard:
    if private_talk.asks_how(tracker) and not _is_deadly(heard):
        return replace(heard, intent="out_of_scope", value=None) if heard.intent not in ENDS_SAFE_TIME else heard
    if is_private(tracker) and _joins(tracker, heard, spoken):
        return replace(heard, intent="report_privately", value=ADD)
    if tracker.active_loop_name == "feedback_form" and heard.intent == "out_of_scope" and heard.value != "softly":
        return heard
    if spoken.untold and heard.intent == "out_of_scope" and heard.value != "softly":
        return Heard("change_language", heard.confidence, ASKED_IN, {**heard.read, "likely_languages": spoken.untold})
    if not spoken.is_served and heard.intent != "report_privately" and heard.value != "softly":
        return replace(heard, intent="out_of_scope", value="unserved", read={**heard.read, "spoken": spoken.language})
    return heard


def _joins(tracker: DialogueStateTracker, heard: Heard, spoken: Spoken) -> bool:
    if tracker.active_loop_name is not None and heard.intent in ("affirm", "deny"):
        return False
    private = heard.intent in PRIVATE_TALK or heard.intent.startswith("feedback_") or heard.value == "softly"
    return private or not spoken.is_served


def _is_deadly(heard: Heard) -> bool:
    return any(item["category"] in deployment().escalation.urgent for item in heard.read.get("sensitive", ()))


def _choice(model: Model, message: Message, payload: str) -> Heard:
    """A choice of the menu. "told=17" and "of=17" are about an earlier message of the same contact: read that one."""
    intent, _, value = payload.partition(":")
    kind, _, number = value.partition("=")
    if not number.isdigit():
        return Heard(intent, value=value or None)
    with reading() as session:
        earlier = session.get(Message, int(number))
    if earlier is None or earlier.contact_id != message.contact_id or not earlier.body:
        return Heard(intent)
    read = model.read(earlier.body)
    return Heard(
        intent, value="told" if kind == "told" else None, read={**read, "earlier": earlier.id, "said": earlier.body}
    )


def _more(tracker: DialogueStateTracker, heard: Heard) -> Heard:
    """MORE is about the topic last answered."""
    if heard.intent != "more":
        return heard
    topic = tracker.get_slot("topic")
    return Heard(f"ask_{topic}", value="more") if topic else Heard("menu")


def _yes_or_no(tracker: DialogueStateTracker, intent: str, language: str) -> str | None:
    """The open menu's choice that a yes or no in other words means, if it is a yes-or-no menu."""
    wanted = sentence("button_yes" if intent == "affirm" else "button_no", language)
    return next((payload for payload, title in tracker.get_slot("menu") or () if title == wanted), None)
