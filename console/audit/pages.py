"""The audit log for auditors. In the place of a code stands a name, the same for the same case."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import g, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from casework import audit as log
from casework import reference
from casework.report_models import AuditEntry
from console import asked
from console.audit import chain
from console.blueprint import blueprint
from console.login import attempts
from store.database import reading
from store.encryption import keyring

PAGE = 100
_CODE = re.compile(rf"(?<!\w)[{reference.ALPHABET}]{{4,6}}-[{reference.ALPHABET}](?!\w)")
_NAME = re.compile(r"^case ([0-9A-F]{8})$")


@dataclass(frozen=True)
class Row:
    """One row as an auditor sees it."""

    id: int
    at: datetime
    actor: str
    action: str
    subject: str | None
    detail: str


@blueprint.get("/audit")
def audit() -> ResponseReturnValue:
    """Newest first. A code that the auditor was told may be given as the subject."""
    actor, subject = asked.word("actor"), asked.word("subject")
    attempts.write_counted()
    before = asked.number(asked.word("before"))
    found = log.page(before, PAGE + 1, actor, _subject_of(subject) if subject else None)
    rows = [_row(entry) for entry in found[:PAGE]]
    older = rows[-1].id if len(found) > PAGE else None
    looked = chain.looked() if before is None and not (actor or subject) else None
    shown = {"actor": actor, "subject": without_codes(subject) if subject else None}
    log.note(g.who.person.login, "audit_viewed", filtered=bool(actor or subject))
    return render_template("console/audit/log.html", rows=rows, older=older, looked=looked, **shown)


def case_name(code: str) -> str:
    """`case 5C1E09A1`: a keyed hash of the code."""
    return _names(code)[0]


def without_codes(text: str) -> str:
    """The text with the names of cases in the place of their codes."""
    return _CODE.sub(lambda found: case_name(found[0]), text)


def _names(code: str) -> list[str]:
    return [f"case {made[:8].upper()}" for made in keyring().fingerprints("audit case", code)]


def _subject_of(given: str) -> str:
    """What the log has for it: a login, a code however it was typed, or the code behind a case's name."""
    with reading() as session:
        subjects = set(session.scalars(select(AuditEntry.subject).where(AuditEntry.subject.is_not(None)).distinct()))
    if _NAME.match(given):
        return next((code for code in subjects if code and _CODE.match(code) and given in _names(code)), given)
    return given if given in subjects else reference.find(given) or given


def _row(entry: AuditEntry) -> Row:
    subject = without_codes(entry.subject) if entry.subject else None
    return Row(entry.id, entry.at, entry.actor, entry.action, subject, without_codes(_told(entry.detail or {})))


def _told(detail: dict[str, Any]) -> str:
    return " · ".join(f"{name}: {_value(value)}" for name, value in detail.items() if value not in ("", []))


def _value(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
