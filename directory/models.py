"""Services and places. Nothing here is personal: it is what organisations publish."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Date, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from store.database import Base, Identifier, UTCDateTime, now
from store.encryption import EncryptedBytes


class Place(Base):
    """A town, camp or quarter that people name. `names` holds other spellings, in any script."""

    __tablename__ = "places"

    id: Mapped[int] = mapped_column(Identifier, primary_key=True, autoincrement=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    names: Mapped[list[str]] = mapped_column(JSON, default=list)
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]


class Service(Base):
    """One service at one place. `code` is the file's own id: a second import changes, not doubles."""

    __tablename__ = "services"

    id: Mapped[int] = mapped_column(Identifier, primary_key=True, autoincrement=True)
    code: Mapped[str] = mapped_column(String(80), unique=True)
    organisation: Mapped[str] = mapped_column(String(120))
    name: Mapped[str] = mapped_column(String(120))
    topic: Mapped[str] = mapped_column(String(32))
    description: Mapped[str | None] = mapped_column(Text)
    place_id: Mapped[int] = mapped_column(ForeignKey("places.id"))
    address: Mapped[str | None] = mapped_column(String(200))
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    phone: Mapped[str | None] = mapped_column(String(200))
    languages: Mapped[list[str]] = mapped_column(JSON, default=list)
    for_whom: Mapped[list[str]] = mapped_column(JSON, default=list)
    """Of women, men, children, disability; empty for everyone."""
    cost: Mapped[str | None] = mapped_column(String(80))
    """Free, or what it costs in words; None where nobody said."""
    hours: Mapped[str | None] = mapped_column(String(200))
    """OpenStreetMap's form: Mo-Fr 08:00-16:00 (wiki.openstreetmap.org/wiki/Key:opening_hours)."""
    directions: Mapped[str | None] = mapped_column(String(300))
    valid_until: Mapped[date | None] = mapped_column(Date)
    checked_on: Mapped[date | None] = mapped_column(Date)
    confidential: Mapped[bool] = mapped_column(default=False)
    """A refuge: people are told its town and telephone, never the address."""
    sample: Mapped[bool] = mapped_column(default=False)
    """Of the demonstration: said to the person each time."""

    __table_args__: tuple[Any, ...] = (Index("ix_services_topic", "topic", "place_id"),)


class DirectoryImport(Base):
    """One file taken in. The newest id is the directory's version: what processes remember is as old as that."""

    __tablename__ = "directory_imports"

    id: Mapped[int] = mapped_column(Identifier, primary_key=True, autoincrement=True)
    file: Mapped[str] = mapped_column(String(120))
    added: Mapped[int]
    changed: Mapped[int]
    removed: Mapped[int]
    refused: Mapped[int]
    at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)


class DirectoryUpload(Base):
    """A file that one person gave and another shall confirm. Its content goes when that is decided, or a day later."""

    __tablename__ = "directory_uploads"

    id: Mapped[int] = mapped_column(Identifier, primary_key=True, autoincrement=True)
    file: Mapped[str] = mapped_column(String(120))
    content: Mapped[bytes | None] = mapped_column(EncryptedBytes("directory_uploads.content"))
    removes: Mapped[bool] = mapped_column(default=False)
    """Services that the file does not have shall go."""
    author: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(16), default="waiting", index=True)
    """waiting, confirmed, declined, withdrawn, expired."""
    decided_by: Mapped[str | None] = mapped_column(String(40))
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
