"""How feedback is found: words behind keyed hashes, labels, indexes for lists; what is a sample."""

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    pass
