"""Private keys and the passwords that open them. Each takes 64 MB for a moment: two at once, and nobody waits long."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from casework import sealing
from console.login import passwords

PATIENCE = 0.5
"""Seconds that a request waits for its turn: the threads of the web process are for others too."""
_AT_ONCE = threading.BoundedSemaphore(2)


class Busy(RuntimeError):
    """Too many passwords are tried at this moment."""


def unwrap(wrapped: bytes, password: str) -> bytes | None:
    """The private key; None if the password is wrong.

    Raises:
        Busy: it must be tried again in a moment.
    """
    try:
        plain = passwords.plain(password)
    except passwords.TooLong:
        plain = ""  # of nobody; trying it takes as long
    with _turn():
        try:
            return sealing.unwrap(wrapped, plain)
        except sealing.Unopened:
            return None


def wrap(private: bytes, password: str) -> bytes:
    """The private key under a password that was found good.

    Raises:
        Busy: it must be tried again in a moment.
    """
    with _turn():
        return sealing.wrap(private, passwords.plain(password))


@contextmanager
def _turn() -> Iterator[None]:
    if not _AT_ONCE.acquire(timeout=PATIENCE):
        raise Busy
    try:
        yield
    finally:
        _AT_ONCE.release()
