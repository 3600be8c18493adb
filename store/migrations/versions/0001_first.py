"""Contacts, messages, feedback, reports, alerts."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

Identifier = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Time = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "contacts",
        sa.Column("id", Identifier, primary_key=True, autoincrement=True),
        sa.Column("provider", sa.String(16), nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("address_hash", sa.String(64), nullable=False),
        sa.Column("address", sa.LargeBinary, nullable=False),
        sa.Column("sender", sa.LargeBinary),
        sa.Column("language", sa.String(8)),
        sa.Column("language_chosen", sa.Boolean, nullable=False),
        sa.Column("introduced_at", Time),
        sa.Column("opted_out_at", Time),
        sa.Column("created_at", Time, nullable=False),
        sa.UniqueConstraint("address_hash", name="uq_contacts_address_hash"),
    )
    op.create_table(
        "messages",
        sa.Column("id", Identifier, primary_key=True, autoincrement=True),
        sa.Column(
            "contact_id",
            Identifier,
            sa.ForeignKey("contacts.id", name="fk_messages_contact_id_contacts"),
            nullable=False,
        ),
        sa.Column("direction", sa.String(3), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("provider_sid", sa.String(64)),
        sa.Column("body", sa.LargeBinary),
        sa.Column("extras", sa.LargeBinary),
        sa.Column("in_reply_to", Identifier),
        sa.Column("body_hash", sa.String(64)),
        sa.Column("segments", sa.Integer, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("error_code", sa.String(32)),
        sa.Column("created_at", Time, nullable=False),
        sa.Column("due_at", Time, nullable=False),
        sa.Column("handled_at", Time),
        sa.UniqueConstraint("provider_sid", name="uq_messages_provider_sid"),
    )
    op.create_index("ix_messages_mailbox", "messages", ["contact_id", "direction", "state", "id"])
    op.create_index("ix_messages_waiting", "messages", ["direction", "state", "due_at"])
    op.create_table(
        "message_flags",
        sa.Column("id", Identifier, primary_key=True, autoincrement=True),
        sa.Column(
            "message_id",
            Identifier,
            sa.ForeignKey("messages.id", name="fk_message_flags_message_id_messages"),
            nullable=False,
        ),
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("detail", sa.JSON),
        sa.Column("created_at", Time, nullable=False),
    )
    op.create_table(
        "feedback",
        sa.Column("id", Identifier, primary_key=True, autoincrement=True),
        sa.Column("reference", sa.String(12), nullable=False),
        sa.Column("contact_id", Identifier, sa.ForeignKey("contacts.id", name="fk_feedback_contact_id_contacts")),
        sa.Column("message_id", Identifier, sa.ForeignKey("messages.id", name="fk_feedback_message_id_messages")),
        sa.Column("types", sa.JSON, nullable=False),
        sa.Column("topic", sa.String(32)),
        sa.Column("language", sa.String(8)),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("body", sa.LargeBinary),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("created_at", Time, nullable=False),
        sa.UniqueConstraint("reference", name="uq_feedback_reference"),
        sa.UniqueConstraint("message_id", name="uq_feedback_message_id"),
    )
    op.create_index("ix_feedback_contact", "feedback", ["contact_id", "created_at"])
    op.create_table(
        "reports",
        sa.Column("id", Identifier, primary_key=True, autoincrement=True),
        sa.Column("reference", sa.String(12), nullable=False),
        sa.Column("reporter_hash", sa.String(64), nullable=False),
        sa.Column("urgent", sa.Boolean, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("created_at", Time, nullable=False),
        sa.UniqueConstraint("reference", name="uq_reports_reference"),
    )
    op.create_index("ix_reports_reporter_hash", "reports", ["reporter_hash"])
    op.create_table(
        "report_entries",
        sa.Column("id", Identifier, primary_key=True, autoincrement=True),
        sa.Column(
            "report_id",
            Identifier,
            sa.ForeignKey("reports.id", name="fk_report_entries_report_id_reports"),
            nullable=False,
        ),
        sa.Column("body", sa.LargeBinary),
        sa.Column("created_at", Time, nullable=False),
    )
    op.create_index("ix_report_entries_report_id", "report_entries", ["report_id"])
    op.create_table(
        "alerts",
        sa.Column("id", Identifier, primary_key=True, autoincrement=True),
        sa.Column(
            "report_id", Identifier, sa.ForeignKey("reports.id", name="fk_alerts_report_id_reports"), nullable=False
        ),
        sa.Column(
            "message_id", Identifier, sa.ForeignKey("messages.id", name="fk_alerts_message_id_messages"), nullable=False
        ),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("due_at", Time, nullable=False),
        sa.Column("acknowledged_at", Time),
        sa.Column("passed_on_at", Time),
        sa.Column("created_at", Time, nullable=False),
    )
    op.create_index("ix_alerts_report_id", "alerts", ["report_id"])
    op.create_index("ix_alerts_open", "alerts", ["acknowledged_at", "passed_on_at", "due_at"])


def downgrade() -> None:
    for table in ("alerts", "report_entries", "reports", "feedback", "message_flags", "messages", "contacts"):
        op.drop_table(table)
