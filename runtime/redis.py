"""The Redis connection. Redis holds what may be forgotten; every caller must live with its absence."""

import hashlib
import tempfile
from functools import lru_cache
from pathlib import Path

from redis import Redis, RedisError

from runtime.settings import Settings, settings

__all__ = ["RedisError", "redis", "socket_path", "url"]

_LONGEST_SOCKET_PATH = 100  # sun_path holds 108 bytes, unix(7)


def socket_path(given: Settings) -> Path:
    """Where the embedded server listens: in the data directory, or a short private place if that path is too long."""
    path = given.data_dir / "valkey.sock"
    if len(str(path).encode()) <= _LONGEST_SOCKET_PATH:
        return path
    name = hashlib.sha256(str(given.data_dir).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"sawti-{name}" / "valkey.sock"


def url(given: Settings) -> str:
    """The address for redis-py: REDIS_URL, or the embedded server's socket."""
    if given.redis_url is not None:
        return given.redis_url.get_secret_value()
    return f"unix://{socket_path(given)}"


@lru_cache(maxsize=1)
def redis() -> Redis:
    """This process's connection pool; bytes in, bytes out."""
    return Redis.from_url(url(settings()), socket_timeout=3, socket_connect_timeout=1)
