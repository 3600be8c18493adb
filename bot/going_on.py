"""A message that goes on about a feedback: a mark for it, where it was, more words; or that is for people."""

from __future__ import annotations

from typing import Any

from rasa.shared.core.trackers import DialogueStateTracker

from actions.after_feedback import MORE, TOLD_MARK, TOLD_MORE, TOLD_WHERE, WHERE
from actions.human import WAITING
from bot import hearing
from bot.hearing import Heard, Model
from directory import search
from messaging import inbox
from messaging.inbound import Extras
from messaging.models import Message

HIGHEST = 5
FEW_WORDS = 6
"""Words up to which an answer to "where was it?" that names no place is more about the same thing."""
OF_A_NAME = 3
FEWEST_WORDS = 3
"""Words from which a yes or no says more than that."""
ABOUT_A_CASE = frozenset({"out_of_scope", "affirm", "deny", "thank"})
"""What words after a mark may be, beside feedback."""
WISHES = frozenset({"report_privately", "opt_out", "opt_in", "delete_my_data"})
"""What is heard also while people hold the talk."""


def mark(tracker: DialogueStateTracker, message: Message, text: str, model: Model) -> Heard | None:
    """A mark from 1 to 5, alone or with words ("2 nobody came"). None if the text is none.

    A number answers the question for a mark if it was the last thing the person heard, or if no menu is open.
    """
    first, _, rest = text.strip().partition(" ")
    given = hearing.number_in(first)
    if given is None or not 1 <= given <= HIGHEST or tracker.active_loop_name is not None:
        return None
    just_asked = inbox.is_first_since_answer(message)
    if not rest.strip():
        free = just_asked or not tracker.get_slot("menu")
        return Heard("feedback_complaint", value=f"{TOLD_MARK}-{given}") if free else None
    read = hearing.free_text(rest, model)
    about = read.intent in ABOUT_A_CASE or read.intent.startswith("feedback_")
    if not just_asked or not about or read.value == "softly" or "?" in rest or "؟" in rest:
        return None  # "3 days without water", "2 children are sick, where is a doctor?"
    return Heard("feedback_complaint", value=f"{TOLD_MARK}-{given}+", read=read.read)


def for_people(heard: Heard) -> Heard:
    """The message as one for those who hold the talk, unless it is a wish or may be a disclosure."""
    if heard.intent in WISHES or heard.value == "softly":
        return heard
    return Heard("talk_to_human", heard.confidence, WAITING, heard.read)


def about_feedback(asked: list[Any], heard: Heard, text: str) -> Heard | None:
    """The answer to what was asked about a feedback; None if the message is about something else."""
    what, feedback_id = asked
    if heard.intent in WISHES or heard.value in ("softly", "unserved"):
        return None
    if what == WHERE:
        return _where(feedback_id, heard, text)
    if what == MORE and _is_more(heard, text):
        return Heard("feedback_complaint", heard.confidence, f"{TOLD_MORE}-{feedback_id}", heard.read)
    return None


def without_words(asked: list[Any], extras: Extras) -> Heard | None:
    """A picture of it joins the feedback; a shared place says where it was."""
    what, feedback_id = asked
    if extras.location and what == WHERE:
        return Heard("feedback_complaint", value=f"{TOLD_WHERE}-{feedback_id}")
    return Heard("feedback_complaint", value=f"{TOLD_MORE}-{feedback_id}") if extras.media else None


def _where(feedback_id: int, heard: Heard, text: str) -> Heard | None:
    words = len(text.split())
    unclear = heard.intent == "out_of_scope" or heard.confidence < hearing.SURE
    if search.is_place(text) or (unclear and words <= OF_A_NAME):
        return Heard("feedback_complaint", heard.confidence, f"{TOLD_WHERE}-{feedback_id}", heard.read)
    if words <= FEW_WORDS and _is_more(heard, text):
        return Heard("feedback_complaint", heard.confidence, f"{TOLD_MORE}-{feedback_id}", heard.read)
    return None


def _is_more(heard: Heard, text: str) -> bool:
    """Words about the same thing: neither a question nor a wish."""
    if heard.intent.startswith("ask_"):
        return not ("?" in text or "؟" in text) and heard.confidence < hearing.SURE
    if heard.intent in ("affirm", "deny"):
        return len(text.split()) >= FEWEST_WORDS
    return heard.intent == "out_of_scope" or heard.intent.startswith("feedback_")
