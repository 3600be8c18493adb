"""Counts by day, from which the figures are drawn."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "figures",
        sa.Column("place", sa.String(80), primary_key=True),
        sa.Column("part", sa.String(8), primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("feedback", sa.Integer, nullable=False),
        sa.Column("counts", sa.JSON, nullable=False),
    )
    op.create_index("ix_figures_day", "figures", ["day"])
    op.create_table(
        "figure_days",
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("feedback", sa.Integer, nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
    )
