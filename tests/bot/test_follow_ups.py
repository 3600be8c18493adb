"""Cues of short messages, in their own language only; sentences and joined questions parted."""

import pytest

from bot import follow_ups


@pytest.mark.parametrize(
    ("text", "language", "found", "others"),
    [
        ("where?", "en", {"where"}, 0),
        ("and for my child?", "en", {"child"}, 0),
        ("nearest clinic open now", "en", {"nearest", "open_now"}, 1),
        ("où", "fr", {"where"}, 0),
        ("le pain ou le riz", "fr", set(), 5),  # "ou" is "or" here
        ("وين؟", "ar", {"where"}, 0),
        ("¿cuánto cuesta?", "es", {"cost"}, 0),
        ("na kwa mtoto wangu?", "sw", {"child"}, 0),
        ("yet", "en", set(), 1),  # "where" in romanised Amharic, another word in English
        ("", "en", set(), 0),
    ],
)
def test_cues(text: str, language: str, found: set[str], others: int) -> None:
    assert follow_ups.cues(text, (language, None)) == (frozenset(found), others)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Where is the clinic? When is food given?", ["Where is the clinic", "When is food given"]),
        ("where can I sleep and where can I eat", ["where can I sleep", "and where can I eat"]),
        ("I need food", ["I need food"]),
        ("hi. yes.", []),
    ],
)
def test_clauses(text: str, parts: list[str]) -> None:
    assert follow_ups.clauses(text) == parts
