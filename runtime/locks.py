"""A lock on one name in Redis: token and expiry, so that a dead holder blocks nobody for long.

Who finds it taken leaves a mark; the holder sees the mark when letting go, and looks again. So nothing that was
announced while the lock was held is missed, and the holder need not ask the database once more.
"""

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import structlog

from runtime.redis import RedisError, redis

log = structlog.get_logger()

SECONDS = 30

_RELEASE = """if redis.call('get', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('del', KEYS[1]) return redis.call('del', KEYS[2])"""
_EXTEND = (
    """if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('pexpire', KEYS[1], ARGV[2]) end return 0"""
)


class Held:
    """A lock in our hands. `wanted` is set on release: somebody asked for it meanwhile."""

    def __init__(self, key: str, token: str) -> None:
        self._key, self._token = key, token
        self._since = time.monotonic()
        self.wanted = False

    def extend(self, seconds: int = SECONDS) -> None:
        """Start the expiry anew once a good part of it is over."""
        if time.monotonic() - self._since < seconds / 3:
            return
        self._since = time.monotonic()
        try:
            redis().eval(_EXTEND, 1, self._key, self._token, str(seconds * 1000))
        except RedisError:
            log.warning("lock_not_extended")  # the database's claims still keep us right

    def release(self, mark: str) -> None:
        """Let go; a failure is only logged, the expiry does the rest."""
        try:
            self.wanted = cast(int, redis().eval(_RELEASE, 2, self._key, mark, self._token)) > 0
        except RedisError:
            log.warning("lock_release_failed")


@contextmanager
def lock(name: str, seconds: int = SECONDS) -> Iterator[Held | None]:
    """Yield the lock, or None if somebody else holds it (who then knows that we came).

    Raises:
        RedisError: Redis cannot be reached while taking it.
    """
    key, mark, token = f"lock:{{{name}}}", f"wanted:{{{name}}}", secrets.token_hex(8)
    if not redis().set(key, token, nx=True, ex=seconds):
        redis().set(mark, 1, ex=2 * seconds)
        # the holder may have let go before our mark
        if not redis().set(key, token, nx=True, ex=seconds):
            yield None
            return
    held = Held(key, token)
    try:
        yield held
    finally:
        held.release(mark)
