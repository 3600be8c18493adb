"""A form that is sent twice, by a double click, is done once."""

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from flask import g, request

from console.login.sessions import LONGEST
from runtime.redis import redis


def form_id() -> str:
    """What makes this form different from every other that is shown."""
    return secrets.token_urlsafe(16)


@contextmanager
def first_time() -> Iterator[bool]:
    """True for the first time that this form is sent, and again if nothing came of it."""
    name = _name()
    if name is None:
        yield True
        return
    first = bool(redis().set(name, 1, nx=True, ex=LONGEST))
    try:
        yield first
    except BaseException:
        if first:
            redis().delete(name)
        raise


def _name() -> str | None:
    given = request.form.get("once", "")
    told = f"{g.who.person.id} {given}"
    return f"once:{hashlib.sha256(told.encode()).hexdigest()}" if given else None
