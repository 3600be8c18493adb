"""States, events, clusters and media of feedback; hand-over, consent and marks of contacts; tombstones."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    for column in (
        sa.Column("informed", sa.String(32)),
        sa.Column("agreed_at", TIME),
        sa.Column("with_people_until", TIME),
        sa.Column("rating_for", ID),
        sa.Column("kept", sa.Boolean, nullable=False, server_default=sa.false()),
    ):
        op.add_column("contacts", column)
    op.create_index("ix_contacts_with_people_until", "contacts", ["with_people_until"])
    op.add_column("messages", sa.Column("template", sa.String(64)))
    for column in (
        sa.Column("place", sa.String(80)),
        sa.Column("sensitive", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("may_reply", sa.Boolean),
        sa.Column("assignee", sa.String(80)),
        sa.Column("cluster_id", ID),
        sa.Column("likeness", sa.LargeBinary),
        sa.Column("resolution", sa.String(16)),
        sa.Column("outcome", sa.LargeBinary),
        sa.Column("mark", sa.Integer),
        sa.Column("acknowledge_by", TIME),
        sa.Column("answer_by", TIME),
        sa.Column("acknowledged_at", TIME),
        sa.Column("answered_at", TIME),
        sa.Column("closed_at", TIME),
        sa.Column("reminded_at", TIME),
        sa.Column("changed_at", TIME),
    ):
        op.add_column("feedback", column)
    op.execute("update feedback set changed_at = created_at")
    with op.batch_alter_table("feedback") as table:
        table.alter_column("changed_at", nullable=False, existing_type=TIME)
        table.alter_column("sensitive", server_default=None, existing_type=sa.Boolean, existing_nullable=False)
    op.create_index("ix_feedback_state", "feedback", ["state", "created_at"])
    op.create_index("ix_feedback_cluster_id", "feedback", ["cluster_id"])
    op.create_table(
        "feedback_events",
        sa.Column("id", ID, primary_key=True, autoincrement=True),
        sa.Column(
            "feedback_id",
            ID,
            sa.ForeignKey("feedback.id", name="fk_feedback_events_feedback_id_feedback"),
            nullable=False,
        ),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("by", sa.String(80)),
        sa.Column("message_id", ID),
        sa.Column("words", sa.LargeBinary),
        sa.Column("detail", sa.JSON),
        sa.Column("at", TIME, nullable=False),
    )
    # what was taken before: read by nobody may know whom, so the times start with the new version
    op.execute(
        "insert into feedback_events (feedback_id, kind, message_id, at)"
        " select id, 'taken', message_id, created_at from feedback"
    )
    op.execute(
        "update feedback set acknowledge_by = current_timestamp, answer_by = current_timestamp where state = 'new'"
    )
    op.create_index("ix_message_flags_message_id", "message_flags", ["message_id"])
    op.create_index("ix_alerts_message_id", "alerts", ["message_id"])
    op.create_index("ix_messages_created_at", "messages", ["created_at"])
    op.create_index("ix_feedback_events_feedback_id", "feedback_events", ["feedback_id"])
    op.create_index("ix_feedback_events_message_id", "feedback_events", ["message_id"])
    op.create_table(
        "feedback_clusters",
        sa.Column("id", ID, primary_key=True, autoincrement=True),
        sa.Column("first_reference", sa.String(12), nullable=False),
        sa.Column("topic", sa.String(32)),
        sa.Column("centroid", sa.LargeBinary),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("voices", sa.Integer, nullable=False),
        sa.Column("told_at_voices", sa.Integer, nullable=False),
        sa.Column("first_at", TIME, nullable=False),
        sa.Column("last_at", TIME, nullable=False),
    )
    op.create_index("ix_feedback_clusters_last_at", "feedback_clusters", ["last_at"])
    op.create_table(
        "media",
        sa.Column("id", ID, primary_key=True, autoincrement=True),
        sa.Column("message_id", ID),
        sa.Column("report_id", ID),
        sa.Column("source", sa.LargeBinary),
        sa.Column("content_type", sa.String(100), nullable=False),
        sa.Column("content", sa.LargeBinary),
        sa.Column("size", sa.Integer),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
    )
    op.create_index("ix_media_message_id", "media", ["message_id"])
    op.create_index("ix_media_report_id", "media", ["report_id"])
    op.create_index("ix_media_waiting", "media", ["state", "due_at"])
    op.create_table(
        "tombstones",
        sa.Column("id", ID, primary_key=True, autoincrement=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("reference", sa.String(12)),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("at", TIME, nullable=False),
    )
