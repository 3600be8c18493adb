"""Cells and texts as they leave in files: no formula, nothing that leads to a person, no more memory for more rows."""

import csv
import io
import tracemalloc
import zipfile
from datetime import date

import openpyxl
import pytest

from casework.stripping import stripped
from console.dashboards.lens import Lens
from console.exports import counts, sheets

ARABIC = "الماء مقطوع منذ أسبوع في المخيم"
AMHARIC = "ውሃ ለአንድ ሳምንት ተቋርጧል"
FORMULAS = (
    "=1+1",
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "＝1+1",
    "＋1",
    "－1",
    "＠x",
    "﹦1",
    "  =1+1",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "\u00a0=1+1",
    "\u200b=1+1",
    "\u200f=1+1",
    "\ufeff=1+1",
    '"=1+1',
    '"" =1+1',
    "'=1+1",
    "“=1+1",
    "=HYPERLINK(1)",
    "=cmd|' /C calc'!A0",
    "\tplain",
    "\rplain",
)


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_begins_as_a_formula(text: str) -> None:
    content = b"".join(sheets.as_csv(["a"], [[text]])).decode("utf-8-sig")
    _, (cell,) = csv.reader(io.StringIO(content, newline=""))
    assert cell.startswith("'") and cell.replace("'", "") == text.replace("'", "")


@pytest.mark.parametrize("text", [*FORMULAS, "#N/A", "TRUE", "2026-11-22", "x" * 32_767])
def test_every_text_of_a_workbook_is_a_text(text: str) -> None:
    with sheets.as_xlsx(["a"], [[text], [3], [None]], "feedback") as file:
        found = openpyxl.load_workbook(file)["feedback"]
        inside = zipfile.ZipFile(file).read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in inside and 't="e"' not in inside and inside.count('t="inlineStr"') == 2
    assert str(found["A2"].value).strip() == text.strip() and found["A3"].value == 3


@pytest.mark.parametrize(
    ("text", "kept"), [("x\x00\x0b\x1f\ufffey", "xy"), ("\ud800x", "x"), ("x" * 40_000, "x" * 32_767)]
)
def test_what_a_workbook_cannot_hold_is_left_out(text: str, kept: str) -> None:
    with sheets.as_xlsx(["a"], [[text]], "feedback") as file:
        assert openpyxl.load_workbook(file)["feedback"]["A2"].value == kept


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("late;=1+1", "late;'=1+1"),
        ('late; "=1+1', "late; \"'=1+1"),
        ("late;＠x", "late;'＠x"),
        ("a\n=1", "a\n'=1"),
        ("two; three", "two; three"),
        ("a-b=c", "a-b=c"),
        ("", ""),
        ("   ", "   "),
        (ARABIC, ARABIC),
        ("K7Q4-X", "K7Q4-X"),
    ],
)
def test_a_semicolon_begins_no_formula_and_plain_texts_stay(text: str, kept: str) -> None:
    assert sheets.guarded(text) == kept


def test_months_begin_and_end_where_they_should() -> None:
    found = list(counts.months(date(2026, 1, 30), date(2026, 3, 1)))
    assert found == [
        (date(2026, 1, 30), date(2026, 1, 31)),
        (date(2026, 2, 1), date(2026, 2, 28)),
        (date(2026, 3, 1), date(2026, 3, 1)),
    ]


@pytest.mark.parametrize(
    ("exact", "days"),
    [
        (True, (date(2026, 10, 5), date(2026, 10, 5))),
        (False, (date(2026, 10, 1), date(2026, 10, 31))),
    ],
)
def test_who_sees_no_small_numbers_gets_whole_months(exact: bool, days: tuple[date, date]) -> None:
    asked = (date(2026, 10, 5), date(2026, 10, 5), date(2026, 11, 22), Lens(exact))
    assert counts.seen_days(*asked) == days
    today = counts.seen_days(date(2026, 11, 5), date(2026, 11, 22), date(2026, 11, 22), Lens(exact=False))
    assert today == (date(2026, 11, 1), date(2026, 11, 21))


def test_a_hundred_thousand_rows_take_no_more_memory_than_a_few() -> None:
    one = ["K7Q4-X", "2026-11-22T09:31:00+03:00", "complaint", 3, "the truck is late " * 10]

    def most(number: int) -> int:
        tracemalloc.start()
        for _ in sheets.as_csv(["a"] * 5, (one for _ in range(number))):
            pass
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    assert most(100_000) < 2 * most(1000) + 100_000


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("call 0722 000 001", "call …"),
        ("write to Me@Example.org now", "write to … now"),
        ("name＠example.org", "…"),
        ("see https://x.org/a?b=c", "see …"),
        ("see wa.me/254722000001", "see …"),
        ("0722\u200b000\u200b001", "…"),
        ("٠٧٢٢ ٠٠٠ ٠٠١", "…"),
        ("0722,000,001", "…"),
        ("25 people and 3.5 litres", "25 people and 3.5 litres"),
        (ARABIC, ARABIC),
        (AMHARIC, AMHARIC),
    ],
)
def test_what_leads_to_a_person_is_replaced(text: str, kept: str) -> None:
    assert stripped(text) == kept
