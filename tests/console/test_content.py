"""Content is whole in every language; what is missing is named; translators' files keep what people corrected."""

import shutil
from pathlib import Path

import pytest
from openpyxl import load_workbook

from console.content import check, coverage, translating
from runtime import pages, taxonomy, words
from runtime.settings import ROOT


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of pages and catalogues that a test may change."""
    for folder in ("data/knowledge", "bot/locales"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    monkeypatch.setattr(pages, "FOLDER", tmp_path / "data/knowledge")
    monkeypatch.setattr(words, "LOCALES", tmp_path / "bot/locales")
    _forget()
    yield tmp_path  # type: ignore[misc]
    _forget()


def _forget() -> None:
    pages.page.cache_clear()
    words.catalogue.cache_clear()


def test_nothing_is_to_be_mended() -> None:
    assert [finding.line() for finding in check.run() if finding.is_error] == []


def test_every_topic_of_the_taxonomy_has_a_page_in_every_language() -> None:
    there = {(t, c) for t in taxonomy.topics() for c in taxonomy.languages() if pages.page(t, c)}
    assert len(there) == 36 * 12


def test_a_removed_page_and_sentence_are_named(copied: Path) -> None:
    (copied / "data/knowledge/health/so.md").unlink()
    catalogue = copied / "bot/locales/am/LC_MESSAGES/sawti.po"
    catalogue.write_text(catalogue.read_text().replace('msgid "goodbye"', 'msgid "unknown_name"'))
    _forget()
    found = [finding.line() for finding in check.run() if finding.is_error]
    assert "MEND  so  health/so.md: the page is missing" in found
    assert "MEND  am  goodbye: the sentence is missing" in found


@pytest.mark.parametrize(
    ("old", "new", "words_"),
    [
        ("## steps\n", "## stepps\n", "'steps' is missing"),
        ("## short\n", "## short\n" + "long words " * 40, "short needs"),
        ("title: ", "title: a very long title that no menu holds ", "at most 24"),
        ("## short\n", "## short\n{name} ", "placeholders"),
        ("## more\n", "## more\nэто написано не теми буквами, " * 40 + "\n", "not written in Latin"),
        ("## more\n", "## more\n“quoted” ", "only cost"),
    ],
)
def test_what_is_wrong_with_a_page_is_told(copied: Path, old: str, new: str, words_: str) -> None:
    page = copied / "data/knowledge/food/sw.md"
    page.write_text(page.read_text().replace(old, new, 1))
    _forget()
    found = [finding.line() for finding in check.run() if finding.is_error]
    assert any("food/sw.md" in line and words_ in line for line in found), found


def test_a_changed_english_page_makes_its_translations_outdated(copied: Path) -> None:
    page = copied / "data/knowledge/food/en.md"
    page.write_text(page.read_text().replace("## more\n", "## more\nOne more fact. ", 1))
    _forget()
    outdated = {f.language for f in check.run() if "outdated" in f.what and f.where.startswith("food/")}
    assert outdated == set(taxonomy.languages()) - {"en"}


def test_coverage_is_current_and_nothing_in_it_is_empty() -> None:
    assert coverage.TARGET.read_text(encoding="utf-8") == coverage.text()
    named = {t for promises in coverage.promised().values() for topics in promises.values() for t in topics}
    assert named <= set(taxonomy.topics())
    assert all(topics for promises in coverage.promised().values() for topics in promises.values())
    assert named == set(taxonomy.topics())


def _change(file: Path, changes: dict[str, str], checked: tuple[str, ...] = ()) -> None:
    """Type into the file as a translator does."""
    book = load_workbook(file)
    for row in book.worksheets[0].iter_rows(min_row=2):
        name = str(row[0].value)
        row[2].value = changes.get(name, row[2].value)
        if name.split(".")[1] in checked:
            row[4].value = "x"
    book.save(file)


def _title(language: str = "so") -> str:
    page = pages.page("food", language)
    assert page is not None
    return page.title


def test_a_workbook_goes_out_and_comes_back(copied: Path) -> None:
    file = copied / "so.xlsx"
    assert translating.write(file, "so", "xlsx") == len(list(translating.texts("so")))
    assert translating.take(file, "so", "Amina").changed == 0
    _change(file, {"page.food.title": "Cunto cusub"})
    done = translating.take(file, "so", "Amina")
    assert (done.changed, done.checked, done.kept) == (1, 0, [])
    page = pages.page("food", "so")
    assert page is not None
    assert (page.title, page.review) == ("Cunto cusub", "machine")


def test_a_page_whose_every_text_was_checked_is_reviewed_by_a_human(copied: Path) -> None:
    file = copied / "so.xlsx"
    translating.write(file, "so", "xlsx")
    _change(file, {}, checked=("food",))
    assert translating.take(file, "so", "Amina").checked == 1
    page = pages.page("food", "so")
    assert page is not None
    assert page.review == "human"
    assert "reviewer: Amina" in pages.path("food", "so").read_text(encoding="utf-8")


def test_a_po_file_goes_out_and_comes_back(copied: Path) -> None:
    file = copied / "so.po"
    translating.write(file, "so", "po")
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace(f'msgstr "{_title()}"', 'msgstr "Cunto cusub"', 1), encoding="utf-8")
    assert translating.take(file, "so", "Amina").changed == 1
    assert _title() == "Cunto cusub"


def test_what_a_person_corrected_meanwhile_is_kept(copied: Path) -> None:
    file = copied / "so.xlsx"
    translating.write(file, "so", "xlsx")
    page = copied / "data/knowledge/food/so.md"
    page.write_text(page.read_text().replace(f"title: {_title()}", "title: La saxay", 1))
    _forget()
    _change(file, {"page.food.title": "Mid kale"})
    done = translating.take(file, "so", "Amina")
    assert (done.changed, done.kept) == (0, ["page.food.title"])
    assert _title() == "La saxay"


def test_a_translation_of_an_older_english_stays_outdated(copied: Path) -> None:
    file = copied / "so.xlsx"
    translating.write(file, "so", "xlsx")
    page = copied / "data/knowledge/food/en.md"
    page.write_text(page.read_text().replace("## more\n", "## more\nOne more fact. ", 1))
    _forget()
    _change(file, {"page.food.title": "Cunto cusub"})
    translating.take(file, "so", "Amina")
    assert any("outdated" in f.what for f in check.run() if (f.language, f.where) == ("so", "food/so.md"))


@pytest.mark.parametrize(
    "changes",
    [
        {"page.food.short": "cunto " * 80},
        {"page.food.more": "## steps\nwax"},
        {"sentence.status_open": "waan helnay"},
    ],
)
def test_what_cannot_stand_is_refused_and_nothing_is_written(copied: Path, changes: dict[str, str]) -> None:
    file = copied / "so.xlsx"
    translating.write(file, "so", "xlsx")
    _change(file, {"page.asylum.title": "Magangelyo cusub", **changes})
    before = pages.path("asylum", "so").read_text(encoding="utf-8")
    with pytest.raises(translating.BadFile):
        translating.take(file, "so", "Amina")
    assert pages.path("asylum", "so").read_text(encoding="utf-8") == before
