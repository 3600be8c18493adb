"""Millions of made-up rows brought into either database at once (bench/console_data.py)."""

import sqlite3
from datetime import UTC, datetime
from typing import Any

import numpy as np
import psycopg

from bench.console_data import COLUMNS, Row, Tokens

_TOGETHER = 5000


def copy(connection: psycopg.Connection, table: str, rows: list[Row]) -> None:
    """Rows into PostgreSQL."""
    with connection.cursor().copy(f"copy {table} ({_named(table)}) from stdin") as copy:
        for row in rows:
            copy.write_row(row)


def copy_tokens(connection: psycopg.Connection, tokens: list[Tokens]) -> None:
    """Tokens into PostgreSQL, in its binary format; their indexes are made afterwards."""
    connection.execute("alter table feedback_words drop constraint if exists pk_feedback_words")
    connection.execute("alter table feedback_words drop constraint if exists feedback_words_pkey")
    connection.execute("drop index ix_feedback_words_feedback_id")
    kind = np.dtype([("fields", ">i2"), ("a", ">i4"), ("token", ">i8"), ("b", ">i4"), ("id", ">i8")])
    with connection.cursor().copy("copy feedback_words (token, feedback_id) from stdin (format binary)") as copy:
        copy.write(b"PGCOPY\n\xff\r\n\x00" + bytes(8))
        for first in range(0, len(tokens), _TOGETHER):
            some = np.concatenate(tokens[first : first + _TOGETHER])
            rows = np.zeros(len(some), kind)
            rows["fields"], rows["a"], rows["b"] = 2, 8, 8
            rows["token"], rows["id"] = some[:, 0], some[:, 1]
            copy.write(rows.tobytes())
        copy.write(b"\xff\xff")
    connection.execute("set local maintenance_work_mem = '512MB'")
    connection.execute("alter table feedback_words add constraint pk_feedback_words primary key (token, feedback_id)")
    connection.execute("create index ix_feedback_words_feedback_id on feedback_words (feedback_id)")


def settle(connection: psycopg.Connection) -> None:
    """What a server does by itself in time: statistics; and the next ids come after those that were brought."""
    for table in COLUMNS:
        connection.execute(f"select setval(pg_get_serial_sequence('{table}', 'id'), (select max(id) from {table}))")
    connection.commit()
    connection.autocommit = True
    connection.execute("vacuum analyze")


def insert(connection: sqlite3.Connection, table: str, rows: list[Row]) -> None:
    """Rows into SQLite."""
    values = ", ".join("?" * len(COLUMNS[table].split()))
    plain = [tuple(_plain(value) for value in row) for row in rows]
    connection.executemany(f"insert into {table} ({_named(table)}) values ({values})", plain)


def _named(table: str) -> str:
    return ", ".join(f'"{name}"' for name in COLUMNS[table].split())


def _plain(value: Any) -> Any:
    """As SQLAlchemy writes it into SQLite."""
    return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f") if isinstance(value, datetime) else value


def insert_tokens(connection: sqlite3.Connection, tokens: list[Tokens]) -> None:
    """Tokens into SQLite, in the order of the table, which is one index: out of order it takes ten times as long."""
    every = np.concatenate(tokens)
    every = every[np.lexsort((every[:, 1], every[:, 0]))]
    connection.executemany("insert into feedback_words (token, feedback_id) values (?, ?)", every.tolist())
