"""How feedback is found: words behind keyed hashes, labels, indexes for lists; what is a sample."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
OPEN = "state in ('new', 'acknowledged', 'in_progress', 'reopened')"
LABELLED = "cast(labels as varchar) <> '[]'"
ASKED = ("state", "topic", "place", "language", "channel", "assignee", "acknowledge_by", "answer_by")


def upgrade() -> None:
    for column in (
        sa.Column("labels", sa.JSON, nullable=False, server_default="[]"),
        sa.Column("sample", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("words_key", sa.String(8)),
    ):
        op.add_column("feedback", column)
    op.create_table(
        "feedback_words",
        sa.Column("token", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column(
            "feedback_id",
            ID,
            sa.ForeignKey("feedback.id", name="fk_feedback_words_feedback_id_feedback", ondelete="CASCADE"),
            primary_key=True,
        ),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_feedback_words_feedback_id", "feedback_words", ["feedback_id"])
    op.create_index("ix_feedback_words_key", "feedback", ["words_key"])
    op.create_index("ix_feedback_created_at", "feedback", ["created_at"])
    for column in ("topic", "place", "language", "assignee"):
        op.create_index(f"ix_feedback_{column}", "feedback", [column, "created_at"])
    op.create_index(
        "ix_feedback_open",
        "feedback",
        ["created_at", "id", *ASKED],
        postgresql_include=["types"],
        postgresql_where=sa.text(OPEN),
        sqlite_where=sa.text(OPEN),
    )
    op.create_index(
        "ix_feedback_labelled",
        "feedback",
        ["created_at", "id"],
        postgresql_include=["labels"],
        postgresql_where=sa.text(LABELLED),
        sqlite_where=sa.text(LABELLED),
    )
    if op.get_bind().dialect.name == "postgresql":
        # its planner must know that few are rumours, that a place has its languages, which words are common
        op.execute("create statistics feedback_types on (cast(types as varchar)) from feedback")
        op.execute("create statistics feedback_told (mcv) on topic, place, language from feedback")
        op.execute("alter table feedback_words alter token set statistics 1000")
