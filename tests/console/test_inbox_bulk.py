"""One step for many feedbacks of the list: every rule holds for each, and none is changed unknowingly."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from casework import answering
from console.inbox import bulk
from tests.casework import conftest as phones
from tests.casework.conftest import Give
from tests.console.conftest import Browser, Person
from tests.console.inbox_list import get, listed, pick, said

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
Enter = Callable[..., Browser]
Hire = Callable[..., Person]
give = phones.give
"""The fixture of casework's tests."""


@pytest.fixture
def desk(enter: Enter) -> Browser:
    """Cleo, who handles feedback."""
    return enter("cleo", ["engagement"])


def test_bulk_does_what_it_may_and_names_what_it_may_not(desk: Browser, give: Give, hire: Hire) -> None:
    hire("dan", ["engagement"])
    fine, stale, closed = give("one"), give("two"), give("three")
    listed(desk)
    picked = [pick(desk, code) for code in (fine, stale, closed)]
    answering.note(stale, "I am on it", "dan")
    answering.close(closed, "done", "The tap was mended", "cleo")
    told = said(
        desk.does(
            "/feedback/bulk?type=complaint", pick=picked, do="close", resolution="done", outcome="The tap was mended"
        )
    )
    assert told == [
        "1 was closed.",
        f"Not done for {stale}: it changed while you looked at it: look again first",
        f"Not done for {closed}: {closed} is closed already",
    ]
    assert (get(fine).state, get(stale).state) == ("closed", "new")
    assert listed(desk) == [stale]
    assert said(desk.does("/feedback/bulk", pick=[pick(desk, stale)], do="assign", to="dan")) == ["1 was assigned."]
    assert get(stale).assignee == "dan"


def test_bulk_labels_and_takes_labels_off(desk: Browser, give: Give) -> None:
    codes = [give("one"), give("two")]
    listed(desk)
    desk.does("/feedback/bulk", pick=[pick(desk, code) for code in codes], do="label", label="Tank 4, North")
    assert [get(code).labels for code in codes] == [["tank 4", "north"]] * 2
    assert 'label=tank+4"' in desk.page
    desk.does("/feedback/bulk", pick=[pick(desk, codes[0])], do="unlabel", label="north")
    assert [get(code).labels for code in codes] == [["tank 4"], ["tank 4", "north"]]


@pytest.mark.parametrize(
    ("form", "what"),
    [
        ({"do": "assign", "to": "me"}, "Tick one or more first."),
        ({"do": "assign", "to": "me", "pick": ["x", "AAAA-A", "AAAA-A:-1", "\x00:1"]}, "Tick one or more first."),
        ({"do": "assign", "to": "me", "pick": "AAAA-A:1"}, "Not done for AAAA-A: there is no feedback with this code"),
        ({"do": "assign", "to": "nobody here", "pick": "{}"}, "nobody who answers feedback has this login"),
        ({"do": "assign", "to": "ada", "pick": "{}"}, "nobody who answers feedback has this login"),
        ({"do": "label", "label": " , \x00", "pick": "{}"}, "Write the label first."),
        ({"do": "label", "label": "x" * 500, "pick": "{}"}, "a label has at most"),
        ({"do": "close", "pick": "{}"}, "say how it ended"),
        ({"do": "close", "resolution": "done", "outcome": "ok", "pick": "{}"}, "say what was done"),
        ({"do": "assign", "to": "me", "pick": "{}9999999999999999999999"}, "Tick one or more first."),
    ],
)
def test_bulk_refuses_what_makes_no_sense(desk: Browser, give: Give, form: dict[str, Any], what: str) -> None:
    code = give("one")
    listed(desk)
    if isinstance(form.get("pick"), str):
        form = {**form, "pick": form["pick"].replace("{}", pick(desk, code))}
    assert what in " ".join(said(desk.does("/feedback/bulk", **form)))
    assert (get(code).state, get(code).assignee, get(code).labels) == ("new", None, [])


def test_bulk_takes_no_unknown_step_and_no_crowd(desk: Browser, give: Give, monkeypatch: pytest.MonkeyPatch) -> None:
    codes = [give("one"), give("two")]
    listed(desk)
    assert desk.post("/feedback/bulk", pick=pick(desk, codes[0]), do="delete").status_code == 400
    listed(desk)
    monkeypatch.setattr(bulk, "MOST", 1)
    told = said(desk.does("/feedback/bulk", pick=[pick(desk, code) for code in codes], do="assign", to="me"))
    assert told == ["Tick at most 1."] and get(codes[0]).assignee is None


def test_a_double_click_does_it_once(desk: Browser, give: Give) -> None:
    code = give("one")
    listed(desk)
    found = re.search(r'name="once" value="([^"]+)"', desk.page)
    assert found is not None
    form = {"pick": pick(desk, code), "do": "close", "resolution": "done", "outcome": "The tap was mended"}
    assert said(desk.does("/feedback/bulk", once=found[1], **form)) == ["1 was closed."]
    assert said(desk.does("/feedback/bulk", once=found[1], **form)) == []
