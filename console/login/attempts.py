"""How often something may be tried in a minute: before a password costs us 64 MB, and a row in the audit log."""

from typing import cast

from casework import audit
from console.login.pauses import STRANGER
from runtime.redis import redis
from store.encryption import keyring

MOST = 10
"""Attempts of one address, or of one known browser, in a minute."""
MINUTE = 60
COUNTED = ("login_failed", "link_failed", "attempts_refused", "key_failed")
"""What strangers do without naming anybody whom we know."""


class TooMany(Exception):
    """This address has tried too often in the last minute."""


def admit(client: str, most: int | None = None) -> None:
    """Count one attempt of an address, a known browser or a person; which one it is does not stand in Redis.

    Raises:
        TooMany: it is one too many.
    """
    name = f"attempts:{keyring().fingerprints('attempts', client)[0]}"
    with redis().pipeline() as together:
        together.set(name, 0, nx=True, ex=MINUTE)
        together.incr(name)
        made = together.execute()[-1]
    if made > (MOST if most is None else most):
        raise TooMany


def count(action: str) -> None:
    """Write it down, at most one row a minute with how many there were: strangers must not fill the log."""
    redis().incr(_count_of(action))
    if redis().set(f"counted:{action}:row", 1, nx=True, ex=MINUTE):
        _write(action)


def write_counted() -> None:
    """Write down what was counted since the last row: before somebody reads the log."""
    for action in COUNTED:
        _write(action)


def _write(action: str) -> None:
    counted = cast("bytes | None", redis().getdel(_count_of(action)))
    if counted is not None:
        audit.note(STRANGER, action, count=int(counted))


def _count_of(action: str) -> str:
    return f"counted:{action}"
