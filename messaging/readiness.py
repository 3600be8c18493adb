"""Is this deployment able to take, answer and escalate messages?"""

from collections.abc import Callable
from functools import partial

import structlog
from sqlalchemy.exc import SQLAlchemyError

from runtime import heartbeat
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


def senders() -> frozenset[str]:
    """The channels by which this deployment can send: sms, whatsapp, email. The simulator's phones have both."""
    given = settings()
    has = {
        "sms": not given.uses_twilio or bool(given.twilio_sms_from or given.twilio_messaging_service_sid),
        "whatsapp": not given.uses_twilio or bool(given.twilio_whatsapp_from),
        "email": given.smtp_url is not None,
    }
    return frozenset(channel for channel, there in has.items() if there)


CHECKS: dict[str, Callable[[], bool]] = {
    "database": _database,
    "redis": _redis,
    **{part: partial(heartbeat.lives, part) for part in PARTS},
}
"""Other rooms add theirs (casework/readiness.py)."""


def failing() -> list[str]:
    """Names of the checks that fail; empty when ready."""
    return [name for name, check in CHECKS.items() if not _holds(name, check)]


def _holds(name: str, check: Callable[[], bool]) -> bool:
    try:
        return check()
    except (SQLAlchemyError, RedisError, OSError) as error:
        log.warning("check_failed", check=name, **failure(error))
        return False
