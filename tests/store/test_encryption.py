"""Fields at rest: only with the key, only in their own column, and keys rotate."""

import pytest
from sqlalchemy import text

from store.encryption import Keyring, Unreadable, keyring

OLD, NEW = b"o" * 40, b"n" * 40


def test_what_is_sealed_opens_again_and_never_looks_the_same() -> None:
    ring = Keyring([OLD])
    first, second = ring.encrypt("messages.body", "مرحبا".encode()), ring.encrypt("messages.body", "مرحبا".encode())
    assert first != second
    assert ring.decrypt("messages.body", first).decode() == "مرحبا"


@pytest.mark.parametrize("place", [0, 3, 8, 20, -1])
def test_an_altered_ciphertext_does_not_open(place: int) -> None:
    ring = Keyring([OLD])
    sealed = bytearray(ring.encrypt("messages.body", b"words"))
    sealed[place] ^= 1
    with pytest.raises(Unreadable):
        ring.decrypt("messages.body", bytes(sealed))


def test_a_value_moved_to_another_column_does_not_open() -> None:
    ring = Keyring([OLD])
    with pytest.raises(Unreadable):
        ring.decrypt("contacts.address", ring.encrypt("messages.body", b"words"))


def test_an_older_key_still_opens_and_a_removed_one_does_not() -> None:
    sealed = Keyring([OLD]).encrypt("p", b"words")
    assert Keyring([NEW, OLD]).decrypt("p", sealed) == b"words"
    assert not Keyring([NEW, OLD]).is_current(sealed)
    with pytest.raises(Unreadable):
        Keyring([NEW]).decrypt("p", sealed)


def test_hashes_are_keyed_and_differ_by_purpose() -> None:
    ring = Keyring([NEW, OLD])
    assert len(set(ring.fingerprints("a", "+1") + ring.fingerprints("b", "+1"))) == 4
    assert Keyring([OLD]).fingerprints("a", "+1")[0] == ring.fingerprints("a", "+1")[1]


def test_keys_rotate_and_the_contact_is_still_found(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import casework.models  # noqa: F401
    from messaging import contacts, inbox
    from messaging.inbound import Inbound
    from messaging.models import Message
    from store.database import engine, reading
    from store.rotation import rotate
    from tests.conftest import forget_settings

    receipt = inbox.receive(Inbound("twilio", "SM1", "sms", "+254722000001", "+254711000000", "secret words"))
    monkeypatch.setenv("SAWTI_SECRET_KEY", f"{NEW.decode()},a-key-for-tests-only-of-forty-characters")
    forget_settings()
    contacts.rehash()
    assert rotate() == 5  # and the phones of two focal points
    assert rotate() == 0
    monkeypatch.setenv("SAWTI_SECRET_KEY", NEW.decode())
    forget_settings()
    with reading() as session:
        assert session.get_one(Message, receipt.message_id).body == "secret words"
        assert contacts.find(session, "twilio", "sms", "+254722000001") is not None
    with engine().connect() as connection:
        raw = bytes(connection.execute(text("select body from messages")).scalar_one())
    assert keyring().is_current(raw) and b"secret" not in raw
