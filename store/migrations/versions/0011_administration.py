"""What administrators change without a restart: the duty rota. Indexes for what they and auditors look at."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "duty_rotas",
        sa.Column("id", ID, primary_key=True, autoincrement=True),
        sa.Column("lines", sa.JSON),
        sa.Column("by", sa.String(48), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_audit_log_action", "audit_log", ["action", "id"])
    op.create_index("ix_audit_log_at", "audit_log", ["at"])
    op.create_index("ix_tombstones_at", "tombstones", ["at"])
