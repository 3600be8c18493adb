"""Engine and transactions. SQLite in WAL mode by default, PostgreSQL by DATABASE_URL; the same code runs on both."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import (
    BigInteger,
    CursorResult,
    DateTime,
    Dialect,
    Engine,
    FromClause,
    Integer,
    MetaData,
    Update,
    create_engine,
    event,
)
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.engine import Connection
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

from runtime.settings import settings

_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


Identifier = BigInteger().with_variant(Integer, "sqlite")
"""The type of every table's id."""


class Base(DeclarativeBase):
    """The metadata that every room's tables join."""

    metadata = MetaData(naming_convention=_NAMES)


class UTCDateTime(TypeDecorator[datetime]):
    """An aware UTC time in both databases (SQLite itself keeps no zone)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class _WithHints(SQLiteCompiler):
    """`select().with_hint(table, "indexed by …", "sqlite")`: SQLite keeps no statistics by which it would choose."""

    def get_from_hint_text(self, table: FromClause, text: str | None) -> str | None:
        return text


def make_engine(url: str) -> Engine:
    """An engine for the address. SQLite: WAL, every commit on disk before it counts, writers queue up to 15 s."""
    if not url.startswith("sqlite"):
        return create_engine(url, pool_size=10, max_overflow=10, pool_pre_ping=True, hide_parameters=True)
    engine = create_engine(url, connect_args={"timeout": 15, "check_same_thread": False}, hide_parameters=True)
    engine.dialect.statement_compiler = _WithHints

    @event.listens_for(engine, "connect")
    def _pragmas(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, below
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=15000"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A writer that first reads would fail when another writes in between; take the write lock at once instead.
        reads = connection.get_execution_options().get("reads_only", False)
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


@lru_cache(maxsize=1)
def engine() -> Engine:
    """This process's engine."""
    settings().data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    return make_engine(settings().sqlalchemy_url())


@contextmanager
def transaction() -> Iterator[Session]:
    """A session whose changes are committed together at the end, or not at all."""
    with Session(engine(), expire_on_commit=False) as session, session.begin():
        yield session


@contextmanager
def reading() -> Iterator[Session]:
    """A session that only reads; on SQLite it waits for no writer."""
    with Session(engine().execution_options(reads_only=True), expire_on_commit=False) as session:
        yield session


def changed(session: Session, statement: Update, values: dict[str, Any] | None = None) -> int:
    """Run an UPDATE with the values of its parameters; how many rows it changed."""
    return cast("CursorResult[Any]", session.execute(statement, values)).rowcount


def now() -> datetime:
    """The present, aware, in UTC."""
    return datetime.now(UTC)
