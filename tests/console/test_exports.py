"""Feedback leaves as files without identities: who gets which, what is in them, and that no cell becomes a formula."""

import csv
import html
import io
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import islice
from typing import Any

import openpyxl
import pytest
from sqlalchemy import event, select, update

from casework import answering, audit
from casework.models import Cluster, Feedback
from casework.report_models import Report
from console.exports import counts, pages, rows, sheets, wanted
from directory.models import Place
from messaging.models import Contact
from store.database import engine, now, reading, transaction
from tests.casework import conftest as phones
from tests.casework.conftest import Give
from tests.console.conftest import WORDS, Browser, Disclose

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
Enter = Callable[..., Browser]
give = phones.give
"""The fixture of casework's tests."""
ARABIC = "الماء مقطوع منذ أسبوع في المخيم"
AMHARIC = "ውሃ ለአንድ ሳምንት ተቋርጧል"


@pytest.fixture
def engagement(enter: Enter) -> Browser:
    """Cleo, who handles feedback."""
    return enter("cleo", ["engagement"])


def change(code: str, **values: Any) -> None:
    with transaction() as session:
        session.execute(update(Feedback).where(Feedback.reference == code).values(**values))


def fetch(browser: Browser, what: str = "feedback", **form: str) -> bytes:
    """The file that the form gives."""
    browser.get("/exports")
    answer = browser.post(f"/exports/{what}", **{"format": "csv", "period": "between", **form})
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Disposition"].startswith("attachment")
    return answer.data


def table(content: bytes) -> list[dict[str, str]]:
    """The rows of a CSV file by their header; Excel knows UTF-8 by its first bytes."""
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def sheet(content: bytes) -> list[tuple[Any, ...]]:
    found = openpyxl.load_workbook(io.BytesIO(content)).active
    assert found is not None
    return list(found.iter_rows(values_only=True))


def test_every_column_tells_what_it_should(engagement: Browser, give: Give) -> None:
    code = give(ARABIC, topic="water_sanitation", language="ar", place="Riverside")
    answering.answer(code, "The pump is mended.", "cleo")
    answering.close(code, "done", "The pump was mended on Monday", "cleo")
    with transaction() as session:
        group = Cluster(first_reference=code, voices=7)
        session.add(group)
        session.flush()
        number = group.id
    came = now() - timedelta(days=3)
    change(code, created_at=came, answered_at=came + timedelta(days=1, hours=12), labels=["pump", "مضخة"], mark=4)
    change(code, cluster_id=number, sample=True)
    (row,) = table(fetch(engagement, words="yes"))
    assert {name: row[name] for name in row if name not in ("created", "acknowledged", "answered", "closed")} == {
        "code": code,
        "types": "complaint",
        "topic": "water_sanitation",
        "place": "Riverside",
        "language": "ar",
        "channel": "sms",
        "state": "closed",
        "resolution": "done",
        "mark": "4",
        "labels": "pump | مضخة",
        "days_to_answer": "1.5",
        "voices": "7",
        "sample": "yes",
        "words": ARABIC,
    }
    assert all(row[name].endswith("+03:00") for name in ("created", "acknowledged", "answered", "closed"))


def test_words_come_only_if_they_are_asked_for(engagement: Browser, give: Give) -> None:
    give(AMHARIC)
    assert AMHARIC not in fetch(engagement).decode() and AMHARIC in fetch(engagement, words="yes").decode()
    assert AMHARIC in str(sheet(fetch(engagement, words="yes", format="xlsx")))


def test_nothing_that_leads_to_a_person_leaves(engagement: Browser, give: Give) -> None:
    told = "call 0722 000 001 or +254722000001, me@example.org, https://t.co/x, wa.me/254722000001, ٠٧٢٢٠٠٠٠٠١, (0722)_000,001"
    code = give(told, phone="+254722000001")
    answering.assign(code, "cleo", "cleo")
    change(code, labels=["call 0722000001"])
    for file in ("csv", "hxl"):
        content = fetch(engagement, words="yes", format=file).decode()
        for trace in ("722", "٧٢٢", "example.org", "t.co", "wa.me", "cleo", "000,001"):
            assert trace not in content, trace


def test_words_with_half_a_hint_of_something_private_stay(engagement: Browser, give: Give) -> None:
    give("the man at the gate looks at me", sensitive=True)
    (row,) = table(fetch(engagement, words="yes"))
    assert row["words"] == ""


@pytest.mark.parametrize("what", ["feedback", "figures"])
@pytest.mark.parametrize("file", ["csv", "hxl", "xlsx"])
def test_a_report_leaves_no_trace(engagement: Browser, give: Give, disclose: Disclose, what: str, file: str) -> None:
    give("the truck is late", phone="+254722000002")
    passed_on = give("he wants money for the list", phone="+254722000003")
    told = {"what": what, "format": file, **({"words": "yes"} if what == "feedback" else {})}
    answering.pass_on(passed_on, ["fraud"], "cleo")
    with_one = fetch(engagement, **told)
    code = disclose()
    with_two = fetch(engagement, **told)
    if file == "xlsx":
        assert sheet(with_one) == sheet(with_two) and len(sheet(with_one)) == 2
        return
    assert with_one == with_two and with_one.count(b"\r\n") == (3 if file == "hxl" else 2)
    assert not any(trace in with_two.decode() for trace in (code, passed_on, WORDS, "money"))
    with reading() as session:
        assert len(session.scalars(select(Report)).all()) == 2


def test_words_that_are_formulas_arrive_as_words(engagement: Browser, give: Give) -> None:
    give('=HYPERLINK("x","water")')
    (row,) = table(fetch(engagement, words="yes"))
    assert row["words"] == '\'=HYPERLINK("x","water")'
    assert sheet(fetch(engagement, words="yes", format="xlsx"))[1][-1] == '=HYPERLINK("x","water")'


def test_hashtags_stand_under_the_header_as_hxl_wants_them(engagement: Browser, give: Give) -> None:
    give()
    head, tags, first = csv.reader(io.StringIO(fetch(engagement, format="hxl", words="yes").decode("utf-8-sig")))
    assert len(head) == len(tags) == len(first)
    assert tags[:2] == ["#meta+id", "#date+reported"] and tags[head.index("place")] == "#loc+name"
    assert all(sheets.re.fullmatch(r"#[a-z][a-z0-9_]*(\+[a-z][a-z0-9_]*)*", tag) for tag in (*tags, *counts.HASHTAGS))
    assert len(set(tags)) == len(tags)


def test_filters_and_periods_choose(engagement: Browser, give: Give) -> None:
    with transaction() as session:
        session.add(Place(name="Riverside"))
    old, new = give("a", topic="food"), give("b", kind="praise", language="ar", place="Riverside")
    last_month = now().replace(day=1) - timedelta(days=10)
    change(old, created_at=last_month)

    def codes(**form: str) -> list[str]:
        return [row["code"] for row in table(fetch(engagement, **form))]

    assert codes(period="this_month") == [new] and codes(period="last_month") == [old]
    assert codes() == [new, old]
    assert codes(
        since=str(last_month.date() - timedelta(days=2)), until=str(last_month.date() + timedelta(days=2))
    ) == [old]
    assert codes(type="praise") == codes(language="ar") == codes(place="Riverside") == [new]
    assert codes(topic="food") == [old] and codes(state="open") == [new, old]


def test_the_list_leads_to_the_form_with_what_narrows_it(engagement: Browser, give: Give) -> None:
    give("the tap is broken")
    page = engagement.get("/feedback?type=complaint&language=ar&since=2026-01-02&q=tap").text
    address = re.search(r'href="/console(/exports[?][^"]+)"', page)
    assert address is not None
    form = engagement.get(html.unescape(address[1])).text
    for chosen in ('"complaint" selected', '"ar" selected', '"open" selected', '"between" checked', '"2026-01-02"'):
        assert f"value={chosen}" in form
    assert engagement.get("/exports?type=%22%3E&since=x&state=1").status_code == 200


def test_each_download_is_in_the_audit_log_without_words(engagement: Browser, give: Give) -> None:
    give("the truck is late", topic="food")
    fetch(engagement, format="hxl", topic="food", words="yes", since="2026-01-01", until="2199-01-01")
    fetch(engagement, "figures")
    told = {entry.action: entry for entry in audit.entries() if entry.action.endswith("_exported")}
    detail = told["feedback_exported"].detail or {}
    assert told["feedback_exported"].actor == "cleo"
    assert {name: detail[name] for name in ("format", "with_words", "count")} == {
        "format": "hxl",
        "with_words": True,
        "count": 1,
    }
    assert "topic=food" in detail["filters"] and "since=2026-01-01" in detail["filters"]
    assert "truck" not in str(detail) and told["figures_exported"].actor == "cleo"


@pytest.mark.parametrize(
    ("role", "small", "more"), [("viewer", None, "5"), ("engagement", "2", "6"), ("administrator", "2", "6")]
)
def test_rows_with_small_numbers_are_not_for_viewers(
    enter: Enter, give: Give, role: str, small: str | None, more: str
) -> None:
    for number in range(6):
        change(give("a", f"+25472200001{number}", topic="food", language="en"), created_at=now() - timedelta(days=35))
    two = [give("b", phone=f"+25472200002{number}", kind="praise", language="ar") for number in range(2)]
    change(two[0], created_at=now() - timedelta(days=100))
    change(two[1], created_at=now() - timedelta(days=100))
    browser = enter("vera", [role])
    found = table(fetch(browser, "figures"))
    assert [(row["type"], row["topic"], row["language"], row["feedbacks"]) for row in found] == [
        *([("praise", "", "ar", small)] if small else []),
        ("complaint", "food", "en", more),
    ]
    assert all(len(row["month"]) == 7 for row in found) and found == sorted(found, key=lambda row: row["month"])
    page = browser.get("/exports").text
    assert ("one a row" in page) == (role == "engagement") and ("/console/keys" in page) == (role == "administrator")


def test_rows_are_read_in_batches(give: Give, monkeypatch: pytest.MonkeyPatch) -> None:
    codes = [give("a", phone=f"+2547220000{number}") for number in range(10, 17)]
    monkeypatch.setattr(rows, "BATCH", 2)
    asked: list[str] = []
    event.listen(engine(), "before_cursor_execute", lambda *given: asked.append(given[2]))
    reader: Iterator[rows.Row] = rows.every(wanted.Filters(state="all"), with_words=True)
    first = [row.code for row in islice(reader, 2)]
    so_far = len(asked)
    assert [*first, *(row.code for row in reader)] == list(reversed(codes))
    assert so_far < len(asked) / 2


def test_more_than_excel_bears_is_refused_before_it_is_made(
    engagement: Browser, give: Give, monkeypatch: pytest.MonkeyPatch
) -> None:
    give()
    give("b", phone="+254722000002")
    monkeypatch.setattr(pages, "MOST_XLSX", 1)
    engagement.get("/exports")
    assert "choose a shorter period" in engagement.does("/exports/feedback", format="xlsx", period="this_month")
    assert len(table(fetch(engagement))) == 2


def test_what_was_forgotten_leaves_no_words(engagement: Browser, give: Give) -> None:
    from casework import forgetting

    give("the truck is late")
    with transaction() as session:
        forgetting.forget_words(session, session.scalars(select(Contact)).one(), None)
    (row,) = table(fetch(engagement, words="yes"))
    assert (row["words"], row["types"]) == ("", "complaint")
