"""People who work with the service: accounts, roles, first passwords, keys."""

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import phonenumbers
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework import audit
from casework.refusal import Refusal
from casework.report_models import Staff
from runtime import taxonomy
from runtime.deployment import FocalPoint, deployment
from store.database import transaction

ROLES = ("engagement", "focal_point", "viewer", "editor", "administrator", "auditor")
CHANNELS = ("sms", "whatsapp", "email")
DETAILS = ("name", "roles", "categories", "sites", "phone", "channel", "email", "language")
"""What administrators set of a person, apart from the login, which stays."""
LONGEST_NAME, LONGEST_EMAIL = 80, 254
_LOGIN = re.compile(r"^[a-z][a-z0-9._-]{1,39}$")
_EMAIL = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s]+$")


class BadStaff(Refusal, ValueError):
    """What was given for a person is wrong; the text says what."""


def find(session: Session, login: str) -> Staff:
    """The person with this login.

    Raises:
        BadStaff: there is none.
    """
    found = session.scalars(select(Staff).where(Staff.login == login.lower())).first()
    if found is None:
        raise BadStaff("nobody has the login %(login)s", login=login)
    return found


def everybody(session: Session) -> Sequence[Staff]:
    """All people, also disabled ones, in the order in which they came."""
    return session.scalars(select(Staff).order_by(Staff.id)).all()


def add(
    session: Session,
    by: str,
    login: str,
    name: str,
    roles: Sequence[str],
    categories: Sequence[str] = (),
    sites: Sequence[str] = (),
    phone: str | None = None,
    channel: str = "sms",
    email: str | None = None,
    language: str = "en",
) -> Staff:
    """Add a person, in the caller's transaction. A focal point without categories answers for all of them.

    Raises:
        BadStaff: a name, role, category, number or address is wrong, or the login is taken.
    """
    login = login.lower()
    if not _LOGIN.match(login):
        raise BadStaff("a login has 2 to 40 small letters, digits, dots or hyphens, and begins with a letter")
    if session.scalars(select(Staff.id).where(Staff.login == login)).first() is not None:
        raise BadStaff("the login %(login)s is taken", login=login)
    given = {"name": name, "roles": roles, "categories": categories, "sites": sites, "phone": phone}
    made = Staff(login=login, **checked({**given, "channel": channel, "email": email, "language": language}))
    session.add(made)
    session.flush()
    audit.record(session, by, "staff_added", login, roles=made.roles, categories=made.categories, sites=made.sites)
    return made


def checked(given: Mapping[str, Any]) -> dict[str, Any]:
    """What may be said of a person (DETAILS), as it is kept.

    Raises:
        BadStaff: a name, role, category, number or address is wrong.
    """
    name, roles, categories = given["name"].strip(), given["roles"], given["categories"]
    phone, email, channel = given["phone"], given["email"], given["channel"]
    if not 0 < len(name) <= LONGEST_NAME or any(unicodedata.category(letter) == "Cc" for letter in name):
        raise BadStaff("a name has 1 to %(longest)s letters", longest=LONGEST_NAME)
    _check_known("role", roles, ROLES)
    _check_known("category", categories, tuple(taxonomy.sensitive_categories()))
    _check_known("language", [given["language"]], tuple(taxonomy.languages()))
    _check_known("channel", [channel], CHANNELS)
    if not roles:
        raise BadStaff("a role is needed: %(roles)s", roles=", ".join(ROLES))
    if email is not None and (len(email) > LONGEST_EMAIL or not _EMAIL.match(email)):
        raise BadStaff("the e-mail address must look like name@example.org")
    focal = "focal_point" in roles
    if focal and not (email if channel == "email" else phone):
        raise BadStaff("a focal point must be reachable: a phone, or channel email with an address")
    return {
        "name": name,
        "roles": list(dict.fromkeys(roles)),
        "categories": list(categories) or (list(taxonomy.sensitive_categories()) if focal else []),
        "sites": list(given["sites"]),
        "phone": _number(phone) if phone else None,
        "channel": channel,
        "email": email,
        "language": given["language"],
    }


def hold_all(session: Session) -> None:
    """Lock everybody's row, in one order: who is the last administrator is asked and answered by one at a time."""
    session.execute(select(Staff.id).order_by(Staff.id).with_for_update())


def keep_an_administrator(session: Session, person: Staff) -> None:
    """Raises BadStaff if nobody else could log in as administrator."""
    if not _administers(person):
        return
    hold_all(session)
    if not any(_administers(one) for one in everybody(session) if one.id != person.id):
        raise BadStaff("%(login)s is the last administrator who can log in: name another one first", login=person.login)


def unlock(session: Session, by: str, login: str) -> Staff:
    """The pause after failed attempts ends; for somebody whom a stranger keeps out."""
    person = find(session, login)
    person.failures, person.locked_until = 0, None
    audit.record(session, by, "unlocked", person.login)
    return person


def set_leave(session: Session, by: str, login: str, first: date | None, last: date | None) -> Staff:
    """Away from the first to the last day; None ends it."""
    if first is not None and last is not None and last < first:
        raise BadStaff("the last day of leave is before the first")
    person = find(session, login)
    person.away_from, person.away_until = first, last
    audit.record(session, by, "staff_away", person.login, first=str(first or ""), last=str(last or ""))
    return person


def is_away(person: Staff, day: date) -> bool:
    """True on a day of leave."""
    return person.away_from is not None and person.away_from <= day <= (person.away_until or date.max)


def of_phone(session: Session, address: str) -> list[Staff]:
    """Enabled people with this number. Numbers are ciphertext: each is opened."""
    active = session.scalars(select(Staff).where(Staff.disabled_at.is_(None), Staff.phone.is_not(None)))
    return [person for person in active if person.phone == address]


def has_locked_out(person: Staff, at: datetime) -> bool:
    """True while the pause after failed attempts lasts."""
    return person.locked_until is not None and person.locked_until > at


def take_in(people: Sequence[FocalPoint] | None = None) -> int:
    """Make accounts, without passwords, of deployment.yml's focal points that have none. Returns how many."""
    made = 0
    with transaction() as session:
        known = set(session.scalars(select(Staff.login)))
        for person in deployment().focal_points if people is None else people:
            login = login_of(person.name)
            if login in known:
                continue
            known.add(login)
            add(
                session,
                audit.SERVICE,
                login,
                person.name,
                ["focal_point"],
                person.categories,
                person.sites,
                person.phone,
                person.channel,
                person.email,
                person.language,
            )
            made += 1
    return made


def login_of(name: str) -> str:
    """`Ada Lovelace` as `ada.lovelace`."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    made = re.sub(r"[^a-z0-9]+", ".", plain).strip(".")[:40]
    return made if _LOGIN.match(made) else f"person.{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def _administers(person: Staff) -> bool:
    return "administrator" in person.roles and person.disabled_at is None and person.wrapped_key is not None


def _check_known(what: str, given: Sequence[str], known: Sequence[str]) -> None:
    for one in given:
        if one not in known:
            raise BadStaff(
                "unknown %(what)s %(name)s; known: %(known)s", what=what, name=repr(one), known=", ".join(known)
            )


def _number(phone: str) -> str:
    try:
        parsed = phonenumbers.parse(phone, deployment().country)
    except phonenumbers.NumberParseException:
        raise BadStaff("the phone must look like +254700000001") from None
    if not phonenumbers.is_possible_number(parsed):
        raise BadStaff("the phone is no possible number; write it as +254700000001")
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
