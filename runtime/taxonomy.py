"""The closed vocabularies (data/taxonomy.yml): languages, topics, intents, feedback types, sensitive categories."""

from functools import lru_cache
from typing import Any

import yaml

from runtime.settings import ROOT


@lru_cache(maxsize=1)
def _read() -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load((ROOT / "data" / "taxonomy.yml").read_text(encoding="utf-8"))
    return data


@lru_cache(maxsize=1)
def languages() -> dict[str, str]:
    """ISO 639-1 code to the language's own name, in the order of the menus."""
    return dict(_read()["languages"])


@lru_cache(maxsize=1)
def topics() -> dict[str, str]:
    """Topic id to what it covers, in English."""
    return {topic: entry["covers"] for topic, entry in _read()["topics"].items()}


@lru_cache(maxsize=1)
def areas() -> dict[str, str]:
    """Topic id to its area: protection, rights or services."""
    return {topic: entry["area"] for topic, entry in _read()["topics"].items()}


@lru_cache(maxsize=1)
def feedback_types() -> tuple[str, ...]:
    """The types of the community-feedback frame."""
    return tuple(_read()["feedback_types"])


@lru_cache(maxsize=1)
def sensitive_categories() -> tuple[str, ...]:
    """The sensitive categories, gravest first."""
    categories: dict[str, Any] = _read()["sensitive_categories"]
    return tuple(sorted(categories, key=lambda name: categories[name]["order"]))


def intents() -> tuple[str, ...]:
    """Every intent id: the dialogue intents, `ask_<topic>`, and `feedback_<type>` for the content of a feedback."""
    feedback = [f"feedback_{name}" for name in feedback_types() if name != "question"]
    return (*_read()["dialogue_intents"], *(f"ask_{topic}" for topic in topics()), *feedback)
