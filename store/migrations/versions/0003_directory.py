"""The service directory, where a contact is, and corrections of pages."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.add_column("contacts", sa.Column("place", sa.LargeBinary()))
    op.create_table(
        "places",
        sa.Column("id", ID, primary_key=True, autoincrement=True),
        sa.Column("name", sa.String(80), nullable=False, unique=True),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.Column("latitude", sa.Float()),
        sa.Column("longitude", sa.Float()),
    )
    op.create_table(
        "services",
        sa.Column("id", ID, primary_key=True, autoincrement=True),
        sa.Column("code", sa.String(80), nullable=False, unique=True),
        sa.Column("organisation", sa.String(120), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("topic", sa.String(32), nullable=False),
        sa.Column("description", sa.Text()),
        sa.Column("place_id", ID, sa.ForeignKey("places.id"), nullable=False),
        sa.Column("address", sa.String(200)),
        sa.Column("latitude", sa.Float()),
        sa.Column("longitude", sa.Float()),
        sa.Column("phone", sa.String(200)),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("for_whom", sa.JSON(), nullable=False),
        sa.Column("cost", sa.String(80)),
        sa.Column("hours", sa.String(200)),
        sa.Column("directions", sa.String(300)),
        sa.Column("valid_until", sa.Date()),
        sa.Column("checked_on", sa.Date()),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.Column("confidential", sa.Boolean(), nullable=False),
    )
    op.create_index("ix_services_topic", "services", ["topic", "place_id"])
    op.create_table(
        "directory_imports",
        sa.Column("id", ID, primary_key=True, autoincrement=True),
        sa.Column("file", sa.String(120), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("removed", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "page_corrections",
        sa.Column("id", ID, primary_key=True, autoincrement=True),
        sa.Column("topic", sa.String(32), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("part", sa.String(16)),
        sa.Column("text", sa.Text()),
        sa.Column("reason", sa.Text()),
        sa.Column("author", sa.String(80), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
    )
    op.create_index("ix_page_corrections_page", "page_corrections", ["topic", "language", "ended_at"])
