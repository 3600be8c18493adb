"""Who may come in: password and one-time code; changing the password. No word of Flask here.

Every answer "no" is the same, whatever the reason, and takes about the same time; the reason is in the audit log.
`device` is the browser, where the person has logged in with it before (cookies.py).
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework import audit, credentials, sealing, staff
from casework.report_models import Staff
from console.login import attempts, keys, one_time, passwords, pauses, spare_codes
from runtime.deployment import deployment
from store.database import reading, transaction

Done = TypeVar("Done")


class Refused(Exception):
    """It is not done; the text names the reason for the page: short, long, login, common, differ, code, link, old."""


@dataclass(frozen=True)
class Passed:
    """Somebody whose password was right, and their private key."""

    staff_id: int
    login: str
    generation: int
    private: bytes = field(repr=False)


def check_password(login: str, password: str, device: str | None = None, action: str = "login_failed") -> Passed | None:
    """Whose password this is; None otherwise. Nobody is in yet: the one-time code is still to come.

    Raises:
        keys.Busy: it must be tried again in a moment.
    """
    login = login.strip().lower()
    with reading() as session:
        person = _of_login(session, login)
    wrapped = person.wrapped_key if person is not None and person.disabled_at is None else None
    private = keys.unwrap(wrapped or _dummy(), password)
    if person is None:
        attempts.count(action)
        return None
    with transaction() as session:
        person = session.get_one(Staff, person.id, with_for_update=True)
        shut = pauses.is_shut(person, device)
        if private is None or wrapped is None or wrapped != person.wrapped_key or shut:
            pauses.fail(session, person, device, action)
            return None
        return Passed(person.id, person.login, person.session_generation, private)


def check_code(passed: Passed, code: str, device: str | None = None) -> bool:
    """True if the one-time code is right too: the person is in."""
    with transaction() as session:
        person = session.get_one(Staff, passed.staff_id, with_for_update=True)
        if person.session_generation != passed.generation or not _use_code(session, person, code, device):
            return False
        audit.record(session, person.login, "login", person.login)
        return True


def check_both(person: Staff, password: str, code: str, device: str | None) -> Passed:
    """The person is logged in, and shows once more who they are.

    Raises:
        Refused: the password or the code is wrong.
    """
    passed = check_password(person.login, password, device, "password_failed")
    if passed is None:
        raise Refused("old")
    with transaction() as session:
        locked = session.get_one(Staff, person.id, with_for_update=True)
        right = locked.session_generation == passed.generation and _use_code(session, locked, code, device)
    if not right:
        raise Refused("old")
    return passed


def with_code(person: Staff, code: str, device: str | None, do: Callable[[Session], Done]) -> Done:
    """Do something grave in one transaction with a new one-time code of who is logged in; a code counts only if it is
    done. Everybody's row is held meanwhile.

    Raises:
        Refused: the code is wrong, was used already, or the person has to wait.
    """
    done: list[Done] = []
    with transaction() as session:
        staff.hold_all(session)
        locked = session.get_one(Staff, person.id)
        if locked.session_generation == person.session_generation and _use_code(session, locked, code, device):
            done.append(do(session))
    if not done:
        raise Refused("again")
    return done[0]


def change_password(person: Staff, old: str, code: str, password: str, again: str, device: str | None = None) -> None:
    """Another password for the same key; every session ends.

    Raises:
        Refused: the old password or the code is wrong, or the new one is not good enough.
    """
    check_new(password, again, person)
    passed = check_both(person, old, code, device)
    wrapped = keys.wrap(passed.private, password)
    with transaction() as session:
        locked = session.get_one(Staff, person.id, with_for_update=True)
        if locked.session_generation != passed.generation:
            raise Refused("old")  # it was reset or changed meanwhile
        credentials.set_wrapped(session, locked, wrapped)


def check_new(password: str, again: str, person: Staff) -> None:
    """Raises Refused for a new password that will not do."""
    wrong = passwords.problem(password, person.login, person.name, deployment().organisation)
    if wrong is None and password != again:
        wrong = "differ"
    if wrong is not None:
        raise Refused(wrong)


def leave(person: Staff) -> None:
    """One session ends."""
    audit.note(person.login, "logout", person.login)


def leave_everywhere(person: Staff) -> None:
    """Every session of the person ends."""
    with transaction() as session:
        locked = session.get_one(Staff, person.id, with_for_update=True)
        credentials.end_sessions(session, locked.login, locked)


def warm_up() -> None:
    """Make what the first attempt would wait for."""
    _dummy()


def _of_login(session: Session, login: str) -> Staff | None:
    if not login.isprintable():  # PostgreSQL takes no NUL
        return None
    return session.scalars(select(Staff).where(Staff.login == login)).first()


@lru_cache(maxsize=1)
def _dummy() -> bytes:
    """A wrapped key of nobody: trying it takes as long as trying a real one."""
    return sealing.wrap(sealing.new_keys().private, secrets.token_hex())


def _use_code(session: Session, person: Staff, code: str, device: str | None) -> bool:
    """True if the code of the phone, or the recovery code, is right and new: then the failures are forgotten."""
    shut = pauses.is_shut(person, device)
    step = None if shut else one_time.step_of(person.one_time_secret, code, person.one_time_step)
    if step is None and (shut or not spare_codes.use(session, person, code)):
        pauses.fail(session, person, device, "code_failed")
        return False
    person.one_time_step = step or person.one_time_step
    pauses.forgive(person, device)
    return True
