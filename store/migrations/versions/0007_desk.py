"""Saved views and canned answers of those who handle feedback."""

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    pass
