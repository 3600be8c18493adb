"""Whether the audit log's chain holds, looked at now and then: following it takes longer with every row."""

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from casework import audit
from casework.audit import Verdict
from store.database import now

EVERY = timedelta(minutes=10)
_one_at_a_time = threading.Lock()


@dataclass(frozen=True)
class Looked:
    """What was found, and when."""

    verdict: Verdict
    at: datetime


_last: Looked | None = None


def looked() -> Looked:
    """What this process found lately, or finds now."""
    global _last
    with _one_at_a_time:
        if _last is None or now() - _last.at >= EVERY:
            _last = Looked(audit.verify(), now())
        return _last


def forget() -> None:
    """Look anew the next time."""
    global _last
    _last = None
