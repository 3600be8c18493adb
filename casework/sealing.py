"""Sealing: what only the right people can read, also where somebody has the whole database and the server's keys.

libsodium by PyNaCl. A report has a key pair of its own: everything written to it is sealed to its public key (X25519,
XSalsa20-Poly1305: crypto_box_seal), also when nobody is logged in. Its private key is sealed once to each reader. A
reader's private key is wrapped (XSalsa20-Poly1305: crypto_secretbox) under a key that Argon2id makes of the password.
https://doc.libsodium.org/public-key_cryptography/sealed_boxes, RFC 9106
"""

import hashlib
import os
import struct
from dataclasses import dataclass, field

import nacl.exceptions
import nacl.pwhash.argon2id
from nacl.bindings import sodium_pad, sodium_unpad
from nacl.public import PrivateKey, PublicKey, SealedBox
from nacl.secret import SecretBox

BLOCK = 256
"""Bytes to whose multiple a plaintext is padded, so that its length tells little."""
OPERATIONS, MEMORY = 3, 64 * 1024 * 1024
"""Argon2id's passes and bytes of memory: above what OWASP's password storage sheet asks for (19 MiB, 2 passes)."""
_VERSION = 1
_HEADER = struct.Struct(">BII16s")


class Unopened(Exception):
    """The wrong key or password, or the ciphertext was altered."""


@dataclass(frozen=True)
class Keys:
    """A key pair, 32 bytes each."""

    public: bytes
    private: bytes = field(repr=False)


def new_keys() -> Keys:
    """A fresh pair."""
    private = PrivateKey.generate()
    return Keys(bytes(private.public_key), bytes(private))


def of_private(private: bytes) -> Keys:
    """The pair of a private key."""
    return Keys(bytes(PrivateKey(private).public_key), private)


def seal(public: bytes, plain: bytes) -> bytes:
    """Only who has the private key opens it; the sender cannot."""
    return bytes(SealedBox(PublicKey(public)).encrypt(sodium_pad(plain, BLOCK)))


def unseal(private: bytes, sealed: bytes) -> bytes:
    """The opposite of `seal`.

    Raises:
        Unopened: it was sealed to another key, or altered.
    """
    try:
        return bytes(sodium_unpad(SealedBox(PrivateKey(private)).decrypt(sealed), BLOCK))
    except (nacl.exceptions.CryptoError, nacl.exceptions.ValueError, ValueError, TypeError):
        raise Unopened from None


def wrap(private: bytes, password: str, operations: int = OPERATIONS, memory: int = MEMORY) -> bytes:
    """The private key under the password, with what is needed to try the password later."""
    salt = os.urandom(nacl.pwhash.argon2id.SALTBYTES)
    header = _HEADER.pack(_VERSION, operations, memory, salt)
    return header + bytes(SecretBox(_stretched(password, salt, operations, memory)).encrypt(private))


def unwrap(wrapped: bytes, password: str) -> bytes:
    """The private key; this is also how a password is checked.

    Raises:
        Unopened: the password is wrong.
    """
    version, operations, memory, salt = _HEADER.unpack(wrapped[: _HEADER.size])
    if version != _VERSION:
        raise Unopened
    try:
        return bytes(SecretBox(_stretched(password, salt, operations, memory)).decrypt(wrapped[_HEADER.size :]))
    except (nacl.exceptions.CryptoError, RuntimeError, ValueError):  # also where the header was altered
        raise Unopened from None


def fingerprint(public: bytes) -> str:
    """A short name of a public key for people to compare: four groups of four."""
    text = hashlib.sha256(public).hexdigest()[:16].upper()
    return "-".join(text[start : start + 4] for start in range(0, 16, 4))


def _stretched(password: str, salt: bytes, operations: int, memory: int) -> bytes:
    made = nacl.pwhash.argon2id.kdf(SecretBox.KEY_SIZE, password.encode(), salt, opslimit=operations, memlimit=memory)
    return bytes(made)
