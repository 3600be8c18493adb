"""Who may come in: password, one-time code, growing pauses, the first password. No word of Flask here.

Every answer "no" is the same, whatever the reason, and takes about the same time; the reason is in the audit log.
"""

import hmac
import secrets
import threading
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache

import pyotp
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework import audit, reports, sealing, staff
from casework.report_models import Staff
from console import passwords
from store.database import now, reading, transaction

FREE = 4
"""Failures without a pause; then 1, 2, 4 … minutes."""
LONGEST_PAUSE = 60
"""Minutes."""
STRANGER = "unknown"
"""The actor of attempts: who it was is what failed."""
STEP = 30
"""Seconds of a one-time code (RFC 6238)."""
_AT_ONCE = threading.BoundedSemaphore(2)
"""Passwords tried at the same time: each takes 64 MB."""


class Refused(Exception):
    """It is not done; the text names the reason for the page: short, long, login, common, differ, code, link, old."""


@dataclass(frozen=True)
class Passed:
    """Somebody whose password was right, and their private key."""

    staff_id: int
    login: str
    generation: int
    private: bytes = field(repr=False)


def check_password(login: str, password: str, action: str = "login_failed") -> Passed | None:
    """Whose password this is; None otherwise. Nobody is in yet: the one-time code is still to come."""
    login = login.strip().lower()
    with reading() as session:
        person = _of_login(session, login)
    wrapped = person.wrapped_key if person is not None and person.disabled_at is None else None
    private = _unwrap(wrapped or _dummy(), password)
    with transaction() as session:
        person = _of_login(session, login, lock=True)
        if person is None:
            audit.record(session, STRANGER, action)
            return None
        if private is None or wrapped is None or wrapped != person.wrapped_key or _is_shut(person):
            _fail(session, person, action)
            return None
        return Passed(person.id, person.login, person.session_generation, private)


def check_code(passed: Passed, code: str) -> bool:
    """True if the one-time code is right too: the person is in."""
    with transaction() as session:
        person = session.get_one(Staff, passed.staff_id, with_for_update=True)
        if person.session_generation != passed.generation or not _use_code(session, person, code):
            return False
        audit.record(session, person.login, "login", person.login)
        return True


def invited(token: str) -> Staff | None:
    """Who may set their first password by this link."""
    with reading() as session:
        return staff.invited(session, token)


def set_first(token: str, password: str, again: str, one_time_secret: str, code: str) -> None:
    """Set the first password and the second factor. Reports that waited for a key are sealed to the new one.

    Raises:
        Refused: the link is over, the password is not good enough, or the code is wrong.
    """
    with transaction() as session:
        person = staff.invited(session, token)
        if person is None:
            raise Refused("link")
        session.refresh(person, with_for_update=True)
        if person.invitation_hash is None:
            raise Refused("link")  # used in this very moment
        _check_new(password, again, person.login)
        step = _step_of(one_time_secret, code, after=0)
        if step is None:
            raise Refused("code")
        staff.set_first_password(session, person, passwords.plain(password), one_time_secret)
        person.one_time_step = step
        reports.release_held(session)


def change_password(person: Staff, old: str, code: str, password: str, again: str) -> None:
    """Another password for the same key; every session ends.

    Raises:
        Refused: the old password or the code is wrong, or the new one is not good enough.
    """
    _check_new(password, again, person.login)
    passed = check_password(person.login, old, "password_failed")
    if passed is None:
        raise Refused("old")
    with transaction() as session:
        locked = session.get_one(Staff, person.id, with_for_update=True)
        right = _use_code(session, locked, code)
        if right:
            staff.change_password(session, locked, passed.private, passwords.plain(password))
    if not right:
        raise Refused("old")


def leave(person: Staff) -> None:
    """One session ends."""
    audit.note(person.login, "logout", person.login)


def leave_everywhere(person: Staff) -> None:
    """Every session of the person ends."""
    with transaction() as session:
        locked = session.get_one(Staff, person.id, with_for_update=True)
        locked.session_generation += 1
        audit.record(session, locked.login, "logout_everywhere", locked.login)


def warm_up() -> None:
    """Make what the first attempt would wait for."""
    _dummy()


def _of_login(session: Session, login: str, lock: bool = False) -> Staff | None:
    if not login.isprintable():  # PostgreSQL takes no NUL
        return None
    query = select(Staff).where(Staff.login == login)
    return session.scalars(query.with_for_update() if lock else query).first()


def _unwrap(wrapped: bytes, password: str) -> bytes | None:
    with _AT_ONCE:
        try:
            return sealing.unwrap(wrapped, passwords.plain(password)[: passwords.LONGEST])
        except sealing.Unopened:
            return None


@lru_cache(maxsize=1)
def _dummy() -> bytes:
    """A wrapped key of nobody: trying it takes as long as trying a real one."""
    return sealing.wrap(sealing.new_keys().private, secrets.token_hex())


def _is_shut(person: Staff) -> bool:
    return person.disabled_at is not None or staff.has_locked_out(person, now())


def _fail(session: Session, person: Staff, action: str) -> None:
    """Write it down, and lengthen the pause; during a pause nothing is counted, or a stranger could prolong it."""
    if _is_shut(person):
        reason = "disabled" if person.disabled_at is not None else "paused"
        audit.record(session, STRANGER, action, person.login, reason=reason)
        return
    person.failures += 1
    audit.record(session, STRANGER, action, person.login)
    if person.failures > FREE:
        minutes = min(LONGEST_PAUSE, 2 ** min(person.failures - FREE - 1, 10))
        person.locked_until = now() + timedelta(minutes=minutes)
        audit.record(session, STRANGER, "locked", person.login, minutes=minutes)


def _use_code(session: Session, person: Staff, code: str) -> bool:
    """True if the code is right and new: then the failures are forgotten."""
    step = None if _is_shut(person) else _step_of(person.one_time_secret, code, person.one_time_step)
    if step is None:
        _fail(session, person, "code_failed")
        return False
    person.one_time_step, person.failures, person.locked_until = step, 0, None
    return True


def _step_of(secret: str | None, code: str, after: int) -> int | None:
    """The time step of the code: the present one or its neighbours, if later than `after`."""
    if secret is None:
        return None
    given = "".join(code.split()).encode()
    present = int(now().timestamp()) // STEP
    codes = pyotp.TOTP(secret, interval=STEP)
    for step in (present, present - 1, present + 1):
        if step > after and hmac.compare_digest(codes.generate_otp(step).encode(), given):
            return step
    return None


def _check_new(password: str, again: str, login: str) -> None:
    wrong = passwords.problem(password, login)
    if wrong is None and password != again:
        wrong = "differ"
    if wrong is not None:
        raise Refused(wrong)
