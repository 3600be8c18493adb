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
FEEDBACK = 0.5
"""From this share of all types of feedback on, a sentence of the message is one."""
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
    if topic is None or len(text.split()) > SHORT or search.place_named(text, search.EXPECTED) is None:
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
    if awaited and heard.intent == "out_of_scope" and len(text.split()) <= 3:
        return Heard(f"ask_{awaited}", value=UNKNOWN_PLACE, read=heard.read)
    if heard.value == "unsure" and search.place_named(text) is not None:  # a place: what is there helps to tell
        offered = [name for name in heard.read["likely"] if search.has_topic(name.removeprefix("ask_"))]
        if offered:
            return Heard(offered[0], value="where", read=heard.read)
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
    told = [hearing.free_text(clause, model) for clause in clauses]
    sure = [h for h in told if h.value is None and h.confidence >= hearing.SURE]
    asked = list(dict.fromkeys(h.intent.removeprefix("ask_") for h in sure if h.intent.startswith("ask_")))
    said = next((h for h in told if _feedback_share(h) >= FEEDBACK), None)
    if said is not None:
        if not asked and heard.intent.startswith("ask_") and heard.value is None:
            asked = [heard.intent.removeprefix("ask_")]
        intent = heard.intent if heard.intent.startswith("feedback_") else said.read["intent"]["name"]
        read = {**heard.read, "feedback_types": said.read.get("feedback_types", []), "also": asked[:1]}
        return Heard(intent, heard.confidence, None, read) if asked else heard
    if len(asked) < 2:
        return heard
    first, second = sorted(asked[:2], key=lambda name: _GRAVITY[taxonomy.areas()[name]])
    return Heard(f"ask_{first}", max(h.confidence for h in sure), None, {**heard.read, "also": [second]})


def _feedback_share(heard: Heard) -> float:
    """How likely a clause tells something about a service; 0 where another intent leads."""
    ranking = heard.read.get("intent_ranking") or [{"name": "", "confidence": 0.0}]
    if not ranking[0]["name"].startswith("feedback_"):
        return 0.0
    return float(sum(item["confidence"] for item in ranking if item["name"].startswith("feedback_")))
