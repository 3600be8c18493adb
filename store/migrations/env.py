"""Alembic's entry: the engine comes from store.migrate."""

from alembic import context
from sqlalchemy import text

from store.database import Base

engine = context.config.attributes["engine"]

with engine.connect() as connection:
    if connection.dialect.name == "postgresql":
        connection.execute(text("select pg_advisory_xact_lock(727284)"))
    context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
