"""Feedback, its groups and files; tombstones. Of a sensitive report there is no trace here (report_models.py)."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, false, text
from sqlalchemy.orm import Mapped, mapped_column

from store.database import Base, Identifier, UTCDateTime, now
from store.encryption import EncryptedBytes, EncryptedText

OPEN = "state in ('new', 'acknowledged', 'in_progress', 'reopened')"
"""As SQL, word for word as an index has it; the same as states.OPEN."""
_LABELLED = "cast(labels as varchar) <> '[]'"
_ASKED = ("state", "topic", "place", "language", "channel", "assignee", "acknowledge_by", "answer_by")
"""What is asked of open feedback stands in its index: the rows need not be looked at."""


class Feedback(Base):
    """A complaint, suggestion, praise, rumour or question for people; its states are those of casework/states.py."""

    __tablename__ = "feedback"

    id: Mapped[int] = mapped_column(Identifier, primary_key=True, autoincrement=True)
    reference: Mapped[str] = mapped_column(String(12), unique=True)
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contacts.id"))
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"), unique=True)
    types: Mapped[list[str]] = mapped_column(JSON)
    topic: Mapped[str | None] = mapped_column(String(32))
    place: Mapped[str | None] = mapped_column(String(80))
    """Name of a place of the directory: where it was."""
    language: Mapped[str | None] = mapped_column(String(8))
    channel: Mapped[str] = mapped_column(String(16))
    body: Mapped[str | None] = mapped_column(EncryptedText("feedback.body"))
    sensitive: Mapped[bool] = mapped_column(default=False)
    """There was half a hint of something private in it, or staff said so: read with care."""
    may_reply: Mapped[bool | None]
    """What a person who had said STOP answered to "may we still answer this?"; None where it was not asked."""
    state: Mapped[str] = mapped_column(String(16), default="new")
    assignee: Mapped[str | None] = mapped_column(String(80))
    cluster_id: Mapped[int | None] = mapped_column(Identifier, index=True)
    likeness: Mapped[bytes | None] = mapped_column(EncryptedBytes("feedback.likeness"), deferred=True)
    """The vector by which its words are compared with others', as float16; goes with the words."""
    resolution: Mapped[str | None] = mapped_column(String(16))
    outcome: Mapped[str | None] = mapped_column(EncryptedText("feedback.outcome"))
    """What was done and why not more, as the person was told."""
    mark: Mapped[int | None]
    """1 (did not help at all) to 5 (helped very much)."""
    acknowledge_by: Mapped[datetime | None] = mapped_column(UTCDateTime)
    answer_by: Mapped[datetime | None] = mapped_column(UTCDateTime)
    acknowledged_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    reminded_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    """When it came into its present state."""
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    labels: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    """Words by which staff sort their work."""
    sample: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Made up for the demonstration."""
    words_key: Mapped[str | None] = mapped_column(String(8))
    """Under which key its words are in `feedback_words`."""

    __table_args__: tuple[Any, ...] = (
        Index("ix_feedback_contact", "contact_id", "created_at"),
        Index("ix_feedback_state", "state", "created_at"),
        Index("ix_feedback_topic", "topic", "created_at"),
        Index("ix_feedback_place", "place", "created_at"),
        Index("ix_feedback_language", "language", "created_at"),
        Index("ix_feedback_assignee", "assignee", "created_at"),
        Index("ix_feedback_created_at", "created_at"),
        Index(
            "ix_feedback_open",
            "created_at",
            "id",
            *_ASKED,
            postgresql_include=["types"],
            postgresql_where=text(OPEN),
            sqlite_where=text(OPEN),
        ),
        Index(
            "ix_feedback_labelled",
            "created_at",
            "id",
            postgresql_include=["labels"],
            postgresql_where=text(_LABELLED),
            sqlite_where=text(_LABELLED),
        ),
        Index("ix_feedback_words_key", "words_key"),
    )


class FeedbackWord(Base):
    """That a feedback has a word: a keyed hash of the word's beginning (word_index.py)."""

    __tablename__ = "feedback_words"

    token: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    feedback_id: Mapped[int] = mapped_column(
        ForeignKey("feedback.id", ondelete="CASCADE"), primary_key=True, index=True
    )

    __table_args__: tuple[Any, ...] = ({"sqlite_with_rowid": False},)


class FeedbackEvent(Base):
    """One thing that happened to a feedback: taken, added to, answered, closed …, by whom, with what words."""

    __tablename__ = "feedback_events"

    id: Mapped[int] = mapped_column(Identifier, primary_key=True, autoincrement=True)
    feedback_id: Mapped[int] = mapped_column(ForeignKey("feedback.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    by: Mapped[str | None] = mapped_column(String(80))
    """The staff member; None for the person who gave the feedback, and for the service itself."""
    message_id: Mapped[int | None] = mapped_column(Identifier, index=True)
    """The message that was added, or carried the answer."""
    words: Mapped[str | None] = mapped_column(EncryptedText("feedback_events.words"))
    detail: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)


class Cluster(Base):
    """Feedback that tells the same thing. `voices` counts people, `size` feedback; both outlive the words."""

    __tablename__ = "feedback_clusters"

    id: Mapped[int] = mapped_column(Identifier, primary_key=True, autoincrement=True)
    first_reference: Mapped[str] = mapped_column(String(12))
    topic: Mapped[str | None] = mapped_column(String(32))
    centroid: Mapped[bytes | None] = mapped_column(EncryptedBytes("feedback_clusters.centroid"))
    """Mean of its feedback's vectors, as float16."""
    size: Mapped[int] = mapped_column(default=1)
    voices: Mapped[int] = mapped_column(default=1)
    told_at_voices: Mapped[int] = mapped_column(default=0)
    """How many voices staff were last told of."""
    first_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    last_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now, index=True)


class Media(Base):
    """A picture, voice note or document of a message. States: waiting → kept | refused | gone."""

    __tablename__ = "media"

    id: Mapped[int] = mapped_column(Identifier, primary_key=True, autoincrement=True)
    message_id: Mapped[int | None] = mapped_column(Identifier, index=True)
    report_id: Mapped[int | None] = mapped_column(Identifier, index=True)
    """Of a sensitive report: then no message leads to it."""
    source: Mapped[str | None] = mapped_column(EncryptedText("media.source"))
    """Where the provider has it; None once it was fetched or given up."""
    content_type: Mapped[str] = mapped_column(String(100))
    content: Mapped[bytes | None] = mapped_column(EncryptedBytes("media.content"), deferred=True)
    size: Mapped[int | None]
    state: Mapped[str] = mapped_column(String(16), default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)

    __table_args__: tuple[Any, ...] = (Index("ix_media_waiting", "state", "due_at"),)


class Tombstone(Base):
    """That something was removed, when and why; nothing of what it was."""

    __tablename__ = "tombstones"

    id: Mapped[int] = mapped_column(Identifier, primary_key=True, autoincrement=True)
    kind: Mapped[str] = mapped_column(String(16))
    reference: Mapped[str | None] = mapped_column(String(12))
    number: Mapped[int] = mapped_column(default=1)
    reason: Mapped[str] = mapped_column(String(32))
    at: Mapped[datetime] = mapped_column(UTCDateTime, default=now, index=True)


class ApiKey(Base):
    """A key with which another tool reads feedback or figures (api_keys.py). Of the key itself only a hash is kept."""

    __tablename__ = "api_keys"

    id: Mapped[int] = mapped_column(Identifier, primary_key=True, autoincrement=True)
    name: Mapped[str] = mapped_column(String(40))
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    scope: Mapped[str] = mapped_column(String(16))
    made_by: Mapped[str] = mapped_column(String(48))
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
