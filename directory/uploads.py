"""A directory's file that waits for a second person: kept encrypted until it is confirmed, declined, or a day old."""

from __future__ import annotations

import csv
import hashlib
import tempfile
import zlib
from dataclasses import astuple
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from zipfile import BadZipFile

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from directory import importing
from directory.importing import Plan
from directory.models import DirectoryUpload
from directory.rows import BadFile, Reading
from store.database import changed, now, transaction

MOST_BYTES = 5_000_000
MOST_ROWS = 5_000
"""What a page can show while somebody waits; `sawti directory import` takes more."""
KEPT = timedelta(days=1)
FORMS = (".csv", ".xlsx", ".zip")
WAITING, CONFIRMED, DECLINED, WITHDRAWN, EXPIRED = "waiting", "confirmed", "declined", "withdrawn", "expired"
ODD = (
    ValueError, TypeError, LookupError, ArithmeticError, AttributeError, EOFError, OSError, RuntimeError,
    AssertionError, SyntaxError, BadZipFile, zlib.error, csv.Error,
)  # fmt: skip
"""What the readers of XLSX, XML, ZIP and CSV raise at files that were made to break them."""


class NotWaiting(Exception):
    """There is no such file, or it was decided already."""


class Changed(Exception):
    """The directory is not what it was when the change was shown."""


def read(content: bytes, file: str) -> Reading:
    """The rows of a file, by its name's end.

    Raises:
        BadFile: it cannot be read as a directory.
    """
    return _read(content, Path(file).suffix.lower())


@lru_cache(maxsize=2)
def _read(content: bytes, suffix: str) -> Reading:
    """Remembered: who looks at a change comes back to confirm it."""
    if suffix not in FORMS:
        raise BadFile("use a .csv or .xlsx file, or an HSDS package as .zip")
    if len(content) > MOST_BYTES:
        raise BadFile("the file is larger than %(most)s MB", most=MOST_BYTES // 1_000_000)
    with tempfile.TemporaryDirectory(prefix="sawti-") as folder:
        path = Path(folder) / f"directory{suffix}"
        path.write_bytes(content)
        try:
            return importing.open_file(path, MOST_ROWS)
        except BadFile:
            raise
        except ODD:
            raise BadFile("the file is damaged, or not what its name says") from None


def keep(session: Session, file: str, content: bytes, removes: bool, author: str) -> DirectoryUpload:
    """Keep a file for a second person. An earlier one of the same author is taken back."""
    expire(session)
    for earlier in waiting(session):
        if earlier.author == author:
            _end(earlier, WITHDRAWN, author)
    made = DirectoryUpload(file=file[-120:], content=content, removes=removes, author=author, state=WAITING)
    session.add(made)
    session.flush()
    return made


def waiting(session: Session) -> list[DirectoryUpload]:
    """The files that nobody has decided, oldest first."""
    fresh = DirectoryUpload.created_at > now() - KEPT
    query = select(DirectoryUpload).where(DirectoryUpload.state == WAITING, fresh)
    return list(session.scalars(query.order_by(DirectoryUpload.id)))


def find(session: Session, number: int, lock: bool = False) -> DirectoryUpload:
    """A file that waits.

    Raises:
        NotWaiting: it is gone.
    """
    query = select(DirectoryUpload).where(DirectoryUpload.id == number)
    found = session.scalars(query.with_for_update() if lock else query).first()
    if found is None or found.state != WAITING or found.created_at <= now() - KEPT or found.content is None:
        raise NotWaiting
    return found


def plan(session: Session, made: DirectoryUpload) -> Plan:
    """What it would change now.

    Raises:
        BadFile: it cannot be read (any more).
    """
    found = importing.compare(session, read(made.content or b"", made.file))
    return found if made.removes else Plan(found.added, found.changed, found.same, [], found.errors, found.ignored)


def fingerprint(made: Plan) -> str:
    """Changes with anything that the plan would do."""
    told = repr([[astuple(row) for row in made.added], [astuple(row) for row in made.changed], made.gone])
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def confirm(session: Session, number: int, by: str, shown: str) -> tuple[DirectoryUpload, Plan]:
    """Do what was shown, in the caller's transaction; `search.forget` is theirs once it is committed.

    Raises:
        NotWaiting: it is gone.
        Changed: it would do something else by now.
        BadFile: it cannot be read.
    """
    made = find(session, number, lock=True)
    will = plan(session, made)
    if fingerprint(will) != shown:
        raise Changed
    importing.write(session, made.file, will, made.removes)
    _end(made, CONFIRMED, by)
    return made, will


def decline(session: Session, number: int, by: str) -> DirectoryUpload:
    """It shall not be taken in: another person says so, or its author takes it back.

    Raises:
        NotWaiting: it is gone.
    """
    made = find(session, number, lock=True)
    _end(made, WITHDRAWN if made.author == by else DECLINED, by)
    return made


def expire(session: Session) -> int:
    """Let go of files for which nobody came within a day. Returns how many."""
    old = (DirectoryUpload.state == WAITING, DirectoryUpload.created_at <= now() - KEPT)
    return changed(session, update(DirectoryUpload).where(*old).values(state=EXPIRED, content=None, decided_at=now()))


def forget_old() -> int:
    """The same for the clock."""
    with transaction() as session:
        return expire(session)


def _end(made: DirectoryUpload, state: str, by: str) -> None:
    made.state, made.decided_by, made.decided_at, made.content = state, by, now(), None
