"""The database in one file, and back. The file holds what the database holds: ciphertext. No keys, nothing of Redis."""

import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import URL, inspect, select, text
from sqlalchemy.exc import SQLAlchemyError

from casework import audit
from messaging import readiness
from messaging.models import Contact
from runtime import heartbeat
from runtime.redis import RedisError
from runtime.settings import settings
from store import migrate
from store.database import engine, reading
from store.encryption import Unreadable

MAGIC = {"sqlite": b"SQLite format 3\x00", "postgresql": b"PGDMP"}
"""The first bytes of each kind of backup: https://www.sqlite.org/fileformat.html, PostgreSQL's pg_backup_archiver.h"""
_EMPTIED = """
select format('drop table %I cascade', tablename) from pg_tables where schemaname = current_schema()
union all
select format('drop function %I cascade', proname) from pg_proc
where pronamespace = current_schema()::regnamespace and prorettype = 'trigger'::regtype
"""


class Refused(Exception):
    """It was not done; the text is one sentence for an operator."""


def backup(file: Path, by: str) -> int:
    """Copy the database into `file`, also while the service writes to it. Returns how many bytes it has.

    Raises:
        Refused: the file is there already, or the copy cannot be made or is not whole.
    """
    if file.exists():
        raise Refused(f"{file} is there already; a backup overwrites nothing.")
    with _in_one_sentence():
        if not _has("alembic_version"):
            raise Refused("there is no database to save; see DATABASE_URL and SAWTI_DATA_DIR.")
        handle, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)  # only its owner reads it
        os.close(handle)
        made = Path(name)
        try:
            if _kind() == "sqlite":
                _copy(Path(engine().url.database or ""), made)
                with closing(sqlite3.connect(made)) as copy:
                    copy.execute("pragma journal_mode = delete")  # one file, without companions
            else:
                _postgresql("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={made}")
            _check(made)
            if _has("audit_log"):
                audit.note(by, "backup_made")
            made.rename(file)
        finally:
            made.unlink(missing_ok=True)
    return file.stat().st_size


def restore(file: Path, by: str, overwrite: bool = False) -> bool:
    """Put `file` in the place of the database and bring it to the newest revision.

    Returns False if it was written under a key that SAWTI_SECRET_KEY does not have.

    Raises:
        Refused: it is no backup of this kind of database, the service runs, or people are in the present database.
    """
    with _in_one_sentence():
        _check(file)
        _refuse_while_running()
        if not overwrite and _has("contacts") and _people():
            raise Refused("there are people in the present database; --yes gives it up for the backup.")
        if _kind() == "sqlite":
            present = Path(engine().url.database or "")
            if file.samefile(present):
                raise Refused(f"{file} is the database itself.")
            engine().dispose()
            _copy(file, present)
        else:
            _empty()
            # what a dump says of its schema belongs to the server's administrator
            given = ("--no-owner", "--no-privileges", "--no-comments", "--single-transaction", "--exit-on-error")
            _postgresql("pg_restore", *given, str(file))
        migrate.upgrade()
        audit.note(by, "restored")
        return _opens()


def _check(file: Path) -> None:
    """Raise where the file is damaged, of the other kind of database, or of a newer Sawti."""
    with file.open("rb") as opened:
        first = opened.read(16)
    found = next((kind for kind, magic in MAGIC.items() if first.startswith(magic)), None)
    if found != _kind():
        names = {"sqlite": "an SQLite database", "postgresql": "a dump of PostgreSQL", None: "no backup"}
        raise Refused(f"{file} is {names[found]}, but the database is {_kind()}; see DATABASE_URL.")
    revision = _revision_in_file(file) if found == "sqlite" else _revision_in_dump(file)
    if revision is None:
        raise Refused(f"{file} is not a backup of Sawti.")
    try:
        ScriptDirectory(str(migrate.HERE)).get_revision(revision)
    except CommandError:
        raise Refused(f"{file} was made by a newer Sawti (revision {revision}); install that one first.") from None


def _revision_in_file(file: Path) -> str | None:
    with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as opened:
        (told,) = opened.execute("pragma integrity_check(1)").fetchone()
        if told != "ok":
            raise Refused(f"{file} is damaged.")
        if opened.execute("select 1 from sqlite_master where name = 'alembic_version'").fetchone() is None:
            return None
        row = opened.execute("select version_num from alembic_version").fetchone()
        return str(row[0]) if row else None


def _revision_in_dump(file: Path) -> str | None:
    _run("pg_restore", "--file=/dev/null", str(file))  # reads all of it
    rows = _run("pg_restore", "--data-only", "--table=alembic_version", "--file=-", str(file)).splitlines()
    start = next((place for place, row in enumerate(rows) if row.startswith("COPY ")), None)
    return None if start is None or rows[start + 1] == "\\." else rows[start + 1]


def _copy(source: Path, target: Path) -> None:
    """SQLite's online backup (https://www.sqlite.org/backup.html): one moment, in one transaction of the target."""
    with closing(sqlite3.connect(source)) as taken, closing(sqlite3.connect(target)) as given:
        taken.backup(given)


def _empty() -> None:
    with engine().begin() as connection:
        for (statement,) in connection.execute(text(_EMPTIED)).all():
            connection.exec_driver_sql(statement)
    engine().dispose()


def _postgresql(tool: str, *arguments: str) -> None:
    """Run a tool on our database. The password goes by the environment: others see a command line."""
    url = engine().url
    password = url.password or url.query.get("password")
    query = {name: value for name, value in url.query.items() if name != "password"}
    plain = URL.create("postgresql", url.username, None, url.host, url.port, url.database, query)
    kept = {"PGPASSWORD": str(password)} if password else {}
    _run(tool, f"--dbname={plain.render_as_string(hide_password=False)}", *arguments, **kept)


def _run(tool: str, *arguments: str, **env: str) -> str:
    path = shutil.which(tool)
    if path is None:
        raise Refused(f"{tool} is not on PATH; it comes with PostgreSQL's client programs (postgresql-client).")
    command = [path, *arguments]
    done = subprocess.run(command, env={**os.environ, **env}, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode != 0:
        lines = [line for line in done.stderr.splitlines() if "error" in line.lower()]
        raise Refused(f"{tool} failed: {lines[0] if lines else done.returncode}")
    return done.stdout


def _refuse_while_running() -> None:
    try:
        alive = [part for part in readiness.PARTS if heartbeat.lives(part)]
    except RedisError:
        if settings().redis_url is None:
            return  # the embedded one runs only with the service
        raise Refused("Redis does not answer, so nobody knows whether the service runs; see REDIS_URL.") from None
    if alive:
        raise Refused(f"the service runs ({', '.join(alive)}); stop it, wait {heartbeat.EXPIRY} seconds, try again.")


def _kind() -> str:
    return engine().dialect.name


def _has(table: str) -> bool:
    return inspect(engine()).has_table(table)


def _people() -> bool:
    with reading() as session:
        return session.execute(text("select 1 from contacts limit 1")).first() is not None


def _opens() -> bool:
    """True if the deployment's keys open what was restored; also where there is nothing to open."""
    try:
        with reading() as session:
            session.execute(select(Contact.address).order_by(Contact.id.desc()).limit(1)).first()
    except Unreadable:
        return False
    return True


@contextmanager
def _in_one_sentence() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise Refused(f"SQLite says: {error}.") from None
    except SQLAlchemyError:
        raise Refused("the database cannot be read; see DATABASE_URL, and docs/deploying.md, Backups.") from None
    except OSError as error:
        raise Refused(f"{error.strerror or 'it failed'}: {error.filename or ''}".rstrip(": ") + ".") from None
