"""STOP and START in every language: a message that is nothing but such a word (keywords.yml)."""

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from runtime.folding import fold

_WORDS = re.compile(r"[^\w]+")


def plain(text: str) -> str:
    """Folded (runtime/folding.py) and without punctuation; words parted by one space."""
    return _WORDS.sub(" ", fold(text)).strip()


@dataclass(frozen=True)
class Keyword:
    """What a word means ("stop" or "start"), and the languages in which it does."""

    meaning: str
    languages: tuple[str, ...]


@lru_cache(maxsize=1)
def _lists() -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text(encoding="utf-8"))
    return data


@lru_cache(maxsize=1)
def _words() -> dict[str, Keyword]:
    data = _lists()
    found: dict[str, Keyword] = {}
    for meaning in ("stop", "start"):
        for language, words in data[meaning].items():
            for word in words:
                known = found.get(plain(word), Keyword(meaning, ()))
                found[plain(word)] = Keyword(meaning, (*known.languages, language))
    return found


def find(text: str) -> Keyword | None:
    """The keyword that is the whole message, or None."""
    if len(text) > 60 or text.strip(" .!?،؟") in _lists()["other"]:
        return None
    return _words().get(plain(text))
