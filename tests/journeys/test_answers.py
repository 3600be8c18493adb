"""In every language: ask, follow up, read on, name a place, find what is open, be told what is old, ask twice and thrice.

The texts that people write stand in words.yaml, by native usage; what is heard is compared with pages and catalogues.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from runtime import pages, taxonomy
from runtime.words import sentence
from tests.phones import Town

WORDS: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "words.yaml").read_text(encoding="utf-8"))
LANGUAGES = tuple(taxonomy.languages())
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
"""One kind is enough here: the other journeys run on both."""
PHONE = "+254722000077"
SUNDAY_NOON = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)  # 12:00 in Nairobi


@pytest.fixture(autouse=True)
def on_a_sunday(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is open depends on it."""
    monkeypatch.setattr("actions.places.now", lambda: SUNDAY_NOON)


class Talk:
    """One phone that writes in one language, which it has chosen."""

    def __init__(self, town: Town, language: str) -> None:
        self.town, self.language, self.words = town, language, WORDS[language]
        self.says(taxonomy.languages()[language])

    def says(self, text: str) -> str:
        """What is heard after the text."""
        return "\n".join(self.town.says(PHONE, text))

    def asks(self, name: str) -> str:
        """What is heard after one of the texts of words.yaml."""
        return self.says(self.words[name])

    def part(self, topic: str, part: str) -> str:
        """The beginning of a page's part: enough to know it by."""
        page = pages.page(topic, self.language)
        assert page is not None
        return page.parts[part].split("\n")[0][:60]

    def sentence(self, name: str, **values: object) -> str:
        """A sentence of the catalogue."""
        return sentence(name, self.language, **values)


@pytest.mark.parametrize("language", LANGUAGES)
def test_ask_read_on_and_follow_up(stocked: Town, language: str) -> None:
    talk = Talk(stocked, language)
    assert talk.part("health", "short") in talk.asks("ask_health")
    assert talk.part("health", "more") in talk.asks("more")
    heard = talk.asks("more")
    assert talk.part("health", "steps") in heard
    assert talk.sentence("next_topics") in heard
    assert talk.sentence("more_end") in talk.asks("more")
    assert talk.sentence("cost_answer") in talk.asks("cost")
    assert talk.sentence("child_answer") in talk.asks("child")


@pytest.mark.parametrize("language", LANGUAGES)
def test_where_the_place_is_asked_for_once_and_remembered(stocked: Town, language: str) -> None:
    talk = Talk(stocked, language)
    talk.asks("ask_health")
    assert talk.sentence("ask_place") in talk.asks("where")
    heard = talk.asks("misspelt_place")
    assert "River Health Post" in heard
    assert talk.sentence("service_sample") in heard
    assert "River Health Post" in talk.asks("where")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_place_that_nobody_knows(stocked: Town, language: str) -> None:
    talk = Talk(stocked, language)
    talk.asks("ask_health")
    talk.asks("where")
    assert "Riverside, Hilltown, Lakeview" in talk.asks("unknown_place")
    assert "River Health Post" in talk.asks("place")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_nearest_that_is_open(stocked: Town, language: str) -> None:
    talk = Talk(stocked, language)
    assert "River Health Post" in talk.asks("ask_in_place")
    heard = talk.asks("nearest_open")
    assert "River Health Post" in heard
    assert talk.sentence("service_open") in heard
    assert "Women's Clinic" not in heard  # closed on Sundays


@pytest.mark.parametrize("language", LANGUAGES)
def test_old_information_is_told_as_old(stocked: Town, language: str) -> None:
    heard = Talk(stocked, language).asks("old_info")
    assert "Food Distribution Point" in heard
    assert "2024-01-15" in heard


@pytest.mark.parametrize("language", LANGUAGES)
def test_two_questions_at_once_are_both_answered(stocked: Town, language: str) -> None:
    talk = Talk(stocked, language)
    heard = talk.asks("two_questions")
    assert talk.part("legal_identity", "short") in heard
    assert talk.sentence("also") in heard
    assert talk.part("food", "short") in heard


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_complaint_with_a_question_is_kept_and_answered(stocked: Town, language: str) -> None:
    from sqlalchemy import select

    from casework.models import Feedback
    from store.database import reading

    talk = Talk(stocked, language)
    heard = talk.asks("complaint_and_question")
    assert talk.sentence("also") in heard
    with reading() as session:
        kept = session.scalars(select(Feedback)).one()
    assert "complaint" in kept.types


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_same_question_thrice_brings_a_person(stocked: Town, language: str) -> None:
    talk = Talk(stocked, language)
    assert talk.part("health", "short") in talk.asks("ask_health")
    assert talk.part("health", "steps") in talk.asks("ask_health")
    assert talk.sentence("asked_again") in talk.asks("ask_health")
    assert talk.sentence("human_soon", reference="")[:20] in talk.says("1")
