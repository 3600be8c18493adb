"""Segments as 3GPP TS 23.038 counts them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.segments import count, split

TABLE = [
    ("", "gsm7", 1), ("a" * 160, "gsm7", 1), ("a" * 161, "gsm7", 2), ("a" * 306, "gsm7", 2), ("a" * 307, "gsm7", 3),
    ("é" * 160, "gsm7", 1), ("€" * 80, "gsm7", 1), ("€" * 81, "gsm7", 2), ("{" * 153, "gsm7", 3),
    ("ê", "ucs2", 1), ("’", "ucs2", 1), ("م" * 70, "ucs2", 1), ("م" * 71, "ucs2", 2), ("م" * 135, "ucs2", 3),
    ("😀" * 35, "ucs2", 1), ("😀" * 36, "ucs2", 2), ("a" * 66 + "😀" + "a" * 66, "ucs2", 3), ("አማርኛ", "ucs2", 1),
]  # fmt: skip


@pytest.mark.parametrize(("text", "encoding", "segments"), TABLE)
def test_segments(text: str, encoding: str, segments: int) -> None:
    counted = count(text)
    assert (counted.encoding, counted.segments) == (encoding, segments)


@given(st.text(max_size=4000))
def test_splitting_loses_no_word_and_keeps_the_limit(text: str) -> None:
    pieces = split(text, 160)
    assert all(0 < len(piece) <= 160 for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())


def test_splitting_prefers_ends_of_sentences() -> None:
    text = "One sentence that is here. " * 4 + "And another one that goes on."
    assert split(text, 120)[0].endswith("here.")
