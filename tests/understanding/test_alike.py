"""Feedback that tells the same thing is found alike, on matters that no training text tells of."""

import pytest

from bench import alike
from bot.understanding import Understanding, load
from runtime import taxonomy, training_texts


@pytest.fixture(scope="module")
def understanding(model) -> Understanding:  # type: ignore[no-untyped-def]
    return load(model)


def test_alike_texts_come_together_and_others_stay_apart(understanding: Understanding) -> None:
    told = alike.matters()
    precision, recall = alike.pairs(alike.labels(understanding, told), [number for *_, number in told])
    assert precision >= 0.4
    assert recall >= 0.65


def test_its_texts_are_not_trained_on() -> None:
    for language in taxonomy.languages():
        blocks = [block for path in training_texts.files(language) for block in training_texts.read(path)]
        known = {text.lower() for _, examples in blocks for text in examples}
        told = [text for code, text, _ in [*alike.matters(), *alike.many()] if code == language]
        assert told and [text for text in told if text.lower() in known] == []


def test_pairs_are_counted() -> None:
    assert alike.pairs([1, 1, 2, 2], [1, 1, 1, 2]) == (0.5, 1 / 3)
