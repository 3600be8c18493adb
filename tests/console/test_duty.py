"""The duty picture: where nobody is stands there in words and marks; a rota is looked at before it is put in force."""

import gzip
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from casework import audit, coverage, routing, staff
from console import blueprint as times
from console.administration import picture
from runtime.deployment import Duty, deployment
from store.database import reading, transaction
from tests.console.conftest import Browser

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
Enter = Callable[..., Browser]
NOON = datetime(2027, 3, 26, 10, 15, tzinfo=UTC)
"""A Friday; at three on Sunday morning clocks in Athens are put forward."""


@pytest.fixture
def athens(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """It is NOON, and the deployment is in Athens, with this rota."""

    def athens(*duty: Duty) -> None:
        escalates = deployment().escalation.model_copy(update={"duty": list(duty)})
        changed = deployment().model_copy(update={"escalation": escalates, "time_zone": "Europe/Athens"})
        for room in (coverage, routing, picture, times):
            monkeypatch.setattr(room, "deployment", lambda: changed)
        for room in (coverage, picture):
            monkeypatch.setattr(room, "now", lambda: NOON)

    return athens


def looks(grid: picture.Grid) -> dict[date, list[str]]:
    return {row.day: [cell.look for cell in row.cells] for row in grid.rows}


def grids() -> list[picture.Grid]:
    with reading() as session:
        return picture.grids(session)


def test_the_picture_shows_each_hour_of_eight_days(database: str, athens: Callable[..., None]) -> None:
    athens(
        Duty(people=["ada"], hours="Mo-Su 08:00-22:30"),
        Duty(people=["bea"], hours="Mo-Su 22:00-24:00", categories=["gbv"]),
    )
    (gbv,) = (grid for grid in grids() if "gbv" in grid.categories)
    days = looks(gbv)
    assert list(days) == [date(2027, 3, 26 + number) for number in range(6)] + [date(2027, 4, 1), date(2027, 4, 2)]
    assert days[date(2027, 3, 26)] == ["over"] * 12 + ["one"] * 12
    assert days[date(2027, 3, 27)] == ["gap"] * 8 + ["one"] * 16
    assert days[date(2027, 3, 28)][2:5] == ["gap", "none", "gap"], "there is no three o'clock on this day"
    (others,) = (grid for grid in grids() if "fraud" in grid.categories)
    assert looks(others)[date(2027, 3, 27)][21:] == ["one", "part", "gap"]
    assert "child" in others.categories and [person.login for person in others.now] == ["ada"]
    assert others.next == () and others.next_at == datetime(2027, 3, 26, 20, 30, tzinfo=UTC)
    assert [person.login for person in gbv.next] == ["ada", "bea"], "in the order of the rota"


def test_the_page_tells_gaps_in_words_and_weighs_little(enter: Enter, athens: Callable[..., None]) -> None:
    athens(*(Duty(people=["ada"], hours="Mo-Su 08:00-22:30", categories=[name]) for name in ("gbv", "fraud", "sea")))
    answer = enter("boss", ["administrator"]).get("/duty")
    page = answer.text
    assert "26 Mar 2027, 22:30" in page and "Nobody is on duty" in page and "nobody for half of the hour" in page
    assert page.count("✕") > 100 and "this day has no such hour" in page and 'scope="row"' in page
    assert "style=" not in page and len(gzip.compress(page.encode())) < 15_000
    assert [e.actor for e in audit.entries() if e.action == "duty_viewed"] == ["boss"]


def test_all_is_well_without_a_gap_and_leave_is_told(enter: Enter) -> None:
    browser = enter("boss", ["administrator"])
    page = browser.get("/duty").text
    assert "At every hour of the coming week" in page and "✕" not in page.split("legend")[0]
    assert "Nobody is on leave" in page and "everybody is always on duty" in page
    with transaction() as session:
        staff.set_leave(session, "test", "ada", date(2026, 1, 1), date(2099, 1, 1))
    page = browser.get("/duty").text
    assert "Nobody is on duty" in page and "1 Jan 2026 to 1 Jan 2099" in page
    assert "There are hours in the coming week that nobody covers" in browser.get("/people").text


def rota(*lines: dict[str, Any], do: str = "check", **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = {"do": do, "seen": "0", **more}
    for number, line in enumerate(lines, 1):
        made |= {f"{name}-{number}": value for name, value in line.items()}
    return made


ADA = {"people": ["ada", "", "bea"], "hours": "24/7"}
BY_DAY = {"people": ["ada"], "hours": "Mo-Fr 08:00-17:00", "category": ["gbv"]}


def in_force() -> list[tuple[list[str], str, list[str]]]:
    with reading() as session:
        return [(line.people, line.hours, line.categories) for line in routing.duty(session)]


def test_a_rota_is_checked_and_then_put_in_force(enter: Enter) -> None:
    browser = enter("boss", ["administrator"])
    assert "Line 1" in browser.get("/duty/rota").text and "Put it in force" not in browser.page
    answer = browser.post("/duty/rota", **rota(ADA, {"people": [""], "hours": ""}))
    assert answer.status_code == 200 and "Somebody is on duty at every hour" in answer.text and in_force() == []
    assert "The rota is in force" in browser.does("/duty/rota", **rota(ADA, do="save"))
    assert in_force() == [(["ada", "bea"], "24/7", [])] and "Written by Boss" in browser.page
    seen = re.findall(r'name="seen" value="(\d+)"', browser.get("/duty/rota").text)[0]
    assert 'value="24/7"' in browser.page and "Back to the rota of deployment.yml" in browser.page
    assert "holds again" in browser.does("/duty/rota", do="file", seen=seen)
    assert in_force() == [] and "As deployment.yml has it" in browser.page


def test_gaps_are_shown_before_and_put_in_force_only_knowingly(enter: Enter) -> None:
    browser = enter("boss", ["administrator"])
    browser.get("/duty/rota")
    answer = browser.post("/duty/rota", **rota(BY_DAY, do="save"))
    assert answer.status_code == 200 and "Nobody is on duty" in answer.text and in_force() == []
    assert re.search(r'value="gbv" checked', answer.text), "what was typed stays"
    assert "in force" in browser.does("/duty/rota", **rota(BY_DAY, do="save", sure="yes"))
    assert in_force() == [(["ada"], "Mo-Fr 08:00-17:00", ["gbv"])]
    answer = browser.post("/duty/rota", **rota(ADA, do="save"))
    assert answer.status_code == 400 and "Somebody else changed the rota" in answer.text


def test_odd_lines_are_told_and_never_an_error_of_ours(enter: Enter) -> None:
    browser = enter("boss", ["administrator"])
    browser.get("/duty/rota")
    for wrong in ({"hours": "mornings"}, {"people": ["nobody"]}, {"category": ["love"]}, {"site": "Atlantis"}):
        answer = browser.post("/duty/rota", **rota({**ADA, **wrong}, do="save"))
        assert answer.status_code == 400 and "Line 1: " in answer.text, wrong
    for odd in ("\x00", "x" * 5000, "🦊", "-1", "99999999999999999999999"):
        given = rota(dict.fromkeys(("people", "hours", "category", "site"), odd), do="save")
        assert browser.post("/duty/rota", **{**given, "seen": odd}).status_code == 400, odd
        assert browser.post("/duty/rota", do=odd, seen=odd).status_code == 200, odd
    assert browser.post("/duty/rota", **rota(*[ADA] * 60)).status_code == 400
    assert in_force() == []
