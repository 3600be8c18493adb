"""A message as the next one of a talk: "where?", "and for my child?", a place that was asked for, a second question."""

from __future__ import annotations

from dataclasses import replace

from rasa.shared.core.trackers import DialogueStateTracker

from actions.answer import UNKNOWN_PLACE
from actions.places import LOCATING
from bot import follow_ups, hearing
from bot.hearing import Heard, Model
from directory import search
from messaging.inbound import Extras
from runtime import taxonomy

SHORT = 6
"""Words. Longer messages stand for themselves."""
CLEAR = 0.75
"""From this probability on a topic of its own goes before the topic of the talk."""
Languages = tuple[str | None, ...]
"""What the message may be in: as identified, and as we answer."""
_GRAVITY = {"protection": 0, "rights": 1, "services": 2}


def shared_place(tracker: DialogueStateTracker, extras: Extras) -> Heard | None:
    """A location without words answers "where are you?", or asks where help on the topic of the talk is."""
    topic = tracker.get_slot("place_for") or tracker.get_slot("topic")
    return Heard(f"ask_{topic}", value="where") if extras.location and topic else None


def named_place(tracker: DialogueStateTracker, text: str, languages: Languages) -> Heard | None:
    """The answer to "where are you?", if the text is little more than a place that we know."""
    topic = tracker.get_slot("place_for")
    if topic is None or len(text.split()) > SHORT or search.place_named(text) is None:
        return None
    cues, others = follow_ups.cues(text, languages)
    return Heard(f"ask_{topic}", value="+".join(sorted({"where", *cues}))) if others <= 3 else None


def follow(tracker: DialogueStateTracker, heard: Heard, text: str, languages: Languages, model: Model) -> Heard:
    """What was heard, in the light of the topic of the talk, and with the second question of the message."""
    if heard.intent == "report_privately" or heard.value in ("softly", "unserved", "add"):
        return heard
    topic = tracker.get_slot("topic")
    cues, others = follow_ups.cues(text, languages)
    if topic and cues and len(text.split()) <= SHORT and others <= 1 and not _is_clear(heard, others):
        cues |= {"where"} if cues & {"women", "disability"} else set()
        return Heard(f"ask_{topic}", value="+".join(sorted(cues)), read=heard.read)
    awaited = tracker.get_slot("place_for")
    if awaited and heard.intent == "out_of_scope" and len(text.split()) <= 3 and not heard.value:
        return Heard(f"ask_{awaited}", value=UNKNOWN_PLACE, read=heard.read)
    heard = _with_second(heard, text, model)
    if heard.intent.startswith("ask_") and heard.value is None and cues & LOCATING:
        return replace(heard, value="+".join(sorted(cues)), read={**heard.read, "cues": sorted(cues)})
    return replace(heard, read={**heard.read, "cues": sorted(cues)}) if heard.read.get("also") else heard


def _is_clear(heard: Heard, others: int) -> bool:
    """True if the message names its own topic: "nearest clinic" after a talk on food."""
    return others > 0 and heard.intent.startswith("ask_") and heard.confidence >= CLEAR


def _with_second(heard: Heard, text: str, model: Model) -> Heard:
    """Two questions in one message: both are answered, the graver first. A complaint with a question: both too."""
    if not heard.intent.startswith(("ask_", "feedback_", "out_of_scope")):
        return heard
    clauses = follow_ups.clauses(text)
    if len(clauses) < 2:
        return heard
    read = [hearing.free_text(clause, model) for clause in clauses]
    told = [h for h in read if h.value is None and h.confidence >= hearing.SURE]
    asked = list(dict.fromkeys(h.intent.removeprefix("ask_") for h in told if h.intent.startswith("ask_")))
    said = next((h for h in told if h.intent.startswith("feedback_")), None)
    if said is not None and (heard.intent.startswith("feedback_") or asked):
        lead = heard if heard.intent.startswith("feedback_") else replace(said, read={**heard.read, **_types(said)})
        return replace(lead, read={**lead.read, "also": asked[:1]}) if asked else heard
    if len(asked) < 2:
        return heard
    first, second = sorted(asked[:2], key=lambda name: _GRAVITY[taxonomy.areas()[name]])
    return Heard(f"ask_{first}", max(h.confidence for h in told), None, {**heard.read, "also": [second]})


def _types(said: Heard) -> dict[str, list[str]]:
    return {"feedback_types": said.read.get("feedback_types", [])}
