"""A code in a message is no word of it: the model must read the same with and without."""

from pathlib import Path

import pytest

from bot import understanding
from casework import reference

TEXT = "ele voltou aqui em casa ontem a noite"


@pytest.fixture(scope="module")
def reader(model: Path) -> understanding.Understanding:
    return understanding.load(model)


def test_a_text_means_the_same_with_any_code_in_it(reader: understanding.Understanding) -> None:
    alone = reader.read(TEXT)["sensitive"]
    assert [
        code for code in (reference.make() for _ in range(40)) if reader.read(f"{TEXT} {code}")["sensitive"] != alone
    ] == []
