"""Floors slightly under the measured figures (docs/understanding.md), so that a change that loses accuracy fails."""

from pathlib import Path

import pytest

from bot import evaluation, hearing
from bot.evaluation import ALL, Reading
from bot.nlu import component
from bot.understanding import Understanding, load
from runtime import taxonomy, training_texts

HERE = Path(__file__).parent
INTENTS = {
    "en": 0.91, "fr": 0.87, "es": 0.87, "ar": 0.84, "pt": 0.86, "sw": 0.88,
    "so": 0.86, "am": 0.83, "fa": 0.88, "uk": 0.86, "ru": 0.85, "ht": 0.84,
}  # fmt: skip


@pytest.fixture(scope="module")
def understanding(model: Path) -> Understanding:
    return load(model)


@pytest.fixture(scope="module")
def intents(understanding: Understanding) -> list[Reading]:
    return evaluation.read_all(understanding, evaluation.read_rows(HERE / "intents.tsv"))


@pytest.fixture(scope="module")
def sensitive(understanding: Understanding) -> list[Reading]:
    return evaluation.read_all(understanding, evaluation.read_rows(HERE / "sensitive.tsv"))


def test_intents(intents: list[Reading]) -> None:
    rows = evaluation.intents(intents).rows
    assert {
        language: row["right"] for language, row in rows.items() if row["right"] < INTENTS.get(language, 0.85)
    } == {}
    assert rows[ALL]["among three"] >= 0.96
    assert rows[ALL]["out of scope told"] >= 0.88
    assert rows[ALL]["in scope refused"] <= 0.04


def test_sensitive_matters(sensitive: list[Reading]) -> None:
    found = {table.title: table.rows[ALL] for table in evaluation.sensitive(sensitive)}
    assert found["direct"]["acted on or asked"] >= 0.96
    assert found["indirect"]["acted on or asked"] >= 0.90
    assert found["direct"]["acted on"] >= 0.78
    assert found["hard negative"]["acted on"] <= 0.05
    assert found["ordinary"]["acted on"] <= 0.01


@pytest.mark.parametrize(("name", "least"), [("intents.tsv", 100), ("sensitive.tsv", 80)])
def test_the_sets_are_large_enough_and_none_of_their_texts_is_trained_on(name: str, least: int) -> None:
    rows = evaluation.read_rows(HERE / name)
    for language in taxonomy.languages():
        texts = [row["text"] for row in rows if row["lang"] == language]
        assert len(texts) >= least
        blocks = [block for path in training_texts.files(language) for block in training_texts.read(path)]
        known = {text.lower() for _, examples in blocks for text in examples}
        assert [text for text in texts if len(text.split()) > 2 and text.lower() in known] == []


def test_the_cheap_path_changes_no_answer(understanding: Understanding, intents: list[Reading]) -> None:
    short = [reading for reading in intents if len(reading.row["text"].split()) <= component.SHORT]
    component.cheap_first = False
    try:
        full = evaluation.read_all(understanding, [reading.row for reading in short])
    finally:
        component.cheap_first = True
    lost = [a.row["text"] for a, b in zip(short, full, strict=True) if b.noticed and not a.noticed]
    assert lost == []
    right = [sum(reading.said["intent"] == reading.row["label"] for reading in group) for group in (short, full)]
    assert right[0] >= right[1]


def test_a_new_start_gives_the_same_answers(model: Path, intents: list[Reading]) -> None:
    again = load(model)
    for reading in intents[::97]:
        assert again.describe(reading.row["text"]) == reading.said


def test_the_report_names_what_went_wrong(intents: list[Reading], sensitive: list[Reading]) -> None:
    lines = "\n".join(evaluation.report(intents[:200] + sensitive[:100]))
    for words in (
        "| language |",
        "| intent |",
        "| direct |",
        "| category |",
        "Taken for another:",
        "errors that matter",
    ):
        assert words in lines


def test_the_contracts_shape(understanding: Understanding) -> None:
    for text in ("where is the clinic", "STOP", "", "xx", "my husband beats me every night"):
        said = understanding.describe(text)
        assert list(said) == [
            "text", "language", "language_confidence", "intent", "confidence", "feedback_types", "sensitive", "ask_softly",
        ]  # fmt: skip
    assert understanding.describe("STOP")["intent"] == "opt_out"
    assert understanding.describe("my husband beats me every night")["sensitive"][0]["category"] == "gbv"
    assert hearing.NO_IDEA < hearing.SURE
