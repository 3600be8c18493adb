"""Tables as files, a row at a time: CSV that Excel reads in every script, XLSX. No cell becomes a formula.

Somebody may write `=HYPERLINK(…)` into a complaint for the colleague who opens the table.
https://owasp.org/www-community/attacks/CSV_Injection
"""

import csv
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from console.exports.rows import Cell
from runtime.formulas import guarded

LONGEST_CELL = 32_767
"""Characters that Excel keeps in one."""
AT_ONCE = 200
"""Rows of CSV that are sent together."""
_REFUSED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML cannot hold."""


def as_csv(
    header: Sequence[str], rows: Iterable[Sequence[Cell]], hashtags: Sequence[str] | None = None
) -> Iterator[bytes]:
    """UTF-8 with the mark by which Excel knows it; the row of HXL hashtags under the header if they are given."""
    buffer = StringIO()
    writer = csv.writer(buffer)
    buffer.write("\ufeff")
    writer.writerow(header)
    if hashtags:
        writer.writerow(hashtags)
    for number, row in enumerate(rows, 1):
        writer.writerow([guarded(cell) if isinstance(cell, str) else cell for cell in row])
        if number % AT_ONCE == 0:
            yield _taken(buffer)
    yield _taken(buffer)


def as_xlsx(header: Sequence[str], rows: Iterable[Sequence[Cell]], title: str) -> IO[bytes]:
    """A file that is gone when it is closed. Texts are typed as texts; nothing is kept in memory."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"

    def text(value: Cell) -> Any:
        if not isinstance(value, str):
            return value
        cell = WriteOnlyCell(sheet, _REFUSED.sub("", value)[:LONGEST_CELL])
        cell.data_type = "s"  # or what begins with = is a formula, and #N/A an error
        return cell

    sheet.append([text(name) for name in header])
    for row in rows:
        sheet.append([text(value) for value in row])
    file = tempfile.TemporaryFile(suffix=".xlsx")  # noqa: SIM115 - who sends it closes it
    book.save(file)
    file.seek(0)
    return file


def _taken(buffer: StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode("utf-8", "replace")
