"""Whether a contact agreed that its words, stripped, may teach the assistant."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("contacts", sa.Column("learning_agreed_at", sa.DateTime(timezone=True)))
