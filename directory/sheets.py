"""Directories as CSV and XLSX: one row a service, the columns' names first, then (if wanted) a row of HXL tags."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from directory.rows import COLUMNS, HXL, BadFile
from runtime.formulas import guarded, unguarded

_BY_TAG = {tag: name for name, tag in HXL.items()}
MOST_ROWS, MOST_COLUMNS = 100_000, 100


def read_csv(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Numbered rows of a CSV file in UTF-8, with commas or semicolons."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise BadFile("the file is not in UTF-8; save it as 'CSV UTF-8'") from None
    first = text.split("\n", 1)[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    try:
        yield from _named(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error:
        raise BadFile("the file is not a CSV file") from None


def read_xlsx(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Numbered rows of the first sheet."""
    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except (InvalidFileException, BadZipFile, KeyError, OSError):
        raise BadFile("the file is not an XLSX workbook") from None
    # a sheet may claim, or reach, a million rows of 16,000 columns with one cell in its last corner
    rows = book.worksheets[0].iter_rows(max_row=MOST_ROWS + 1, max_col=MOST_COLUMNS, values_only=True)
    for number, row in _named(rows):
        if number > MOST_ROWS:
            raise BadFile("the file has more than %(most)s rows", most=MOST_ROWS)
        yield number, row


def _named(lines: Iterable[Iterable[Any]]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Rows by the columns' names; a row of tags names the columns whatever their headings say."""
    names: list[str] | None = None
    for number, line in enumerate(lines, 1):
        cells = [_given(cell) for cell in islice(line, MOST_COLUMNS)]
        if not any(str(cell).strip() for cell in cells):
            continue
        if names is None:
            names = [str(cell).strip().lower().replace(" ", "_") for cell in cells]
            continue
        if number == 2 and all(str(cell).startswith("#") or not str(cell).strip() for cell in cells):
            tags = [_BY_TAG.get(str(cell).replace(" ", ""), name) for cell, name in zip(cells, names, strict=False)]
            names = tags + names[len(tags) :]
            continue
        _check(names)
        yield (
            number,
            {
                name: unguarded(cell) if isinstance(cell, str) else cell
                for name, cell in zip(names, cells, strict=False)
                if name
            },
        )
    _check(names or [])


def _check(names: list[str]) -> None:
    missing = [name for name in ("organisation", "service", "topic", "place") if name not in names]
    if missing:
        raise BadFile(
            "the first row must name the columns; '%(name)s' is missing (known: %(known)s)",
            name=missing[0],
            known=", ".join(COLUMNS),
        )


def _given(cell: Any) -> Any:
    """A cell as it was before it was guarded."""
    return unguarded(cell) if isinstance(cell, str) else "" if cell is None else cell


def write_csv(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Headings, tags, rows; with the mark by which Excel knows UTF-8."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        out = csv.writer(file)
        out.writerows([COLUMNS, [HXL[name] for name in COLUMNS]])
        out.writerows([_cell(row.get(name)) for name in COLUMNS] for row in rows)


def write_xlsx(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Headings, tags, rows in one sheet."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("services")
    sheet.append(list(COLUMNS))
    sheet.append([HXL[name] for name in COLUMNS])
    for row in rows:
        sheet.append([_cell(row.get(name)) for name in COLUMNS])
    book.save(path)


def _cell(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return guarded("; ".join(map(str, value)))
    if isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, str):
        return guarded(value)
    return "" if value is None else value.isoformat() if hasattr(value, "isoformat") else value
