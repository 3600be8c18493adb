"""Recovery codes for who has lost the phone for one-time codes."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.add_column("staff", sa.Column("spare_codes", sa.LargeBinary()))
