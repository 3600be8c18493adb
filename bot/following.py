"""A message as the next one of a talk: "where?", "and for my child?", a place that was asked for, a second question."""

from __future__ import annotations

from dataclasses import replace

from rasa.shared.core.trackers import DialogueStateTracker

from actions.answer import AWAITED, UNKNOWN_PLACE
from actions.fallback import PLACE
from actions.places import LOCATING
from bot import follow_ups, hearing
from bot.hearing import Heard, Model
from directory import search
from messaging.inbound import Extras
from runtime import taxonomy

SHORT = 6
"""Words. Longer messages stand for themselves."""
MOST_OF_A_NAME = 3
FEEDBACK, PLAIN = 0.45, 0.4
"""From this share of all types of feedback on, a sentence is one; below the second it may be any type: a complaint."""
CLEAR = 0.75
"""From this probability on a topic of its own goes before the topic of the talk."""
Languages = tuple[str | None, ...]
"""What the message may be in: as identified, and as we answer."""
TOLD = ("ask_", "feedback_")
_ALSO_READ_AS = {"child": ("child_protection",), "cost": ("about_service", "cash_assistance")}
"""Topics that a cue alone is easily read as."""
_GRAVITY = {"protection": 0, "rights": 1, "services": 2}


def shared_place(tracker: DialogueStateTracker, extras: Extras) -> Heard | None:
    """A location without words answers "where are you?", or asks where help on the topic of the talk is."""
    topic = tracker.get_slot("place_for") or tracker.get_slot("topic")
    return Heard(f"ask_{topic}", value="where") if extras.location and topic else None


def graver_clause(heard: Heard, text: str, model: Model) -> Heard:
    """The message as its gravest part: what is told beside a question must not be drowned by the question."""
    if heard.intent == "report_privately" or heard.value == "softly":
        return heard
    clauses = follow_ups.clauses(text)
    parts = clauses if len(clauses) > 1 else []
    bare = search.without_places(text)
    if bare and bare != text:  # the name of a place draws a text to questions about places
        parts = [*parts, bare]
    read = [hearing.free_text(part, model) for part in parts]
    for told in read:
        if told.intent == "report_privately" and told.read["sensitive"]:
            return replace(told, read={**heard.read, "sensitive": told.read["sensitive"]})
    for told in read:
        # half a sentence sounds graver than it is: it is asked about only where the whole has half a hint too
        if told.value == "softly" and heard.read.get("half_hint"):
            seemed = {"seemed": hearing.settled(heard.read), "hints": told.read["hints"], "ask_softly": True}
            return replace(told, read={**heard.read, **seemed})
    return heard


def follow(
    tracker: DialogueStateTracker,
    heard: Heard,
    text: str,
    languages: Languages,
    model: Model,
    awaited: str | None,
) -> Heard:
    """What was heard, in the light of the topic of the talk, and with the second question of the message.

    Never over a disclosure or a hint of one. `awaited`: the topic for which the person's place was just asked.
    """
    if (
        heard.intent == "report_privately"
        or heard.value in ("softly", "unserved", "add")
        or heard.read.get("half_hint")
    ):
        return heard
    cues, others = follow_ups.cues(text, languages)
    if awaited and (placed := _place_told(heard, text, cues, awaited)):
        return placed
    topic = tracker.get_slot("topic")
    if not search.without_places(text):  # nothing but a place: it has no topic of its own
        told = (f"ask_{topic}", "where") if topic else ("out_of_scope", PLACE)
        return Heard(told[0], value=told[1], read=heard.read)
    if topic and cues and others == 0 and len(text.split()) <= SHORT and not _is_own(heard, topic, cues):
        cues |= {"where"} if cues & {"women", "disability"} else set()
        return Heard(f"ask_{topic}", value="+".join(sorted(cues)), read=heard.read)
    if heard.value == "unsure" and search.place_named(text) is not None:  # a place: what is there helps to tell
        offered = [name for name in heard.read["likely"] if search.has_topic(name.removeprefix("ask_"))]
        if offered:
            return Heard(offered[0], value="where", read=heard.read)
    if topic and heard.intent == "out_of_scope" and search.is_place(text):
        return Heard(f"ask_{topic}", value="where", read=heard.read)
    heard = _with_second(heard, text, model)
    if heard.intent.startswith("ask_") and heard.value is None and cues & LOCATING:
        return replace(heard, value="+".join(sorted(cues)), read={**heard.read, "cues": sorted(cues)})
    return replace(heard, read={**heard.read, "cues": sorted(cues)}) if heard.read.get("also") else heard


def _place_told(heard: Heard, text: str, cues: frozenset[str], awaited: str) -> Heard | None:
    """The answer to "where are you?": a place that we know and hardly a word more, or a name that we do not know."""
    if search.is_place(text):
        return Heard(f"ask_{awaited}", value="+".join(sorted({"where", AWAITED, *cues})), read=heard.read)
    unclear = heard.intent == "out_of_scope" or (heard.confidence < CLEAR and heard.intent.startswith(TOLD))
    if unclear and len(text.split()) <= MOST_OF_A_NAME:
        return Heard(f"ask_{awaited}", value=UNKNOWN_PLACE, read=heard.read)
    return None


def _is_own(heard: Heard, topic: str, cues: frozenset[str]) -> bool:
    """True if the message says something of its own: another topic, a wish for a person, a feedback."""
    if heard.confidence < CLEAR or heard.value is not None:
        return False
    meant = {f"ask_{topic}", *(f"ask_{name}" for cue in cues for name in _ALSO_READ_AS.get(cue, ()))}
    return heard.intent == "talk_to_human" or (heard.intent.startswith(TOLD) and heard.intent not in meant)


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
        told_as = said.read["intent"]
        plain = told_as["name"] if told_as["confidence"] >= PLAIN else "feedback_complaint"
        intent = heard.intent if heard.intent.startswith("feedback_") else plain
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
