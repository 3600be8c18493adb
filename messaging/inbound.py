"""An inbound message as it is known at the door; a provider's form becomes this and is never a dict again."""

import json
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Media:
    """A picture, voice note or document that waits at the provider. `url` needs the provider's authentication."""

    url: str
    content_type: str


@dataclass(frozen=True)
class Inbound:
    """One message from a person. Addresses are E.164 (`+…`) or, on WhatsApp, a business-scoped id, without prefix."""

    provider: str
    provider_sid: str
    channel: str
    address: str
    recipient: str
    text: str
    media: tuple[Media, ...] = ()
    location: tuple[float, float] | None = None
    opt_out_type: str | None = None

    def extras(self) -> str | None:
        """What is not text, as JSON; None if there is nothing."""
        data = {
            "media": [[item.url, item.content_type] for item in self.media],
            "location": self.location,
            "opt_out_type": self.opt_out_type,
        }
        kept = {key: value for key, value in data.items() if value}
        return json.dumps(kept) if kept else None


@dataclass(frozen=True)
class Extras:
    """The parsed form of `Inbound.extras`."""

    media: int = 0
    location: tuple[float, float] | None = None
    opt_out_type: str | None = None
    sources: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    @classmethod
    def parse(cls, text: str | None) -> "Extras":
        """From what `Inbound.extras` wrote."""
        data = json.loads(text) if text else {}
        place = data.get("location")
        sources = tuple((url, kind) for url, kind in data.get("media", ()))
        return cls(len(sources), (place[0], place[1]) if place else None, data.get("opt_out_type"), sources)
