"""STOP and START in every language: a message that is nothing but such a word (keywords.yml)."""

import re
import unicodedata
from functools import lru_cache
from pathlib import Path

import yaml

_FORMS = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ى": "ي", "ـ": None, "ی": "ي", "ک": "ك"})
_WORDS = re.compile(r"[^\w]+")


def plain(text: str) -> str:
    """Case, accents, vowel signs and punctuation removed; words parted by one space."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().translate(_FORMS))
    letters = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return _WORDS.sub(" ", letters.translate(_FORMS)).strip()


@lru_cache(maxsize=1)
def _words() -> dict[str, str]:
    data = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text(encoding="utf-8"))
    return {plain(word): meaning for meaning, lists in data.items() for words in lists.values() for word in words}


def meaning(text: str) -> str | None:
    """ "stop", "start", or None for everything else."""
    return _words().get(plain(text)) if len(text) <= 60 else None
