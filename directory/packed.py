"""Files that are ZIP files inside (XLSX, HSDS packages): a small one may unpack to more than a machine holds."""

from pathlib import Path
from zipfile import BadZipFile, ZipFile

from directory.rows import BadFile

MOST_FILES = 1000
MOST_BYTES = 60_000_000
"""Unpacked, all files together."""
_LOCKED = 0x1


def check(path: Path) -> None:
    """Nothing in the file unpacks to more than we take. `ZipFile` itself never reads beyond the sizes told here.

    Raises:
        BadFile: it is no ZIP file, is locked with a password, or too large unpacked.
    """
    try:
        with ZipFile(path) as pack:
            files = pack.infolist()
    except (BadZipFile, OSError, ValueError, NotImplementedError):
        if path.suffix == ".xlsx":
            raise BadFile("the file is not an XLSX workbook") from None
        raise BadFile("the file is not a ZIP file") from None
    if any(file.flag_bits & _LOCKED for file in files):
        raise BadFile("the file is locked with a password")
    if len(files) > MOST_FILES or sum(file.file_size for file in files) > MOST_BYTES:
        raise BadFile("the file is too large once it is unpacked")
