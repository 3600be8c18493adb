"""Each part says in Redis that it lives; readiness and doctor ask."""

import os
import threading

from runtime.redis import RedisError, redis

EXPIRY = 15
PERIOD = 4.0


def beat(part: str) -> None:
    """Say once that `part` lives."""
    try:
        redis().set(f"alive:{part}", os.getpid(), ex=EXPIRY)
    except RedisError:
        return  # whoever asks will find Redis itself missing


def start(part: str) -> None:
    """Say it again and again from a thread of this process, until the process ends."""

    def keep_beating() -> None:
        pause = threading.Event()
        while True:
            beat(part)
            pause.wait(PERIOD)

    threading.Thread(target=keep_beating, name=f"heartbeat-{part}", daemon=True).start()


def lives(part: str) -> bool:
    """True if the part spoke within its expiry.

    Raises:
        RedisError: Redis cannot be asked.
    """
    return bool(redis().exists(f"alive:{part}"))


def forget(parts: tuple[str, ...]) -> None:
    """Take back what parts that no longer run said."""
    try:
        redis().delete(*(f"alive:{part}" for part in parts))
    except RedisError:
        return
