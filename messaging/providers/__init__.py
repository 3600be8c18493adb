"""Those who carry messages: one file each. What may go wrong is a type that says what to do next."""

from dataclasses import dataclass
from typing import Protocol

from messaging.models import Contact


@dataclass(frozen=True)
class Outbound:
    """What a provider is asked to carry. `message_id` is our own id, for the status callback."""

    message_id: int
    to: str
    sender: str | None
    channel: str
    body: str
    template: str | None = None
    """An approved WhatsApp template that is sent instead of the body."""
    template_values: dict[str, str] | None = None
    """Values of its placeholders."""


@dataclass(frozen=True)
class Accepted:
    """The provider has it."""

    sid: str | None
    state: str = "sent"


class SendError(Exception):
    """Something went wrong; `code` is the provider's own."""

    def __init__(self, code: str = "unknown") -> None:
        super().__init__(code)
        self.code = code


class Throttled(SendError):
    """Too fast, or the provider is in trouble: try again later."""


class AnswerLost(SendError):
    """It may or may not have been accepted: ask before sending again."""


class OptedOut(SendError):
    """The person told the provider to stop: never try again."""


class NotReachable(SendError):
    """Not a mobile number, unknown, refused: this message cannot reach this address."""


class Misconfigured(SendError):
    """Our own account or sender is wrong: nothing will go out until an operator mends it."""


class WindowClosed(SendError):
    """WhatsApp: the person wrote more than a day ago; only an approved template may be sent."""


class MediaTooLarge(SendError):
    """The file is larger than we take."""


class MediaGone(SendError):
    """The provider has no such file any more."""


class Provider(Protocol):
    """What every provider offers."""

    def send(self, outbound: Outbound) -> Accepted:
        """Hand the message over, or raise a `SendError`."""

    def find(self, outbound: Outbound, known: set[str], not_before: float) -> Accepted | None:
        """Look whether the provider already has this message (an answer was lost). `known`: ids of others."""


def provider_of(contact: Contact) -> Provider:
    """The provider that reaches this contact."""
    from messaging.providers import email, simulator, twilio

    if contact.provider == email.NAME:
        return email.provider()
    return simulator.provider() if contact.provider == "simulator" else twilio.provider()


def media_of(source: str, limit: int) -> bytes:
    """A file that a person sent, from the provider that has it; at most `limit` bytes."""
    from messaging.providers import twilio_media

    return twilio_media.fetch(source, limit)
