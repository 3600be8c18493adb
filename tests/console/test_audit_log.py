"""The audit log in an auditor's hands: found by who, what and when, in plain words, and taken out as a file."""

import csv
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest

from casework import audit
from console.audit.actions import ACTIONS
from console.audit.pages import case_name
from runtime.settings import ROOT
from tests.console.conftest import Browser, Disclose

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
Enter = Callable[..., Browser]
_RECORDED = re.compile(
    r"(?:audit|log)\.(?:record|note)\([^\"()]*?\"([a-z_]+)\"|pauses\.fail\([^\")]*\"([a-z_]+)\"|attempts\.count\(\"([a-z_]+)\"",
    re.S,
)


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Writes a row at a time of the deployment's (Nairobi's) clocks."""

    def log(actor: str, action: str, subject: str | None, at: str, **detail: str) -> None:
        with monkeypatch.context() as patched:
            patched.setattr(audit, "now", lambda: datetime.fromisoformat(f"{at}+03:00"))
            audit.note(actor, action, subject, **detail)

    return log


def told(page: str) -> list[tuple[str, ...]]:
    """Who, what, to whom of the rows."""
    body = page.partition("<tbody>")[2].partition("</tbody>")[0]
    found = re.findall(r"<tr>(.*?)</tr>", body, re.S)
    return [tuple(re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<td>(.*?)</td>", row, re.S)[2:5])
            for row in found]  # fmt: skip


def test_rows_are_found_by_who_what_and_when(enter: Enter, log: Callable[..., None]) -> None:
    browser = enter("aud", ["auditor"])
    log("ada", "viewed", "bea", "2026-03-01T23:59:59")
    log("ada", "staff_invited", "bea", "2026-03-02T00:00:00")
    log("cleo", "staff_invited", "dora", "2026-03-03T23:59:59")
    log("cleo", "staff_disabled", "bea", "2026-03-04T00:00:00")
    invited = "made a link for a first password"
    assert told(browser.get("/audit?action=staff_invited").text) == [("cleo", invited, "dora"), ("ada", invited, "bea")]
    both = [("cleo", invited, "dora"), ("ada", invited, "bea")]
    assert told(browser.get("/audit?since=2026-03-02&until=2026-03-03").text) == both, "days of Nairobi"
    assert told(browser.get("/audit?until=2026-03-01").text) == [("ada", "looked at a report", "bea")]
    assert told(browser.get("/audit?actor=cleo&subject=bea").text) == [("cleo", "disabled a person", "bea")]
    page = browser.get("/audit?actor=ada&action=viewed&since=2026-03-01").text
    assert 'value="ada"' in page and 'value="viewed" selected' in page and 'value="2026-03-01"' in page
    views = [e.detail for e in audit.entries() if e.action == "audit_viewed"]
    assert views == [{"filtered": True}] * 5


def test_turning_the_page_keeps_to_what_is_looked_for(enter: Enter) -> None:
    browser = enter("aud", ["auditor"])
    for number in range(130):
        audit.note("ada", "viewed" if number % 130 else "noted", None, number=number)
    older = re.findall(
        r'href="/console(/audit\?before=[^"]+)"', browser.get("/audit?action=viewed&since=2020-01-01").text
    )
    page = browser.get(older[0].replace("&amp;", "&")).text
    assert len(told(page)) == 29 and "action=viewed" in older[0] and "Newest" in page


def test_odd_filters_are_left_out_of_the_page_and_make_no_file(enter: Enter) -> None:
    browser = enter("aud", ["auditor"])
    for odd in ("since=soon", "until=2026-02-30", "since=0001-01-01", "until=9999-12-31", "action=%00", "action=x'--",
                "since=%F0%9F%A6%8A", "until=20260301T00", "actor=" + "x" * 5000):  # fmt: skip
        answer = browser.get(f"/audit?{odd}")
        assert answer.status_code == 400 and "<table" in answer.text, odd
        name, value = odd.split("=")
        answer = browser.post("/audit/export", **{name: value})
        assert answer.status_code == 400 and answer.mimetype == "text/html", odd


def test_the_log_is_taken_out_as_a_file_without_codes_or_formulas(enter: Enter, disclose: Disclose) -> None:
    browser = enter("aud", ["auditor"])
    code = disclose()
    audit.note("=cmd()", "viewed", code, what="@SUM(A1)")
    audit.note("+1", "listed", None)
    browser.get("/audit")
    answer = browser.post("/audit/export")
    assert answer.mimetype == "text/csv" and "attachment" in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "no-store"
    header, *rows = csv.reader(StringIO(answer.data.decode("utf-8-sig")))
    assert header == ["row", "time_utc", "who", "did", "to", "detail", "hash"]
    assert rows[0][3] == "audit_exported" and [int(row[0]) for row in rows] == list(range(len(rows), 0, -1))
    assert {"'=cmd()", "'+1"} <= {row[2] for row in rows} and code not in answer.text
    assert case_name(code) in {row[4] for row in rows}
    assert rows[0][6] == list(audit.entries())[-1].hash
    answer = browser.post("/audit/export", action="viewed", actor="=cmd()")
    assert len(answer.text.strip().splitlines()) == 2
    exported = [e.detail for e in audit.entries() if e.action == "audit_exported"]
    assert exported == [{"filters": []}, {"filters": ["action", "actor"]}]


def test_a_long_log_is_taken_out_whole(enter: Enter, monkeypatch: pytest.MonkeyPatch) -> None:
    from console.audit import export

    browser = enter("aud", ["auditor"])
    monkeypatch.setattr(export, "BATCH", 7)
    for number in range(31):
        audit.note("ada", "noted", None, number=number)
    browser.get("/audit")
    rows = list(csv.reader(StringIO(browser.post("/audit/export", actor="ada").data.decode("utf-8-sig"))))[1:]
    assert [row[5] for row in rows] == [f"number: {number}" for number in range(30, -1, -1)]


def test_an_action_has_plain_words(database: str) -> None:
    """Those that stand in the code as they are; a new one is added to console/audit/actions.py."""
    rooms = ("casework", "console", "service", "actions", "directory", "messaging")
    texts = (file.read_text() for room in rooms for file in Path(ROOT / room).rglob("*.py"))
    found = {next(filter(None, groups)) for text in texts for groups in _RECORDED.findall(text)}
    assert len(found) > 60 and found - set(ACTIONS) == set()


def test_the_period_ends_with_its_last_day(enter: Enter, log: Callable[..., None]) -> None:
    browser = enter("aud", ["auditor"])
    day = datetime(2026, 3, 3)
    for hours in (-1, 0, 23, 24):
        log("ada", "noted", None, (day + timedelta(hours=hours)).isoformat())
    assert len(told(browser.get("/audit?since=2026-03-03&until=2026-03-03").text)) == 2
