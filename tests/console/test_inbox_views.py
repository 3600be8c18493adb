"""Views of the list: those that everybody has, and those that somebody saved."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import select

from casework import answering
from console.inbox import listing
from store.database import now, transaction
from tests.casework import conftest as phones
from tests.casework.conftest import Give
from tests.console.conftest import Browser, Person
from tests.console.inbox_list import listed, said, set_feedback, tabs

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
Enter = Callable[..., Browser]
Hire = Callable[..., Person]
give = phones.give
"""The fixture of casework's tests."""


@pytest.fixture
def desk(enter: Enter) -> Browser:
    """Cleo, who handles feedback."""
    return enter("cleo", ["engagement"])


def test_views_that_everybody_has(desk: Browser, give: Give) -> None:
    mine, late, done = give("one"), give("two"), give("three")
    answering.assign(mine, "cleo", "cleo")
    set_feedback(late, acknowledge_by=now() - timedelta(days=1))
    answering.close(done, "done", "The tap was mended", "cleo")
    found = tabs(desk.get("/feedback").text)
    assert {name: number for name, (_, number) in found.items()} == {
        "Waits for somebody": "2",
        "Mine": "1",
        "Overdue": "1",
        "Nobody's": "1",
        "Live": "0",
        "All": "3",
    }
    for name, codes in {"Mine": [mine], "Overdue": [late], "Nobody's": [late], "All": [done, late, mine]}.items():
        assert listed(desk, found[name][0].removeprefix("/feedback")) == codes
        here = re.search(r'aria-current="page">([^<]+) <span class="number">', desk.page)
        assert here is not None and unescape(here[1]) == name


def test_a_view_is_kept_shared_and_removed_by_who_saved_it(desk: Browser, enter: Enter, give: Give) -> None:
    code = give("the tap is dry", topic="water_sanitation", place="Riverside")
    give("no rice", topic="food")
    address = "/feedback/views?topic=water_sanitation&q=tap&order=oldest&before=3"
    desk.get("/feedback")
    page = desk.does(address, name="  Taps <b>\u202e\x00 ", shared="yes")
    assert said(page) == ["The view Taps <b> was saved."]
    assert tabs(page)["Taps <b>"] == ("/feedback?q=tap&topic=water_sanitation&order=oldest", "1")
    page = desk.does("/feedback/views?topic=food", name="Food")
    dan = enter("dan", ["engagement"])
    seen = tabs(dan.get("/feedback").text)
    assert "Taps <b>" in seen and "Food" not in seen
    assert listed(dan, seen["Taps <b>"][0].removeprefix("/feedback")) == [code]
    removals = re.findall(r"/console(/feedback/views/\d+/remove)", page)
    assert len(removals) == 2 and "/remove" not in dan.page
    assert dan.post(removals[0]).status_code == dan.post(removals[1]).status_code == 404
    for number in ("0", str(2**63), "9" * 30):
        assert dan.post(f"/feedback/views/{number}/remove").status_code == 404
    for removal in removals:
        desk.does(removal)
    assert set(tabs(desk.page)) == set(tabs(dan.get("/feedback").text)) == {name for name, _ in listing.BUILT_IN}


def test_a_view_has_a_name_and_one_name_is_one_view(desk: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.get("/feedback")
    assert said(desk.does("/feedback/views", name=" \x00 ")) == ["Give the view a name"]
    assert said(desk.does("/feedback/views", name="x" * 41)) == ["A name has at most 40 letters"]
    desk.does("/feedback/views?topic=food", name="Mine own")
    assert (
        tabs(desk.does("/feedback/views?topic=water_sanitation", name="Mine own"))["Mine own"][0]
        == "/feedback?topic=water_sanitation"
    )
    monkeypatch.setattr("casework.views.MOST", 1)
    assert said(desk.does("/feedback/views?topic=water_sanitation", name="Another")) == [
        "You have 1 views: remove one first"
    ]


def test_a_view_that_holds_what_is_no_more_known_still_opens(desk: Browser, give: Give) -> None:
    from casework import views
    from casework.report_models import Staff

    code = give("one")
    with transaction() as session:
        cleo = session.scalars(select(Staff.id).where(Staff.login == "cleo")).one()
        views.save(session, cleo, "Old", {"topic": "gone", "colour": "blue", "type": "complaint"}, False)
    assert listed(desk, tabs(desk.get("/feedback").text)["Old"][0].removeprefix("/feedback")) == [code]


def test_a_view_of_the_backlog_counts_from_the_day_of_each_look(desk: Browser, give: Give) -> None:
    old = give("one")
    give("two")
    set_feedback(old, created_at=now() - timedelta(days=15))
    desk.get("/feedback")
    page = desk.does("/feedback/views?age=over14", name="Old")
    assert tabs(page)["Old"] == ("/feedback?age=over14", "1")
    assert listed(desk, "?age=over14") == [old]
