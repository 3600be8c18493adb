"""What a message asks beside its topic: where, nearest, open now, how much, for a child; and two questions in one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml

from messaging.keywords import plain

CUES = ("where", "nearest", "open_now", "women", "child", "cost", "disability")
MOST_CLAUSES = 3
_LONGEST = 5
_SENTENCE = re.compile(r"[.?!;؟؛。።፧፣\n]+\s*")


@lru_cache(maxsize=1)
def _data() -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "follow_ups.yml").read_text(encoding="utf-8"))
    return data


@lru_cache(maxsize=32)
def _phrases(language: str) -> dict[str, frozenset[str]]:
    """The language's phrases, folded, to the cues that each is."""
    found: dict[str, set[str]] = {}
    for cue in CUES:
        for phrase in _data()[cue].get(language, ()):
            found.setdefault(plain(str(phrase)), set()).add(cue)
    return {phrase: frozenset(cues) for phrase, cues in found.items() if phrase}


@lru_cache(maxsize=1)
def _alone() -> frozenset[str]:
    return frozenset(plain(str(phrase)) for phrase in _data()["alone"])


@lru_cache(maxsize=1)
def _joining() -> frozenset[str]:
    return frozenset(plain(str(word)) for words in _data()["conjunctions"].values() for word in words)


@lru_cache(maxsize=1)
def _small() -> frozenset[str]:
    return frozenset(plain(str(word)) for word in _data()["small"])


def cues(text: str, languages: Iterable[str | None]) -> tuple[frozenset[str], int]:
    """The cues of these languages in a text, and how many of its words belong to none (joining words do not count)."""
    words = [word for word in plain(text).split() if word not in _joining() and word not in _small()]
    known: dict[str, frozenset[str]] = {}
    for language in filter(None, languages):
        known.update(_phrases(language))
    found: set[str] = set()
    taken = [False] * len(words)
    for size in range(min(_LONGEST, len(words)), 0, -1):
        for start in range(len(words) - size + 1):
            phrase = " ".join(words[start : start + size])
            if phrase in known and (size == len(words) or phrase not in _alone()):
                found |= known[phrase]
                taken[start : start + size] = [True] * size
    return frozenset(found), taken.count(False)


def clauses(text: str) -> list[str]:
    """The sentences of a text; one long sentence is parted where a word joins two questions. At most three."""
    parts = [part.strip() for part in _SENTENCE.split(text) if len(part.split()) > 1]
    if len(parts) > 1:
        return parts[:MOST_CLAUSES]
    words = text.split()
    cuts = [place for place, word in enumerate(words) if plain(word) in _joining() and 2 < place < len(words) - 2]
    if not cuts:
        return parts
    bounds = [0, *cuts, len(words)]
    return [" ".join(words[a:b]) for a, b in pairwise(bounds)][:MOST_CLAUSES]
