"""Is this deployment able to take, answer and escalate messages?"""

from collections.abc import Callable
from functools import partial

import structlog
from sqlalchemy.exc import SQLAlchemyError

from runtime import heartbeat
from runtime.deployment import deployment
from runtime.logging import failure
from runtime.redis import RedisError, redis
from store import migrate

log = structlog.get_logger()

PARTS = ("conversations", "delivery", "clock")


def _database() -> bool:
    return migrate.is_current()


def _redis() -> bool:
    return bool(redis().ping())


def _focal_points() -> bool:
    return not deployment().uncovered_categories()


CHECKS: dict[str, Callable[[], bool]] = {
    "database": _database,
    "redis": _redis,
    **{part: partial(heartbeat.lives, part) for part in PARTS},
    "focal_points": _focal_points,
}


def failing() -> list[str]:
    """Names of the checks that fail; empty when ready."""
    return [name for name, check in CHECKS.items() if not _holds(name, check)]


def _holds(name: str, check: Callable[[], bool]) -> bool:
    try:
        return check()
    except (SQLAlchemyError, RedisError, OSError) as error:
        log.warning("check_failed", check=name, **failure(error))
        return False
