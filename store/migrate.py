"""Alembic migrations, run at every start. Two processes that start together take turns."""

import fcntl
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from runtime.settings import settings
from store.database import engine

HERE = Path(__file__).resolve().parent / "migrations"


def _config(target: Engine) -> Config:
    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.attributes["engine"] = target
    return config


def upgrade(target: Engine | None = None) -> None:
    """Bring the database to the newest revision."""
    settings().data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (settings().data_dir / "migrate.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        command.upgrade(_config(target or engine()), "head")


def revision() -> str | None:
    """The database's revision."""
    with engine().connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def is_current(target: Engine | None = None) -> bool:
    """True if the database is at the newest revision."""
    head = ScriptDirectory.from_config(_config(target or engine())).get_current_head()
    with (target or engine()).connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() == head
