"""Encryption of fields and sessions at rest: AES-256-GCM under keys derived from SAWTI_SECRET_KEY, which rotates.

A ciphertext is `version (1) | key id (4) | nonce (12) | AES-GCM output`, bound to its purpose (the column's name) as
associated data, so that a value moved to another column does not open.
"""

import hashlib
import hmac
import os
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import Dialect, LargeBinary
from sqlalchemy.types import TypeDecorator

from runtime.deployment import secret_keys

_VERSION = b"\x01"
_HEADER = 1 + 4 + 12


class Unreadable(Exception):
    """No key of this deployment opens the ciphertext, or it was altered."""


def _derive(secret: bytes, info: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"sawti/{info}".encode()).derive(secret)


@dataclass(frozen=True)
class _Key:
    identifier: bytes
    cipher: AESGCM
    hashing: bytes


class Keyring:
    """Encrypts with the newest key, opens with any of them."""

    def __init__(self, secrets: list[bytes]) -> None:
        self._newest = secrets[0]
        self._keys = [
            _Key(
                hashlib.sha256(_derive(secret, "key id")).digest()[:4],
                AESGCM(_derive(secret, "field")),
                _derive(secret, "hash"),
            )
            for secret in secrets
        ]
        self._by_identifier = {key.identifier: key for key in self._keys}

    def encrypt(self, purpose: str, plain: bytes) -> bytes:
        """Seal `plain` for `purpose`."""
        key, nonce = self._keys[0], os.urandom(12)
        return _VERSION + key.identifier + nonce + key.cipher.encrypt(nonce, plain, purpose.encode())

    def decrypt(self, purpose: str, sealed: bytes) -> bytes:
        """Open what `encrypt` made for the same purpose.

        Raises:
            Unreadable: wrong purpose, altered, or under a key that this deployment no longer has.
        """
        key = self._by_identifier.get(sealed[1:5])
        if sealed[:1] != _VERSION or key is None:
            raise Unreadable
        try:
            return key.cipher.decrypt(sealed[5:_HEADER], sealed[_HEADER:], purpose.encode())
        except InvalidTag:
            raise Unreadable from None

    def is_current(self, sealed: bytes) -> bool:
        """True if the ciphertext is under the newest key."""
        return sealed[1:5] == self._keys[0].identifier

    def derive(self, purpose: str) -> bytes:
        """A key of 32 bytes for `purpose`, of the newest secret: for what may become void when it rotates."""
        return _derive(self._newest, purpose)

    def fingerprints(self, purpose: str, text: str) -> list[str]:
        """Keyed hashes (HMAC-SHA256, hex) of the text, newest key first: how a contact is found without its number."""
        message = f"{purpose}\x00{text}".encode()
        return [hmac.new(key.hashing, message, hashlib.sha256).hexdigest() for key in self._keys]


@lru_cache(maxsize=1)
def keyring() -> Keyring:
    """This process's keyring."""
    return Keyring(secret_keys())


class EncryptedBytes(TypeDecorator[bytes]):
    """A column of bytes that is ciphertext in the database. `purpose` is `table.column`."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, purpose: str) -> None:
        super().__init__()
        self.purpose = purpose

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        return None if value is None else keyring().encrypt(self.purpose, value)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        return None if value is None else keyring().decrypt(self.purpose, bytes(value))


class EncryptedText(TypeDecorator[str]):
    """A text column that is ciphertext in the database. `purpose` is `table.column`."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, purpose: str) -> None:
        super().__init__()
        self.purpose = purpose

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        return None if value is None else keyring().encrypt(self.purpose, value.encode("utf-8", "replace"))

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:
        return None if value is None else keyring().decrypt(self.purpose, bytes(value)).decode()
