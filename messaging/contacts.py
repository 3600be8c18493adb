"""Find or make a contact by its address, without its address standing anywhere in the clear."""

import phonenumbers
from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from messaging.models import Contact
from store.database import now, transaction
from store.encryption import keyring

_BY_HASH = select(Contact).where(Contact.address_hash.in_(bindparam("hashes", expanding=True))).limit(1)


def _name(provider: str, channel: str, address: str) -> str:
    return f"{provider}:{channel}:{address}"


def find(session: Session, provider: str, channel: str, address: str) -> Contact | None:
    """The contact with this address, also under an older key (its hash is then brought under the newest)."""
    hashes = keyring().fingerprints("contact", _name(provider, channel, address))
    contact = session.scalars(_BY_HASH, {"hashes": hashes}).first()
    if contact is not None and contact.address_hash != hashes[0]:
        session.execute(update(Contact).where(Contact.id == contact.id).values(address_hash=hashes[0]))
    return contact


def find_or_make(session: Session, provider: str, channel: str, address: str, sender: str | None = None) -> Contact:
    """The contact with this address; made if new.

    Raises:
        IntegrityError: another process made it in this moment; the caller's transaction must be tried again.
    """
    contact = find(session, provider, channel, address)
    if contact is not None:
        if contact.kept:  # of whom only a STOP was remembered, and who is here again
            contact.address, contact.kept = address, False
            session.flush()
        return contact
    contact = Contact(
        provider=provider,
        channel=channel,
        address_hash=keyring().fingerprints("contact", _name(provider, channel, address))[0],
        address=address,
        sender=sender,
        language_chosen=False,
        created_at=now(),
    )
    session.add(contact)
    session.flush()
    return contact


def rehash() -> None:
    """Bring every contact's hash under the newest key, so that an older key may be removed.

    Of contacts of whom only a STOP is left the address is gone: their hash stays under the key it was made with.
    """
    with transaction() as session:
        for contact in session.scalars(select(Contact).where(Contact.kept.is_(False))):
            name = _name(contact.provider, contact.channel, contact.address)
            contact.address_hash = keyring().fingerprints("contact", name)[0]


def country_of(contact: Contact) -> str | None:
    """ISO 3166-1 alpha-2 code of the phone number's country; None for ids that are not phone numbers."""
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(contact.address))
    except phonenumbers.NumberParseException:
        return None


def emergency_number(country: str | None) -> str:
    """The country's emergency number, by phonenumbers' short numbers; 112 or 911 where they connect.

    112 where nothing is known: GSM phones connect it everywhere (3GPP TS 22.101).
    """
    american = country is not None and phonenumbers.country_code_for_region(country) == 1
    for number in ("911", "112", "999") if american else ("112", "911", "999"):
        if country and phonenumbers.is_emergency_number(number, country):
            return number
    known = phonenumbers.PhoneMetadata.short_metadata_for_region(country) if country else None
    return (known.emergency.example_number if known and known.emergency else None) or "112"
