"""In every language: each type of feedback, an interruption at every question about it, status, marks, people, files.

The texts stand in feedback_words.yaml, by native usage; what is heard is compared with the catalogues.
"""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import func, select

from casework import answering, care, hand_over, reference
from runtime import taxonomy
from runtime.deployment import deployment
from tests.phones import Town
from tests.talk import Talk, feedback

WORDS: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "feedback_words.yaml").read_text(encoding="utf-8"))
LANGUAGES = tuple(taxonomy.languages())
pytestmark = [
    pytest.mark.parametrize("database", ["sqlite"], indirect=True),
    pytest.mark.parametrize("language", LANGUAGES),
]
THANKS = {
    "complaint": "complaint_taken",
    "suggestion": "suggestion_taken",
    "praise": "praise_taken",
    "rumour": "rumour_taken",
}


@pytest.fixture
def talk(stocked: Town, language: str) -> Talk:
    """A phone that has chosen the language."""
    return Talk(stocked, language, WORDS[language])


def reports() -> int:
    from casework.report_models import Report
    from store.database import reading

    with reading() as session:
        return session.scalar(select(func.count()).select_from(Report)) or 0


def code(heard: str) -> str:
    """The code in what was heard."""
    found = reference.find(heard)
    assert found is not None, heard
    return found


def test_each_type_is_thanked_and_kept_once(stocked: Town, language: str) -> None:
    for number, kind in enumerate(THANKS):
        talk = Talk(stocked, language, WORDS[language], f"+2547220000{number:02d}")
        heard = talk.gives(kind)
        assert talk.part(THANKS[kind]) in heard
        (kept,) = talk.kept()
        assert kept.types[0] == kind
        assert kept.reference == code(heard)
        assert (talk.sentence("ask_where") in heard) == (kind != "praise")
        assert kept.cluster_id is not None


def test_a_place_in_the_message_is_not_asked_for(talk: Talk) -> None:
    heard = talk.gives("complaint_placed")
    assert talk.sentence("ask_where") not in heard
    (kept,) = feedback()
    assert kept.place == "Riverside"


def test_where_it_was_is_added(talk: Talk) -> None:
    talk.gives("complaint")
    assert talk.sentence("place_added", place="Riverside") in talk.says("Riverside")
    (kept,) = feedback()
    assert kept.place == "Riverside"


INTERRUPTIONS = ("skip", "question", "number", "language", "stop", "disclosure", "silence")


def test_where_may_be_answered_with_anything(stocked: Town, language: str) -> None:
    for number, interruption in enumerate(INTERRUPTIONS):
        talk = Talk(stocked, language, WORDS[language], f"+2547220001{number:02d}")
        talk.gives("complaint")
        (kept,) = talk.kept()
        heard = _interrupt(talk, interruption)
        (still,) = talk.kept()
        assert still.body == kept.body and still.reference == kept.reference
        if interruption == "skip":
            assert talk.sentence("not_understood") not in heard


def test_an_announced_complaint_may_be_left_for_anything(stocked: Town, language: str) -> None:
    for number, interruption in enumerate(INTERRUPTIONS[1:]):
        talk = Talk(stocked, language, WORDS[language], f"+2547220002{number:02d}")
        assert talk.sentence("ask_feedback_text") in talk.asks("announce")
        _interrupt(talk, interruption)
        assert talk.kept() == []
        if interruption == "silence":
            assert talk.part("complaint_taken") in talk.gives("complaint")


def test_a_mark_may_be_left_for_anything(stocked: Town, language: str) -> None:
    for number, interruption in enumerate(INTERRUPTIONS[1:]):
        talk = Talk(stocked, language, WORDS[language], f"+2547220003{number:02d}")
        talk.gives("complaint")
        (kept,) = talk.kept()
        _close(talk, kept.reference)
        if interruption == "number":  # a number is the mark
            assert talk.sentence("rated_well") in talk.says("4")
            assert talk.kept()[0].mark == 4
            continue
        _interrupt(talk, interruption)
        (still,) = talk.kept()
        assert still.state == "closed" and still.mark is None


def _interrupt(talk: Talk, how: str) -> str:
    from runtime.redis import redis

    if how == "question":
        heard = talk.asks("question")
        assert talk.sentence("not_understood") not in heard and len(heard) > 40
    elif how == "number":
        heard = talk.says("2")  # of the menu that the phone still shows
        assert heard and talk.sentence("not_understood") not in heard
    elif how == "language":
        other = "fr" if talk.language != "fr" else "en"
        heard = talk.says(taxonomy.languages()[other])
        assert Talk.sentence(_speaking(talk, other), "language_set") in heard
    elif how == "stop":
        heard = talk.asks("stop")
        assert talk.sentence("opted_out") in heard
    elif how == "disclosure":
        before = reports()
        heard = talk.asks("disclosure")
        assert talk.part("private_secrecy") in heard
        assert reports() == before + 1
    elif how == "silence":
        redis().flushall()  # the session of a day ago is gone
        heard = talk.says("Riverside")
        assert heard
    else:
        heard = talk.asks(how)
    return heard


def _speaking(talk: Talk, language: str) -> Talk:
    other = object.__new__(Talk)
    other.__dict__.update(talk.__dict__, language=language)
    return other


def _close(talk: Talk, code: str, outcome: str = "The tank was cleaned on Monday") -> str:
    heard = talk.count
    answering.close(code, "done", outcome, "Ada")
    talk.town.work()
    return talk.since(heard)


def test_status_tells_where_it_stands(talk: Talk) -> None:
    given = code(talk.gives("complaint"))
    spaced = " ".join(given.replace("-", "").lower())
    assert talk.part("status_open") in talk.says(f"{talk.words['status']} {given}")
    answering.acknowledge(given, "Ada")
    assert talk.part("status_acknowledged") in talk.asks("status")
    answering.start(given, "Ada")
    assert talk.part("status_in_progress") in talk.says(f"{talk.words['status']} {spaced}")
    heard = talk.count
    answering.answer(given, "The truck comes on Monday.", "Ada")
    talk.town.work()
    assert talk.since(heard) == "The truck comes on Monday."
    assert talk.part("status_answered") in talk.asks("status")
    _close(talk, given)
    assert "The tank was cleaned on Monday" in talk.asks("status")
    assert talk.sentence("status_none") in talk.says(f"{talk.words['status']} AAAA-A")


def test_a_good_mark_and_a_bad_one(talk: Talk) -> None:
    given = code(talk.gives("complaint"))
    heard = _close(talk, given)
    assert "The tank was cleaned on Monday" in heard and talk.sentence("ask_rating") in heard
    assert talk.sentence("rated_well") in talk.asks("good_mark")
    answering.reopen(given, "by mistake", "Ada")
    _close(talk, given)
    assert talk.part("rated_badly") in talk.asks("bad_mark")
    (kept,) = feedback()
    assert (kept.mark, kept.state) == (1, "reopened")
    assert talk.part("added") in talk.gives("low_words")
    assert talk.part("status_reopened") in talk.asks("status")
    assert len(feedback()) == 1


def test_my_data_and_delete(talk: Talk) -> None:
    talk.gives("complaint")
    assert re.search(r"\b1\b|١|۱", talk.asks("my_data"))
    assert talk.sentence("forget_ask") in talk.asks("delete")
    assert talk.sentence("forgotten") in talk.says("1")
    (kept,) = feedback()
    assert (kept.body, kept.contact_id, kept.likeness, kept.state) == (None, None, None, "closed")
    assert _tombstones("feedback") == [(kept.reference, "wish")]
    assert "0" in talk.asks("my_data") or "٠" in talk.asks("my_data")


def _tombstones(kind: str) -> list[tuple[str | None, str]]:
    from casework.models import Tombstone
    from store.database import reading

    with reading() as session:
        found = session.scalars(select(Tombstone).where(Tombstone.kind == kind)).all()
        return [(stone.reference, stone.reason) for stone in found]


def test_people_take_over_and_give_back(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    given = code(talk.gives("human"))
    heard = talk.gives("quiet")  # people read it, the assistant keeps quiet
    assert heard == "" or (talk.sentence("ask_private") in heard and heard.endswith("\n"))
    assert talk.says("2") == ""
    heard = talk.count
    answering.answer(given, "Good morning, this is Ada.", "Ada")
    talk.town.work()
    assert talk.since(heard) == "Good morning, this is Ada."
    assert talk.asks("thanks") == ""
    heard = talk.count
    _later(monkeypatch, 2)
    care.often()
    talk.town.work()
    assert talk.sentence("human_gone") in talk.since(heard)  # what came after the answer is unread
    assert talk.part("complaint_taken") in talk.gives("complaint")


def test_a_disclosure_and_a_stop_are_heard_while_people_hold_the_talk(talk: Talk) -> None:
    talk.gives("human")
    assert talk.part("private_secrecy") in talk.asks("disclosure")
    assert reports() == 1
    assert talk.sentence("opted_out") in talk.asks("stop")


def test_the_menu_brings_the_assistant_back(talk: Talk) -> None:
    talk.gives("human")
    assert talk.sentence("menu") in talk.asks("menu")
    assert talk.part("complaint_taken") in talk.gives("complaint")


def test_outside_opening_hours_it_says_when(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = deployment().promises.model_copy(update={"opening_hours": "Mo 03:00-03:01"})
    changed = deployment().model_copy(update={"promises": closed})
    for place in ("casework.hand_over", "actions.human"):
        monkeypatch.setattr(f"{place}.deployment", lambda: changed)
    heard = talk.gives("human")
    assert talk.part("human_later") in heard and "03:00-03:01" in heard
    assert talk.asks("quiet") != ""


def _later(monkeypatch: pytest.MonkeyPatch, hours: float) -> None:
    from datetime import timedelta

    from store import database

    present = database.now() + timedelta(hours=hours)
    monkeypatch.setattr(hand_over, "now", lambda: present)


def test_after_a_stop_it_asks_whether_it_may_answer(talk: Talk) -> None:
    talk.asks("stop")
    heard = talk.gives("complaint")
    given = code(heard)
    assert talk.sentence("ask_may_reply") in heard
    assert talk.part("may_reply_no") in talk.says("2")
    count = talk.count
    assert answering.answer(given, "The truck comes on Monday.", "Ada") is not None
    talk.town.work()
    assert talk.count == count  # stop means stop
    assert talk.sentence("status_answer", answer="The truck comes on Monday.") in talk.asks("status")
    second = code(talk.gives("suggestion"))
    assert talk.part("may_reply_yes") in talk.says("1")
    assert answering.answer(second, "We open on Saturday.", "Ada") is None
    talk.town.work()
    assert talk.town.api.bodies(talk.phone)[-1] == "We open on Saturday."


def test_files_are_fetched_checked_and_kept(talk: Talk) -> None:
    from casework.models import Media
    from store.database import reading

    base = talk.town.api.url
    voice = {"NumMedia": "1", "MediaUrl0": f"{base}/media/voice", "MediaContentType0": "audio/ogg"}
    big = {"NumMedia": "1", "MediaUrl0": f"{base}/media/big", "MediaContentType0": "image/jpeg"}
    assert talk.sentence("media") in talk.says("", **voice)
    care.often()
    talk.town.work()
    assert talk.sentence("media") in talk.says("", **big)
    heard = talk.count
    care.often()
    talk.town.work()
    assert talk.since(heard) == talk.sentence("media_refused")
    with reading() as session:
        states = session.execute(select(Media.state, Media.content_type, Media.source).order_by(Media.id)).all()
    assert states == [("kept", "application/ogg", None), ("refused", "image/jpeg", None)]
    assert [kept.types for kept in feedback()] == [["question"], ["question"]]
