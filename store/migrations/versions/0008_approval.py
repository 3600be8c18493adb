"""A change of content waits for a second person: of an answer, and of the directory's file."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    for column in (
        sa.Column("base", sa.String(40)),
        sa.Column("decision", sa.String(16)),
        sa.Column("decided_by", sa.String(80)),
        sa.Column("decided_at", TIME),
        sa.Column("decision_reason", sa.Text),
    ):
        op.add_column("page_corrections", column)
    op.create_table(
        "directory_uploads",
        sa.Column("id", ID, primary_key=True, autoincrement=True),
        sa.Column("file", sa.String(120), nullable=False),
        sa.Column("content", sa.LargeBinary),
        sa.Column("removes", sa.Boolean, nullable=False),
        sa.Column("author", sa.String(40), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("decided_by", sa.String(40)),
        sa.Column("decided_at", TIME),
        sa.Column("created_at", TIME, nullable=False),
    )
    op.create_index("ix_directory_uploads_state", "directory_uploads", ["state"])
