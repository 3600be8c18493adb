"""The migrations make exactly the tables that the code describes, on both databases."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from store import migrate
from store.database import Base, engine


def test_migrations_and_models_agree(database: str) -> None:
    from importlib import import_module

    for models in (
        "casework.models",
        "casework.canned",
        "casework.corrections",
        "casework.figure_tables",
        "casework.views",
        "directory.models",
        "messaging.models",
    ):
        import_module(models)

    with engine().connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_migrating_again_changes_nothing(database: str) -> None:
    migrate.upgrade()
    assert migrate.is_current()


def test_sqlite_writes_ahead_and_waits_for_the_disk(database: str) -> None:
    if database != "sqlite":
        return
    with engine().connect() as connection:
        assert connection.exec_driver_sql("pragma journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("pragma synchronous").scalar() == 2
