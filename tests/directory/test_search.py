"""The right service for the person: in the place, near, open, for women; place names misspelt and in other scripts."""

from datetime import UTC, datetime

import pytest

from directory import importing, search
from runtime.settings import ROOT

MONDAY = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)  # 10:00 in Nairobi
SUNDAY = datetime(2026, 11, 22, 7, 0, tzinfo=UTC)
RIVERSIDE = (-1.29, 36.82)


@pytest.fixture
def stocked(database: str) -> None:
    importing.apply("sample.csv", importing.plan(importing.open_file(ROOT / "data/directory/sample.csv")))


def test_in_the_place(stocked: None) -> None:
    found = search.find("food", "Riverside", at=MONDAY)
    assert [(item.place, item.km) for item in found] == [("Riverside", 0.0), ("Hilltown", found[1].km)]
    assert found[1].km is not None
    assert 20 < found[1].km < 40


def test_elsewhere_where_the_place_has_none(stocked: None) -> None:
    assert [item.place for item in search.find("health", "Lakeview", at=MONDAY, most=1)] == ["Riverside"]


def test_open_now(stocked: None) -> None:
    def names(at: datetime) -> list[str]:
        return [item.service.name for item in search.find("health", "Riverside", open_only=True, at=at, most=9)]

    assert "Women's Clinic" in names(MONDAY)
    assert "Women's Clinic" not in names(SUNDAY)
    assert "River Health Post" in names(SUNDAY)


def test_women_come_first_where_women_are_asked_for(stocked: None) -> None:
    assert search.find("health", "Riverside", wanted=["women"], at=MONDAY)[0].service.name == "Women's Clinic"


def test_near_a_position(stocked: None) -> None:
    found = search.find("health", position=RIVERSIDE, at=MONDAY)
    assert found[0].km is not None
    assert found[0].km < 2
    assert search.nearest_place(RIVERSIDE) == "Riverside"
    assert search.nearest_place((50.0, 10.0)) is None


def test_old_information_is_marked(stocked: None) -> None:
    assert [item.is_old for item in search.find("food", "Hilltown", at=MONDAY, most=1)] == [True]
    assert [item.is_old for item in search.find("food", "Riverside", at=MONDAY, most=1)] == [False]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("clinic in Riverside", "Riverside"),
        ("RIVERSIDE", "Riverside"),
        ("riversde please", "Riverside"),
        ("river side", "Riverside"),
        ("عيادة في ريفرسايد", "Riverside"),
        ("лікарня Ріверсайд", "Riverside"),
        ("ሪቨርሳይድ", "Riverside"),
        ("Hiltown", "Hilltown"),
        ("I need food", None),
        ("", None),
        ("the river is high", None),
    ],
)
def test_names_of_places(stocked: None, text: str, place: str | None) -> None:
    assert search.place_named(text) == place


def test_a_new_import_is_seen_at_once(stocked: None) -> None:
    assert search.place_named("Newtown") is None
    rows = [{"code": "n", "organisation": "Aid", "service": "Clinic", "topic": "health", "place": "Newtown"}]
    from directory.rows import read

    importing.apply("n.csv", importing.plan(read(enumerate(rows, 2), "KE")))
    assert search.place_named("Newtown") == "Newtown"


def test_what_nobody_checked_for_half_a_year_is_old(stocked: None) -> None:
    from directory.rows import read

    for day, old in (("2026-05-01", True), ("2026-09-01", False)):
        row = {"code": "n", "organisation": "Aid", "service": "Clinic", "topic": "health", "place": "Newtown"}
        importing.apply("n.csv", importing.plan(read([(2, {**row, "checked_on": day})], "KE")))
        assert [item.is_old for item in search.find("health", "Newtown", at=MONDAY, most=1)] == [old]
