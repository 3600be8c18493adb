"""People who work with the service: accounts, roles, first passwords, keys."""

import hashlib
import re
import secrets
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime, timedelta

import phonenumbers
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from casework import audit, sealing
from casework.report_models import Report, ReportSeal, Staff
from runtime import taxonomy
from runtime.deployment import FocalPoint, deployment
from store.database import now, transaction

ROLES = ("engagement", "focal_point", "viewer", "editor", "administrator", "auditor")
CHANNELS = ("sms", "whatsapp", "email")
INVITED_FOR = timedelta(days=3)
FOR_PHONE = "phone-"
"""How the secret of a link begins that sets up another phone for codes: it never sets a password or a key."""
_LOGIN = re.compile(r"^[a-z][a-z0-9._-]{1,39}$")
_EMAIL = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s]+$")


class BadStaff(ValueError):
    """What was given for a person is wrong; the text says what."""


def find(session: Session, login: str) -> Staff:
    """The person with this login.

    Raises:
        BadStaff: there is none.
    """
    found = session.scalars(select(Staff).where(Staff.login == login.lower())).first()
    if found is None:
        raise BadStaff(f"nobody has the login {login}")
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
        raise BadStaff(f"the login {login} is taken")
    _check_known("role", roles, ROLES)
    _check_known("category", categories, tuple(taxonomy.sensitive_categories()))
    _check_known("language", [language], tuple(taxonomy.languages()))
    _check_known("channel", [channel], CHANNELS)
    if not roles:
        raise BadStaff(f"a role is needed: {', '.join(ROLES)}")
    if email is not None and not _EMAIL.match(email):
        raise BadStaff("the e-mail address must look like name@example.org")
    focal = "focal_point" in roles
    if focal and not (email if channel == "email" else phone):
        raise BadStaff("a focal point must be reachable: a phone, or channel email with an address")
    made = Staff(
        login=login,
        name=name,
        roles=list(dict.fromkeys(roles)),
        categories=list(categories) or (list(taxonomy.sensitive_categories()) if focal else []),
        sites=list(sites),
        phone=_number(phone) if phone else None,
        channel=channel,
        email=email,
        language=language,
    )
    session.add(made)
    session.flush()
    audit.record(session, by, "staff_added", login, roles=made.roles, categories=made.categories, sites=made.sites)
    return made


def invite(session: Session, by: str, person: Staff) -> str:
    """A secret for a link that sets the first password, once. Of a person who had one, reports become unreadable:
    they have to be given anew by somebody who reads them (readers.give), or by the recovery key."""
    token = secrets.token_urlsafe(24)
    lost = _forget_key(session, person)
    person.invitation_hash = _hash(token)
    person.invited_until = now() + INVITED_FOR
    audit.record(session, by, "staff_invited", person.login, seals_lost=lost or None)
    return token


def invite_phone(session: Session, by: str, person: Staff) -> str:
    """A secret for a link by which who knows the password sets up another phone for codes; the key stays.

    Raises:
        BadStaff: the person has no password, or is disabled.
    """
    if person.wrapped_key is None or person.disabled_at is not None:
        raise BadStaff(f"{person.login} has no password: `sawti staff reset` gives a link for the first one")
    token = FOR_PHONE + secrets.token_urlsafe(24)
    person.invitation_hash, person.invited_until = _hash(token), now() + INVITED_FOR
    audit.record(session, by, "phone_invited", person.login)
    return token


def invited(session: Session, token: str) -> Staff | None:
    """Who this link for a first password is for; None if it was used, is too old, or was never one."""
    return None if token.startswith(FOR_PHONE) else _of_link(session, token)


def invited_phone(session: Session, token: str) -> Staff | None:
    """The same of a link for another phone."""
    person = _of_link(session, token) if token.startswith(FOR_PHONE) else None
    return person if person is not None and person.wrapped_key is not None else None


def set_first_password(session: Session, person: Staff, password: str, one_time_secret: str) -> sealing.Keys:
    """Make the person's keys. Held reports that they may read are sealed to them by `report_keys.release_held`."""
    keys = sealing.new_keys()
    set_keys(session, person, keys.public, sealing.wrap(keys.private, password), one_time_secret)
    return keys


def set_keys(session: Session, person: Staff, public: bytes, wrapped: bytes, one_time_secret: str) -> None:
    """The same with keys that were made before the transaction, for wrapping takes its time."""
    person.public_key, person.wrapped_key = public, wrapped
    person.one_time_secret, person.one_time_step = one_time_secret, 0
    person.invitation_hash = person.invited_until = None
    person.failures, person.locked_until = 0, None
    person.session_generation += 1
    audit.record(session, person.login, "password_set", person.login, key=sealing.fingerprint(public))


def change_password(session: Session, person: Staff, private: bytes, password: str) -> None:
    """Wrap the same key under a new password; every session ends."""
    set_wrapped(session, person, sealing.wrap(private, password))


def set_wrapped(session: Session, person: Staff, wrapped: bytes) -> None:
    """The same with the key wrapped before the transaction."""
    person.wrapped_key = wrapped
    person.session_generation += 1
    audit.record(session, person.login, "password_changed", person.login)


def set_phone(session: Session, person: Staff, one_time_secret: str, step: int, way: str) -> None:
    """Another phone for codes, of which the code of `step` was used; the key stays, every session ends."""
    person.one_time_secret, person.one_time_step = one_time_secret, step
    person.invitation_hash = person.invited_until = None
    person.session_generation += 1
    audit.record(session, person.login, "phone_set", person.login, way=way)


def disable(session: Session, by: str, login: str) -> Staff:
    """The person leaves: no login, no alerts, and their seals go."""
    person = find(session, login)
    freed = _free_taken(session, person)
    lost = _forget_key(session, person)
    person.disabled_at = person.disabled_at or now()
    audit.record(session, by, "staff_disabled", person.login, seals_lost=lost or None, freed=freed or None)
    return person


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


def only_reader_of(session: Session, person: Staff) -> int:
    """How many reports nobody else could open: neither a colleague nor the recovery key."""
    theirs = select(ReportSeal.report_id).where(ReportSeal.staff_id == person.id)
    others = select(ReportSeal.report_id).where(ReportSeal.staff_id.is_(None) | (ReportSeal.staff_id != person.id))
    held = select(Report.id).where(Report.held_key.is_not(None))
    inside = theirs.where(ReportSeal.report_id.not_in(others), ReportSeal.report_id.not_in(held)).subquery()
    alone = select(func.count(inside.c.report_id.distinct()))
    return session.scalar(alone) or 0


def _free_taken(session: Session, person: Staff) -> list[str]:
    """What they had taken is nobody's now: people are called anew. Returns the codes."""
    taken = (Report.taken_by == person.id, Report.state == "open")
    freed = session.scalars(select(Report.reference).where(*taken)).all()
    anew = {"taken_by": None, "taken_at": None, "escalate_at": now(), "begun_at": now(), "step": 0}
    session.execute(update(Report).where(*taken).values(anew))
    return list(freed)


def _of_link(session: Session, token: str) -> Staff | None:
    person = session.scalars(select(Staff).where(Staff.invitation_hash == _hash(token))).first()
    live = person is not None and person.invited_until is not None and person.invited_until > now()
    return person if live and person is not None and person.disabled_at is None else None


def _forget_key(session: Session, person: Staff) -> int:
    """The key and the seals to it go, and every session with them. Returns how many reports become unreadable."""
    _free_taken(session, person)
    theirs = session.scalars(select(ReportSeal.id).where(ReportSeal.staff_id == person.id)).all()
    session.execute(delete(ReportSeal).where(ReportSeal.staff_id == person.id))
    person.public_key = person.wrapped_key = person.one_time_secret = None
    person.invitation_hash = person.invited_until = None
    person.session_generation += 1
    return len(theirs)


def _check_known(what: str, given: Sequence[str], known: Sequence[str]) -> None:
    for one in given:
        if one not in known:
            raise BadStaff(f"unknown {what} {one!r}; known: {', '.join(known)}")


def _number(phone: str) -> str:
    try:
        parsed = phonenumbers.parse(phone, deployment().country)
    except phonenumbers.NumberParseException:
        raise BadStaff("the phone must look like +254700000001") from None
    if not phonenumbers.is_possible_number(parsed):
        raise BadStaff("the phone is no possible number; write it as +254700000001")
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
