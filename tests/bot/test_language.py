"""The language identifier on clear cases, and the measured floor on public development texts."""

import csv
from pathlib import Path

import pytest

from bot.language import identify
from runtime import taxonomy

CLEAR = [
    ("where can I find a doctor", "en"), ("je cherche un abri", "fr"), ("hola, perdí mi pasaporte que hago", "es"), ("احتاج طعام", "ar"),
    ("wapi naweza pata dawa", "sw"), ("onde posso encontrar um médico", "pt"), ("የት ሐኪም ማግኘት እችላለሁ", "am"), ("کجا داکتر پیدا کنم", "fa"),
    ("де знайти лікаря", "uk"), ("где найти врача", "ru"), ("ki kote mwen ka jwenn yon doktè", "ht"), ("halkee ayaan ka heli karaa dhakhtar", "so"),
    ("3ayez dktor l ibni ya3ni", "ar"),
]  # fmt: skip
DEVELOPMENT = Path(__file__).resolve().parents[3] / "shared" / "data" / "language_dev.tsv"


@pytest.mark.parametrize(("text", "language"), CLEAR)
def test_clear_cases(text: str, language: str) -> None:
    assert identify(text).language == language


@pytest.mark.parametrize("text", ["", "12", "?!", "😀", "\x00"])
def test_where_nothing_can_be_told_it_says_so(text: str) -> None:
    assert identify(text).language is None
    assert identify(text, "fr").language == "fr"


def test_the_same_text_gives_the_same_answer() -> None:
    assert len({identify("salam doctor") for _ in range(20)}) == 1


def test_the_floor_on_public_texts() -> None:
    if not DEVELOPMENT.exists():
        pytest.skip("the public development texts are not beside this checkout")
    with DEVELOPMENT.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    served = [
        row for row in rows if row["lang"].split("-")[0] in taxonomy.languages() and len(row["text"].split()) >= 3
    ]
    right = sum(identify(row["text"]).language == row["lang"].split("-")[0] for row in served)
    assert right / len(served) >= 0.965
