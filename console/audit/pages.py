"""The audit log for auditors. In the place of a code stands a name, the same for the same case."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import g, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from casework import audit as log
from casework import reference
from casework.report_models import AuditEntry
from console import asked
from console.audit import actions, chain
from console.blueprint import blueprint
from console.login import attempts
from runtime.deployment import deployment
from store.database import reading
from store.encryption import keyring

PAGE, LONGEST = 100, 48
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
    hash: str


@dataclass(frozen=True)
class Wanted:
    """What of the log is looked for. Days are those of the deployment's time zone, the last one included."""

    actor: str | None
    subject: str | None
    action: str | None
    since: date | None
    until: date | None
    is_odd: bool = False
    """Something that makes no sense was left out, or cut."""

    @property
    def is_all(self) -> bool:
        """True where nothing is left out."""
        return not (self.actor or self.subject or self.action or self.since or self.until)

    @property
    def address(self) -> dict[str, str]:
        """For links that keep to it; a code stands there under its name."""
        days = {"since": self.since.isoformat() if self.since else None, "until": str(self.until or "")}
        texts = {"actor": self.actor, "subject": without_codes(self.subject or ""), "action": self.action}
        return {name: value for name, value in {**texts, **days}.items() if value}

    def filters(self) -> dict[str, Any]:
        """As `log.page` takes it."""
        return {
            "actor": self.actor,
            "subject": _subject_of(self.subject) if self.subject else None,
            "action": self.action,
            "since": _begin(self.since) if self.since else None,
            "until": _begin(self.until + timedelta(days=1)) if self.until else None,
        }


@blueprint.get("/audit")
def audit() -> ResponseReturnValue:
    """Newest first. A code that the auditor was told may be given as the subject."""
    return shown(wanted(request.args))


def shown(looked_for: Wanted) -> tuple[str, int]:
    """The page of what is looked for."""
    attempts.write_counted()
    before = asked.number(asked.word("before"))
    found = log.page(before, PAGE + 1, **looked_for.filters())
    rows = [row(entry) for entry in found[:PAGE]]
    older = rows[-1].id if len(found) > PAGE else None
    looked = chain.looked() if before is None and looked_for.is_all else None
    log.note(g.who.person.login, "audit_viewed", filtered=not looked_for.is_all)
    page = render_template(
        "console/audit/log.html",
        rows=rows,
        older=older,
        looked=looked,
        wanted=looked_for,
        words=actions.words,
        choices=actions.choices(),
        before=before,
    )
    return page, 400 if looked_for.is_odd or asked.is_odd_number("before") else 200


def wanted(given: Any) -> Wanted:
    """Parsed from an address or a form; what is odd is left out."""
    told = {name: given.get(name, "").strip() for name in ("actor", "subject", "action", "since", "until")}
    actor, subject, action = (_text(told[name]) for name in ("actor", "subject", "action"))
    since, until = _day(told["since"]), _day(told["until"])
    read = {"actor": actor, "subject": subject, "action": action, "since": since, "until": until}
    is_odd = any(told[name] and (value is None or len(told[name]) > LONGEST) for name, value in read.items())
    is_odd = is_odd or (action is not None and action not in actions.ACTIONS)
    return Wanted(actor, subject, action, since, until, is_odd)


def row(entry: AuditEntry) -> Row:
    """As it is shown, and as it stands in a file."""
    subject = without_codes(entry.subject) if entry.subject else None
    detail = without_codes(_told(entry.detail or {}))
    return Row(entry.id, entry.at, entry.actor, entry.action, subject, detail, entry.hash)


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


def _told(detail: dict[str, Any]) -> str:
    return " · ".join(f"{name}: {_value(value)}" for name, value in detail.items() if value not in ("", []))


def _value(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _text(given: str) -> str | None:
    text = given[:LONGEST]
    return text if text and text.isprintable() else None


def _day(given: str) -> date | None:
    try:
        day = date.fromisoformat(given)
    except ValueError:
        return None
    return day if 1970 <= day.year < 9000 else None


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(deployment().time_zone))
