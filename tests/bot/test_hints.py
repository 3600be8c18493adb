"""Half hints add up over the messages of a talk; a single one does not."""

from typing import Any

import pytest
from rasa.shared.core.trackers import DialogueStateTracker

from bot.hearing import Heard
from bot.listening import HINT_TURNS, _with_earlier_hints


@pytest.fixture
def tracker() -> DialogueStateTracker:
    from rasa.shared.core.slots import AnySlot

    return DialogueStateTracker("1", [AnySlot("hint", [{}])])


def heard(level: int) -> Heard:
    read: dict[str, Any] = {
        "intent": {"name": "ask_health", "confidence": 0.8},
        "hints": ["gbv"],
        "half_hint": level == 1,
        "sensitive": [],
    }
    return Heard("out_of_scope" if level == 2 else "ask_health", 0.8, "softly" if level == 2 else None, read)


def test_one_half_hint_is_nothing(tracker: DialogueStateTracker) -> None:
    assert _with_earlier_hints(tracker, heard(1)).value is None


def test_two_half_hints_are_asked_about(tracker: DialogueStateTracker) -> None:
    _with_earlier_hints(tracker, heard(1))
    _with_earlier_hints(tracker, heard(0))
    found = _with_earlier_hints(tracker, heard(1))
    assert (found.value, found.read["seemed"]) == ("softly", "ask_health")


def test_asked_twice_is_acted_on(tracker: DialogueStateTracker) -> None:
    assert _with_earlier_hints(tracker, heard(2)).value == "softly"
    found = _with_earlier_hints(tracker, heard(2))
    assert found.intent == "report_privately"
    assert [item["category"] for item in found.read["sensitive"]] == ["gbv"]


def test_a_hint_is_forgotten_after_some_messages(tracker: DialogueStateTracker) -> None:
    _with_earlier_hints(tracker, heard(1))
    for _ in range(HINT_TURNS):
        _with_earlier_hints(tracker, heard(0))
    assert _with_earlier_hints(tracker, heard(1)).value is None


def test_a_no_takes_it_back(tracker: DialogueStateTracker) -> None:
    _with_earlier_hints(tracker, heard(2))
    _with_earlier_hints(tracker, Heard("deny", 1.0, read=heard(0).read))
    assert _with_earlier_hints(tracker, heard(1)).value is None
