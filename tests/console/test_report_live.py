"""The open queue of a focal point stays up to date, is written down as it is, and prolongs nothing."""

import re
from collections.abc import Callable
from html import unescape

import pytest
from flask.testing import FlaskClient

from casework import audit
from console.blueprint import IDLE
from tests.console.conftest import Browser, Clock, Disclose

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
Enter = Callable[..., Browser]
ORIGIN = "https://sawti.example.org"


def look(browser: Browser) -> int:
    """As the open page does: its status; what came is the page then."""
    found = re.search(r'data-live="([^"]+)"', browser.page)
    assert found is not None
    client: FlaskClient = browser.client
    answer = client.get(unescape(found[1]), base_url=ORIGIN)
    browser.page = answer.text if answer.status_code == 200 else browser.page
    return answer.status_code


def listed() -> list[int]:
    """How many reports each look at the queue showed, as the audit log has it."""
    return [entry.detail["count"] for entry in audit.entries() if entry.action == "listed"]


def test_a_new_report_comes_to_an_open_queue_by_itself(enter: Enter, disclose: Disclose) -> None:
    dora = enter()
    dora.get("/reports")
    assert look(dora) == 204 and listed() == [0]
    first = disclose()
    assert look(dora) == 200 and first in dora.page and "This list has changed." in dora.page
    assert look(dora) == 204 and listed() == [0, 1]
    second = disclose(phone="+254722000009")
    assert look(dora) == 200 and first in dora.page and second in dora.page and listed() == [0, 1, 2]


def test_what_a_colleague_takes_is_seen(enter: Enter, disclose: Disclose) -> None:
    dora, noor = enter(), enter("noor", ["focal_point"])
    code = disclose()
    dora.get("/reports")
    noor.get(f"/reports/{code}")
    assert look(dora) == 204
    noor.does(f"/reports/{code}/acknowledge")
    assert look(dora) == 200 and "taken by" in dora.page


def test_the_closed_ones_stay_closed_ones(enter: Enter, disclose: Disclose) -> None:
    dora = enter()
    dora.get("/reports?state=closed")
    code = disclose()
    assert look(dora) == 204 and code not in dora.page


def test_looking_by_itself_does_not_keep_the_session(enter: Enter, clock: Clock) -> None:
    dora = enter()
    dora.get("/reports")
    for _ in range(IDLE.seconds // 120):
        clock.turn(minutes=2)
        assert look(dora) == 204
    clock.turn(minutes=2)
    assert look(dora) == 401


def here(browser: Browser, code: str) -> dict[str, object]:
    """What the open page of a report hears."""
    seen = re.search(r'data-here="([^"]+)" data-seen="(\d+)"', browser.page)
    assert seen is not None and seen[1] == f"/console/reports/{code}/here"
    answer = browser.client.get(f"{seen[1]}?seen={seen[2]}", base_url=ORIGIN)
    assert answer.status_code == 200
    return dict(answer.json or {})


def test_two_focal_points_see_each_other_and_what_changed(enter: Enter, disclose: Disclose) -> None:
    dora, noor = enter(), enter("noor", ["focal_point"])
    code = disclose()
    dora.get(f"/reports/{code}")
    assert here(dora, code) == {"here": "", "changed": False}
    noor.get(f"/reports/{code}")
    assert "Dora also has this open." in noor.page
    assert here(dora, code) == {"here": "Noor also has this open.", "changed": False}
    noor.does(f"/reports/{code}/note", text="I call her at ten")
    assert here(dora, code)["changed"] and not here(noor, code)["changed"]
    looks = [entry.action for entry in audit.entries() if entry.subject == code and entry.action == "viewed"]
    assert len(looks) == 3, "a page that asks by itself shows nothing, and is no look"


def test_what_is_not_for_one_is_as_if_it_were_not(enter: Enter, disclose: Disclose) -> None:
    dora, other = enter(), enter("otto", ["focal_point"], ["trafficking"])
    code = disclose()
    dora.get(f"/reports/{code}")
    assert other.client.get(f"/console/reports/{code}/here", base_url=ORIGIN).status_code == 404
    assert here(dora, code)["here"] == ""
    assert "refused" in {entry.action for entry in audit.entries() if entry.actor == "otto"}
