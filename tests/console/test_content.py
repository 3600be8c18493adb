"""Content is whole in every language; what is missing is named; translators' files keep what people corrected."""

import shutil
from pathlib import Path

import pytest
from openpyxl import load_workbook

from console import content_check, coverage, translating
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
    assert [finding.line() for finding in content_check.run() if finding.is_error] == []


def test_every_topic_of_the_taxonomy_has_a_page_in_every_language() -> None:
    there = {(t, c) for t in taxonomy.topics() for c in taxonomy.languages() if pages.page(t, c)}
    assert len(there) == 36 * 12


def test_a_removed_page_and_sentence_are_named(copied: Path) -> None:
    (copied / "data/knowledge/health/so.md").unlink()
    catalogue = copied / "bot/locales/am/LC_MESSAGES/sawti.po"
    catalogue.write_text(catalogue.read_text().replace('msgid "goodbye"', 'msgid "unknown_name"'))
    _forget()
    found = [finding.line() for finding in content_check.run() if finding.is_error]
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
    found = [finding.line() for finding in content_check.run() if finding.is_error]
    assert any("food/sw.md" in line and words_ in line for line in found), found


def test_a_changed_english_page_makes_its_translations_outdated(copied: Path) -> None:
    page = copied / "data/knowledge/food/en.md"
    page.write_text(page.read_text().replace("## more\n", "## more\nOne more fact. ", 1))
    _forget()
    outdated = {f.language for f in content_check.run() if "outdated" in f.what and f.where.startswith("food/")}
    assert outdated == set(taxonomy.languages()) - {"en"}


def test_coverage_is_current_and_nothing_in_it_is_empty() -> None:
    assert coverage.TARGET.read_text(encoding="utf-8") == coverage.text()
    named = {t for promises in coverage.promised().values() for topics in promises.values() for t in topics}
    assert named <= set(taxonomy.topics())
    assert all(topics for promises in coverage.promised().values() for topics in promises.values())
    assert named == set(taxonomy.topics())


@pytest.mark.parametrize("form", ["xlsx", "po"])
def test_a_translators_file_goes_out_and_comes_back(copied: Path, form: str) -> None:
    file = copied / f"so.{form}"
    assert translating.write(file, "so", form) == len(list(translating.texts("so")))
    assert translating.take(file, "so", "Amina").changed == 0
    if form == "po":
        text = file.read_text(encoding="utf-8")
        old = pages.page("food", "so").title  # type: ignore[union-attr]
        file.write_text(text.replace(f'msgstr "{old}"', 'msgstr "Cunto cusub"', 1), encoding="utf-8")
    else:
        book = load_workbook(file)
        for row in book.worksheets[0].iter_rows(min_row=2):
            if row[0].value == "page.food.title":
                row[2].value = "Cunto cusub"
        book.save(file)
    done = translating.take(file, "so", "Amina")
    assert (done.changed, done.kept) == (1, [])
    page = pages.page("food", "so")
    assert page is not None
    assert (page.title, page.review) == ("Cunto cusub", "human")


def test_what_a_person_corrected_meanwhile_is_kept(copied: Path) -> None:
    file = copied / "so.xlsx"
    translating.write(file, "so", "xlsx")
    page = copied / "data/knowledge/food/so.md"
    old = pages.page("food", "so").title  # type: ignore[union-attr]
    page.write_text(page.read_text().replace(f"title: {old}", "title: La saxay", 1))
    _forget()
    book = load_workbook(file)
    for row in book.worksheets[0].iter_rows(min_row=2):
        if row[0].value == "page.food.title":
            row[2].value = "Mid kale"
    book.save(file)
    done = translating.take(file, "so", "Amina")
    assert (done.changed, done.kept) == (0, ["page.food.title"])
    assert pages.page("food", "so").title == "La saxay"  # type: ignore[union-attr]
