"""Is anybody there for a sensitive report? Asked by /readyz and `sawti doctor`."""

import time
from collections.abc import Callable

from casework import coverage, escalation, watching
from messaging import readiness
from store.database import reading

FRESH = 30.0
"""Seconds for which the rota's verdict is kept: it is asked for often, and changes seldom."""
_known: dict[str, tuple[float, bool]] = {}


def is_covered() -> bool:
    """True if at every hour of the coming week somebody with an address is on duty for every category."""
    with reading() as session:
        return not coverage.uncovered(session)


def are_reachable() -> bool:
    """True if every focal point has an address that works."""
    with reading() as session:
        return not watching.unreachable(session)


def alerts_arrive() -> bool:
    """True unless for an hour no alert of some open report has reached anybody."""
    return not escalation.failing()


def install() -> None:
    """Let readiness ask these questions too."""
    readiness.CHECKS.update(
        duty_covered=_kept("duty_covered", is_covered),
        focal_points=_kept("focal_points", are_reachable),
        alerts=alerts_arrive,
    )


def forget() -> None:
    """Ask anew."""
    _known.clear()


def _kept(name: str, check: Callable[[], bool]) -> Callable[[], bool]:
    def ask() -> bool:
        at, held = _known.get(name, (-FRESH, False))
        if not held or time.monotonic() - at > FRESH:  # bad news is looked at again at once
            held = check()
            _known[name] = (time.monotonic(), held)
        return held

    return ask
