"""The audit log: who looked, changed, exported, failed. It only grows, and each row carries the hash of the one before.

What it cannot notice by itself is that its newest rows were cut off: keep the head, which
`sawti audit verify` prints, elsewhere.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from casework.report_models import AuditEntry
from store.database import now, reading, transaction

FIRST = "0" * 64
SERVICE = "service"
"""The actor of what the clock and the assistant do."""
_LOCK = 5_317_001
"""Of PostgreSQL's advisory locks: one writer at a time, so that the chain does not fork."""
BATCH = 1000


def record(session: Session, actor: str, action: str, subject: str | None = None, **detail: Any) -> None:
    """Write down, in the caller's transaction, that `actor` did `action` to `subject` (a code, a login).

    `detail` holds ids, names of fields and counts; never a word that a person wrote, never an address.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    last = session.scalar(select(AuditEntry.hash).order_by(AuditEntry.id.desc()).limit(1))
    kept = {name: value for name, value in detail.items() if value is not None} or None
    entry = AuditEntry(at=now(), actor=actor, action=action, subject=subject, detail=kept, previous=last or FIRST)
    entry.hash = hash_of(entry.at, actor, action, subject, kept, entry.previous)
    session.add(entry)
    session.flush()


def note(actor: str, action: str, subject: str | None = None, **detail: Any) -> None:
    """The same in a transaction of its own: for what was refused, and leaves nothing else behind."""
    with transaction() as session:
        record(session, actor, action, subject, **detail)


def hash_of(
    at: datetime, actor: str, action: str, subject: str | None, detail: Mapping[str, Any] | None, previous: str
) -> str:
    """SHA-256 over the row before and this row, as JSON with sorted keys."""
    row = [previous, at.isoformat(timespec="microseconds"), actor, action, subject, detail]
    return hashlib.sha256(json.dumps(row, sort_keys=True, ensure_ascii=True).encode()).hexdigest()


@dataclass(frozen=True)
class Verdict:
    """What `verify` found. `broken_at`: id of the first row that does not follow from the one before."""

    rows: int
    head: str
    broken_at: int | None


def verify() -> Verdict:
    """Follow the chain from its first row."""
    rows, head = 0, FIRST
    for entry in entries():
        rows += 1
        made = hash_of(entry.at, entry.actor, entry.action, entry.subject, entry.detail, head)
        if entry.previous != head or entry.hash != made:
            return Verdict(rows, head, entry.id)
        head = entry.hash
    return Verdict(rows, head, None)


def entries() -> Iterator[AuditEntry]:
    """All rows, oldest first."""
    last = 0
    while True:
        with reading() as session:
            found = session.scalars(
                select(AuditEntry).where(AuditEntry.id > last).order_by(AuditEntry.id).limit(BATCH)
            ).all()
        yield from found
        if len(found) < BATCH:
            return
        last = found[-1].id


def page(
    before: int | None = None,
    limit: int = 100,
    actor: str | None = None,
    subject: str | None = None,
    action: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[AuditEntry]:
    """The newest rows with ids below `before`, of the time from `since` to before `until`."""
    query = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(limit)
    if action:
        query = query.where(AuditEntry.action == action)
    if since is not None:
        query = query.where(AuditEntry.at >= since)
    if until is not None:
        query = query.where(AuditEntry.at < until)
    if before is not None:
        query = query.where(AuditEntry.id < before)
    if actor:
        query = query.where(AuditEntry.actor == actor)
    if subject:
        query = query.where(AuditEntry.subject == subject)
    with reading() as session:
        return list(session.scalars(query))
