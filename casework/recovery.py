"""The offline recovery key: one more reader of each report, whose private half this service never stores."""

import hashlib
import re

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from casework import audit, readers, report_keys, routing, sealing, staff
from casework.report_models import RecoveryKey, Report, ReportSeal, Staff
from casework.routing import Routing
from store.database import now, transaction

_CHECK = 4
"""Bytes of a checksum after the key: a letter misread from paper is noticed."""
_GROUP, _LINE = 4, 6


class BadKey(ValueError):
    """What was typed is no recovery key, or not one of this deployment; the text says which."""


def create(session: Session, by: str) -> tuple[str, str]:
    """Make a key; an earlier one is retired for new reports and still opens the old. Returns it for paper, and its
    fingerprint."""
    keys = sealing.new_keys()
    session.execute(update(RecoveryKey).where(RecoveryKey.retired_at.is_(None)).values(retired_at=now()))
    session.add(RecoveryKey(public_key=keys.public))
    session.flush()
    mark = sealing.fingerprint(keys.public)
    audit.record(session, by, "recovery_created", None, key=mark)
    return on_paper(keys.private), mark


def share(by: str, typed: str, login: str) -> int:
    """Seal to the person every report that they may read and this key opens. Returns how many.

    Raises:
        BadKey: it is no recovery key of this deployment.
        BadStaff: there is no such person, or they have no password, and so no key, yet.
    """
    keys = sealing.of_private(from_paper(typed))
    with transaction() as session:
        person = staff.find(session, login)
        if person.public_key is None:
            raise staff.BadStaff(f"{person.login} has set no password yet")
        known = session.scalars(select(RecoveryKey).where(RecoveryKey.public_key == keys.public)).first()
        if known is not None:
            return _give(session, by, keys, known, person)
    audit.note(by, "recovery_refused", person.login)
    raise BadKey("this is not a recovery key of this deployment")


def _give(session: Session, by: str, keys: sealing.Keys, known: RecoveryKey, person: Staff) -> int:
    given = 0
    for report in session.scalars(select(Report).where(Report.forgotten_at.is_(None))):
        if readers.has_seal(session, report, person.id) or not routing.may_read(person, Routing.of(report)):
            continue
        seal = session.scalars(
            select(ReportSeal.sealed).where(ReportSeal.report_id == report.id, ReportSeal.recovery_id == known.id)
        ).first()
        if seal is not None and not routing.is_withheld(report):
            session.add(report_keys.seal_to(report, person, sealing.unseal(keys.private, seal)))
            given += 1
    session.flush()
    audit.record(session, by, "recovery_used", person.login, given=given)
    return given


def on_paper(private: bytes) -> str:
    """The key with its checksum as groups of four letters and digits, six in a line."""
    text = (private + hashlib.sha256(private).digest()[:_CHECK]).hex().upper()
    groups = [text[start : start + _GROUP] for start in range(0, len(text), _GROUP)]
    return "\n".join(" ".join(groups[start : start + _LINE]) for start in range(0, len(groups), _LINE))


def from_paper(typed: str) -> bytes:
    """The key as somebody typed it.

    Raises:
        BadKey: letters are missing or wrong.
    """
    plain = re.sub(r"[\s.-]", "", typed)
    try:
        data = bytes.fromhex(plain)
    except ValueError:
        raise BadKey("a recovery key has only the digits 0-9 and the letters A-F") from None
    private, check = data[:-_CHECK], data[-_CHECK:]
    if len(private) != 32 or hashlib.sha256(private).digest()[:_CHECK] != check:
        raise BadKey("the recovery key is not whole, or a letter is wrong")
    return private
