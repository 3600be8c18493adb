"""Floors slightly under the figures measured on texts that were written apart from the training data."""

import csv
from pathlib import Path

import pytest

from bot import hearing
from bot.understanding import Understanding, load

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def understanding(model: Path) -> Understanding:
    return load(model)


def rows(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def test_intents(understanding: Understanding) -> None:
    right, near = {}, 0
    texts = rows("intents.tsv")
    for row in texts:
        said = understanding.describe(row["text"])["intent"]
        right.setdefault(row["lang"], []).append(said == row["label"])
        near += row["label"] in [item["name"] for item in understanding.read(row["text"])["intent_ranking"][:3]]
    shares = {language: sum(hits) / len(hits) for language, hits in right.items()}
    floors = {"en": 0.92, "fr": 0.84, "es": 0.81, "ar": 0.78}
    assert {language: share for language, share in shares.items() if share < floors[language]} == {}
    assert near / len(texts) >= 0.95


def test_sensitive_matters(understanding: Understanding) -> None:
    acted: dict[str, list[bool]] = {}
    noticed: dict[str, list[bool]] = {}
    for row in rows("sensitive.tsv"):
        said = understanding.describe(row["text"])
        acted.setdefault(row["kind"], []).append(bool(said["sensitive"]))
        noticed.setdefault(row["kind"], []).append(bool(said["sensitive"]) or said["ask_softly"])
    share = {kind: sum(hits) / len(hits) for kind, hits in noticed.items()}
    assert share["direct"] >= 0.94
    assert share["indirect"] >= 0.82
    assert sum(acted["hard_negative"]) / len(acted["hard_negative"]) <= 0.09
    assert sum(acted["ordinary"]) / len(acted["ordinary"]) <= 0.02


def test_the_contracts_shape(understanding: Understanding) -> None:
    for text in ("where is the clinic", "STOP", "", "xx", "my husband beats me every night"):
        said = understanding.describe(text)
        assert list(said) == [
            "text", "language", "language_confidence", "intent", "confidence", "feedback_types", "sensitive", "ask_softly",
        ]  # fmt: skip
    assert understanding.describe("STOP")["intent"] == "opt_out"
    assert understanding.describe("my husband beats me every night")["sensitive"][0]["category"] == "gbv"
    assert hearing.NO_IDEA < hearing.SURE
