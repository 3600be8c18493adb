"""Keys of other tools: made and taken back by administrators, shown once, good for a time and for one scope.

SHA-256 is enough for the hash: a key is 32 random bytes, which nobody guesses.
"""

import hashlib
import re
import secrets
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from casework import audit
from casework.models import ApiKey
from casework.refusal import Refusal
from store.database import changed, now, transaction

SCOPES = ("figures", "feedback", "words")
"""What a key opens: counts; feedback without words too; the words too."""
MOST_DAYS = 3 * 365
USED = timedelta(minutes=5)
"""How exactly it is kept when a key was last used: not every request shall write."""
_KEY = re.compile(r"sawti_[A-Za-z0-9_-]{43}")


class CannotMake(Refusal):
    """There is no such key to make; the text says why."""


def make(session: Session, by: str, name: str, scope: str, days: int) -> tuple[ApiKey, str]:
    """A new key and its text, which cannot be read again.

    Raises:
        CannotMake: the name, scope or time is wrong, or a key that still works has this name.
    """
    name = " ".join(name.split())
    if not 2 <= len(name) <= 40 or not name.isprintable():
        raise CannotMake("A name of 2 to 40 letters is needed: it tells which tool has the key.")
    if scope not in SCOPES:
        raise CannotMake("Choose what the key opens.")
    if not 1 <= days <= MOST_DAYS:
        raise CannotMake("A key lasts from one day to three years.")
    at = now()
    same = select(ApiKey.id).where(ApiKey.name == name, ApiKey.revoked_at.is_(None), ApiKey.expires_at > at)
    if session.scalars(same.limit(1)).first() is not None:
        raise CannotMake("A key that works has this name already.")
    text = f"sawti_{secrets.token_urlsafe(32)}"
    key = ApiKey(
        name=name, key_hash=_hash(text), scope=scope, made_by=by, expires_at=at + timedelta(days=days), created_at=at
    )
    session.add(key)
    session.flush()
    audit.record(session, by, "key_made", actor_of(key), name=name, scope=scope, days=days)
    return key, text


def revoke(session: Session, by: str, key_id: int) -> bool:
    """The key opens nothing from now on. False if there is none that works."""
    key = session.get(ApiKey, key_id, with_for_update=True)
    if key is None or key.revoked_at is not None:
        return False
    key.revoked_at = now()
    audit.record(session, by, "key_revoked", actor_of(key), name=key.name)
    return True


def revoke_of(session: Session, by: str, maker: str) -> None:
    """Take back every key that this person made and could have kept."""
    made = select(ApiKey.id).where(ApiKey.made_by == maker, ApiKey.revoked_at.is_(None), ApiKey.expires_at > now())
    for key_id in session.scalars(made).all():
        revoke(session, by, key_id)


def find(session: Session, text: str) -> ApiKey | None:
    """The key, if it works now."""
    if not _KEY.fullmatch(text):
        return None
    good = (ApiKey.key_hash == _hash(text), ApiKey.revoked_at.is_(None), ApiKey.expires_at > now())
    return session.scalars(select(ApiKey).where(*good)).first()


def everyone(session: Session) -> Sequence[ApiKey]:
    """All keys, newest first, also those that work no more."""
    return session.scalars(select(ApiKey).order_by(ApiKey.id.desc())).all()


def works(key: ApiKey) -> bool:
    """True until it is taken back or its time is over."""
    return key.revoked_at is None and key.expires_at > now()


def mark_used(key: ApiKey) -> None:
    """Keep that it was used, if that is not known yet."""
    at = now()
    if key.last_used_at is not None and at - key.last_used_at < USED:
        return
    stale = or_(ApiKey.last_used_at.is_(None), ApiKey.last_used_at < at - USED)
    with transaction() as session:
        changed(session, update(ApiKey).where(ApiKey.id == key.id, stale).values(last_used_at=at))


def actor_of(key: ApiKey) -> str:
    """What the audit log calls it."""
    return f"key {key.id}"


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
