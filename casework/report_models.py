"""Sensitive reports, who may read them, who was told of them, and what was done with them.

What a person wrote stands in `report_entries`, sealed to the report's own key; the service itself cannot read it.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Date, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from store.database import Base, Identifier, UTCDateTime, now
from store.encryption import EncryptedBytes, EncryptedText


class Staff(Base):
    """Somebody who works with the service. Without a password yet (`public_key` is None) they can only be told."""

    __tablename__ = "staff"

    id: Mapped[int] = mapped_column(Identifier, primary_key=True, autoincrement=True)
    login: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    roles: Mapped[list[str]] = mapped_column(JSON)
    categories: Mapped[list[str]] = mapped_column(JSON)
    """Sensitive categories that a focal point answers for."""
    sites: Mapped[list[str]] = mapped_column(JSON)
    """Places where the person works; none: outside all sites, for all of them."""
    phone: Mapped[str | None] = mapped_column(EncryptedText("staff.phone"))
    channel: Mapped[str] = mapped_column(String(16), default="sms")
    email: Mapped[str | None] = mapped_column(EncryptedText("staff.email"))
    language: Mapped[str] = mapped_column(String(8), default="en")
    public_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    wrapped_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The private key under the password (sealing.wrap)."""
    one_time_secret: Mapped[str | None] = mapped_column(EncryptedText("staff.one_time_secret"))
    one_time_step: Mapped[int] = mapped_column(default=0)
    """The last time step whose code was used: no code works twice (RFC 6238, 5.2)."""
    spare_codes: Mapped[str | None] = mapped_column(EncryptedText("staff.spare_codes"))
    """Hashes of the recovery codes that stand in for a lost phone (console/login/spare_codes.py)."""
    invitation_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    invited_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    failures: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    session_generation: Mapped[int] = mapped_column(default=0)
    """Sessions of an older generation are over."""
    away_from: Mapped[date | None] = mapped_column(Date)
    away_until: Mapped[date | None] = mapped_column(Date)
    """Last day of leave."""
    disabled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)


class RecoveryKey(Base):
    """The public half of a key that the organisation keeps offline: one more reader of each report."""

    __tablename__ = "recovery_keys"

    id: Mapped[int] = mapped_column(Identifier, primary_key=True, autoincrement=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    retired_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)


class Report(Base):
    """A sensitive report: open until a focal point closes it."""

    __tablename__ = "reports"

    id: Mapped[int] = mapped_column(Identifier, primary_key=True, autoincrement=True)
    reference: Mapped[str] = mapped_column(String(12), unique=True)
    reporter_hash: Mapped[str | None] = mapped_column(String(64), index=True)
    """Keyed hash of the contact: finds the person's own report again, leads from no table to a number."""
    public_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    held_key: Mapped[bytes | None] = mapped_column(EncryptedBytes("reports.held_key"))
    """The private key, while nobody who may read it has a key of their own, or consent is open (report_keys.py)."""
    routing: Mapped[str | None] = mapped_column(EncryptedText("reports.routing"))
    """JSON: categories, site, language, whom to keep it from (routing.Routing): what the clock needs."""
    urgent: Mapped[bool] = mapped_column(default=False)
    consent: Mapped[bool | None]
    """May a trained person contact the reporter? None: not answered."""
    state: Mapped[str] = mapped_column(String(16), default="open")
    step: Mapped[int] = mapped_column(default=0)
    """How many groups of people were told (escalation.py)."""
    escalate_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When the next group is told; None once somebody has taken it."""
    begun_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """Since when people are called: what they were told before does not count."""
    taken_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    taken_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    relay_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """Until then what the person writes is for the focal point."""
    deletion_asked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    outcome: Mapped[str | None] = mapped_column(String(16))
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    forgotten_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)

    __table_args__: tuple[Any, ...] = (Index("ix_reports_escalate_at", "state", "escalate_at"),)


class ReportEntry(Base):
    """One piece of a report, JSON sealed to its key. `kind` says only what sort of piece it is."""

    __tablename__ = "report_entries"

    id: Mapped[int] = mapped_column(Identifier, primary_key=True, autoincrement=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("reports.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)


class ReportSeal(Base):
    """The report's private key, sealed to one reader; `staff_id` is None for the recovery key."""

    __tablename__ = "report_seals"

    id: Mapped[int] = mapped_column(Identifier, primary_key=True, autoincrement=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("reports.id"), index=True)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), index=True)
    recovery_id: Mapped[int | None] = mapped_column(ForeignKey("recovery_keys.id"))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)

    __table_args__: tuple[Any, ...] = (Index("ix_report_seals_reader", "report_id", "staff_id"),)


class Alert(Base):
    """One person told of one report (or of nothing: the daily test), by phone, by e-mail, or both."""

    __tablename__ = "alerts"

    id: Mapped[int] = mapped_column(Identifier, primary_key=True, autoincrement=True)
    kind: Mapped[str] = mapped_column(String(16), default="report")
    """report, more (the person wrote again), unanswered (to administrators), test."""
    report_id: Mapped[int | None] = mapped_column(ForeignKey("reports.id"), index=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    step: Mapped[int] = mapped_column(default=0)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"), index=True)
    mail_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)


class Referral(Base):
    """A person brought to another organisation: asked → agreed → sent → accepted | refused → done; or revoked."""

    __tablename__ = "referrals"

    id: Mapped[int] = mapped_column(Identifier, primary_key=True, autoincrement=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("reports.id"), index=True)
    state: Mapped[str] = mapped_column(String(16))
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    """JSON sealed to the report's key: organisation, purpose, what is passed on, why without consent."""
    question_id: Mapped[int | None] = mapped_column(Identifier)
    """The message that asked the person."""
    consent: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    """{given, wording, language, way, at}: the consent as data; no words."""
    created_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)


class DutyRota(Base):
    """A version of the duty rota as administrators wrote it; the newest counts (rota.py)."""

    __tablename__ = "duty_rotas"

    id: Mapped[int] = mapped_column(Identifier, primary_key=True, autoincrement=True)
    lines: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON(none_as_null=True))
    """Lines as deployment.yml writes them; None: deployment.yml's own hold again."""
    by: Mapped[str] = mapped_column(String(48))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)


class AuditEntry(Base):
    """Who did what, when. Rows are never changed or removed: the database itself refuses (migration 0005)."""

    __tablename__ = "audit_log"

    id: Mapped[int] = mapped_column(Identifier, primary_key=True, autoincrement=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    actor: Mapped[str] = mapped_column(String(48), index=True)
    action: Mapped[str] = mapped_column(String(32))
    subject: Mapped[str | None] = mapped_column(String(48), index=True)
    detail: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64), unique=True)

    __table_args__: tuple[Any, ...] = (
        Index("ix_audit_log_action", "action", "id"),
        Index("ix_audit_log_at", "at"),
    )
