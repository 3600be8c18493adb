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
from console import access
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


def form_of(browser: Browser, narrowed: str) -> dict[str, str]:
    """What the form holds when one comes to it from the list by "As a file…"."""
    address = re.search(r'href="/console(/exports[?][^"]+)"', browser.get(f"/feedback{narrowed}").text)
    assert address is not None
    answer = browser.get(html.unescape(address[1]))
    assert answer.status_code == 200
    held = dict(
        re.findall(
            r'<input (?:type="hidden"|class="form-control" type="date"[^>]*) name="(\w+)" value="([^"]*)"', answer.text
        )
    )
    held.update(re.findall(r'type="radio" name="(\w+)"[^>]* value="(\w+)" checked', answer.text))
    for name, choices in re.findall(r'<select [^>]*name="(\w+)">(.*?)</select>', answer.text):
        chosen = re.search(r'<option(?: value="([^"]*)")? selected>([^<]*)', choices)
        held[name] = (chosen[1] or chosen[2]) if chosen else ""
    return {name: html.unescape(value) for name, value in held.items() if name != "csrf_token"}


def test_the_list_leads_to_the_form_with_what_narrows_it(engagement: Browser, give: Give) -> None:
    give("the tap is broken")
    form = form_of(engagement, "?type=complaint&language=ar&since=2026-01-02&q=tap")
    told = {
        "type": "complaint",
        "language": "ar",
        "state": "open",
        "period": "between",
        "since": "2026-01-02",
        "q": "tap",
    }
    assert {name: form[name] for name in told} == told
    assert "Words: tap" in engagement.page and "2026-01-02" in engagement.page


@pytest.mark.parametrize(
    "narrowed",
    [
        "?q=tap",
        "?channel=whatsapp",
        "?assignee=me",
        "?assignee=nobody&type=praise",
        "?label=pump",
        "?late=1",
        "?mark=1&state=all",
        "?age=7&type=question",
        "?state=closed",
        "?place=Riverside",
    ],
)
@pytest.mark.parametrize("file", ["xlsx", "csv"])
def test_the_file_holds_what_the_list_shows(engagement: Browser, give: Give, narrowed: str, file: str) -> None:
    codes = {
        "?q=tap": give("the tap is broken"),
        "?channel=whatsapp": give("a", "+254722000002"),
        "?assignee=me": give("b", "+254722000003"),
        "?assignee=nobody&type=praise": give("c", "+254722000004", kind="praise"),
        "?label=pump": give("d", "+254722000005"),
        "?late=1": give("e", "+254722000006"),
        "?mark=1&state=all": give("f", "+254722000007"),
        "?age=7&type=question": give("g", "+254722000008", kind="question"),
        "?state=closed": give("h", "+254722000009"),
        "?place=Riverside": give("i", "+254722000010", place="Riverside"),
    }
    for code in codes.values():
        change(code, created_at=now() - timedelta(days=70), answer_by=now() + timedelta(days=9))
    change(codes["?channel=whatsapp"], channel="whatsapp")
    change(codes["?assignee=me"], assignee="cleo")
    change(codes["?label=pump"], labels=["pump"])
    change(codes["?late=1"], answer_by=now() - timedelta(days=1))
    change(codes["?mark=1&state=all"], mark=1, state="closed", closed_at=now())
    change(codes["?age=7&type=question"], created_at=now() - timedelta(days=2))
    change(codes["?state=closed"], state="closed", closed_at=now())
    form = {**form_of(engagement, narrowed), "format": file}
    answer = engagement.post("/exports/feedback", **form)
    assert answer.status_code == 200 and answer.headers["Content-Disposition"].startswith("attachment")
    header, *found = sheet(answer.data) if file == "xlsx" else csv.reader(io.StringIO(answer.data.decode("utf-8-sig")))
    listed = re.findall(r"/console/feedback/([A-Z0-9]+-[A-Z0-9])\b", engagement.get(f"/feedback{narrowed}").text)
    assert {row[0] for row in found} == set(listed) and header[0] == "code"
    assert codes[narrowed] in listed and len(found) < len(codes)


def test_without_days_the_list_leads_to_all_days(engagement: Browser, give: Give) -> None:
    old = give("the tap is broken")
    change(old, created_at=now() - timedelta(days=400))
    form = form_of(engagement, "")
    assert (form["period"], form["since"], form["until"]) == ("between", "", "")
    assert [row["code"] for row in table(engagement.post("/exports/feedback", **{**form, "format": "csv"}).data)] == [
        old
    ]


def test_what_is_carried_along_can_be_taken_off(engagement: Browser, give: Give) -> None:
    give("the tap is broken")
    form_of(engagement, "?q=tap&channel=sms&type=complaint")
    assert "Also narrowed by:" in engagement.page and 'name="q" value="tap"' in engagement.page
    links = re.findall(r'<li><a href="/console(/exports[^"]+)"><bdi>([^<]+)', engagement.page)
    without = next(html.unescape(address) for address, words in links if words == "Words: tap")
    page = engagement.get(without).text
    assert 'name="q"' not in page and 'name="channel" value="sms"' in page and 'value="complaint" selected' in page


def test_what_no_file_is_narrowed_by_is_named(engagement: Browser, give: Give) -> None:
    give()
    page = engagement.get("/exports?group=7&live=1").text
    assert "A file cannot be narrowed by this" in page and "Waits live, Told alike: group 7." in page
    assert "A file cannot be narrowed by this" not in engagement.get("/exports").text


def test_numbers_are_narrowed_as_the_list_is(engagement: Browser, give: Give) -> None:
    one, other = give("the tap is broken", topic="food"), give("the truck is late", "+254722000002", topic="food")
    change(other, labels=["truck"])
    for form in ({"q": "tap"}, {"q": one}, {"label": "truck"}):
        assert [row["feedbacks"] for row in table(fetch(engagement, "figures", **form))] == ["1"], form
    assert [row["feedbacks"] for row in table(fetch(engagement, "figures"))] == ["2"]


def test_who_sees_no_feedback_narrows_by_nothing_that_would_tell_of_it(enter: Enter, give: Give) -> None:
    give("the tap is broken")
    viewer = enter("vera", ["viewer"])
    page = viewer.get("/exports?q=tap&assignee=cleo").text
    assert "Also narrowed by:" not in page and 'name="q"' not in page
    for name in wanted.ALSO:
        answer = viewer.post("/exports/figures", period="between", **{name: "1"})
        assert answer.status_code == 400 and "Choose from the lists" in answer.text, name


def test_the_audit_log_never_has_the_words_that_were_searched(engagement: Browser, give: Give) -> None:
    change(give("the tap is broken"), labels=["call Amina"])
    fetch(engagement, q="tap broken", label="call Amina", channel="sms")
    fetch(engagement, "figures", q="tap broken")
    told = [entry.detail or {} for entry in audit.entries() if entry.action.endswith("_exported")]
    assert len(told) == 2 and all("q" in detail["filters"] for detail in told)
    assert not any(word in str(told) for word in ("tap", "Amina")) and "channel=sms" in str(told)


def test_an_odd_address_of_the_form_is_told(engagement: Browser) -> None:
    for odd in ("type=%22%3E", "since=x", "state=1", "period=ever", "place=Nowhere", "label=" + "x" * 400):
        answer = engagement.get(f"/exports?{odd}")
        assert answer.status_code == 400 and "left out: " + odd.split("=")[0] in answer.text, odd
    assert engagement.get("/exports?type=praise&period=last_month").status_code == 200


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
    answer = engagement.post("/exports/feedback", format="xlsx", period="this_month", words="yes")
    assert answer.status_code == 400 and "choose a shorter period" in answer.text
    assert re.search(r'name="words"[^>]* checked', answer.text) is not None
    assert len(table(fetch(engagement))) == 2


def test_what_was_forgotten_leaves_no_words(engagement: Browser, give: Give) -> None:
    from casework import forgetting

    give("the truck is late")
    with transaction() as session:
        forgetting.forget_words(session, session.scalars(select(Contact)).one(), None)
    (row,) = table(fetch(engagement, words="yes"))
    assert (row["words"], row["types"]) == ("", "complaint")


def test_nobody_fetches_file_after_file(engagement: Browser, give: Give, monkeypatch: pytest.MonkeyPatch) -> None:
    give()
    monkeypatch.setattr(access, "MOST_FILES", 2)
    form = {"format": "csv", "period": "between"}
    engagement.get("/exports")
    answers = [engagement.post(f"/exports/{what}", **form) for what in ("feedback", "figures", "feedback")]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[-1].headers["Retry-After"] == "60" and "Wait a minute" in answers[-1].text
    refused = [entry for entry in audit.entries() if entry.action == "refused"]
    assert [(entry.actor, entry.detail["page"], entry.detail["why"]) for entry in refused] == [
        ("cleo", "export_feedback", "too_many")
    ]
    assert engagement.get("/exports").status_code == 200, "only files are held back"
