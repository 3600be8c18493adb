"""Which hours nobody covers, also where clocks are turned; and the rota that administrators write."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from casework import audit, coverage, rota, routing, staff
from casework.rota import BadRota
from runtime import taxonomy
from runtime.deployment import Duty, deployment
from store.database import reading, transaction

SPRING = datetime(2027, 3, 27, 22, 0, tzinfo=UTC)
"""Midnight in Athens, three hours before clocks go from 3 to 4."""
AUTUMN = datetime(2026, 10, 24, 21, 0, tzinfo=UTC)
"""Midnight in Athens, four hours before clocks go from 4 back to 3."""
MONDAY = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
Athens = Callable[..., None]


@pytest.fixture
def athens(database: str, monkeypatch: pytest.MonkeyPatch) -> Athens:
    """The deployment is in Athens, with this rota."""

    def athens(*duty: Duty) -> None:
        escalates = deployment().escalation.model_copy(update={"duty": list(duty)})
        changed = deployment().model_copy(update={"escalation": escalates, "time_zone": "Europe/Athens"})
        for room in (coverage, routing):
            monkeypatch.setattr(room, "deployment", lambda: changed)

    return athens


def gaps(start: datetime, lasts: timedelta = timedelta(days=1)) -> list[tuple[datetime, timedelta]]:
    """Start in UTC and length of the gaps of one category."""
    with reading() as session:
        found = coverage.gaps(coverage.slots(session, start, lasts), "fraud")
    return [(gap.start, gap.end - gap.start) for gap in found]


WITHOUT_THREE = Duty(people=["ada"], hours="Mo-Su 00:00-03:00,04:00-24:00")


def test_an_hour_that_a_day_does_not_have_is_no_gap(athens: Athens) -> None:
    athens(WITHOUT_THREE)
    assert gaps(SPRING, timedelta(hours=23)) == []
    assert gaps(SPRING + timedelta(hours=23)) == [(SPRING + timedelta(hours=23 + 3), timedelta(hours=1))]


def test_an_hour_that_a_day_has_twice_is_a_gap_of_two(athens: Athens) -> None:
    athens(WITHOUT_THREE)
    assert gaps(AUTUMN) == [(AUTUMN + timedelta(hours=3), timedelta(hours=2))]


def test_the_present_rota_covers_by_what_clocks_show(athens: Athens) -> None:
    athens(Duty(people=["ada"], hours="Mo-Su 08:00-24:00"), Duty(people=["ada"], hours="Mo-Su 00:00-07:30"))
    for start, lasts in ((SPRING, 23), (AUTUMN, 25)):
        ((at, length),) = gaps(start, timedelta(hours=lasts))
        assert length == timedelta(minutes=30) and at.hour == (4 if start is SPRING else 5), "half past seven there"


def test_those_on_duty_stand_in_the_order_of_calling(athens: Athens) -> None:
    athens(Duty(people=["bea", "ada"], categories=["gbv"]), Duty(people=["ada"]))
    with reading() as session:
        (slot, *_rest) = coverage.slots(session, MONDAY, timedelta(hours=1))
    assert [person.login for person in slot.on["gbv"]] == ["bea", "ada"]
    assert [person.login for person in slot.on["fraud"]] == ["ada"], "Bea does not answer for it"


def write(lines: list[dict[str, Any]] | None, seen: int = 0) -> int:
    with transaction() as session:
        if lines is None:
            return rota.put_back(session, "boss", seen).version
        return rota.write(session, "boss", lines, seen).version


def on_duty() -> list[str]:
    with reading() as session:
        return [person.login for person in routing.called(session, routing.Routing(("gbv",)), MONDAY).on_duty]


def test_a_rota_that_was_written_holds_at_once_until_it_is_put_back(database: str) -> None:
    assert on_duty() == ["ada", "bea"]
    first = write([{"people": ["bea"], "hours": "24/7", "categories": [], "site": None}])
    assert on_duty() == ["bea"]
    second = write([], first)
    assert on_duty() == ["ada", "bea"], "without lines everybody is always on duty"
    write(None, second)
    with reading() as session:
        assert routing.duty(session) == tuple(deployment().escalation.duty)
    assert [(e.actor, e.detail) for e in audit.entries() if e.action == "rota_changed"] == [
        ("boss", {"lines": 1}),
        ("boss", {"lines": 0}),
        ("boss", None),
    ]


def test_nobody_overwrites_a_rota_that_they_have_not_seen(database: str) -> None:
    line = {"people": ["bea"], "hours": "24/7"}
    write([line])
    with pytest.raises(BadRota, match="somebody else changed"):
        write([{**line, "people": ["ada"]}])
    with pytest.raises(BadRota, match="somebody else changed"):
        write(None)
    assert on_duty() == ["bea"]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ({"people": []}, "line 2: name somebody"),
        ({"people": ["nobody"]}, "line 2: nobody is no focal point"),
        ({"people": ["boss"]}, "line 2: boss is no focal point"),
        ({"hours": "mornings"}, "line 2: write hours as"),
        ({"hours": "Mo-Fr 08:00-12:00\x00"}, "line 2: write hours as"),
        ({"hours": "; ".join(["Mo 08:00-12:00"] * 40)}, "line 2: that is too long"),
        ({"categories": ["love"]}, "line 2: there is no such category"),
        ({"site": "Atlantis"}, "line 2: there is no such site"),
    ],
)
def test_a_line_that_would_call_nobody_is_refused(database: str, line: dict[str, Any], told: str) -> None:
    with transaction() as session:
        staff.add(session, "test", "boss", "Boss", ["administrator"])
    good = {"people": ["ada"], "hours": "24/7", "categories": [], "site": None}
    with pytest.raises(BadRota, match=told):
        write([good, {**good, **line}])
    with pytest.raises(BadRota, match="at most"):
        write([good] * (rota.MOST_LINES + 1))


def test_a_kept_line_that_fits_no_more_does_not_stop_the_calling(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write([{"people": ["bea"], "categories": ["fraud"]}, {"people": ["ada"], "categories": ["gbv"]}])
    known = tuple(name for name in taxonomy.sensitive_categories() if name != "fraud")
    monkeypatch.setattr(taxonomy, "sensitive_categories", lambda: known)
    assert on_duty() == ["ada"]
