"""How the service is doing, for administrators: parts, queues, deliveries, forgetting. Nothing tells of a report."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import PackageNotFoundError, version

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework import retention, staff, watching
from casework.report_models import AuditEntry, RecoveryKey
from casework.retention import Forgotten, Run
from messaging import counts, readiness
from messaging.counts import Waiting
from runtime import tasks, taxonomy
from store import migrate
from store.database import now, reading

LATELY = timedelta(days=1)
FORGOTTEN_SINCE = timedelta(days=14)
RUN_EVERY = timedelta(hours=26)
"""A round of forgetting that ended longer ago is late."""
MOST_SOON = 100_000
KEPT = timedelta(minutes=10)
"""How long this process remembers what goes soon: it takes seconds to count."""
_one_at_a_time = threading.Lock()
_soon: tuple[datetime, Forgotten] | None = None


@dataclass(frozen=True)
class State:
    """What the page shows. `checks`: name to whether it holds; `unread`: categories that nobody with a password reads;
    `run`: the last round of forgetting; `test`: the last daily test, when, to how many, how many it missed."""

    checks: Mapping[str, bool]
    queues: Mapping[str, int]
    waiting: Mapping[str, Waiting]
    failures: Sequence[tuple[str, str | None, int]]
    test: tuple[datetime, int, int] | None
    gone: Sequence[tuple[str, str, str, int]]
    run: Run | None
    is_run_late: bool
    backup_at: datetime | None
    has_recovery_key: bool
    unread: Sequence[str]
    version: str
    revision: str | None


def look() -> State:
    """Ask everything that is quick to ask."""
    at = now()
    failing = set(readiness.failing())
    with reading() as session:
        run = retention.last_run(session)
        return State(
            checks={name: name not in failing for name in readiness.CHECKS},
            queues={name: tasks.waiting(name) for name in tasks.QUEUES.values()},
            waiting=counts.waiting(session, at),
            failures=counts.failures(session, at - LATELY),
            test=watching.last_test(session),
            gone=retention.gone(session, at - FORGOTTEN_SINCE),
            run=run,
            is_run_late=run is not None and at - run.at > RUN_EVERY,
            backup_at=_last(session, "backup_made"),
            has_recovery_key=_has_recovery_key(session),
            unread=_unread(session),
            version=_version(),
            revision=migrate.revision(),
        )


def soon() -> tuple[datetime, Forgotten]:
    """What goes soon, and when that was counted: some minutes ago at most."""
    global _soon
    with _one_at_a_time:
        if _soon is None or now() - _soon[0] > KEPT:
            with reading() as session:
                _soon = (now(), retention.soon_gone(session, MOST_SOON))
        return _soon


def forget() -> None:
    """Count anew the next time."""
    global _soon
    _soon = None


def _last(session: Session, action: str) -> datetime | None:
    query = select(AuditEntry.at).where(AuditEntry.action == action).order_by(AuditEntry.id.desc())
    return session.scalars(query.limit(1)).first()


def _has_recovery_key(session: Session) -> bool:
    return session.scalars(select(RecoveryKey.id).where(RecoveryKey.retired_at.is_(None)).limit(1)).first() is not None


def _unread(session: Session) -> list[str]:
    able = [one for one in staff.everybody(session) if one.public_key is not None and one.disabled_at is None]
    read = {name for one in able if "focal_point" in one.roles for name in one.categories}
    return [name for name in taxonomy.sensitive_categories() if name not in read]


def _version() -> str:
    try:
        return version("sawti")
    except PackageNotFoundError:
        return "?"
