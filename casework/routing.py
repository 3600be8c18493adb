"""Who answers for a report: its readers, who is on duty now, who stands behind them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from anyascii import anyascii
from opening_hours import OpeningHours
from sqlalchemy.orm import Session

from casework import rota, staff
from casework.report_models import Report, Staff
from runtime.deployment import Duty, deployment
from runtime.folding import fold

DEFAULT_CATEGORY = "misconduct"
"""Where a person only says that it is private, somebody who may read it must still be told."""
ABOUT_OUR_OWN = frozenset({"sea", "fraud", "misconduct"})
"""May concern the people of the site: those of elsewhere come first. Staff must report these, also without consent."""
AT_RISK = frozenset({"danger", "child"})
"""A life or a child: the report goes on with the number, also without consent; the person is told so."""
SHORTEST_NAME = 3
SYLLABLES = frozenset(chr(code) for code in range(0x1200, 0x1380))
"""The Ethiopic script, in which two letters are a name (Hana)."""


@dataclass(frozen=True)
class Routing:
    """What decides who is told. `kept_from`: ids of staff; `outside`: not the people who work at the site."""

    categories: tuple[str, ...] = ()
    site: str | None = None
    language: str | None = None
    outside: bool = False
    kept_from: tuple[int, ...] = ()
    wants: str | None = None
    """`woman` or `man`: who should call."""

    @classmethod
    def of(cls, report: Report) -> Routing:
        """As the report has it."""
        data: dict[str, Any] = json.loads(report.routing) if report.routing else {}
        given: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in data.items()}
        return cls(**given)

    def text(self) -> str:
        """For the report's column."""
        return json.dumps(asdict(self))

    @property
    def ruling(self) -> tuple[str, ...]:
        """The categories, or the default where none was told."""
        return self.categories or (DEFAULT_CATEGORY,)

    @property
    def must_be_told(self) -> bool:
        """True where staff must report although the person said no."""
        return bool(ABOUT_OUR_OWN & set(self.categories))

    @property
    def is_at_risk(self) -> bool:
        """True where a life or a child may be at risk."""
        return bool(AT_RISK & set(self.categories))

    @property
    def is_urgent(self) -> bool:
        """True where the deployment's short times hold."""
        return bool(set(self.categories) & set(deployment().escalation.urgent))


@dataclass(frozen=True)
class Called:
    """Who is called for a report at a time, in order."""

    on_duty: tuple[Staff, ...]
    backups: tuple[Staff, ...]
    administrators: tuple[Staff, ...]


def is_withheld(report: Report) -> bool:
    """True where the person said no, and nobody has to report it nor is at risk: then nobody reads it or is called."""
    routed = Routing.of(report)
    return report.consent is False and not (routed.must_be_told or routed.is_at_risk)


def readers(session: Session, routing: Routing) -> list[Staff]:
    """Focal points who may read a report so routed, whether on duty or not, with a key or not."""
    return [person for person in staff.everybody(session) if may_read(person, routing)]


def called(session: Session, routing: Routing, at: datetime) -> Called:
    """Who is told of a report so routed. Nobody is called on leave; backups are those not on duty."""
    local = at.astimezone(ZoneInfo(deployment().time_zone)).replace(tzinfo=None)
    everybody = [person for person in staff.everybody(session) if not staff.is_away(person, local.date())]
    able = _in_order([person for person in everybody if may_read(person, routing)], routing)
    shifts = duty(session)
    on_duty = able if not shifts else _of_shifts(able, shifts, routing, local)
    rest = [person for person in able if person not in on_duty]
    named = deployment().escalation.backups
    backups = sorted((p for p in rest if not named or p.login in named), key=lambda p: _place(named, p.login))
    admins = [
        p for p in everybody if "administrator" in p.roles and p.disabled_at is None and p.id not in routing.kept_from
    ]
    return Called(tuple(on_duty), tuple(backups), tuple(admins))


def concerned(session: Session, words: str) -> tuple[int, ...]:
    """Ids of people of whose own name a part stands in the words: they must not read them, nor be called."""
    told = _parts(words) | _parts(
        anyascii(words)
    )  # Ада is Ada; Arabic writes no short vowels: see docs/safeguarding.md
    return tuple(
        person.id
        for person in staff.everybody(session)
        if {"focal_point", "administrator"} & set(person.roles) and _names(person) & told
    )


def duty(session: Session) -> tuple[Duty, ...]:
    """The rota in force: what administrators wrote last, else deployment.yml's. Empty: everybody is always on duty."""
    written = rota.newest(session)
    if written is None or written.lines is None:
        return tuple(deployment().escalation.duty)
    return written.lines


def is_for(shift: Duty, categories: Sequence[str], site: str | None) -> bool:
    """True if a line of the rota is for one of the categories, at this site."""
    of_categories = not shift.categories or bool(set(shift.categories) & set(categories))
    return of_categories and (shift.site is None or shift.site == site)


def reachable_by(person: Staff) -> tuple[str, ...]:
    """The ways by which this deployment can tell the person: sms, whatsapp, email; the chosen one first."""
    from messaging.readiness import senders

    has = senders()
    ways = [person.channel] if person.channel in has and (person.channel == "email" or person.phone) else []
    if person.email and "email" in has and "email" not in ways:
        ways.append("email")
    return tuple(way for way in ways if way != "email" or person.email)


def may_read(person: Staff, routing: Routing) -> bool:
    """True if a report so routed is for this person; whether they have a seal is another matter."""
    if person.disabled_at is not None or "focal_point" not in person.roles or person.id in routing.kept_from:
        return False
    if routing.outside and person.sites and (routing.site is None or routing.site in person.sites):
        return False
    return bool(set(person.categories) & set(routing.ruling))


def _in_order(people: Sequence[Staff], routing: Routing) -> list[Staff]:
    """Of the report's own site first; but those of elsewhere where it may concern the people of the site."""
    about_our_own = bool(ABOUT_OUR_OWN & set(routing.ruling))
    here = {person.id: routing.site is not None and routing.site in person.sites for person in people}
    elsewhere = {person.id: bool(person.sites) and not here[person.id] for person in people}
    return sorted(people, key=lambda p: (here[p.id] if about_our_own else not here[p.id], elsewhere[p.id]))


def _of_shifts(able: Sequence[Staff], duty: Sequence[Duty], routing: Routing, local: datetime) -> list[Staff]:
    """In the order of the rota; a shift of the report's site before the others."""
    open_now = [
        shift
        for shift in duty
        if is_for(shift, routing.ruling, routing.site) and OpeningHours(shift.hours).is_open(local)
    ]
    logins = [login for shift in sorted(open_now, key=lambda s: s.site is None) for login in shift.people]
    by_login = {person.login: person for person in able}
    found = [by_login[login] for login in dict.fromkeys(logins) if login in by_login]
    return _in_order(found, routing) if ABOUT_OUR_OWN & set(routing.ruling) else found


def _names(person: Staff) -> frozenset[str]:
    return frozenset(
        part for part in _parts(person.name) if len(part) >= (2 if part[0] in SYLLABLES else SHORTEST_NAME)
    )


def _parts(words: str) -> frozenset[str]:
    """Words without marks; Anne-Marie is two, however she is written."""
    return frozenset("".join(letter if letter.isalnum() else " " for letter in fold(words)).split())


def _place(order: Sequence[str], login: str) -> int:
    return order.index(login) if login in order else len(order)
