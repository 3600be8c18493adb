"""Every sentence and page is there in every served language, with its placeholders, and not too long."""

import re

import pytest
import yaml

from actions import knowledge
from messaging.segments import count
from runtime import taxonomy
from runtime.settings import ROOT
from runtime.words import SOURCE, catalogue

SERVED = tuple(taxonomy.languages())
PAGED = ("en", "fr", "es", "ar")
"""Languages that have pages in data/knowledge; the others get the default language's, or a person."""
PLACEHOLDER = re.compile(r"\{\w+\}")


@pytest.mark.parametrize("language", SERVED)
def test_no_sentence_is_missing(language: str) -> None:
    assert set(catalogue(SOURCE)) - set(catalogue(language)) == set()


@pytest.mark.parametrize("language", SERVED)
def test_placeholders_are_those_of_the_source(language: str) -> None:
    for name, text in catalogue(SOURCE).items():
        assert set(PLACEHOLDER.findall(catalogue(language)[name])) == set(PLACEHOLDER.findall(text)), name


@pytest.mark.parametrize("language", SERVED)
def test_no_sentence_carries_letters_that_only_cost(language: str) -> None:
    for name, text in catalogue(language).items():
        assert not set("’‘“”–—…\u00a0\u202f") & set(text), name


def test_every_response_of_the_domain_names_a_sentence() -> None:
    responses = yaml.safe_load((ROOT / "bot/domain/responses.yml").read_text())["responses"]
    for variants in responses.values():
        for variant in variants:
            names = [variant["text"], *(button["title"] for button in variant.get("buttons", ()))]
            assert [name for name in names if name not in catalogue(SOURCE)] == []


@pytest.mark.parametrize("topic", knowledge.topics())
@pytest.mark.parametrize("language", PAGED)
def test_every_topic_has_a_page_that_fits(topic: str, language: str) -> None:
    page = knowledge.page(topic, language)
    assert page is not None
    assert (page.topic, page.language) == (topic, language)
    short = page.parts["short"].replace("{organisation}", "Test Aid")
    counted = count(short)
    assert counted.segments <= (2 if counted.encoding == "gsm7" else 4)
    assert set(page.next) <= set(taxonomy.topics())
    assert len(page.title) <= 24


def test_the_domain_has_every_intent_and_a_rule_for_every_topic() -> None:
    intents = yaml.safe_load((ROOT / "bot/domain/intents.yml").read_text())["intents"]
    assert sorted(intents) == sorted(taxonomy.intents())
    assert set(knowledge.topics()) <= set(taxonomy.topics())
    rules = yaml.safe_load((ROOT / "data/rules/topics.yml").read_text())["rules"]
    assert [rule["steps"][0]["intent"] for rule in rules] == [f"ask_{topic}" for topic in taxonomy.topics()]
