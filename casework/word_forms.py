"""Words as they are searched for: folded, cut at what is no letter or digit, without the little words that some scripts
write onto them ("الماء" is found by "ماء", "የውሃ" by "ውሃ")."""

import re
from collections.abc import Iterable
from functools import lru_cache

from runtime.folding import fold

LONGEST_QUERY = 200
"""Letters."""
MOST_WORDS = 8
"""In one query."""

_CLEAN = str.maketrans(
    {
        **{chr(0x0660 + digit): str(digit) for digit in range(10)},
        **{chr(0x06F0 + digit): str(digit) for digit in range(10)},
        **dict.fromkeys("’‘ʼʻ`´", "'"),
        **dict.fromkeys("\u00ad\u200b\u200d\u200e\u200f\u2060\ufeff"),
    }
)
_JOINED = re.compile(r"[^\W_]+(?:['\u200c][^\W_]+)*")
"""A word with what an apostrophe or a joiner holds together: each part is a word, and so is the whole."""
_JOINER = re.compile(r"['\u200c]")
_DEFINITE = ("وبال", "وال", "بال", "كال", "فال", "ولل", "لل", "ال")
_CONJUNCTIONS = ("و", "ب", "ل")
_AMHARIC = ("እንደ", "ስለ", "የ", "በ", "ለ", "ከ")


def forms(text: str) -> set[str]:
    """Every form under which a word of the text is found."""
    return {form for match in _JOINED.findall(_clean(text)) for word in _parts(match) for form in _forms(word)}


def sought(query: str) -> tuple[str, ...]:
    """The words of a query; one letter alone is none."""
    found = (
        _without(_DEFINITE, word, 2) or word
        for word in (_JOINER.sub("", match) for match in _JOINED.findall(_clean(query[:LONGEST_QUERY])))
    )
    return tuple(dict.fromkeys(word for word in found if len(word) > 1))[:MOST_WORDS]


def beginnings(form: str) -> set[str]:
    """What of a form is indexed: an Amharic letter is a syllable, so fewer of them say as much."""
    return {form[:2], form[:3]} if _is_amharic(form) else {form[:5]}


def beginning(word: str) -> str:
    """What a sought word is looked up by; always one of the `beginnings` of what it `matches`."""
    return word[:3] if _is_amharic(word) else word[:5]


def matches(word: str, form: str) -> bool:
    """A long word is sought by its beginning, a short one (under five letters; Amharic: under two) as a whole."""
    return form.startswith(word) if len(word) >= 5 or _is_amharic(word) else form == word


def holds(told: Iterable[str], words: Iterable[str]) -> bool:
    """True if every word is matched by a form of one of the texts."""
    texts = [_clean(text) for text in told]
    return all(any(_has(text, word) for text in texts) for word in words)


def is_exact(word: str) -> bool:
    """True if nothing but what it matches stands under its beginning."""
    return beginning(word) == word


def _has(text: str, word: str) -> bool:
    if word not in _JOINER.sub("", text):
        return False  # the quick answer for most of those that only begin alike
    near = (match for match in _JOINED.findall(text) if word in _JOINER.sub("", match))
    return any(matches(word, form) for match in near for part in _parts(match) for form in _forms(part))


def _parts(match: str) -> set[str]:
    return {word for word in (_JOINER.sub("", match), *_JOINER.split(match)) if len(word) > 1}


@lru_cache(maxsize=20_000)
def _forms(word: str) -> frozenset[str]:
    if _is_amharic(word):
        return frozenset({word, _without(_AMHARIC, word, 2) or word})
    if "\u0600" <= word[0] <= "\u06ff":
        short = _without(_DEFINITE, word, 2)
        return frozenset({word, short or word, _without(_CONJUNCTIONS, word, 3) or word})
    return frozenset({word})


def _clean(text: str) -> str:
    return fold(text).translate(_CLEAN)


def _without(prefixes: tuple[str, ...], word: str, least: int) -> str | None:
    """The word without the first of the prefixes that leaves at least so many letters."""
    for prefix in prefixes:
        if word.startswith(prefix) and len(word) - len(prefix) >= least:
            return word[len(prefix) :]
    return None


def _is_amharic(word: str) -> bool:
    return "\u1200" <= word[:1] <= "\u137f"
