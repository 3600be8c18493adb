"""Recovery codes: each stands once for a code of the phone, when that is lost. Not the recovery key of the reports.

Kept are SHA-256 hashes of 50 random bits under the keyring: who has only the database cannot even begin to guess.
"""

import hashlib
import hmac
import secrets

from sqlalchemy.orm import Session

from casework import audit
from casework.report_models import Staff

MANY = 10
FEW = 3
"""With so many left or fewer, it is time for new ones."""
LENGTH = 10
_SIGNS = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's 32: no i, l, o and u."""
_MISREAD = str.maketrans("oil", "011")


def renew(session: Session, person: Staff) -> list[str]:
    """Make new codes, to be shown once; those of before count no more. The person's row is held."""
    made = ["".join(secrets.choice(_SIGNS) for _ in range(LENGTH)) for _ in range(MANY)]
    _keep(person, [_hash(code) for code in made])
    audit.record(session, person.login, "recovery_codes_made", person.login)
    return [f"{code[: LENGTH // 2]}-{code[LENGTH // 2 :]}" for code in made]


def use(session: Session, person: Staff, given: str) -> bool:
    """True if it is one of the codes: from now on it is none. The person's row is held."""
    plain = "".join(given.split()).replace("-", "").lower().translate(_MISREAD)
    hashed = _hash(plain)
    before = _kept(person)
    after = [kept for kept in before if not hmac.compare_digest(kept, hashed)]
    if len(plain) != LENGTH or len(after) == len(before):
        return False
    _keep(person, after)
    audit.record(session, person.login, "recovery_code_used", person.login, left=len(after))
    return True


def left(person: Staff) -> int:
    """How many are still good."""
    return len(_kept(person))


def _kept(person: Staff) -> list[str]:
    return (person.spare_codes or "").split()


def _keep(person: Staff, hashes: list[str]) -> None:
    person.spare_codes = " ".join(hashes) or None


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode("utf-8", "replace")).hexdigest()
