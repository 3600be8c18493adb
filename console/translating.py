"""Pages and sentences out to a translator as XLSX or PO, and back; what a person has corrected is not lost."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from zipfile import BadZipFile

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment
from openpyxl.utils.exceptions import InvalidFileException

from runtime import pages, taxonomy
from runtime.pages import PARTS, SOURCE
from runtime.words import catalogue, catalogue_path
from store.database import now

HEADINGS = ("id", "english", "translation", "state")
_WIDTHS = {"A": 28, "B": 70, "C": 70, "D": 10}


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
    kept: list[str] = field(default_factory=list)


def texts(language: str) -> Iterator[Text]:
    """Every text of the language beside its English."""
    if language not in taxonomy.languages() or language == SOURCE:
        raise BadFile(f"{language!r} is not a language that is translated into")
    for topic in taxonomy.topics():
        source, ours = pages.page(topic, SOURCE), pages.page(topic, language)
        if source is None:
            continue
        yield Text(f"page.{topic}.title", source.title, ours.title if ours else "")
        for part in PARTS:
            yield Text(f"page.{topic}.{part}", source.parts[part], ours.parts[part] if ours else "")
    known = catalogue(language)
    for name, english in catalogue(SOURCE).items():
        yield Text(f"sentence.{name}", english, known.get(name, ""))


def write(file: Path, language: str, form: str) -> int:
    """Write the file; how many texts it has."""
    found = list(texts(language))
    (_write_po if form == "po" else _write_xlsx)(file, language, found)
    return len(found)


def _write_xlsx(file: Path, language: str, found: list[Text]) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = language
    sheet.append(HEADINGS)
    for text in found:
        sheet.append((text.id, text.english, text.translation, text.state))
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
    """Take a file back: changed texts are written, their pages marked as reviewed by `reviewer`.

    Raises:
        BadFile: it is not a file that `write` made.
    """
    present = {text.id: text for text in texts(language)}
    done, changed = Done(), {}
    for name, translation, state in _read(file, language):
        text = present.get(name)
        if text is None:
            raise BadFile(f"there is no text {name!r}")
        if not translation or translation == text.translation:
            continue
        if state and state != text.state:
            done.kept.append(name)  # corrected here after the file went out
            continue
        changed[name] = translation
    _store_pages(changed, language, reviewer)
    _store_sentences({k.split(".", 1)[1]: v for k, v in changed.items() if k.startswith("sentence.")}, language)
    done.changed = len(changed)
    return done


def _read(file: Path, language: str) -> Iterator[tuple[str, str, str]]:
    if file.suffix == ".po":
        with file.open("rb") as source:
            for entry in read_po(source, locale=language):
                if entry.id and entry.context:
                    states = [line.removeprefix("state ") for line in entry.user_comments if line.startswith("state ")]
                    yield entry.context, str(entry.string or "").strip(), states[0] if states else ""
        return
    try:
        sheet = load_workbook(file, read_only=True).worksheets[0]
    except (InvalidFileException, BadZipFile, KeyError, OSError):
        raise BadFile("use the .xlsx or .po file that `sawti content export` made") from None
    rows = sheet.iter_rows(values_only=True)
    if tuple(str(cell) for cell in next(rows, ()))[:3] != HEADINGS[:3]:
        raise BadFile(f"the first row must be: {', '.join(HEADINGS)}")
    for row in rows:
        name, _, translation, state = (*row, None, None, None, None)[:4]
        if name:
            yield str(name), str(translation or "").strip(), str(state or "")


def _store_pages(changed: dict[str, str], language: str, reviewer: str) -> None:
    today = now().date().isoformat()
    for topic in taxonomy.topics():
        mine = {k.rsplit(".", 1)[1]: v for k, v in changed.items() if k.startswith(f"page.{topic}.")}
        source, ours = pages.page(topic, SOURCE), pages.page(topic, language)
        if not mine or source is None:
            continue
        title = mine.pop("title", ours.title if ours else "")
        parts = {**(ours.parts if ours else {}), **mine}
        missing = [part for part in PARTS if not parts.get(part)]
        if missing or not title:
            raise BadFile(f"page.{topic}: {missing[0] if missing else 'title'} is still empty")
        base = ours or replace(source, language=language)
        made = replace(base, title=title, parts=parts, review="human", of=source.state)
        pages.write(made, today, reviewer)


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
