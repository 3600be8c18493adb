"""Contacts and messages. Addresses and texts are ciphertext; a keyed hash finds a contact."""

from datetime import datetime
from typing import Any, cast

from sqlalchemy import JSON, ForeignKey, Index, String, Table
from sqlalchemy.orm import Mapped, mapped_column

from store.database import Base, Identifier, UTCDateTime, now
from store.encryption import EncryptedText

UNDELIVERED = ("failed", "undelivered", "suppressed")
"""States of a message that did not reach its phone and will not."""


class Contact(Base):
    """One address at one provider: a phone by SMS and the same phone by WhatsApp are two contacts."""

    __tablename__ = "contacts"

    id: Mapped[int] = mapped_column(Identifier, primary_key=True, autoincrement=True)
    provider: Mapped[str] = mapped_column(String(16))
    channel: Mapped[str] = mapped_column(String(16))
    address_hash: Mapped[str] = mapped_column(String(64), unique=True)
    address: Mapped[str] = mapped_column(EncryptedText("contacts.address"))
    sender: Mapped[str | None] = mapped_column(EncryptedText("contacts.sender"))
    """Our own address that the person last wrote to, and is answered from."""
    language: Mapped[str | None] = mapped_column(String(8))
    language_chosen: Mapped[bool] = mapped_column(default=False)
    introduced_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    opted_out_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    learning_agreed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When the person agreed that stripped words may teach the assistant (`sawti review agree`)."""
    place: Mapped[str | None] = mapped_column(EncryptedText("contacts.place"))
    """Name of the place in the directory where the person said to be."""
    informed: Mapped[str | None] = mapped_column(String(32))
    """Which notice on their data the person was given: wording, language and channel, such as `1/fr/sms`."""
    agreed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When the person, so informed, wrote on."""
    with_people_until: Mapped[datetime | None] = mapped_column(UTCDateTime, index=True)
    """While it lasts the assistant keeps quiet and people answer."""
    kept: Mapped[bool] = mapped_column(default=False)
    """Nothing but the keyed hash and the STOP are left of it."""
    rating_for: Mapped[int | None] = mapped_column(Identifier)
    """The closed feedback that the person was asked to mark."""
    answer_waits: Mapped[bool] = mapped_column(default=False)
    """A text of staff is held until the person says that they want to read it now."""
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)

    def is_with_people(self, at: datetime) -> bool:
        """True while people hold the talk."""
        return self.with_people_until is not None and self.with_people_until > at


class Message(Base):
    """One text in either direction.

    States inbound: received → done | failed. Outbound: queued → sending → sent → delivered | undelivered | failed |
    suppressed; held: it waits for WhatsApp's window to open, or for the person to want it; later: for a safe hour.
    """

    __tablename__ = "messages"

    id: Mapped[int] = mapped_column(Identifier, primary_key=True, autoincrement=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"))
    direction: Mapped[str] = mapped_column(String(3))
    state: Mapped[str] = mapped_column(String(16))
    kind: Mapped[str] = mapped_column(String(16))
    """Inbound: message. Outbound: reply, private, relay, answer (of staff), allowed (despite a STOP), notice, staff,
    alert. Once sent, private and relay lose their text and become reply and answer: no trace of what they were."""
    provider_sid: Mapped[str | None] = mapped_column(String(64), unique=True)
    body: Mapped[str | None] = mapped_column(EncryptedText("messages.body"))
    """None once the text was sealed away or forgotten."""
    extras: Mapped[str | None] = mapped_column(EncryptedText("messages.extras"))
    """JSON: media addresses and types, a shared place, Twilio's OptOutType, the languages the body is in."""
    in_reply_to: Mapped[int | None] = mapped_column(Identifier)
    body_hash: Mapped[str | None] = mapped_column(String(64))
    segments: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    error_code: Mapped[str | None] = mapped_column(String(32))
    template: Mapped[str | None] = mapped_column(String(64))
    """Twilio's ContentSid of an approved WhatsApp template, sent instead of the body."""
    template_values: Mapped[dict[str, str] | None] = mapped_column(JSON)
    """Values of the template's placeholders; codes only, never words."""
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    due_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    handled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    __table_args__: tuple[Any, ...] = (
        Index("ix_messages_mailbox", "contact_id", "direction", "state", "id"),
        Index("ix_messages_waiting", "direction", "state", "due_at"),
        Index("ix_messages_created_at", "created_at"),
    )


class MessageFlag(Base):
    """What the assistant could not do with a message, for people to look at: no text, only a name."""

    __tablename__ = "message_flags"

    id: Mapped[int] = mapped_column(Identifier, primary_key=True, autoincrement=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"), index=True)
    name: Mapped[str] = mapped_column(String(32))
    detail: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)


# The tables themselves, for statements on the message path: they cost half of what the mapped classes do.
CONTACTS = cast(Table, Contact.__table__)
MESSAGES = cast(Table, Message.__table__)
