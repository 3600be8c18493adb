"""Directories come in from CSV, XLSX and HSDS, with plain words for each bad row, and go out as they came."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from directory import hsds, importing, sheets
from directory.rows import COLUMNS, HXL, BadFile, BadRow, check
from runtime.formulas import guarded, unguarded
from runtime.settings import ROOT

SAMPLE = ROOT / "data" / "directory" / "sample.csv"
GOOD = {"organisation": "Aid", "service": "Clinic", "topic": "health", "place": "Riverside"}


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"organisation": ""}, "organisation is empty"),
        ({"place": "  "}, "place is empty"),
        ({"topic": "helth"}, "did you mean 'health'"),
        ({"topic": "football"}, "use one of"),
        ({"latitude": "north"}, "not a number of degrees"),
        ({"latitude": "123"}, "outside -90 to 90"),
        ({"phone": "call me"}, "not a phone number"),
        ({"phone": "+254 123456789012345"}, "too"),
        ({"phone": ", ".join(f"020 55501{n:02d}" for n in range(20))}, "too many"),
        ({"languages": "Swahili"}, "code of two or three letters"),
        ({"for_whom": "womn"}, "did you mean 'women'"),
        ({"hours": "mon 9-5"}, "Mo-Fr 08:00-16:00"),
        ({"valid_until": "31/12/26"}, "2026-12-31"),
        ({"service": "x" * 121}, "at most 120"),
    ],
)
def test_a_bad_cell_is_named_in_plain_words(cells: dict[str, str], words: str) -> None:
    with pytest.raises(BadRow, match=".*" + words.replace("(", "\\(")):
        check({**GOOD, **cells}, "KE")


def test_a_good_row_is_read_with_its_lists_days_and_numbers() -> None:
    row = check(
        {**GOOD, "latitude": "-1,28", "longitude": 36.8, "phone": "020 5550123; 116", "languages": "SW; so",
         "for_whom": "women, children", "valid_until": "2026-12-31", "hours": "24/7", "sample": "yes"},
        "KE",
    )  # fmt: skip
    assert (row.latitude, row.longitude) == (-1.28, 36.8)
    assert row.phone == "+254 20 5550123, 116"
    assert (row.languages, row.for_whom) == (("sw", "so"), ("women", "children"))
    assert row.valid_until == date(2026, 12, 31)
    assert row.sample
    assert row.code == "aid-clinic-health-riverside"


def test_the_sample_is_without_a_fault() -> None:
    found = importing.open_file(SAMPLE)
    assert found.errors == []
    assert all(row.sample for row in found.rows)


def test_a_second_import_changes_nothing_and_a_change_is_seen(database: str, tmp_path: Path) -> None:
    importing.apply("sample.csv", importing.plan(importing.open_file(SAMPLE)))
    again = importing.plan(importing.open_file(SAMPLE))
    assert (again.added, again.changed, again.gone) == ([], [], [])
    rows = importing.all_rows()
    rows[0]["phone"] = "+254 20 5559999"
    sheets.write_csv(tmp_path / "new.csv", rows[:-1])
    made = importing.plan(importing.open_file(tmp_path / "new.csv"))
    assert [row.code for row in made.changed] == [rows[0]["code"]]
    assert made.gone == [rows[-1]["code"]]
    importing.apply("new.csv", made)
    assert len(importing.all_rows()) == len(rows)
    importing.apply("new.csv", importing.plan(importing.open_file(tmp_path / "new.csv")), remove_gone=True)
    assert len(importing.all_rows()) == len(rows) - 1


@pytest.mark.parametrize("form", ["csv", "xlsx", "hsds", "zip"])
def test_what_goes_out_comes_in_again(database: str, tmp_path: Path, form: str) -> None:
    importing.apply("sample.csv", importing.plan(importing.open_file(SAMPLE)))
    before = importing.all_rows()
    target = tmp_path / {"csv": "d.csv", "xlsx": "d.xlsx"}.get(form, "package")
    {"csv": sheets.write_csv, "xlsx": sheets.write_xlsx}.get(form, hsds.write)(target, before)
    if form == "zip":
        import shutil

        target = Path(shutil.make_archive(str(tmp_path / "p"), "zip", target))
    found = importing.open_file(target)
    assert found.errors == []
    kept = {row.code: row for row in found.rows}
    assert kept.keys() == {row["code"] for row in before}
    lost = {"description"} if form in ("hsds", "zip") else set()  # HSDS needs one: the name stands in
    for row in before:
        for name in set(COLUMNS) - lost:
            assert getattr(kept[row["code"]], name) == row[name] or _as_tuple(row[name]) == getattr(
                kept[row["code"]], name
            ), (row["code"], name)


def _as_tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def test_a_row_of_tags_names_the_columns(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(["Who", "What", "Kind", "Town"])
    sheet.append([HXL["organisation"], HXL["service"], HXL["topic"], HXL["place"]])
    sheet.append(["Aid", "Clinic", "health", "Riverside"])
    book.save(tmp_path / "tagged.xlsx")
    assert [row.service for row in importing.open_file(tmp_path / "tagged.xlsx").rows] == ["Clinic"]


def test_no_cell_is_taken_for_a_formula(database: str, tmp_path: Path) -> None:
    rows = [{**GOOD, "code": "a", "address": "=HYPERLINK(1)"}]
    sheets.write_csv(tmp_path / "f.csv", rows)
    assert ",'=HYPERLINK(1)," in (tmp_path / "f.csv").read_text(encoding="utf-8-sig")
    assert importing.open_file(tmp_path / "f.csv").rows[0].address == "=HYPERLINK(1)"


@pytest.mark.parametrize("text", ["=1", "'=1", "＝1", "open; =1", "open; '=1", "'quoted'", "it's; late", "+254 20", ""])
def test_what_was_guarded_comes_back_as_it_was(text: str) -> None:
    assert unguarded(guarded(text)) == text or guarded(text) == text


def test_a_row_of_very_many_columns_is_cut(tmp_path: Path) -> None:
    head = ",".join(["organisation,service,topic,place", *(f"c{n}" for n in range(200_000))])
    (tmp_path / "wide.csv").write_text(f"{head}\nAid,Clinic,health,Riverside{',x' * 200_000}\n")
    found = importing.open_file(tmp_path / "wide.csv")
    assert len(found.rows) == 1 and len(found.ignored) == sheets.MOST_COLUMNS - 4


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", b"name,town\nx,y\n", "organisation"),
        ("a.csv", "organisation\xff".encode("latin-1"), "UTF-8"),
        ("a.xlsx", b"not a workbook", "XLSX"),
        ("a.zip", b"not a zip", "ZIP"),
        ("a.pdf", b"", ".csv or .xlsx"),
    ],
)
def test_a_file_that_is_none_is_refused_with_a_sentence(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BadFile, match=words):
        importing.open_file(tmp_path / name)


def test_broken_rows_are_listed_and_the_rest_comes_in(database: str, tmp_path: Path) -> None:
    rows = [{**GOOD, "code": f"c{n}", "topic": "helth" if n % 5 == 0 else "health"} for n in range(200)]
    sheets.write_xlsx(tmp_path / "many.xlsx", rows)
    made = importing.plan(importing.open_file(tmp_path / "many.xlsx"))
    assert len(made.errors) == 40
    assert made.errors[0][0] == 3  # as a spreadsheet numbers its rows, after headings and tags
    importing.apply("many.xlsx", made)
    assert len(importing.all_rows()) == 160


def test_one_place_however_it_is_written_and_a_new_file_mends_its_names(database: str) -> None:
    from directory import search
    from directory.rows import read

    first = [(2, {**GOOD, "code": "a", "other_names": "Hilltown"}), (3, {**GOOD, "code": "b", "place": "RIVERSIDE"})]
    importing.apply("a", importing.plan(read(first, "KE")))
    assert {item.service.code for item in search.find("health", "Riverside", most=9)} == {"a", "b"}
    assert search.place_named("Hilltown") == "Riverside"
    importing.apply("b", importing.plan(read([(2, {**GOOD, "code": "a", "other_names": "River town"})], "KE")))
    assert search.place_named("Hilltown") is None


def test_hsds_of_others(database: str, tmp_path: Path) -> None:
    tables = {
        "organization": "id,name\no,Aid\n",
        "service": "id,organization_id,name,status\ns,o,Clinic,active\nd,o,Gone,defunct\n",
        "location": "id,name\nl,Riverside\n",
        "service_at_location": "id,service_id,location_id\nx,s,l\ny,d,l\n",
        "phone": "id,location_id,number\np,l,+254 20 5550123\n",
        "schedule": 'id,service_at_location_id,byday,opens_at,closes_at,notes\nh,x,"MO,TU",08:00,12:00,\nn,x,,,,by appointment\n',
        "language": "id,service_id,code\ng,s,en-GB\n",
        "taxonomy_term": "id,code,name\nt,health,Health\n",
        "attribute": "id,link_id,taxonomy_term_id\na,s,t\n",
    }
    for name, text in tables.items():
        (tmp_path / f"{name}.csv").write_text(text)
    found = importing.open_file(tmp_path)
    assert found.errors == []
    (row,) = found.rows
    assert (row.phone, row.hours, row.languages) == ("+254 20 5550123", "Mo-Tu 08:00-12:00", ("en",))


def test_columns_that_nobody_reads_are_told(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("organisation,service,topic,place,adress\nAid,Clinic,health,Riverside,x\n")
    assert importing.open_file(tmp_path / "a.csv").ignored == ["adress"]
