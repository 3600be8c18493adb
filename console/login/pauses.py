"""The pause after failures, which grows. All browsers share one, which stands at the person; a browser in which the
person has logged in before (`device`, cookies.py) has one of its own. So a stranger who knows a login keeps nobody out.
https://owasp.org/www-community/Slow_Down_Online_Guessing_Attacks_with_Device_Cookies
"""

import json
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy.orm import Session

from casework import audit, staff
from casework.report_models import Staff
from runtime.redis import redis
from store.database import now

FREE = 4
"""Failures without a pause; then 1, 2, 4 … minutes."""
LONGEST_PAUSE = 60
"""Minutes."""
STRANGER = "unknown"
"""The actor of attempts: who it was is what failed."""
REMEMBERED = timedelta(days=1)
"""How long the failures of a known browser are held against it."""


def is_shut(person: Staff, device: str | None) -> bool:
    """True if nobody comes in here now, whatever they know."""
    if person.disabled_at is not None:
        return True
    return _of_device(device)[1] > now().timestamp() if device else staff.has_locked_out(person, now())


def fail(session: Session, person: Staff, device: str | None, action: str) -> None:
    """Write it down, and lengthen the pause; during a pause nothing is counted, or a stranger could prolong it."""
    here = "known_browser" if device else None
    if is_shut(person, device):
        reason = "disabled" if person.disabled_at is not None else "paused"
        audit.record(session, STRANGER, action, person.login, reason=reason, at=here)
        return
    audit.record(session, STRANGER, action, person.login, at=here)
    failures = (_of_device(device)[0] if device else person.failures) + 1
    minutes = min(LONGEST_PAUSE, 2 ** min(failures - FREE - 1, 10)) if failures > FREE else 0
    until = now() + timedelta(minutes=minutes)
    if device:
        _keep(device, failures, until)
    else:
        person.failures, person.locked_until = failures, until if minutes else person.locked_until
    if minutes:
        audit.record(session, STRANGER, "locked", person.login, minutes=minutes, at=here)


def forgive(person: Staff, device: str | None) -> None:
    """The person is in. What strangers did elsewhere is not forgotten because the person came in by a known browser."""
    if device:
        redis().delete(_name(device))
    else:
        person.failures, person.locked_until = 0, None


def _of_device(device: str) -> tuple[int, float]:
    """Failures, and the time until which it is shut."""
    held = cast("bytes | None", redis().get(_name(device)))
    failures, until = json.loads(held) if held else (0, 0.0)
    return int(failures), float(until)


def _keep(device: str, failures: int, until: datetime) -> None:
    redis().set(_name(device), json.dumps([failures, until.timestamp()]), ex=REMEMBERED)


def _name(device: str) -> str:
    return f"device:{device}"
