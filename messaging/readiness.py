"""Is this deployment able to take, answer and escalate messages?"""

from collections.abc import Callable
from functools import partial

import structlog
from sqlalchemy.exc import SQLAlchemyError

from runtime import heartbeat
from runtime.deployment import deployment
from runtime.logging import failure
from runtime.redis import RedisError, redis
from runtime.settings import settings
from store import migrate

log = structlog.get_logger()

PARTS = ("conversations", "delivery", "clock")


def _database() -> bool:
    return migrate.is_current()


def _redis() -> bool:
    return bool(redis().ping())


def _focal_points() -> bool:
    return not deployment().uncovered_categories() and not unreachable_focal_points()


def unreachable_focal_points() -> list[str]:
    """Names of those whose channel has no sender."""
    given = settings()
    if not given.uses_twilio:
        return []
    has = {
        "sms": bool(given.twilio_sms_from or given.twilio_messaging_service_sid),
        "whatsapp": bool(given.twilio_whatsapp_from),
    }
    return [person.name for person in deployment().focal_points if not has[person.channel]]


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
