"""Sealed reports, staff, escalation by steps, referrals, the audit log that only grows."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
TIME = sa.DateTime(timezone=True)


def _id() -> sa.Column[int]:
    return sa.Column("id", ID, primary_key=True, autoincrement=True)


def _to(table: str, column: str, target: str, nullable: bool = False) -> sa.Column[int]:
    key = sa.ForeignKey(f"{target}.id", name=f"fk_{table}_{column}_{target}")
    return sa.Column(column, ID, key, nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "staff",
        _id(),
        sa.Column("login", sa.String(40), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("roles", sa.JSON, nullable=False),
        sa.Column("categories", sa.JSON, nullable=False),
        sa.Column("sites", sa.JSON, nullable=False),
        sa.Column("phone", sa.LargeBinary),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("email", sa.LargeBinary),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("public_key", sa.LargeBinary),
        sa.Column("wrapped_key", sa.LargeBinary),
        sa.Column("one_time_secret", sa.LargeBinary),
        sa.Column("one_time_step", sa.Integer, nullable=False),
        sa.Column("invitation_hash", sa.String(64)),
        sa.Column("invited_until", TIME),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("locked_until", TIME),
        sa.Column("session_generation", sa.Integer, nullable=False),
        sa.Column("away_from", sa.Date),
        sa.Column("away_until", sa.Date),
        sa.Column("disabled_at", TIME),
        sa.Column("created_at", TIME, nullable=False),
        sa.UniqueConstraint("login", name="uq_staff_login"),
        sa.UniqueConstraint("invitation_hash", name="uq_staff_invitation_hash"),
    )
    op.create_table(
        "recovery_keys",
        _id(),
        sa.Column("public_key", sa.LargeBinary, nullable=False),
        sa.Column("retired_at", TIME),
        sa.Column("created_at", TIME, nullable=False),
    )
    with op.batch_alter_table("reports") as table:
        table.alter_column("reporter_hash", existing_type=sa.String(64), nullable=True)
        for column in (
            sa.Column("public_key", sa.LargeBinary),
            sa.Column("held_key", sa.LargeBinary),
            sa.Column("routing", sa.LargeBinary),
            sa.Column("consent", sa.Boolean),
            sa.Column("step", sa.Integer, nullable=False, server_default="0"),
            sa.Column("escalate_at", TIME),
            sa.Column("begun_at", TIME),
            _to("reports", "taken_by", "staff", nullable=True),
            sa.Column("taken_at", TIME),
            sa.Column("relay_until", TIME),
            sa.Column("deletion_asked_at", TIME),
            sa.Column("outcome", sa.String(16)),
            sa.Column("closed_at", TIME),
            sa.Column("forgotten_at", TIME),
        ):
            table.add_column(column)
    op.execute("update reports set escalate_at = current_timestamp where state = 'open'")
    op.create_index("ix_reports_escalate_at", "reports", ["state", "escalate_at"])
    with op.batch_alter_table("report_entries") as table:
        table.add_column(sa.Column("kind", sa.String(16), nullable=False, server_default="old"))
        table.alter_column("body", new_column_name="sealed", existing_type=sa.LargeBinary)
    op.create_table(
        "report_seals",
        _id(),
        _to("report_seals", "report_id", "reports"),
        _to("report_seals", "staff_id", "staff", nullable=True),
        _to("report_seals", "recovery_id", "recovery_keys", nullable=True),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
    )
    op.create_index("ix_report_seals_report_id", "report_seals", ["report_id"])
    op.create_index("ix_report_seals_staff_id", "report_seals", ["staff_id"])
    op.create_index("ix_report_seals_reader", "report_seals", ["report_id", "staff_id"])
    op.drop_table("alerts")  # who was told so far is told again by the new clock
    op.create_table(
        "alerts",
        _id(),
        sa.Column("kind", sa.String(16), nullable=False),
        _to("alerts", "report_id", "reports", nullable=True),
        _to("alerts", "staff_id", "staff"),
        sa.Column("step", sa.Integer, nullable=False),
        _to("alerts", "message_id", "messages", nullable=True),
        sa.Column("mail_id", ID, sa.ForeignKey("messages.id", name="fk_alerts_mail_id_messages")),
        sa.Column("created_at", TIME, nullable=False),
    )
    for column in ("report_id", "staff_id", "message_id", "mail_id"):
        op.create_index(f"ix_alerts_{column}", "alerts", [column])
    op.create_table(
        "referrals",
        _id(),
        _to("referrals", "report_id", "reports"),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("sealed", sa.LargeBinary),
        sa.Column("question_id", ID),
        sa.Column("consent", sa.JSON),
        _to("referrals", "created_by", "staff"),
        sa.Column("changed_at", TIME, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
    )
    op.create_index("ix_referrals_report_id", "referrals", ["report_id"])
    op.add_column("contacts", sa.Column("answer_waits", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("messages", sa.Column("template_values", sa.JSON))
    op.create_table(
        "audit_log",
        _id(),
        sa.Column("at", TIME, nullable=False),
        sa.Column("actor", sa.String(48), nullable=False),
        sa.Column("action", sa.String(32), nullable=False),
        sa.Column("subject", sa.String(48)),
        sa.Column("detail", sa.JSON),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.UniqueConstraint("hash", name="uq_audit_log_hash"),
    )
    for column in ("actor", "subject"):
        op.create_index(f"ix_audit_log_{column}", "audit_log", [column])
    _make_append_only()


def _make_append_only() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for what in ("update", "delete"):
            op.execute(
                f"create trigger audit_log_no_{what} before {what} on audit_log"
                " begin select raise(abort, 'the audit log only grows'); end"
            )
        return
    op.execute(
        "create function audit_log_only_grows() returns trigger language plpgsql as"
        " $$ begin raise exception 'the audit log only grows'; end $$"
    )
    op.execute(
        "create trigger audit_log_only_grows before update or delete or truncate on audit_log"
        " for each statement execute function audit_log_only_grows()"
    )
