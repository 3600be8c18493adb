"""Editors keep the directory: read, searched, taken out, and changed by a file that a second person confirms."""

import io
import random
import re
import struct
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from openpyxl import Workbook
from sqlalchemy import select, update

from casework import audit, staff
from console.content import imports
from directory import importing, packed, search, uploads
from directory.models import DirectoryUpload, Service
from runtime.settings import ROOT
from store.database import now, reading, transaction
from tests.console.conftest import Browser

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
Enter = Callable[..., Browser]
SAMPLE = ROOT / "data" / "directory" / "sample.csv"
HEAD = "code,organisation,service,topic,place,phone,hours,address\n"
ROWS = [
    "c1,Aid,Clinic,health,Riverside,+254 20 5550101,Mo-Fr 08:00-16:00,1 Road",
    "c2,Aid,Kitchen,food,Riverside,,,",
    "c3,Care,Safe House,gender_based_violence,Hilltown,+254 20 5550102,,9 Hidden Lane",
]


@pytest.fixture
def ed(enter: Enter) -> Browser:
    return enter("ed", ["editor"])


@pytest.fixture
def fin(enter: Enter) -> Browser:
    return enter("fin", ["editor"])


@pytest.fixture
def filled(database: str, tmp_path: Path) -> None:
    file = tmp_path / "first.csv"
    file.write_text(HEAD + "\n".join(ROWS), encoding="utf-8")
    importing.apply("first.csv", importing.plan(importing.open_file(file)))


def sheet(*rows: str) -> bytes:
    return (HEAD + "\n".join(rows)).encode()


def book(*rows: str) -> bytes:
    made = Workbook()
    for line in (HEAD.strip(), *rows):
        made.worksheets[0].append(line.split(","))
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def give(browser: Browser, content: bytes, name: str = "new.csv", **more: str) -> str:
    """Send a file and read the page to which that leads."""
    browser.get("/directory")
    answer = browser.post("/directory/uploads", file=(io.BytesIO(content), name), **more)
    assert answer.status_code == 303, answer.text
    return browser.get(answer.headers["Location"].removeprefix("/console")).text


def number() -> int:
    """Of the file that was given last."""
    with reading() as session:
        return int(session.scalars(select(DirectoryUpload.id).order_by(DirectoryUpload.id.desc())).first() or 0)


def shown(page: str) -> str:
    return re.findall(r'name="shown" value="(\w+)"', page)[0]


def confirm(browser: Browser) -> str:
    """Look at the last file and confirm it."""
    page = browser.get(f"/directory/uploads/{number()}").text
    return browser.does(f"/directory/uploads/{number()}/confirm", shown=shown(page))


def services() -> dict[str, str]:
    with reading() as session:
        return {one.code: one.name for one in session.scalars(select(Service))}


def actions(actor: str) -> list[str]:
    return [entry.action for entry in audit.page(actor=actor) if entry.action.startswith("directory")]


def test_what_one_gives_and_another_confirms_is_found_at_once(ed: Browser, fin: Browser, filled: None) -> None:
    assert search.find("water_sanitation", "Riverside") == []
    page = give(
        ed, sheet(ROWS[0].replace("Clinic", "New Clinic"), ROWS[1], "c9,Aid,Well,water_sanitation,Riverside,,,")
    )
    assert "You gave this file: another editor has to confirm it" in page and "Confirm" not in page
    assert services()["c1"] == "Clinic"
    page = fin.get("/directory").text
    assert "A file waits to be confirmed: <bdi>new.csv</bdi>, from <bdi>ed</bdi>" in page
    page = fin.get(f"/directory/uploads/{number()}").text
    assert "<del" in page and ">Clinic</del>" in page and ">New Clinic</ins>" in page and "Well" in page
    page = fin.does(f"/directory/uploads/{number()}/confirm", shown=shown(page))
    assert "The file was taken in" in page and "new.csv" in page
    assert services() == {"c1": "New Clinic", "c2": "Kitchen", "c3": "Safe House", "c9": "Well"}
    assert [one.service.name for one in search.find("water_sanitation", "Riverside")] == ["Well"]
    assert actions("ed") == ["directory_uploaded"] and actions("fin") == ["directory_imported"]
    detail = audit.page(actor="fin")[0].detail
    assert detail is not None
    assert {name: detail[name] for name in ("added", "changed", "removed", "author")} == {
        "added": 1, "changed": 1, "removed": 0, "author": "ed",
    }  # fmt: skip


def test_who_confirms_sees_every_column_also_of_new_services_and_other_names_of_places(
    ed: Browser, fin: Browser, filled: None
) -> None:
    head = HEAD.strip() + ",other_names,description\n"
    rows = [f"{ROWS[0]},Kampala,", "c9,Aid,Well,water_sanitation,Riverside,+254 20 5550199,,2 Road,,behind the school"]
    give(ed, (head + "\n".join(rows)).encode())
    page = fin.get(f"/directory/uploads/{number()}").text
    for word in ("Kampala", "+254 20 5550199", "2 Road", "behind the school"):
        assert f">{word}</ins>" in page, word


def test_refuges_addresses_are_not_shown_to_who_is_no_editor(ed: Browser, enter: Enter, filled: None) -> None:
    head = HEAD.strip() + ",confidential\n"
    rows = ["c3,Care,Safe House,gender_based_violence,Hilltown,+254 20 5550177,,8 Quiet Lane,yes"]
    give(ed, (head + "\n".join([*rows, rows[0].replace("c3", "c9")])).encode())
    assert "9 Hidden Lane" in ed.page and "8 Quiet Lane" in ed.page
    page = enter("boss", ["administrator"]).get(f"/directory/uploads/{number()}").text
    assert "Hidden Lane" not in page and "Quiet Lane" not in page and "+254 20 5550177" in page


def test_all_of_a_long_file_can_be_looked_at(ed: Browser, filled: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "SHOWN", 2)
    give(ed, sheet(*(f"n{n},Aid,Service {n},food,Riverside,,," for n in range(5))))
    first = f"/directory/uploads/{number()}"
    assert "Service 1" in ed.page and "Service 2" not in ed.page and "and 3 more" in ed.page
    assert "Service 2" in ed.get(f"{first}?part=2").text and "and 1 more" in ed.page and "Service 1" not in ed.page
    assert "Service 4" in ed.get(f"{first}?part=3").text and " more" not in ed.page
    for part in ("0", "x", "9" * 30):
        assert ed.get(f"{first}?part={part}").status_code == 200


@pytest.mark.parametrize("form", ["csv", "xlsx", "zip"])
def test_every_form_comes_in(ed: Browser, fin: Browser, form: str, tmp_path: Path) -> None:
    content = sheet(*ROWS)
    if form == "xlsx":
        content = book(*ROWS)
    if form == "zip":
        (tmp_path / "a.csv").write_bytes(content)
        importing.hsds.write(tmp_path / "pack", [vars(row) for row in importing.open_file(tmp_path / "a.csv").rows])
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as pack:
            for file in (tmp_path / "pack").iterdir():
                pack.write(file, file.name)
        content = out.getvalue()
    give(ed, content, f"new.{form}")
    confirm(fin)
    assert services() == {"c1": "Clinic", "c2": "Kitchen", "c3": "Safe House"}


def test_nobody_confirms_their_own_file(ed: Browser, filled: None) -> None:
    page = give(ed, sheet("c1,Aid,Other,health,Riverside,,,"))
    assert 'name="shown"' not in page
    with reading() as session:
        plan = uploads.plan(session, uploads.find(session, number()))
    page = ed.does(f"/directory/uploads/{number()}/confirm", shown=uploads.fingerprint(plan))
    assert "another editor has to confirm it" in page and services()["c1"] == "Clinic"


def test_an_administrator_confirms_only_where_there_is_no_second_editor(
    ed: Browser, enter: Enter, filled: None
) -> None:
    give(ed, sheet("c1,Aid,Other,health,Riverside,,,"))
    boss = enter("boss", ["administrator"])
    page = boss.get(f"/directory/uploads/{number()}").text
    assert "Confirm: take it in" in page
    given = shown(page)
    enter("fin", ["editor"])
    page = boss.get(f"/directory/uploads/{number()}").text
    assert "An editor has to confirm it" in page and "Confirm: take it in" not in page
    page = boss.does(f"/directory/uploads/{number()}/confirm", shown=given)
    assert "An editor has to confirm it" in page and services()["c1"] == "Clinic"
    with transaction() as session:
        staff.find(session, "fin").disabled_at = now()
    assert "The file was taken in" in confirm(boss) and services()["c1"] == "Other"


def test_services_that_the_file_lacks_go_only_where_that_was_wished(ed: Browser, fin: Browser, filled: None) -> None:
    give(ed, sheet(ROWS[0], "c9,Aid,Well,food,Riverside,,,"))
    confirm(fin)
    assert set(services()) == {"c1", "c2", "c3", "c9"}
    page = give(ed, sheet(ROWS[0]), removes="yes")
    assert page.count("<del>") == 3 and "Safe House" in page
    confirm(fin)
    assert set(services()) == {"c1"}


def test_what_was_shown_is_what_is_done_or_nothing(ed: Browser, fin: Browser, filled: None) -> None:
    give(ed, sheet("c1,Aid,Other,health,Riverside,,,"))
    seen = shown(fin.get(f"/directory/uploads/{number()}").text)
    with transaction() as session:
        session.execute(update(Service).where(Service.code == "c1").values(code="c7"))
    page = fin.does(f"/directory/uploads/{number()}/confirm", shown=seen)
    assert "The directory was changed meanwhile" in page and "c1" not in services()
    assert "The file was taken in" in confirm(fin) and "c1" in services()


def test_a_file_is_declined_or_taken_back_and_its_content_is_gone(ed: Browser, fin: Browser, filled: None) -> None:
    give(ed, sheet("c1,Aid,Other,health,Riverside,,,"))
    fin.get("/directory")
    fin.does(f"/directory/uploads/{number()}/decline")
    give(ed, sheet("c1,Aid,Other,health,Riverside,,,"))
    ed.does(f"/directory/uploads/{number()}/decline")
    with reading() as session:
        kept = session.scalars(select(DirectoryUpload)).all()
    assert [(one.state, one.content) for one in kept] == [("declined", None), ("withdrawn", None)]
    assert "does not wait any more" in fin.post(f"/directory/uploads/{number()}/confirm", shown="x").text
    assert services()["c1"] == "Clinic"
    assert actions("fin") == ["directory_declined"] and "directory_taken_back" in actions("ed")


def test_after_a_day_a_file_does_not_wait_any_more(ed: Browser, fin: Browser, filled: None) -> None:
    give(ed, sheet("c1,Aid,Other,health,Riverside,,,"))
    seen = shown(fin.get(f"/directory/uploads/{number()}").text)
    with transaction() as session:
        session.execute(update(DirectoryUpload).values(created_at=now() - timedelta(days=1, seconds=1)))
    assert "does not wait any more" in fin.post(f"/directory/uploads/{number()}/confirm", shown=seen).text
    assert "waits to be confirmed" not in fin.get("/directory").text and services()["c1"] == "Clinic"
    assert uploads.forget_old() == 1 and uploads.forget_old() == 0
    with reading() as session:
        assert session.get(DirectoryUpload, number()).content is None  # type: ignore[union-attr]


def test_a_second_file_of_the_same_person_takes_the_place_of_the_first(ed: Browser, filled: None) -> None:
    give(ed, sheet("c1,Aid,Other,health,Riverside,,,"))
    give(ed, sheet("c1,Aid,Another,health,Riverside,,,"))
    with reading() as session:
        assert [one.id for one in uploads.waiting(session)] == [number()]


def test_the_file_is_ciphertext_in_the_database(ed: Browser) -> None:
    give(ed, sheet("c1,Hidden Name,Clinic,health,Riverside,,,"))
    from sqlalchemy import LargeBinary, type_coerce

    with reading() as session:
        raw = session.scalar(select(type_coerce(DirectoryUpload.content, LargeBinary)))
    assert raw is not None and b"Hidden Name" not in bytes(raw)


def test_rows_with_a_mistake_are_named_and_the_others_come_in(ed: Browser, fin: Browser) -> None:
    page = give(
        ed, sheet(ROWS[0], "c2,Aid,Kitchen,helth,Riverside,,,", "c4,Aid,Hall,food,,,,", "c1,Aid,Twice,food,X,,,")
    )
    assert "Row 3" in page and "did you mean" in page and "Row 4" in page and "Place is empty" in page
    assert "is also in row 2" in page
    confirm(fin)
    assert services() == {"c1": "Clinic"}


BOMB = bytes(70_000_000)


def packed_as(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as pack:
        for name, content in files.items():
            pack.writestr(name, content)
    return out.getvalue()


def lying() -> bytes:
    """A ZIP file that says in its list that the bomb in it has one byte."""
    content = bytearray(packed_as({"xl/workbook.xml": BOMB}))
    place = content.rfind(b"PK\x01\x02")
    content[place + 24 : place + 28] = struct.pack("<I", 1)
    return bytes(content)


def altered(content: bytes, name: str, old: bytes, new: bytes) -> bytes:
    """A workbook with other bytes in one of its files."""
    with zipfile.ZipFile(io.BytesIO(content)) as pack:
        files = {one: pack.read(one) for one in pack.namelist()}
    assert old in files[name]
    return packed_as({**files, name: files[name].replace(old, new)})


LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(10))
    + b"]>"
)
SHEET, FIRST = "xl/worksheets/sheet1.xml", b't="inlineStr"><is><t>code</t></is>'
BAD: dict[str, Callable[[], bytes]] = {
    "nothing.csv": lambda: b"",
    "words.csv": lambda: b"just some words",
    "latin.csv": lambda: "organisation,service,topic,place\nAid,Clínica,health,X".encode("latin-1"),
    "nul.csv": lambda: HEAD.encode() + b"\x00,\x00,\x00,\x00,\x00,,,\n",
    "noend.csv": lambda: HEAD.encode() + b'"c1,Aid',
    "wide.csv": lambda: b'"' + b"x" * 300_000 + b'"',
    "picture.xlsx": lambda: b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
    "torn.xlsx": lambda: book(*ROWS)[:2000],
    "empty.xlsx": lambda: packed_as({}),
    "bomb.xlsx": lambda: packed_as({"xl/worksheets/sheet1.xml": BOMB}),
    "bomb.zip": lambda: packed_as({"service.csv": BOMB}),
    "lying.xlsx": lying,
    "many.zip": lambda: packed_as({f"{n}.csv": b"" for n in range(2000)}),
    "laughs.xlsx": lambda: altered(
        altered(book(*ROWS), SHEET, b"<worksheet", LAUGHS + b"<worksheet"), SHEET, b"<t>Aid</t>", b"<t>&k;</t>"
    ),
    "nosheet.xlsx": lambda: altered(book(*ROWS), "xl/workbook.xml", b"<sheets>", b"<sheets/><nothing>"),
    "index.xlsx": lambda: altered(book(*ROWS), SHEET, FIRST, b't="s"><v>99999</v>'),
    "number.xlsx": lambda: altered(book(*ROWS), SHEET, FIRST, b't="n"><v>no number</v>'),
    "day.xlsx": lambda: altered(book(*ROWS), SHEET, FIRST, b't="d"><v>no day</v>'),
    "noservice.zip": lambda: packed_as({"organization.csv": b"id,name\n1,Aid\n"}),
    "binary.zip": lambda: packed_as({"service.csv": b"\xff\xfe\x00"}),
    "page.pdf": lambda: b"%PDF-1.4",
    "nameless": lambda: b"x",
    "more.csv": lambda: (
        HEAD.encode() + b"".join(b"c%d,Aid,S,food,Riverside,,,\n" % n for n in range(uploads.MOST_ROWS + 1))
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_gets_a_sentence_and_is_not_kept(ed: Browser, name: str) -> None:
    page = give(ed, BAD[name](), name)
    said = re.findall(r'class="alert alert-warning" role="status">([^<]+)<', page)
    assert len(said) == 1 and said[0].strip()[0].isupper(), said
    with reading() as session:
        assert session.scalars(select(DirectoryUpload)).all() == []


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("bomb.xlsx", "too large once it is unpacked"),
        ("bomb.zip", "too large once it is unpacked"),
        ("many.zip", "too large once it is unpacked"),
        ("more.csv", "more than 5000 rows"),
        ("latin.csv", "not in UTF-8"),
        ("torn.xlsx", "not an XLSX workbook"),
        ("page.pdf", "use a .csv or .xlsx file"),
    ],
)
def test_the_sentence_says_what_is_wrong(ed: Browser, name: str, said: str) -> None:
    assert said.lower() in give(ed, BAD[name](), name).lower()


def test_characters_that_nobody_sees_do_not_come_in(ed: Browser, fin: Browser) -> None:
    give(ed, sheet("c1,Aid,Cli\x00nic\x1b,health,Riverside,,,"))
    confirm(fin)
    assert services() == {"c1": "Cli nic"}


def test_a_locked_file_is_refused(ed: Browser) -> None:
    content = bytearray(book(*ROWS))
    content[content.rfind(b"PK\x01\x02") + 8] |= 1
    assert "locked with a password" in give(ed, bytes(content), "locked.xlsx")


@pytest.mark.timeout(120)  # cell by cell it would take hours
def test_a_sheet_of_a_million_empty_rows_is_read_without_looking_at_each(ed: Browser) -> None:
    far = b'</row><row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c></row></sheetData>'
    content = altered(book(*ROWS), SHEET, b"</row></sheetData>", far)
    content = altered(content, SHEET, b'ref="A1:H4"', b'ref="A1:XFD1048576"')
    assert "Clinic" in give(ed, content, "far.xlsx")


def test_whatever_is_broken_in_a_workbook_is_no_error_of_ours(ed: Browser) -> None:
    chance, good = random.Random(7), book(*ROWS)
    for attempt in range(60):
        content = bytearray(good)
        for _ in range(chance.choice((1, 3, 30))):
            content[chance.randrange(len(content))] = chance.randrange(256)
        ed.get("/directory")
        answer = ed.post("/directory/uploads", file=(io.BytesIO(bytes(content)), "x.xlsx"))
        assert answer.status_code == 303, attempt
        page = ed.get(answer.headers["Location"].removeprefix("/console"))
        assert page.status_code == 200, attempt


def test_too_large_a_file_is_refused_before_it_is_read(ed: Browser) -> None:
    ed.get("/directory")
    answer = ed.post("/directory/uploads", file=(io.BytesIO(b"x" * 6_000_000), "a.csv"))
    assert answer.status_code == 413 and "too long" in answer.text
    page = give(ed, HEAD.encode() + b"x" * (uploads.MOST_BYTES + 1), "a.csv")
    assert "larger than 5 MB" in page


def test_no_file_at_all(ed: Browser) -> None:
    ed.get("/directory")
    assert "Choose a file" in ed.does("/directory/uploads")


def test_what_a_file_says_is_shown_as_text(ed: Browser, fin: Browser) -> None:
    evil = "<script>alert(1)</script>"
    page = give(ed, sheet(f"c1,{evil},{evil},health,{evil},,,", f"c2,Aid,X,{evil},Y,,,"), f"{evil}.csv")
    assert evil not in page and "&lt;script&gt;" in page
    confirm(fin)
    with reading() as session:
        made = session.scalars(select(Service)).one()
    assert evil not in fin.get("/directory").text and evil not in fin.get(f"/directory/services/{made.id}").text


def test_services_are_found_by_name_place_and_topic_in_any_script(ed: Browser) -> None:
    importing.apply("sample.csv", importing.plan(importing.open_file(SAMPLE)))
    page = ed.get("/directory").text
    assert "21 services" in page and "Hilltown Hospital" in page
    for words in ("HILLTOWN hosp", "sample ministry", "hospital"):
        page = ed.get(f"/directory?q={words}").text
        assert "Hilltown Hospital" in page and "River Health Post" not in page, words
    page = ed.get("/directory?q=ريفرسايد").text
    assert "River Health Post" in page and "Hilltown Hospital" not in page
    assert "0 services" in ed.get("/directory?q=nowhere").text


@pytest.mark.parametrize("query", ["q=%00", "q=" + "x" * 5000, "page=0", "page=99999999999999999999", "page=x"])
def test_odd_questions_are_answered_with_the_list(ed: Browser, filled: None, query: str) -> None:
    answer = ed.get(f"/directory?{query}")
    assert answer.status_code == 400 and "services" in answer.text
    assert ed.get("/directory?q='--&page=1").status_code == ed.get("/directory?q=&page=").status_code == 200


@pytest.mark.parametrize("what", ["services", "uploads"])
@pytest.mark.parametrize("which", ["0", "12345", str(2**63), "9" * 40])
def test_what_is_not_there_is_told_above_the_list(ed: Browser, what: str, which: str) -> None:
    answer = ed.get(f"/directory/{what}/{which}")
    assert answer.status_code == 404 and "0 services" in answer.text
    assert ("There is no such service" if what == "services" else "does not wait any more") in answer.text
    for way in ("confirm", "decline"):
        ed.get("/directory")
        assert ed.post(f"/directory/uploads/{which}/{way}").status_code == 404
    assert ed.get(f"/directory/{what}/-1").status_code == 404


def test_the_address_of_a_refuge_is_for_editors_only(ed: Browser, enter: Enter, filled: None) -> None:
    with reading() as session:
        house = session.scalars(select(Service).where(Service.code == "c3")).one().id
    assert "9 Hidden Lane" in ed.get(f"/directory/services/{house}").text
    boss = enter("boss", ["administrator"])
    page = boss.get(f"/directory/services/{house}").text
    assert "Safe House" in page and "9 Hidden Lane" not in page
    assert boss.get("/directory/file").status_code == 404 and "Take a file in" not in boss.get("/directory").text


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_what_is_taken_out_comes_in_again_unchanged(ed: Browser, form: str) -> None:
    importing.apply("sample.csv", importing.plan(importing.open_file(SAMPLE)))
    answer = ed.get(f"/directory/file?as={form}")
    assert f"directory.{form}" in answer.headers["Content-Disposition"]
    assert actions("ed") == ["directory_exported"]
    page = give(ed, answer.data, f"directory.{form}", removes="yes")
    assert "<dt>The same</dt><dd>21</dd>" in page and "<del" not in page
    assert ed.get("/directory/file?as=exe").status_code == 404


def test_a_zip_says_how_large_it_is_and_is_never_read_beyond(tmp_path: Path, database: str) -> None:
    """Of a file that lies, Python's own reader takes no more than was said."""
    file = tmp_path / "x.zip"
    file.write_bytes(lying())
    packed.check(file)
    with zipfile.ZipFile(file) as pack, pytest.raises(zipfile.BadZipFile):
        pack.read("xl/workbook.xml")
