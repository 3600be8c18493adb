"""Counts by day, from which the figures are drawn."""

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    pass
