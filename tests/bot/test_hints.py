"""Half hints add up over the messages of a talk; a single one does not."""

from typing import Any

import pytest
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy import select

from bot.hearing import Heard
from bot.listening import HINT_TURNS, _with_earlier_hints
from casework.models import Feedback
from casework.report_models import Report
from messaging.models import Message
from store.database import reading
from tests import focal_points
from tests.phones import Town


@pytest.fixture
def tracker() -> DialogueStateTracker:
    from rasa.shared.core.slots import AnySlot

    return DialogueStateTracker("1", [AnySlot("hint", [{}]), AnySlot("report", [{}])])


def hints(tracker: DialogueStateTracker, message: Heard) -> Heard:
    return _with_earlier_hints(tracker, message, 7)


def heard(level: int) -> Heard:
    read: dict[str, Any] = {
        "intent": {"name": "ask_health", "confidence": 0.8},
        "hints": ["gbv"],
        "half_hint": level == 1,
        "sensitive": [],
    }
    return Heard("out_of_scope" if level == 2 else "ask_health", 0.8, "softly" if level == 2 else None, read)


def test_one_half_hint_is_nothing(tracker: DialogueStateTracker) -> None:
    assert hints(tracker, heard(1)).value is None


def test_two_half_hints_are_asked_about(tracker: DialogueStateTracker) -> None:
    hints(tracker, heard(1))
    hints(tracker, heard(0))
    found = hints(tracker, heard(1))
    assert (found.value, found.read["seemed"]) == ("softly", "ask_health")


def test_asked_twice_is_acted_on(tracker: DialogueStateTracker) -> None:
    assert hints(tracker, heard(2)).value == "softly"
    found = hints(tracker, heard(2))
    assert found.intent == "report_privately"
    assert [item["category"] for item in found.read["sensitive"]] == ["gbv"]


def test_a_hint_is_forgotten_after_some_messages(tracker: DialogueStateTracker) -> None:
    hints(tracker, heard(1))
    for _ in range(HINT_TURNS):
        hints(tracker, heard(0))
    assert hints(tracker, heard(1)).value is None


def test_a_no_takes_it_back(tracker: DialogueStateTracker) -> None:
    hints(tracker, heard(2))
    hints(tracker, Heard("deny", 1.0, read=heard(1).read))
    assert hints(tracker, heard(1)).value is None


def test_a_weaker_hint_does_not_weaken_a_stronger_one(tracker: DialogueStateTracker) -> None:
    for level in (2, 1):
        hints(tracker, heard(level))
    assert hints(tracker, heard(2)).intent == "report_privately"


@pytest.mark.parametrize("intent", ["affirm", "opt_out", "delete_my_data", "talk_to_human"])
def test_a_wish_is_not_turned_into_a_question(tracker: DialogueStateTracker, intent: str) -> None:
    hints(tracker, heard(2))
    assert hints(tracker, Heard(intent, 0.9, read=heard(1).read)).intent == intent


def test_the_messages_are_remembered_for_the_report(tracker: DialogueStateTracker) -> None:
    hints(tracker, heard(1))
    hints(tracker, heard(1))
    assert tracker.get_slot("hint")[2] == [7, 7]


FIRST, SECOND = "i am afraid to go home", "there are marks on her back"
"""Two messages that the lexicon asks about softly."""


def test_two_messages_asked_about_open_a_report_with_the_words_of_both(town: Town) -> None:
    assert "1 Yes" in "\n".join(town.says("+254722000041", FIRST))
    assert "Your code" in "\n".join(town.says("+254722000041", SECOND))
    with reading() as session:
        assert len(session.scalars(select(Report)).all()) == 1
        assert focal_points.words("ada") == [FIRST, SECOND]
        left = select(Message.id).where(Message.direction == "in", Message.body.is_not(None))
        assert session.scalars(left).all() == []
        assert session.scalars(select(Feedback)).all() == []


def test_a_no_by_number_takes_the_hint_back(town: Town) -> None:
    town.says("+254722000042", FIRST)
    town.says("+254722000042", "2")
    assert "Your code" not in "\n".join(town.says("+254722000042", SECOND))
    with reading() as session:
        assert session.scalars(select(Report)).all() == []
