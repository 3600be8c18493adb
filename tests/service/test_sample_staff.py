"""The demonstration's accounts: one for each role, told at the start, the same ones every time."""

from collections.abc import Iterator
from functools import partial

import pytest

from casework import sealing, staff
from runtime.settings import settings
from service import sample_staff
from store.database import reading

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def cheap_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys are wrapped at the least cost that Argon2id allows."""
    monkeypatch.setattr(sealing, "wrap", partial(sealing.wrap, operations=1, memory=8192))


@pytest.fixture
def told(database: str) -> Iterator[list[str]]:
    (settings().data_dir / sample_staff.FILE).unlink(missing_ok=True)
    yield sample_staff.prepare()
    (settings().data_dir / sample_staff.FILE).unlink(missing_ok=True)


def test_every_role_has_somebody_and_two_editors_see_four_eyes(told: list[str]) -> None:
    with reading() as session:
        roles = [role for person in staff.everybody(session) for role in person.roles]
    assert set(roles) == set(staff.ROLES) == set(sample_staff.WHAT_THEY_DO)
    assert roles.count("editor") == 2


def test_the_table_says_login_password_and_what_the_person_does(told: list[str]) -> None:
    assert "sawti code LOGIN" in told[0]
    assert {line.split()[0] for line in told[1:]} >= set(sample_staff.ROLES)
    (viewer,) = [line for line in told if line.split()[0] == "viewer"]
    assert viewer.split(maxsplit=2)[2] == "sees figures" and len(viewer.split()[1]) == 20


def test_a_second_start_tells_the_same(told: list[str]) -> None:
    assert sample_staff.prepare() == told
