"""Saved views and canned answers of those who handle feedback."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "saved_views",
        sa.Column("id", ID, primary_key=True, autoincrement=True),
        sa.Column("owner_id", ID, sa.ForeignKey("staff.id", name="fk_saved_views_owner_id_staff"), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("filters", sa.LargeBinary, nullable=False),
        sa.Column("shared", sa.Boolean, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
    )
    op.create_index("ix_saved_views_owner_id", "saved_views", ["owner_id"])
    op.create_index("ix_saved_views_shared", "saved_views", ["shared"])
    op.create_table(
        "canned_answers",
        sa.Column("id", ID, primary_key=True, autoincrement=True),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("by", sa.String(80), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.UniqueConstraint("name", "language", name="uq_canned_answers_name_language"),
    )
