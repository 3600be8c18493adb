"""Pages and sentences out to a translator as XLSX or PO, and back; what a person has corrected is not lost."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from zipfile import BadZipFile

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment
from openpyxl.utils.exceptions import InvalidFileException

from console.content import check
from runtime import pages, taxonomy
from runtime.pages import PARTS, SOURCE, Page
from runtime.words import catalogue, catalogue_path
from store.database import now

HEADINGS = ("id", "english", "translation", "state", "checked")
_PARTS_MARK = "## "
MOST_ROWS = 20_000
_WIDTHS = {"A": 28, "B": 70, "C": 70, "D": 10, "E": 10}


class BadFile(ValueError):
    """The file cannot be taken in; the text says why."""


@dataclass(frozen=True)
class Text:
    """One text to translate. `id`: page.<topic>.<part> or sentence.<name>; `state` tells which words went out."""

    id: str
    english: str
    translation: str

    @property
    def state(self) -> str:
        """Of the translation when it went out: if it differs at the return, somebody corrected it meanwhile."""
        return hashlib.sha256(self.translation.encode()).hexdigest()[:8]


@dataclass
class Done:
    """How many texts changed, and which were kept: a person corrected them after the file went out."""

    changed: int = 0
    checked: int = 0
    """Pages of which every text was marked as checked: they are `review: human` now."""
    kept: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Returned:
    """One text as it came back. `checked`: the person marked it (XLSX: anything in the column; PO: not fuzzy)."""

    english: str
    translation: str
    state: str
    checked: bool


def texts(language: str, page_of: Callable[[str, str], Page | None] | None = None) -> Iterator[Text]:
    """Every text of the language beside its English, as the files have them, or as `page_of` has the pages."""
    page_of = page_of or pages.page
    if language not in taxonomy.languages() or language == SOURCE:
        raise BadFile(f"{language!r} is not a language that is translated into")
    for topic in taxonomy.topics():
        source, ours = page_of(topic, SOURCE), page_of(topic, language)
        if source is None:
            continue
        yield Text(f"page.{topic}.title", source.title, ours.title if ours else "")
        for part in PARTS:
            yield Text(f"page.{topic}.{part}", source.parts[part], ours.parts[part] if ours else "")
    known = catalogue(language)
    for name, english in catalogue(SOURCE).items():
        yield Text(f"sentence.{name}", english, known.get(name, ""))


def write(file: Path, language: str, form: str, page_of: Callable[[str, str], Page | None] | None = None) -> int:
    """Write the file; how many texts it has."""
    found = list(texts(language, page_of))
    (_write_po if form == "po" else _write_xlsx)(file, language, found)
    return len(found)


def _write_xlsx(file: Path, language: str, found: list[Text]) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = language
    sheet.append(HEADINGS)
    for text in found:
        sheet.append((text.id, text.english, text.translation, text.state, ""))
    for row in sheet.iter_rows(min_row=2):
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.data_type = "s"  # never a formula
    for column, width in _WIDTHS.items():
        sheet.column_dimensions[column].width = width
    sheet.freeze_panes = "A2"
    book.save(file)


def _write_po(file: Path, language: str, found: list[Text]) -> None:
    made = Catalog(locale=language, project="Sawti", fuzzy=False)
    for text in found:
        made.add(text.english, text.translation, context=text.id, user_comments=[f"state {text.state}"])
    with file.open("wb") as out:
        write_po(out, made, width=0)


def take(file: Path, language: str, reviewer: str) -> Done:
    """Take a file back. Nothing is written unless everything in it can be.

    A text that was corrected in the repository after the file went out is kept. A page becomes `review: human` once
    every text of it came back marked as checked; it stays outdated if its English has changed since.

    Raises:
        BadFile: it is not a file that `write` made, or a text in it cannot stand.
    """
    present = {text.id: text for text in texts(language)}
    returned = dict(read(file, language))
    done, changed = Done(), {}
    for name, back in returned.items():
        text = present.get(name)
        if text is None:
            raise BadFile(f"there is no text {name!r}")
        if not back.translation or back.translation == text.translation:
            continue
        if back.state != text.state:
            done.kept.append(name)
        else:
            changed[name] = back.translation
    made = list(_pages(changed, returned, present, language))
    sentences = {name.split(".", 1)[1]: text for name, text in changed.items() if name.startswith("sentence.")}
    _check(made, sentences)
    today = now().date().isoformat()
    for page in made:
        pages.write(page, today, reviewer if page.review == "human" else "")
    _store_sentences(sentences, language)
    done.changed, done.checked = len(changed), sum(page.review == "human" for page in made)
    return done


def read(file: Path, language: str) -> Iterator[tuple[str, Returned]]:
    """The texts of a file by their ids, as they came back.

    Raises:
        BadFile: it is not a file that `write` made.
    """
    if file.suffix == ".po":
        with file.open("rb") as source:
            for entry in read_po(source, locale=language):
                if entry.id and entry.context:
                    notes = entry.user_comments
                    state = next((line.removeprefix("state ") for line in notes if line.startswith("state ")), "")
                    yield (
                        entry.context,
                        Returned(str(entry.id), str(entry.string or "").strip(), state, "checked" in notes),
                    )
        return
    try:
        sheet = load_workbook(file, read_only=True).worksheets[0]
    except (InvalidFileException, BadZipFile, KeyError, OSError):
        raise BadFile("use the .xlsx or .po file that `sawti content export` made") from None
    rows = sheet.iter_rows(max_row=MOST_ROWS, max_col=len(HEADINGS), values_only=True)
    if tuple(str(cell) for cell in next(rows, ())) != HEADINGS:
        raise BadFile(f"the first row must be: {', '.join(HEADINGS)}")
    for row in rows:
        name, english, translation, state, checked = (*(str(cell or "").strip() for cell in row), *[""] * 5)[:5]
        if name:
            yield name, Returned(english, translation, state, bool(checked))


def _pages(
    changed: dict[str, str], returned: dict[str, Returned], present: dict[str, Text], language: str
) -> Iterator[Page]:
    """The pages as they will stand: those with changed texts, and those that a person has checked."""
    for topic in taxonomy.topics():
        source, ours = pages.page(topic, SOURCE), pages.page(topic, language)
        names = [f"page.{topic}.{part}" for part in ("title", *PARTS)]
        mine = {name.rsplit(".", 1)[1]: changed[name] for name in names if name in changed}
        checked = all(name in returned and returned[name].checked for name in names)
        if source is None or not (mine or checked):
            continue
        base = ours or replace(source, language=language, title="", parts={}, of=None)
        parts = {**base.parts, **mine}
        title = parts.pop("title", base.title)
        missing = [part for part in PARTS if not parts.get(part)]
        if missing or not title:
            raise BadFile(f"page.{topic}: {missing[0] if missing else 'title'} is still empty")
        current = all(name in returned and returned[name].english == present[name].english for name in names)
        yield replace(
            base,
            title=title,
            parts=parts,
            review="human" if checked else base.review,
            of=source.state if current or ours is None else base.of,
        )


def _check(made: list[Page], sentences: dict[str, str]) -> None:
    """Refuse what `sawti content check` would complain about."""
    for page in made:
        for what in check.of_page(page):
            raise BadFile(f"page.{page.topic}: {what}")
        if any(_PARTS_MARK in text for text in page.parts.values()):
            raise BadFile(f"page.{page.topic}: no line may begin with ##")
    for name, text in sentences.items():
        if check.placeholders(text) != check.placeholders(catalogue(SOURCE)[name]):
            raise BadFile(f"sentence.{name}: the placeholders are not those of the English sentence")


def _store_sentences(changed: dict[str, str], language: str) -> None:
    """Only the strings of the catalogue change; comments and order stay."""
    if not changed:
        return
    where = catalogue_path(language)
    with where.open("rb") as source:
        kept = read_po(source, locale=language)
    for name, text in changed.items():
        entry = kept.get(name)
        if entry is None:
            kept.add(name, text)
        else:
            entry.string = text
    with where.open("wb") as out:
        write_po(out, kept, width=0, ignore_obsolete=True)
    catalogue.cache_clear()
