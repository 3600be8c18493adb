"""How people come in: first passwords by a link, keys, phones for one-time codes; and what goes when they leave."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from casework import api_keys, audit, report_keys, routing, sealing, staff
from casework.report_models import Report, ReportSeal, Staff
from casework.routing import Routing
from store.database import now

INVITED_FOR = timedelta(days=3)
FOR_PHONE = "phone-"
"""How the secret of a link begins that sets up another phone for codes: it never sets a password or a key."""


def invite(session: Session, by: str, person: Staff) -> str:
    """A secret for a link that sets the first password, once. Of a person who had one, reports become unreadable:
    they have to be given anew by somebody who reads them (readers.give), or by the recovery key.

    Raises:
        BadStaff: the person is disabled.
    """
    if person.disabled_at is not None:
        raise staff.BadStaff("%(login)s is disabled", login=person.login)
    token = secrets.token_urlsafe(24)
    _free_taken(session, person)
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
        raise staff.BadStaff(
            "%(login)s has no password: a link for the first one is what they need", login=person.login
        )
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


def set_wrapped(session: Session, person: Staff, wrapped: bytes) -> None:
    """The same key under a new password, wrapped before the transaction; every session ends."""
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
    """The person leaves: no login, no alerts, their seals go, and the keys for other tools that they made.

    Raises:
        BadStaff: there is nobody of this login, or nobody else administers.
    """
    person = staff.find(session, login)
    staff.keep_an_administrator(session, person)
    freed = _free_taken(session, person)
    lost = _forget_key(session, person)
    person.disabled_at = person.disabled_at or now()
    api_keys.revoke_of(session, by, person.login)
    audit.record(session, by, "staff_disabled", person.login, seals_lost=lost or None, freed=freed or None)
    return person


def enable(session: Session, by: str, login: str) -> Staff:
    """The person is back: told again of reports, and let in by a new link for a first password; the old key is gone."""
    person = staff.find(session, login)
    person.disabled_at = None
    audit.record(session, by, "staff_enabled", person.login)
    return person


def change(session: Session, by: str, login: str, **given: Any) -> list[str]:
    """Change what is known of a person (staff.DETAILS; what is not given stays). Returns the names of what changed.

    Other roles end their sessions. What they may not read any more is out of their hands: seals go, and what they had
    taken is nobody's; reports that waited for somebody like them are sealed to them.

    Raises:
        BadStaff: something given is wrong, or nobody else administers.
    """
    person = staff.find(session, login)
    before = {name: getattr(person, name) for name in staff.DETAILS}
    after = staff.checked({**before, **given})
    differ = [name for name in staff.DETAILS if before[name] != after[name]]
    if not differ:
        return []
    if "administrator" not in after["roles"]:
        staff.keep_an_administrator(session, person)
    for name in differ:
        setattr(person, name, after[name])
    if "roles" in differ:
        person.session_generation += 1
    shown = {name: after[name] for name in ("roles", "categories", "sites") if name in differ}
    renamed = {"name": after["name"], "name_before": before["name"]} if "name" in differ else {}
    audit.record(session, by, "staff_changed", person.login, fields=differ, **shown, **renamed)
    if shown:
        _take_unreadable(session, by, person)
        report_keys.release_held(session)
    return differ


def end_sessions(session: Session, by: str, person: Staff) -> None:
    """Every session of the person ends, on all computers."""
    person.session_generation += 1
    audit.record(session, by, "logout_everywhere", person.login)


def only_reader_of(session: Session, person: Staff) -> int:
    """How many reports nobody else could open: neither a colleague nor the recovery key."""
    theirs = select(ReportSeal.report_id).where(ReportSeal.staff_id == person.id)
    others = select(ReportSeal.report_id).where(ReportSeal.staff_id.is_(None) | (ReportSeal.staff_id != person.id))
    held = select(Report.id).where(Report.held_key.is_not(None))
    inside = theirs.where(ReportSeal.report_id.not_in(others), ReportSeal.report_id.not_in(held)).subquery()
    alone = select(func.count(inside.c.report_id.distinct()))
    return session.scalar(alone) or 0


def _take_unreadable(session: Session, by: str, person: Staff) -> None:
    """Seals to what is not for this person any more go, where another seal is left; what they had taken is freed."""
    sealed = select(ReportSeal.report_id).where(ReportSeal.staff_id == person.id)
    theirs = select(Report).where(Report.id.in_(sealed) | (Report.taken_by == person.id), Report.forgotten_at.is_(None))
    gone = [one for one in session.scalars(theirs) if not routing.may_read(person, Routing.of(one))]
    lost = sum(report_keys.drop(session, report, {person.id}) for report in gone)
    freed = _free_taken(session, person, [report.id for report in gone])
    if lost or freed:
        audit.record(session, by, "seals_dropped", person.login, seals_lost=lost or None, freed=freed or None)


def _free_taken(session: Session, person: Staff, only: Sequence[int] | None = None) -> list[str]:
    """What they had taken (of `only`, if given) is nobody's now: people are called anew. Returns the codes."""
    taken = [Report.taken_by == person.id, Report.state == "open"]
    if only is not None:
        taken.append(Report.id.in_(only))
    freed = session.scalars(select(Report.reference).where(*taken)).all()
    anew = {"taken_by": None, "taken_at": None, "escalate_at": now(), "begun_at": now(), "step": 0}
    session.execute(update(Report).where(*taken).values(anew))
    return list(freed)


def _of_link(session: Session, token: str) -> Staff | None:
    person = session.scalars(select(Staff).where(Staff.invitation_hash == _hash(token))).first()
    live = person is not None and person.invited_until is not None and person.invited_until > now()
    return person if live and person is not None and person.disabled_at is None else None


def _forget_key(session: Session, person: Staff) -> int:
    """The key, the seals to it, the recovery codes and every session go. Returns how many reports become unreadable."""
    theirs = session.scalars(select(ReportSeal.id).where(ReportSeal.staff_id == person.id)).all()
    session.execute(delete(ReportSeal).where(ReportSeal.staff_id == person.id))
    person.public_key = person.wrapped_key = person.one_time_secret = person.spare_codes = None
    person.invitation_hash = person.invited_until = None
    person.session_generation += 1
    return len(theirs)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
