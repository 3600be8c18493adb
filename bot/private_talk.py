"""What a message says in a private matter: leaving it, coming back to it, reading and answering a focal point."""

from __future__ import annotations

from rasa.shared.core.events import ActiveLoop, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker

from actions.codes import asks_by_code
from actions.report import EMPTY, LATER, READ, RELAY, RELAY_NO, RELAY_YES
from bot import hearing
from bot.hearing import Heard, Model
from bot.spoken import Spoken
from messaging import inbox
from messaging.keywords import plain
from messaging.models import Message
from runtime.words import sentence

LEAVE = "leave"
SURE_TO_DELETE = "delete_my_data:sure"
YES, NO = 1, 2


def leave(tracker: DialogueStateTracker, heard: Heard) -> None:
    """The word that ends the talk at once: nothing of it is left in the session."""
    if heard.value == LEAVE:
        for slot in (*EMPTY, "report"):
            tracker.update(SlotSet(slot, None))


def hear(tracker: DialogueStateTracker, message: Message, spoken: Spoken, model: Model) -> Heard | None:
    """The message as one of a private matter; None if it is to be read like any other."""
    if (spoken.answer_waits or spoken.in_relay) and asks_how(tracker) and inbox.is_first_since_answer(message):
        _ask_no_more(tracker)
    if asks_for(tracker, "wishes") and _is_numbers(spoken.text):
        return Heard("out_of_scope")
    asked = [payload for payload, _ in tracker.get_slot("menu") or ()]
    if tracker.active_loop_name is not None or SURE_TO_DELETE in asked:
        return None
    choice = _yes_or_no(spoken)
    if spoken.answer_waits and choice and (not tracker.get_slot("menu") or inbox.is_first_since_answer(message)):
        return Heard("report_privately", value=READ if choice == YES else LATER)
    if spoken.in_relay:
        read = model.read(spoken.text)
        choice = choice or {"affirm": YES, "deny": NO}.get(str(read["intent"]["name"]), 0)
        return Heard("report_privately", value={YES: RELAY_YES, NO: RELAY_NO}.get(choice, RELAY), read=read)
    if spoken.coming_back is not None and not asks_by_code(spoken.text):
        return Heard("report_privately", value=spoken.coming_back, read=model.read(spoken.text))
    return None


def asks_for(tracker: DialogueStateTracker, slot: str) -> bool:
    """True while the consent form waits for this answer."""
    return bool(tracker.active_loop_name == "consent_form") and bool(tracker.get_slot("requested_slot") == slot)


def asks_how(tracker: DialogueStateTracker) -> bool:
    """True while an answer in the person's own words is awaited: when is it safe, what to respect."""
    return asks_for(tracker, "safe_time") or asks_for(tracker, "wishes")


def _ask_no_more(tracker: DialogueStateTracker) -> None:
    """What the person saw last is from a focal point: they answer a human, not our question how to reach them."""
    tracker.update(ActiveLoop(None))
    for slot in ("requested_slot", "may_contact", "safe_time", "wishes", "menu"):
        tracker.update(SlotSet(slot, None))


def _yes_or_no(spoken: Spoken) -> int:
    """1, 2, or the words of the choices; 0 for anything else."""
    number = hearing.number_in(spoken.text)
    if number in (YES, NO):
        return int(number)
    said = plain(spoken.text)
    words = {plain(sentence("button_yes", spoken.reply_in)): YES, plain(sentence("button_no", spoken.reply_in)): NO}
    return words.get(said, 0)


def _is_numbers(text: str) -> bool:
    """One or several numbers, in digits of any script, and nothing else."""
    return any(letter.isnumeric() for letter in text) and not any(letter.isalpha() for letter in text)
