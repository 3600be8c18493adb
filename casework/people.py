"""The phones of staff and focal points, as contacts of the provider that this deployment sends by."""

from sqlalchemy.orm import Session

from messaging import contacts
from messaging.models import Contact
from messaging.providers import email, simulator, twilio
from runtime.settings import settings


def provider() -> str:
    """Twilio, or the simulator where none is set up."""
    return twilio.NAME if settings().uses_twilio else simulator.NAME


def contact_of(session: Session, phone: str, channel: str) -> Contact:
    """The contact with this phone (channel sms or whatsapp) or address (email), made if new."""
    by = email.NAME if channel == "email" else provider()
    return contacts.find_or_make(session, by, channel, phone)


def same_phone(session: Session, contact: Contact) -> list[int]:
    """Ids of the contacts of this number, by SMS and by WhatsApp."""
    found = (contacts.find(session, contact.provider, channel, contact.address) for channel in ("sms", "whatsapp"))
    return [one.id for one in found if one is not None]
