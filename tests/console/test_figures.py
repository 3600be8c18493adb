"""The pages of figures: numbers with charts and tables, small ones hidden from viewers, nothing of a report in them."""

import gzip
import re
from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

import pytest
from sqlalchemy import update

from casework import figure_counting, figure_keeping
from casework.models import Cluster, Feedback
from console.dashboards import asking, blocks, drawing, kept, pages
from console.dashboards.drawing import Sketch
from console.dashboards.lens import Lens
from directory import importing
from messaging import contacts
from messaging.models import Message, MessageFlag
from runtime.settings import ROOT
from service import sample_feedback
from store.database import now, transaction
from tests.console.conftest import Browser, Disclose, change

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
Enter = Callable[..., Browser]
TABS = ("/figures", "/figures/answers", "/figures/topics", "/figures/languages", "/figures/deliveries")
MONTH = f"/figures/month/{now():%Y-%m}"


@pytest.fixture(autouse=True)
def anew(database: str) -> None:
    kept.forget()


def put(number: int = 1, days: float = 1, **values: Any) -> None:
    """So many feedbacks, so many days ago."""
    with transaction() as session:
        for _ in range(number):
            session.add(
                Feedback(
                    **{
                        "reference": f"F{put.made}",  # type: ignore[attr-defined]
                        "types": ["complaint"],
                        "topic": "food",
                        "channel": "sms",
                        "language": "en",
                        "created_at": now() - timedelta(days=days),
                        **values,
                    }
                )
            )
            put.made += 1  # type: ignore[attr-defined]


put.made = 0  # type: ignore[attr-defined]


def sent(number: int, state: str, kind: str = "reply", flag: str | None = None) -> None:
    """So many answers, yesterday."""
    with transaction() as session:
        contact = contacts.find_or_make(session, "twilio", "sms", "+254722000009")
        contact.language = "sw"
        for _ in range(number):
            at = now() - timedelta(days=1)
            made = Message(contact_id=contact.id, direction="out", state=state, kind=kind, body="x", created_at=at)
            made.segments = 2
            session.add(made)
            session.flush()
            if flag:
                session.add(MessageFlag(message_id=made.id, name=flag, detail={"language": "tr", "intent": "ask_food"}))


def town() -> None:
    """Some of everything."""
    begun = now() - timedelta(days=3)
    times = {"answered_at": begun + timedelta(hours=5), "answer_by": begun + timedelta(days=14), "created_at": begun}
    put(12, place="Riverside")
    put(7, 2, place="Hilltop", topic="health", language="ar", channel="whatsapp")
    put(25, types=["question"], state="closed", mark=5, **times)
    put(6, types=["rumour"], topic="shelter", place="Riverside")
    put(9, days=70)
    sent(20, "delivered")
    sent(8, "failed", "answer")
    sent(6, "sent", flag="not_understood")
    sent(6, "sent", flag="unserved")
    figure_keeping.recount_all()


def tables(page: str) -> dict[str, dict[str, list[str]]]:
    """Title of each block to the rows of its table."""
    found = {}
    for block in re.findall(r'<section class="card block.*?</section>', page, re.DOTALL):
        title = re.findall(r"<h2[^>]*>([^<]+)</h2>", block)[0]
        rows = re.findall(r'<tr><th scope="row">([^<]*)</th>(.*?)</tr>', block, re.DOTALL)
        found[title] = {head: re.findall(r"<td[^>]*>(?:<a[^>]*>)?([^<]*)", cells) for head, cells in rows}
    return found


def tiles(page: str) -> dict[str, str]:
    return dict(re.findall(r"<dt>([^<]+)</dt><dd><strong>([^<]+)</strong>", page))


def numbers(page: str) -> list[int]:
    """Every count on the page: of tables, tiles, charts and sentences; not shares, dates or times."""
    main = page[page.index('<dl class="tiles">' if "tiles" in page else '<div class="blocks">') :]
    cells = re.findall(r'<td class="n">([\d,]+)</td>', main) + re.findall(r"<strong>([\d,]+)</strong>", main)
    cells += re.findall(r'font-weight="bold"[^>]*>([\d,]+)<', main)
    cells += re.findall(r">([\d,]+) in as many days before<|of ([\d,]+) answers|; ([\d,]+) marks", main) and [
        one for found in re.findall(r"([\d,]+) in as many|of ([\d,]+) answers|; ([\d,]+) marks", main) for one in found
    ]
    return [int(cell.replace(",", "")) for cell in cells if cell]


def test_every_tab_tells_its_numbers(enter: Enter) -> None:
    town()
    browser = enter("eva", ["engagement"])
    page = browser.get("/figures").text
    assert tiles(page)["Feedback"] == "50" and tiles(page)["Of it still open"] == "25"
    assert tables(page)["What it is"] == {
        "Complaint": ["19"],
        "Suggestion": ["0"],
        "Praise": ["0"],
        "Rumour": ["6"],
        "Question": ["25"],
    }
    assert tables(page)["Topics that rise"]["Food"] == ["37", "0"] and "As of" in page
    page = browser.get("/figures/answers").text
    assert tiles(page)["Answered in the time promised"] == "100%"
    assert tiles(page)["Half are answered within"] == "5 hours"
    assert tiles(page)["How much it helped"] == "5"
    assert tables(page)["How long people waited for an answer"]["Within 1 day"] == ["25"]
    assert tables(page)["Answers by type"]["Question"] == ["25", "100%", "5 hours", "5 hours"]
    page = browser.get("/figures/topics").text
    assert tables(page)["Topics"] == {"Food": ["37"], "Health care": ["7"], "Shelter": ["6"]}
    assert tables(page)["Places"] == {"Riverside": ["18"], "Hilltop": ["7"], "not known": ["25"]}
    assert tables(page)["Rumours by topic"] == {"Shelter": ["6"]}
    page = browser.get("/figures/languages").text
    assert tables(page)["Languages of feedback"] == {"English": ["43"], "Arabic": ["7"]}
    assert tables(page)["Languages that are not served"] == {"Turkish": ["6"]}
    assert tiles(page)["Not understood"] == "6" and "of 32 answers" in page
    assert tables(page)["What it may have been about"] == {"Food": ["6"]}
    page = browser.get("/figures/deliveries").text
    assert tables(page)["By channel and sender"] == {
        "SMS, by the assistant": ["20", "12", "0", "0", "0"],
        "SMS, by staff": ["0", "0", "0", "8", "0"],
    }
    assert tables(page)["SMS segments and WhatsApp messages"] == {"SMS": ["64"]}


def test_place_and_period_are_chosen(enter: Enter) -> None:
    town()
    browser = enter("eva", ["engagement"])
    told = lambda query: tiles(browser.get(f"/figures?{query}").text)["Feedback"]  # noqa: E731
    day = figure_counting.day_of(now() - timedelta(days=2))
    assert told("period=90") == "59" and told("place=Riverside") == "18"
    assert told(f"period=own&since={day}&until={day}") == "7"
    assert told(f"period=own&since={day}&until={day}&place=Riverside") == "0"
    links = re.findall(r'class="nav-link" href="([^"]+)"', browser.page)
    assert all(f"since={day}" in link and "place=Riverside" in link for link in links[:4]), "the choice is kept"


def test_every_chart_has_its_table_and_its_words(enter: Enter) -> None:
    town()
    browser = enter("eva", ["engagement"])
    for path in (*TABS, MONTH):
        page = browser.get(path).text
        charts = re.findall(r'<section class="card block.*?</section>', page, re.DOTALL)
        drawn = [block for block in charts if "<svg" in block]
        assert drawn, path
        for block in drawn:
            assert 'role="img" aria-labelledby="b-' in block and 'aria-describedby="d-' in block
            assert "The most: " in block and '<th scope="col"' in block and '<th scope="row">' in block
            ends = re.findall(r'font-weight="bold"[^>]*>([^<]+)<', block)
            cells = re.findall(r'<td class="n">([^<]+)</td>', block)
            assert ends == cells[: len(ends)], "a bar's number is that of the table"


def test_charts_keep_to_the_strict_policy(enter: Enter) -> None:
    put(3, place='<script>alert("x")</script> & "Co"')
    town()
    browser = enter("eva", ["engagement"])
    found = []
    for path in (*TABS, MONTH):
        page = browser.get(path).text
        assert not re.search(r"\sstyle=|<style|<script>|javascript:|\son\w+=", page), path
        found += re.findall(r"<svg.*?</svg>", page, re.DOTALL)
    assert len(found) > 10
    seen = set()
    for svg in found:
        for part in ElementTree.fromstring(svg).iter():
            seen.add(part.tag)
            assert not {"style", "class", "href", "id"} & set(part.keys())
    assert seen == {"svg", "text", "rect", "line"}
    assert "&lt;script&gt;" in "".join(found), "text stays text"


ODD = [
    "period=1000000",
    "period=own&since=2026-13-45&until=x",
    "period=own&since=0001-01-01&until=9999-12-31",
    "period=own&since=%00&until=%F0%9F%92%A5",
    "period=%00&place=%00",
    "place=Nowhere",
    "place=" + "x" * 3000,
    "place=%27%3B--&place=%22",
    "period=7&since=x",
]
FINE = ["", "period[]=7&since[]=1", "period=this&place=", "period=last", "period=90&place=Riverside&since=&until="]
OWN = ["period=own", "period=own&since=2026-05-01&until=2026-01-01", "period=own&since=20260101&until=9999-12-31"]
"""For those who see all."""


@pytest.mark.parametrize("role", ["engagement", "viewer"])
def test_odd_questions_are_answered_calmly(enter: Enter, role: str) -> None:
    put(6, place="Riverside")
    figure_keeping.recount_all()
    browser = enter("eva", [role])
    for path in TABS:
        for query in ODD:
            answer = browser.get(f"{path}?{query}")
            assert answer.status_code == 400 and 'name="period"' in answer.text, (path, query)
        for query in FINE:
            assert browser.get(f"{path}?{query}").status_code == 200, (path, query)
        for query in OWN:
            assert browser.get(f"{path}?{query}").status_code == (200 if role == "engagement" else 400), (path, query)


def test_what_is_no_month_is_no_page(enter: Enter) -> None:
    browser = enter("eva", ["engagement"])
    for month in (
        "2026-13",
        "2026-00",
        "2026-1",
        "x",
        "2999-01",
        "1999-01",
        "2026-10-01",
        "%00",
        "٢٠٢٦-١٠",
        "2026-10%0a",
    ):
        assert browser.get(f"/figures/month/{month}").status_code == 404, month


def test_before_anything_is_counted_the_pages_say_so(enter: Enter) -> None:
    browser = enter("eva", ["engagement"])
    for path in (*TABS, "/figures/months", MONTH):
        answer = browser.get(path)
        assert answer.status_code == 200 and "Nothing was counted yet" in answer.text, path


def test_a_viewer_gets_no_exact_number_and_no_code(enter: Enter) -> None:
    town()
    with transaction() as session:
        group = Cluster(first_reference="K7Q4-X", topic="food", size=6, voices=6)
        session.add(group)
        session.flush()
        session.execute(update(Feedback).where(Feedback.topic == "shelter").values(cluster_id=group.id))
    figure_keeping.recount_all()
    assert "K7Q4-X" in enter("eva", ["engagement"]).get("/figures").text
    assert "K7Q4-X" not in enter("adam", ["administrator"]).get("/figures").text, "cases are not for them"
    browser = enter("vic", ["viewer"])
    for path in (*TABS, MONTH):
        for query in ("", "?period=7", "?period=90", "?place=Riverside", "?period=this"):
            page = browser.get(path + query).text
            assert all(n % 5 == 0 for n in numbers(page)), (path, query, numbers(page))
            assert "K7Q" not in page and "/console/feedback" not in page
    page = browser.get("/figures/topics").text
    assert tables(page)["Topics"] == {"Food": ["35"], "Health care": ["5"], "Shelter": ["5"]}
    assert "rounded to 5" in page


def test_small_numbers_are_hidden_also_from_who_subtracts(enter: Enter) -> None:
    put(12, place="Riverside", topic="food")
    put(3, place="Hilltop", topic="health")
    put(1, place="Northgate", topic="psea", types=["praise"])
    figure_keeping.recount_all()
    browser = enter("vic", ["viewer"])
    page = browser.get("/figures/topics").text
    assert tables(page)["Places"] == {"Riverside": ["10"], "Others, each told fewer than 5 times": ["&lt;5"]}
    assert tables(page)["Topics"] == {"Food": ["10"], "Others, each told fewer than 5 times": ["&lt;5"]}
    assert not any(word in page for word in ("Hilltop", "Northgate", "Aid is free")), "not even that there was one"
    page = browser.get("/figures").text
    assert tiles(page)["Feedback"] == "15", "16, rounded: less the 10 of Riverside it is 5, not 4"
    assert tables(page)["What it is"]["Praise"] == tables(page)["What it is"]["Suggestion"] == ["&lt;5"]
    assert browser.get("/figures?place=Hilltop").text == browser.get("/figures?place=Atlantis").text.replace(
        "Atlantis", "Hilltop"
    ), "a small place is as one that is not there"
    assert {cell for cells in tables(page)["Feedback by day"].values() for cell in cells} == {"&lt;5", "15"}


def test_one_more_in_a_small_cell_changes_nothing_that_a_viewer_sees(enter: Enter) -> None:
    put(12, place="Riverside", topic="food")
    put(2, place="Hilltop", topic="health", days=4)
    figure_keeping.recount_all()
    browser = enter("vic", ["viewer"])
    look = lambda: [  # noqa: E731
        re.sub(r'value="[^"]{40,}"|data-left="\d+"|content="\d+;', "", browser.get(path + query).text)
        for path in TABS
        for query in ("", "?period=7", "?period=90", "?place=Riverside", "?place=Hilltop", "?period=last")
    ]
    before = look()
    put(1, place="Hilltop", topic="health", days=4)
    put(30, days=0, topic="shelter")  # today: not seen before it is over
    figure_keeping.recount_all()
    kept.forget()
    assert look() == before


def test_a_viewer_cannot_choose_days(enter: Enter) -> None:
    put(40, 2)
    put(6, 9)
    figure_keeping.recount_all()
    browser = enter("vic", ["viewer"])
    day = figure_counting.day_of(now() - timedelta(days=2))
    page = browser.get(f"/figures?period=own&since={day}&until={day}").text
    assert tiles(page)["Feedback"] == "45" and 'name="since"' not in page and 'value="own"' not in page
    both = enter("vera", ["viewer", "engagement"])
    assert tiles(both.get(f"/figures?period=own&since={day}&until={day}").text)["Feedback"] == "40"


def test_what_a_viewer_sees_of_a_number() -> None:
    for n in range(200):
        seen = Lens(False).see(n)
        assert (seen is None) == (n < 5) and (seen is None or (seen % 5 == 0 and seen >= 5 and abs(seen - n) <= 2))
        assert Lens(True).see(n) == n


def test_shares_of_a_viewer_are_made_of_rounded_numbers() -> None:
    assert Lens(False).share(96, 99) == "95%" and Lens(True).share(96, 99) == "97%"
    assert Lens(False).share(3, 50) == "" and Lens(False).share(48, 48) == "100%"


@pytest.mark.parametrize("role", ["engagement", "viewer", "administrator"])
def test_figures_are_the_same_with_and_without_a_report(enter: Enter, disclose: Disclose, role: str) -> None:
    town()
    at = now()
    browser = enter("eva", [role])
    look = lambda: {  # noqa: E731
        path: re.sub(r'value="[^"]{40,}"|data-left="\d+"|content="\d+;', "", browser.get(path).text)
        for path in (*TABS, *(f"{tab}?period=7" for tab in TABS), "/figures/months", MONTH)
    }
    figure_keeping.recount_all(at)
    before = look()
    code = disclose("he beats me", ["gbv", "danger"])
    disclose("he takes money for the list", ["fraud"], phone="+254722000002")
    change(code, lambda session, report: session.flush())
    sent(3, "delivered", "private")
    figure_keeping.recount_all(at)
    kept.forget()
    assert look() == before


def test_a_month_in_words(enter: Enter) -> None:
    today = figure_counting.day_of(now())
    first = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    ago = lambda day: (now().date() - day).days  # noqa: E731
    earlier = (first - timedelta(days=1)).replace(day=5)
    owed = {"answer_by": now() + timedelta(days=9)}
    put(10, ago(earlier))
    put(9, ago(first.replace(day=20)), place="Riverside", **owed)
    put(3, ago(first.replace(day=4)), topic="health", place="Hilltop", **owed)
    figure_keeping.recount_all()
    browser = enter("eva", ["engagement"])
    listed = browser.get("/figures/months").text
    addresses = re.findall(r'href="/console(/figures/month/[^"]+)"', listed)
    assert addresses[1] == f"/figures/month/{first:%Y-%m}" and len(addresses) == 3
    page = browser.get(addresses[1]).text
    assert f"Feedback in {first:%B %Y}" in page and "Test Aid" in page and "The month is not over" not in page
    sentences = re.findall(r"<li>([^<]+)</li>", page[page.index("In short") :])
    assert sentences[:5] == [
        "12 feedbacks came in.",
        "That is 20% more than in the month before (10).",
        "Most was told about: Food (9) and Health care (3).",
        "Most came from: Riverside (9) and Hilltop (3).",
        "In its second half more was told about: Food.",
    ]
    assert "The month is not over" in browser.get(addresses[0]).text
    assert page.count("<details open>") == page.count("<details"), "on paper every table is to be read"


def test_a_month_tells_of_rumours_channels_and_deliveries_too(enter: Enter) -> None:
    town()
    browser = enter("eva", ["engagement"])
    day = figure_counting.day_of(now() - timedelta(days=1))
    found = tables(browser.get(f"/figures/month/{day:%Y-%m}").text)
    for title in (
        "Rumours by topic",
        "Channels of feedback",
        "Languages that are not served",
        "Not understood, or asked what was meant",
        "What became of answers",
        "SMS segments and WhatsApp messages",
    ):
        assert found.get(title), title
    assert found["What became of answers"]["Did not arrive"] == ["8"]


def test_a_month_of_one_place(enter: Enter) -> None:
    put(9, 1, place="Riverside")
    put(4, 1, place="Hilltop", topic="health")
    figure_keeping.recount_all()
    browser = enter("eva", ["engagement"])
    day = figure_counting.day_of(now() - timedelta(days=1))
    page = browser.get(f"/figures/month/{day:%Y-%m}?place=Riverside").text
    found = tables(page)
    assert "9 feedbacks came in." in page and list(found["Topics"]) == ["Food"]
    assert "Places" not in found and "What became of answers" not in found, "messages have no place"
    odd = browser.get(f"/figures/month/{day:%Y-%m}?place=Atlantis")
    assert odd.status_code == 400 and "13 feedbacks came in." in odd.text


def test_a_viewers_month_has_no_exact_number_in_its_words(enter: Enter) -> None:
    put(13, 0.01, place="Riverside")
    put(13, 1, place="Riverside", topic="health")
    put(2, 1, place="Hilltop")
    with transaction() as session:
        session.execute(update(Feedback).values(created_at=now() - timedelta(days=32)))
    figure_keeping.recount_all()
    day = figure_counting.day_of(now() - timedelta(days=32))
    page = enter("vic", ["viewer"]).get(f"/figures/month/{day:%Y-%m}").text
    told = page[page.index("In short") : page.index('<div class="blocks">')]
    assert "30 feedbacks came in." in told and "Riverside (25)" in told and "Hilltop" not in page


def test_in_arabic_charts_begin_at_the_right(enter: Enter) -> None:
    town()
    browser = enter("eva", ["engagement"])
    browser.get("/account")
    browser.does("/account/language", language="ar")
    page = browser.get("/figures/topics").text
    assert 'dir="rtl"' in page
    svg = re.findall(r"<svg.*?</svg>", page, re.DOTALL)[0]
    words = [part for part in ElementTree.fromstring(svg).iter("text") if part.get("font-weight") != "bold"]
    assert all(part.get("text-anchor") is None and float(part.get("x", 0)) > 300 for part in words)
    assert words[0].text == "الغذاء" and 'direction="rtl"' in svg, "a text starts at its right end"
    ends = [float(part.get("x", 0)) + float(part.get("width", 0)) for part in ElementTree.fromstring(svg).iter("rect")]
    assert len(set(ends)) == 1, "every bar begins at the right"


def test_numbers_are_written_as_in_the_readers_language(enter: Enter) -> None:
    put(1234)
    figure_keeping.recount_all()
    browser = enter("eva", ["engagement"])
    assert tiles(browser.get("/figures").text)["Feedback"] == "1,234"
    browser.get("/account")
    browser.does("/account/language", language="es")
    assert re.search(r"1\.?234", browser.get("/figures").text)
    browser.does("/account/language", language="fr")
    assert "1\u202f234" in browser.get("/figures").text


def test_without_the_drawing_process_the_tables_are_there(enter: Enter, monkeypatch: pytest.MonkeyPatch) -> None:
    put(7)
    figure_keeping.recount_all()
    monkeypatch.setattr(drawing, "picture", lambda sketch: None)
    browser = enter("eva", ["engagement"])
    page = browser.get("/figures").text
    assert "could not be drawn" in page and "<svg" not in page and tables(page)["What it is"]["Complaint"] == ["7"]
    monkeypatch.undo()
    assert "<svg" in browser.get("/figures").text, "what was not whole is not kept"


def test_the_drawing_process_is_started_anew_when_it_is_gone(database: str) -> None:
    sketch = Sketch("bars", (3, None), labels=("a", "b"), shown=("3", "<5"))
    first = drawing.picture(sketch)
    assert first is not None and first.count("<rect") == 1
    assert drawing._pen is not None
    drawing._pen.kill()
    drawing._pen.wait()
    other = Sketch("columns", (1, 2), ticks=((0, "Oct"),), steps=((0, "0"), (2, "2")))
    assert (drawing.picture(other) or "").count("<rect") == 2
    assert drawing.picture(Sketch("bars", (3,), labels=(), shown=())) is None, "one that fails ends nothing"
    assert drawing.picture(sketch) == first


def test_pages_are_light(enter: Enter) -> None:
    for number in range(30):
        put(
            3,
            number * 3,
            topic=["food", "health", "shelter", "psea", "education", "asylum", "safety", "disability"][number % 8],
            place=f"Place {number}",
            language=["en", "fr", "ar", "sw", "so", "am", "fa", "uk"][number % 8],
        )
    figure_keeping.recount_all()
    browser = enter("eva", ["engagement"])
    for path in (*(f"{tab}?period=90" for tab in TABS), MONTH):
        assert len(gzip.compress(browser.get(path).data, 6)) < 15_000, path


def test_a_period_is_cut_into_few_spans() -> None:
    last = date(2026, 10, 31)
    for days, number in ((1, 1), (31, 31), (32, 5), (90, 13), (182, 26), (183, 6), (1000, 33)):
        spans = blocks.spans(last - timedelta(days=days - 1), last)
        assert spans[0][0] == last - timedelta(days=days - 1) and spans[-1][1] == last
        assert all(after[0] - before[1] == timedelta(days=1) for before, after in pairwise(spans))
        assert number <= len(spans) <= number + 2, days


def test_a_month_that_is_not_over_ends_today() -> None:
    assert asking.month("2026-02", date(2026, 2, 10)) == pages.Period(date(2026, 2, 1), date(2026, 2, 10))
    assert asking.month("2026-02", date(2026, 5, 10)) == pages.Period(date(2026, 2, 1), date(2026, 2, 28))
    assert asking.month("2026-03", date(2026, 2, 28)) is None


def test_no_block_of_a_demonstration_is_empty(enter: Enter) -> None:
    importing.apply("sample.csv", importing.plan(importing.open_file(ROOT / "data" / "directory" / "sample.csv")))
    assert sample_feedback.prepare() is not None
    figure_keeping.recount_all()
    browser = enter("cleo", ["engagement"])
    for tab in TABS:
        found = tables(browser.get(tab).text)
        empty = [
            title
            for title, rows in found.items()
            if not {cell for cells in rows.values() for cell in cells} - {"0", "–"}
        ]
        assert found and not empty, tab
    found = tables(browser.get("/figures/languages").text)
    assert set(found["Languages that are not served"]) >= {"Hausa", "Turkish", "German"}
    assert int(tiles(browser.page)["Asked what was meant"]) > 0
