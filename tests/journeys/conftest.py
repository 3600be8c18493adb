"""What journeys with a directory stand on."""

import pytest

from directory import importing
from runtime.settings import ROOT
from tests.phones import Town


@pytest.fixture
def stocked(town: Town) -> Town:
    """A town with the sample directory."""
    importing.apply("sample.csv", importing.plan(importing.open_file(ROOT / "data/directory/sample.csv")))
    return town
