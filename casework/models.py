"""Feedback and reports. A report leaves no trace in the feedback's tables, and no link to its contact in the clear."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from store.database import Base, Identifier, UTCDateTime, now
from store.encryption import EncryptedText


class Feedback(Base):
    """A complaint, suggestion, praise, rumour or question for people. States: new → answered → closed."""

    __tablename__ = "feedback"

    id: Mapped[int] = mapped_column(Identifier, primary_key=True, autoincrement=True)
    reference: Mapped[str] = mapped_column(String(12), unique=True)
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contacts.id"))
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"), unique=True)
    types: Mapped[list[str]] = mapped_column(JSON)
    topic: Mapped[str | None] = mapped_column(String(32))
    language: Mapped[str | None] = mapped_column(String(8))
    channel: Mapped[str] = mapped_column(String(16))
    body: Mapped[str | None] = mapped_column(EncryptedText("feedback.body"))
    state: Mapped[str] = mapped_column(String(16), default="new")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)

    __table_args__: tuple[Any, ...] = (Index("ix_feedback_contact", "contact_id", "created_at"),)


class Report(Base):
    """A sensitive report. Words, categories, language and contact stand in its entries, all ciphertext."""

    __tablename__ = "reports"

    id: Mapped[int] = mapped_column(Identifier, primary_key=True, autoincrement=True)
    reference: Mapped[str] = mapped_column(String(12), unique=True)
    reporter_hash: Mapped[str] = mapped_column(String(64), index=True)
    """Keyed hash of the contact: finds the person's own report again, leads from no table to a number."""
    urgent: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(String(16), default="open")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)


class ReportEntry(Base):
    """One piece of a report: the first words, a later message, consent, the contact. JSON under encryption."""

    __tablename__ = "report_entries"

    id: Mapped[int] = mapped_column(Identifier, primary_key=True, autoincrement=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("reports.id"), index=True)
    body: Mapped[str | None] = mapped_column(EncryptedText("report_entries.body"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)


class Alert(Base):
    """One focal point told of one report. Acknowledged by any of them, the report rests."""

    __tablename__ = "alerts"

    id: Mapped[int] = mapped_column(Identifier, primary_key=True, autoincrement=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("reports.id"), index=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"))
    round: Mapped[int] = mapped_column(default=0)
    """How many people were told before: the next alert goes to the person after this one."""
    due_at: Mapped[datetime] = mapped_column(UTCDateTime)
    acknowledged_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    passed_on_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)

    __table_args__: tuple[Any, ...] = (Index("ix_alerts_open", "acknowledged_at", "passed_on_at", "due_at"),)
