"""Odd values in what other tools and forms ask for: told plainly, in either database, and never a failure."""

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import quote

import pytest
from flask import Flask

from casework import api_keys, audit
from casework.finding import Filters
from console.dashboards.lens import Lens
from console.exports import counts, door
from store.database import now, transaction
from tests.casework import conftest as phones
from tests.casework.conftest import Give
from tests.console.conftest import Browser
from tests.console.test_exports import change

Enter = Callable[..., Browser]
give = phones.give
"""The fixture of casework's tests."""


FORMS = (
    {"period": "never"},
    {"since": "2026-13-01"},
    {"since": "9999-12-31"},
    {"since": "0001-01-01"},
    {"since": "\x00"},
    {"since": "2026-11-22", "until": "2026-11-01"},
    {"type": "nonsense"},
    {"topic": "' or 1=1"},
    {"place": "\x00"},
    {"place": "x" * 5000},
    {"language": "xx"},
    {"state": "gone"},
    {"format": "exe"},
    {"channel": "fax"},
    {"late": "maybe"},
    {"label": "x" * 5000},
    {"q": "\x00"},
    {"q": "?!"},
    {"type": "praise"},
)


def test_what_makes_no_sense_is_told_on_the_form(enter: Enter, give: Give) -> None:
    give()
    engagement = enter("cleo", ["engagement"])
    engagement.get("/exports")
    for form in FORMS:
        for what in ("feedback", "figures"):
            if what == "figures" and form == {"type": "praise"}:
                continue
            answer = engagement.post(f"/exports/{what}", **{"format": "csv", "period": "between", **form})
            assert answer.status_code == 400 and "alert-warning" in answer.text, form
    assert "feedback_exported" not in {entry.action for entry in audit.entries()}


def test_numbers_are_the_same_in_both_databases(database: str, give: Give) -> None:
    one = give("a", topic="food")
    change(one, types=["complaint", "question"])
    today = now().date()
    found = list(
        counts.by_month(Filters(state="all"), today - timedelta(days=1), today + timedelta(days=1), Lens(exact=True))
    )
    assert [(row[1], row[2], row[-1]) for row in found] == [("complaint", "food", 1), ("question", "food", 1)]


ODD = (
    "",
    " ",
    "\x00",
    "a\x00b",
    "-1",
    "0",
    "1e9",
    "9" * 30,
    "٣",
    "true\n",
    "' or 1=1 --",
    "\ud800",
    "x" * 5000,
    "[]",
    "%",
)


def test_odd_parameters_are_refused_and_never_fail(app: Flask, give: Give, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "MOST", 10_000)
    code = give()
    with transaction() as session:
        _, key = api_keys.make(session, "ada", "Power BI", "words", 30)
    client = app.test_client()

    def status(path: str) -> int:
        answer = client.get(f"/console/api/v1/{path}", headers={"Authorization": f"Bearer {key}"})
        assert answer.mimetype.endswith("json"), path
        return answer.status_code

    for text in ODD:
        odd = quote(text, errors="replace")
        for name in ("type", "topic", "language", "channel", "state", "since", "until", "words", "limit"):
            assert status(f"feedback?{name}={odd}") == 400, (name, text)
        for name in ("place", "label", "before"):
            assert status(f"feedback?{name}={odd}") in (200, 400, 404), (name, text)
        assert status(f"feedback?{odd}=1") == 400
        assert status(f"feedback/{odd}") in (200, 404) and status(f"feedback/{code}?words={odd}") == 400
        for name in ("by", "of", "since", "until"):
            assert status(f"figures?{name}={odd}") == 400, (name, text)
        assert status(f"figures?place={odd}") in (200, 400)
    for since in ("0001-01-01", "9999-12-31", "2026-02-28"):
        assert status(f"feedback?since={since}&until={since}") == status(f"figures?since={since}&until={since}") == 200
