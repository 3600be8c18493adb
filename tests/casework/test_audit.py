"""The audit log only grows, is one chain whoever writes at once, and shows where somebody changed it."""

import threading

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from casework import audit
from casework.report_models import AuditEntry
from service.cli import main
from store.database import reading, transaction


@pytest.fixture
def ids(database: str) -> list[int]:
    """Five rows more, of `cleo`; gives their ids."""
    for number in range(5):
        audit.note("cleo", "opened", f"K7M2{number}", entries=number, left_out=None)
    with reading() as session:
        return list(session.scalars(select(AuditEntry.id).where(AuditEntry.actor == "cleo").order_by(AuditEntry.id)))


def tamper(*statements: str) -> None:
    """As somebody who owns the database could: the triggers go first."""
    with transaction() as session:
        if session.get_bind().dialect.name == "postgresql":
            session.execute(text("drop trigger audit_log_only_grows on audit_log"))
        else:
            session.execute(text("drop trigger audit_log_no_update"))
            session.execute(text("drop trigger audit_log_no_delete"))
        for statement in statements:
            session.execute(text(statement))


def sawti(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["audit", *arguments])


def test_a_chain_that_nobody_touched_verifies(ids: list[int]) -> None:
    with reading() as session:
        rows = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert rows[0].previous == audit.FIRST
    assert [row.previous for row in rows[1:]] == [row.hash for row in rows[:-1]]
    assert audit.verify() == audit.Verdict(len(rows), rows[-1].hash, None)


def test_an_empty_log_is_whole(database: str) -> None:
    tamper("delete from audit_log")
    assert audit.verify() == audit.Verdict(0, audit.FIRST, None)


def test_a_chain_longer_than_one_page_is_followed_to_its_end(ids: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    whole = audit.verify()
    for size in (1, 2, whole.rows):
        monkeypatch.setattr(audit, "BATCH", size)
        assert audit.verify() == whole


def test_the_hash_is_that_of_the_row_and_the_one_before(ids: list[int]) -> None:
    # the recipe for somebody who checks the log without this service
    import hashlib
    import json

    with reading() as session:
        row = session.get_one(AuditEntry, ids[3])
    at = row.at.strftime("%Y-%m-%dT%H:%M:%S.%f+00:00")
    written = json.dumps([row.previous, at, "cleo", "opened", "K7M23", {"entries": 3}])
    assert row.hash == hashlib.sha256(written.encode()).hexdigest()


def test_nothing_is_written_of_what_was_rolled_back(ids: list[int]) -> None:
    before = audit.verify()
    with pytest.raises(RuntimeError), transaction() as session:
        audit.record(session, "cleo", "opened", "K7M29")
        raise RuntimeError
    assert audit.verify() == before


@pytest.mark.parametrize(
    "change",
    [
        "actor = 'nobody'",
        "action = 'closed'",
        "subject = 'K7M99'",
        "subject = null",
        """detail = '{"entries": 7}'""",
        "at = '2026-01-01 00:00:00'",
        "previous = hash",
    ],
)
def test_a_changed_row_is_found(ids: list[int], change: str) -> None:
    tamper(f"update audit_log set {change} where id = {ids[2]}")
    assert audit.verify().broken_at == ids[2]


def test_a_row_changed_together_with_its_own_hash_is_found_at_the_next(ids: list[int]) -> None:
    with reading() as session:
        row = session.get_one(AuditEntry, ids[2])
    forged = audit.hash_of(row.at, "nobody", row.action, row.subject, row.detail, row.previous)
    tamper(f"update audit_log set actor = 'nobody', hash = '{forged}' where id = {ids[2]}")
    assert audit.verify().broken_at == ids[3]


def test_a_removed_row_is_found(ids: list[int]) -> None:
    tamper(f"delete from audit_log where id = {ids[2]}")
    assert audit.verify().broken_at == ids[3]


def test_a_removed_beginning_is_found(ids: list[int]) -> None:
    tamper(f"delete from audit_log where id < {ids[1]}")
    assert audit.verify().broken_at == ids[1]


def test_swapped_rows_are_found(ids: list[int]) -> None:
    first, second = ids[1], ids[2]
    tamper(
        f"update audit_log set id = 0 where id = {first}",
        f"update audit_log set id = {first} where id = {second}",
        f"update audit_log set id = {second} where id = 0",
    )
    assert audit.verify().broken_at == first


@pytest.mark.parametrize(
    "statement",
    [
        "update audit_log set actor = 'nobody'",
        "update audit_log set actor = 'nobody' where id = (select max(id) from audit_log)",
        "delete from audit_log",
        "delete from audit_log where id = (select max(id) from audit_log)",
        "truncate audit_log",
    ],
)
def test_the_database_itself_refuses_to_change_or_remove_rows(database: str, ids: list[int], statement: str) -> None:
    if database == "sqlite" and statement.startswith("truncate"):
        pytest.skip("SQLite has no TRUNCATE")
    before = audit.verify()
    with pytest.raises(DBAPIError, match="the audit log only grows"), transaction() as session:
        session.execute(text(statement))
    assert audit.verify() == before


def test_many_who_write_at_once_make_one_chain(database: str) -> None:
    rows, together = audit.verify().rows, threading.Barrier(4)

    def write(name: str) -> None:
        together.wait()
        for number in range(25):
            audit.note(name, "opened", f"K7M2{number % 10}")

    writers = [threading.Thread(target=write, args=(f"w{number}",)) for number in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    found = audit.verify()
    assert (found.rows - rows, found.broken_at) == (100, None)
    with reading() as session:
        actors = [row.actor for row in session.scalars(select(AuditEntry).order_by(AuditEntry.id))][rows:]
    assert actors != sorted(actors), "they did not write at once"


def test_the_newest_rows_are_found_by_who_and_by_what(ids: list[int]) -> None:
    assert [row.id for row in audit.page(limit=2)] == ids[:2:-1]
    assert [row.id for row in audit.page(before=ids[1], actor="cleo")] == [ids[0]]
    assert [row.id for row in audit.page(subject="K7M22")] == [ids[2]]


def test_the_command_says_that_all_is_whole_and_gives_the_head(ids: list[int]) -> None:
    done = sawti("verify")
    assert done.exit_code == 0 and audit.verify().head in done.output


def test_a_noted_head_is_still_there_when_more_was_written(ids: list[int]) -> None:
    head = audit.verify().head
    audit.note("cleo", "opened", "K7M29")
    assert sawti("verify", "--head", head).exit_code == 0


def test_a_noted_head_shows_that_the_newest_rows_were_cut_off(ids: list[int]) -> None:
    head = audit.verify().head
    tamper(f"delete from audit_log where id > {ids[2]}")
    assert sawti("verify").exit_code == 0, "the chain by itself cannot tell"
    done = sawti("verify", "--head", head)
    assert done.exit_code == 1 and "rows were cut off" in done.output


def test_the_command_fails_where_the_chain_is_broken(ids: list[int]) -> None:
    tamper(f"update audit_log set actor = 'nobody' where id = {ids[2]}")
    done = sawti("verify")
    assert done.exit_code == 1 and f"broken at row {ids[2]}" in done.output


def test_the_command_lists_who_did_what(ids: list[int]) -> None:
    (line,) = sawti("list", "--subject", "K7M22").output.splitlines()
    assert line.endswith("cleo  opened  K7M22  entries=2")
