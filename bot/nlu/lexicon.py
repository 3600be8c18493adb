"""The phrases of data/safeguarding/<language>.yml, which people without code keep. See docs/safeguarding-lexicon.md."""

from collections import defaultdict
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import yaml

from messaging.keywords import plain
from runtime import taxonomy
from runtime.settings import ROOT

FOLDER = ROOT / "data" / "safeguarding"
GAP = "..."
LONGEST_GAP = 4
"""Words that ` ... ` may stand for."""


class BadLexicon(ValueError):
    """A lexicon file cannot be used; the text says which and why."""


@dataclass(frozen=True)
class Phrase:
    """Words that follow each other; `*` ends a word of any ending, `...` stands for up to four words."""

    words: tuple[str, ...]

    def starts_at(self, tokens: list[str], position: int) -> bool:
        """True if the phrase matches the tokens from this position on."""
        return _matches(self.words, tokens, position)


@dataclass
class Lexicon:
    """All phrases of all languages, found by their first word."""

    by_word: dict[str, list[tuple[Phrase, str, str]]] = field(default_factory=lambda: defaultdict(list))
    by_prefix: dict[str, list[tuple[Phrase, str, str]]] = field(default_factory=lambda: defaultdict(list))

    def add(self, text: str, category: str, level: str) -> None:
        """Add one phrase; `level` is act, ask or not."""
        parts = [part for raw in text.split() for part in ([GAP] if raw.strip(".…") == "" else _word(raw))]
        words = tuple(part for index, part in enumerate(parts) if part != GAP or 0 < index < len(parts) - 1)
        if not words:
            raise BadLexicon(f"an empty phrase under {category}/{level}")
        phrase = Phrase(words)
        if words[0].endswith("*"):
            self.by_prefix[words[0][:2]].append((phrase, category, level))
        else:
            self.by_word[words[0]].append((phrase, category, level))

    def find(self, text: str) -> dict[str, str]:
        """Category to "act" or "ask" for each that the text touches, unless a `not` phrase speaks against it."""
        tokens = plain(text).split()
        found: dict[str, set[str]] = defaultdict(set)
        for position, token in enumerate(tokens):
            for form in _forms(token):
                for phrase, category, level in (*self.by_word.get(form, ()), *self.by_prefix.get(form[:2], ())):
                    if level not in found[category] and phrase.starts_at(tokens, position):
                        found[category].add(level)
        return {
            category: "act" if "act" in levels else "ask"
            for category, levels in found.items()
            if "not" not in levels and levels
        }


def _forms(token: str) -> tuple[str, ...]:
    """The token, and without the Arabic "and"/"so" that is written together with it."""
    return (token, token[1:]) if token[0] in "وف" and len(token) > 3 else (token,)


def _word(raw: str) -> list[str]:
    """A written word as tokens; the star stays at the end of the last."""
    tokens = plain(raw.rstrip("*")).split()
    if tokens and raw.endswith("*"):
        tokens[-1] += "*"
    return tokens


def _matches(words: tuple[str, ...], tokens: list[str], position: int) -> bool:
    for index, word in enumerate(words):
        if word == GAP:
            rest = words[index + 1 :]
            return any(_matches(rest, tokens, position + skip) for skip in range(LONGEST_GAP + 1))
        if position >= len(tokens):
            return False
        if not any(
            form.startswith(word[:-1]) if word.endswith("*") else form == word for form in _forms(tokens[position])
        ):
            return False
        position += 1
    return True


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """The lexicon of all languages that have a file."""
    made = Lexicon()
    for path in sorted(FOLDER.glob("*.yml")):
        read_into(made, path)
    return made


def read_into(made: Lexicon, path: Path) -> None:
    """Add one language's file.

    Raises:
        BadLexicon: not the expected form; the text says where.
    """
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    for category, levels in (data or {}).get("categories", {}).items():
        if category not in taxonomy.sensitive_categories():
            raise BadLexicon(f"{path.name}: unknown category {category}")
        for level, phrases in (levels or {}).items():
            if level not in ("act", "ask", "not"):
                raise BadLexicon(f"{path.name}: {category}: unknown list {level}")
            for phrase in phrases or ():
                made.add(str(phrase), category, level)
