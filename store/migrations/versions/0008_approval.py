"""A change of content waits for a second person."""

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    pass
