"""Codes that people read out, mistype, and send in any case."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.reference import ALPHABET, find, make, without


def code_of(letters: str) -> str:
    waiting = iter(letters)
    return make(lambda _: next(waiting))


codes = st.text(ALPHABET, min_size=4, max_size=4).map(code_of)


@given(codes)
def test_a_code_is_found_in_what_people_write(code: str) -> None:
    for text in (
        code,
        code.lower(),
        f"status {code}",
        code.replace("-", ""),
        code.replace("-", " "),
        " ".join(code),
        f"«{code}»!",
    ):
        assert find(text) == code


@given(codes)
def test_who_reads_words_reads_no_code(code: str) -> None:
    for written in (code, code.lower(), f"({code})"):
        assert without(f"he came {written} back").split() == ["he", "came", "back"]
        assert without(written) == written, "nothing else was written"


@pytest.mark.parametrize("text", ["me matan aqui", "on m'a menacé", "K7Q4-X came", "3 people,\n 4  days", " a\nb "])
def test_words_that_pass_for_a_code_are_read(text: str) -> None:
    assert without(text) == text


@given(codes, st.integers(0, 4), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_noticed(code: str, place: int, other: str) -> None:
    letters = list(code.replace("-", ""))
    if letters[place] != other:
        letters[place] = other
        assert find("".join(letters)) is None


@given(codes, st.integers(0, 3))
def test_two_swapped_neighbours_are_noticed(code: str, place: int) -> None:
    letters = list(code.replace("-", ""))
    if letters[place] != letters[place + 1]:
        letters[place], letters[place + 1] = letters[place + 1], letters[place]
        assert find("".join(letters)) is None


@pytest.mark.parametrize("text", ["", "hello there", "K7Q4", "12345", "STATUS", "please help me"])
def test_ordinary_words_are_no_codes(text: str) -> None:
    assert find(text) is None


def test_look_alike_letters_and_foreign_digits_are_understood() -> None:
    code = next(c for c in (make() for _ in range(10_000)) if "A" in c and "7" in c)
    assert find(code.replace("A", "А").replace("7", "٧")) == code


def test_nothing_that_is_confused_is_used() -> None:
    assert not set("0O1IL2Z5S8B6G") & set(ALPHABET)


def test_a_word_before_a_code_that_is_spelt_out_is_no_part_of_it() -> None:
    assert find("статус 7 v k f p") == "7VKF-P" == find("статус 7VKF-P")
