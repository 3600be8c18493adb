"""Keys of other tools that may read feedback."""

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    pass
