"""Code and data name the same sentences, intents and topics (the words themselves: tests/console/test_content.py)."""

import yaml

from runtime import taxonomy
from runtime.settings import ROOT
from runtime.words import SOURCE, catalogue


def test_every_response_of_the_domain_names_a_sentence() -> None:
    responses = yaml.safe_load((ROOT / "bot/domain/responses.yml").read_text())["responses"]
    for variants in responses.values():
        for variant in variants:
            names = [variant["text"], *(button["title"] for button in variant.get("buttons", ()))]
            assert [name for name in names if name not in catalogue(SOURCE)] == []


def test_the_domain_has_every_intent_and_a_rule_for_every_topic() -> None:
    intents = yaml.safe_load((ROOT / "bot/domain/intents.yml").read_text())["intents"]
    assert sorted(intents) == sorted(taxonomy.intents())
    rules = yaml.safe_load((ROOT / "data/rules/topics.yml").read_text())["rules"]
    assert [rule["steps"][0]["intent"] for rule in rules] == [f"ask_{topic}" for topic in taxonomy.topics()]
