"""The first password, and a phone for one-time codes: by a link, or by who is logged in. No word of Flask here."""

from casework import credentials, report_keys, sealing
from casework.report_models import Staff
from console.login import accounts, keys, one_time, pauses, spare_codes
from console.login.accounts import Refused
from store.database import reading, transaction


def invited(token: str) -> Staff | None:
    """Who may set their first password by this link."""
    with reading() as session:
        return credentials.invited(session, token)


def invited_phone(token: str) -> Staff | None:
    """Who may set up another phone by this link."""
    with reading() as session:
        return credentials.invited_phone(session, token)


def set_first(token: str, password: str, again: str, one_time_secret: str, code: str) -> list[str]:
    """Set the first password and the second factor. Reports that waited for a key are sealed to the new one.
    Returns the recovery codes.

    Raises:
        Refused: the link is over, the password is not good enough, or the code is wrong.
    """
    person = invited(token)
    if person is None:
        raise Refused("link")
    accounts.check_new(password, again, person)
    step = one_time.step_of(one_time_secret, code, after=0)
    if step is None:
        raise Refused("code")
    made = sealing.new_keys()
    wrapped = keys.wrap(made.private, password)
    with transaction() as session:
        locked = session.get_one(Staff, person.id, with_for_update=True)
        if locked.invitation_hash != person.invitation_hash or locked.disabled_at is not None:
            raise Refused("link")  # used, or replaced, in this very moment
        credentials.set_keys(session, locked, made.public, wrapped, one_time_secret)
        locked.one_time_step = step
        report_keys.release_held(session)
        return spare_codes.renew(session, locked)


def set_phone_by_link(token: str, password: str, one_time_secret: str, code: str, device: str | None) -> list[str]:
    """Another phone for who knows the password; the key and what is sealed to it stay. Returns new recovery codes.

    Raises:
        Refused: the link is over, the password or the code is wrong.
    """
    person = invited_phone(token)
    if person is None:
        raise Refused("link")
    passed = accounts.check_password(person.login, password, device, "phone_failed")
    if passed is None:
        raise Refused("password")
    with transaction() as session:
        locked = session.get_one(Staff, person.id, with_for_update=True)
        if locked.invitation_hash != person.invitation_hash or locked.session_generation != passed.generation:
            raise Refused("link")
        step = one_time.step_of(one_time_secret, code, after=0)
        if step is not None:
            credentials.set_phone(session, locked, one_time_secret, step, "link")
            pauses.forgive(locked, device)
            return spare_codes.renew(session, locked)
    raise Refused("code")


def set_phone(person: Staff, one_time_secret: str, code: str) -> None:
    """Another phone for who is logged in and has just shown password and code (`accounts.check_both`).
    The recovery codes stay: whoever stole the old phone has none of them.

    Raises:
        Refused: the code of the new phone is wrong, or the password was changed meanwhile.
    """
    with transaction() as session:
        locked = session.get_one(Staff, person.id, with_for_update=True)
        if locked.session_generation != person.session_generation or locked.disabled_at is not None:
            raise Refused("old")
        step = one_time.step_of(one_time_secret, code, after=0)
        if step is not None:
            credentials.set_phone(session, locked, one_time_secret, step, "console")
    if step is None:
        raise Refused("code")


def renew_codes(person: Staff, old: str, code: str, device: str | None) -> list[str]:
    """New recovery codes for who is logged in and shows password and code once more.

    Raises:
        Refused: the password or the code is wrong, or the password was changed meanwhile.
    """
    passed = accounts.check_both(person, old, code, device)
    with transaction() as session:
        locked = session.get_one(Staff, person.id, with_for_update=True)
        if locked.session_generation != passed.generation or locked.disabled_at is not None:
            raise Refused("old")
        return spare_codes.renew(session, locked)
