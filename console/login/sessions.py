"""Login sessions. Redis holds them as ciphertext whose key is in the browser's cookie, and nowhere else.

The cookie has a random token. SHA-256 of it names the entry in Redis, HKDF of it opens the entry: a copy of Redis or of
the database opens nothing. A step of logging in (the password was given) is such an entry too, of another stage; each
step has a new token. So is the secret of a phone that is being set up, until its first code has come.
"""

import base64
import hashlib
import json
import os
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from casework.readers import Reader
from casework.report_models import Staff
from console.blueprint import IDLE
from console.login.accounts import Passed
from runtime.redis import redis
from store.database import now, reading

LONGEST = timedelta(hours=8)
"""A session ends so long after its login, however much it is used."""
CODE_WITHIN = timedelta(minutes=5)
"""From the password to the one-time code."""
PHONE_WITHIN = timedelta(minutes=30)
"""From showing the picture for a phone to its first code."""
OPEN, CODE, PHONE = "open", "code", "phone"
"""Stages: logged in; the one-time code is to come; a phone is being set up."""


@dataclass(frozen=True)
class Who:
    """Somebody who is logged in."""

    person: Staff
    private: bytes = field(repr=False)
    left: timedelta
    """Until the session ends, if it is not used."""

    @property
    def reader(self) -> Reader:
        """As casework knows them."""
        return Reader(self.person.id, self.person.login, self.private)


def expect_code(passed: Passed) -> str:
    """The password was right. Returns the token for the cookie."""
    return _begin(CODE, _of(passed), CODE_WITHIN)


def awaited(token: str | None) -> Passed | None:
    """Whose one-time code is to come."""
    data = _read(CODE, token)
    return _passed(data) if data is not None and _age(data, "opened_at") <= CODE_WITHIN else None


def open_(passed: Passed) -> str:
    """The code was right too: a session. Returns the token for the cookie."""
    return _begin(OPEN, _of(passed), IDLE)


def resume(token: str | None, is_use: bool = True) -> Who | None:
    """Who is logged in with this token; the time without use starts anew, unless a page asks by itself."""
    data = _read(OPEN, token)
    if data is None or token is None:
        return None
    with reading() as session:
        person = session.get(Staff, data["staff_id"])
    over = _age(data, "seen_at") > IDLE or _age(data, "opened_at") > LONGEST
    if over or person is None or person.disabled_at is not None or person.session_generation != data["generation"]:
        end(token)
        return None
    if not is_use:
        return Who(person, _passed(data).private, min(IDLE - _age(data, "seen_at"), LONGEST - _age(data, "opened_at")))
    left = min(IDLE, LONGEST - _age(data, "opened_at"))
    _write(OPEN, token, {**data, "seen_at": now().timestamp()}, left, anew=False)
    return Who(person, _passed(data).private, left)


def begin_phone(token: str, link: str, one_time_secret: str) -> None:
    """A picture for a phone is shown to this browser, on the page of this link and on no other."""
    _write(PHONE, f"{token} {link}", {"secret": one_time_secret}, PHONE_WITHIN, anew=True)


def phone(token: str, link: str) -> str | None:
    """The one-time secret that was shown."""
    data = _read(PHONE, f"{token} {link}")
    return str(data["secret"]) if data is not None else None


def end_phone(token: str, link: str) -> None:
    """It was set up, or given up."""
    end(f"{token} {link}")


def end(token: str | None) -> None:
    """Whatever this token opened is gone."""
    if token is not None:
        redis().delete(_name(token))


def _begin(stage: str, data: dict[str, Any], lasts: timedelta) -> str:
    token = secrets.token_urlsafe(32)
    at = now().timestamp()
    _write(stage, token, {**data, "opened_at": at, "seen_at": at}, lasts, anew=True)
    return token


def _write(stage: str, token: str, data: dict[str, Any], lasts: timedelta, anew: bool) -> None:
    """Not `anew`: only where it still is, for a logout meanwhile is final."""
    nonce = os.urandom(12)
    sealed = nonce + _cipher(token).encrypt(nonce, json.dumps(data).encode(), stage.encode())
    redis().set(_name(token), sealed, ex=max(1, int(lasts.total_seconds())), xx=not anew)


def _read(stage: str, token: str | None) -> dict[str, Any] | None:
    sealed = cast("bytes | None", redis().get(_name(token))) if token is not None else None
    if sealed is None or token is None:
        return None
    try:
        plain = _cipher(token).decrypt(sealed[:12], sealed[12:], stage.encode())
    except InvalidTag:
        return None  # of another stage
    return dict(json.loads(plain))


def _of(passed: Passed) -> dict[str, Any]:
    private = base64.b64encode(passed.private).decode()
    return {
        "staff_id": passed.staff_id,
        "login": passed.login,
        "private": private,
        "generation": passed.generation,
    }


def _passed(data: dict[str, Any]) -> Passed:
    return Passed(data["staff_id"], data["login"], data["generation"], base64.b64decode(data["private"]))


def _age(data: dict[str, Any], since: str) -> timedelta:
    return timedelta(seconds=now().timestamp() - float(data[since]))


def _name(token: str) -> str:
    return f"login:{hashlib.sha256(token.encode()).hexdigest()}"


def _cipher(token: str) -> AESGCM:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"sawti/console session").derive(token.encode())
    return AESGCM(derived)
