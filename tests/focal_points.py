"""The focal points of tests/deployment.yml with keys, and what they read."""

from functools import lru_cache
from typing import Any

from casework import sealing

PASSWORD = "three quiet lanterns at dusk"


@lru_cache
def keys(login: str) -> sealing.Keys:
    """A pair for each login, the same in every test."""
    return sealing.new_keys()


@lru_cache
def _wrapped(login: str) -> bytes:
    # the least that Argon2id allows: these tests are not about its cost
    return sealing.wrap(keys(login).private, PASSWORD, operations=1, memory=8192)


def equip(*logins: str) -> None:
    """Give people their keys, as if they had set a password; everybody without logins."""
    from casework import report_keys, staff
    from store.database import transaction

    with transaction() as session:
        for person in staff.everybody(session):
            if not logins or person.login in logins:
                person.public_key, person.wrapped_key = keys(person.login).public, _wrapped(person.login)
        session.flush()
        report_keys.release_held(session)


def reader(login: str) -> Any:
    """The person logged in."""
    from casework import staff
    from casework.readers import Reader
    from store.database import reading

    with reading() as session:
        return Reader(staff.find(session, login).id, login, keys(login).private)


def opens(login: str, reference: str | None = None) -> Any:
    """A report (the newest one) as this person opens it.

    Raises:
        readers.NotForYou: it is not for them.
    """
    from sqlalchemy import select

    from casework import readers
    from casework.report_models import Report
    from store.database import reading

    with reading() as session:
        query = select(Report).order_by(Report.id.desc()).limit(1)
        found = session.scalars(query.where(Report.reference == reference) if reference else query).one()
        return readers.open_(session, reader(login), found)


def words(login: str, reference: str | None = None) -> list[str]:
    """The words of the person in a report, as this focal point reads them."""
    return [piece.data.get("text") or "" for piece in opens(login, reference).pieces if piece.kind == "words"]
