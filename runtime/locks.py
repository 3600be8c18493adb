"""A lock on one name in Redis: token and expiry, so that a dead holder blocks nobody for long."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from runtime.redis import RedisError, redis

log = structlog.get_logger()

SECONDS = 30

_RELEASE = """if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"""
_EXTEND = (
    """if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('pexpire', KEYS[1], ARGV[2]) end return 0"""
)


class Held:
    """A lock in our hands."""

    def __init__(self, key: str, token: str) -> None:
        self._key = key
        self._token = token

    def extend(self, seconds: int = SECONDS) -> bool:
        """Start the expiry anew; False if the lock is no longer ours (the database's claims still keep us right)."""
        try:
            return bool(redis().eval(_EXTEND, 1, self._key, self._token, str(seconds * 1000)))
        except RedisError:
            return False


@contextmanager
def lock(name: str, seconds: int = SECONDS) -> Iterator[Held | None]:
    """Yield the lock, or None if somebody else holds it.

    Raises:
        RedisError: Redis cannot be reached while taking it; a failed release is only logged, the expiry does the rest.
    """
    key, token = f"lock:{name}", secrets.token_hex(8)
    if not redis().set(key, token, nx=True, ex=seconds):
        yield None
        return
    try:
        yield Held(key, token)
    finally:
        try:
            redis().eval(_RELEASE, 1, key, token)
        except RedisError:
            log.warning("lock_release_failed")
