"""Letters that people write in several ways become one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging import keywords
from runtime.folding import fold


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ÉCOLE", "ecole"), ("الإقامة", "الاقامه"), ("مُساعَدة", "مساعده"), ("کمک", "كمك"), ("ዓለም", "አለም"), ("ሠላም", "ሰላም"),
        ("ኃይል", "ሀይል"), ("ፀሐይ", "ጸሀይ"), ("ліки", "лики"), ("ещё", "еще"), ("heeeeelp", "heelp"), ("СТОП", "стоп"),
    ],
)  # fmt: skip
def test_one_form(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@given(st.text(max_size=60))
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize("word", ["STOP", "ALTO", "توقف", "توقّف", "СТОП"])
def test_stop_words_are_found_in_any_spelling(word: str) -> None:
    found = keywords.find(word)
    assert found is not None
    assert found.meaning == "stop"


@pytest.mark.parametrize("word", ["أبداً", "ابدا", "أبدا!"])
def test_never_is_not_start(word: str) -> None:
    assert keywords.find(word) is None
    assert keywords.find("ابدأ") is not None
