"""Who comes with a key instead of a session: whether it works, for what, how often; what it fetched is written down."""

import re
from typing import cast

from flask import g, request

from casework import api_keys, audit
from console.exports.problems import Problem
from console.login import attempts
from runtime.redis import redis
from store.database import reading

ROLES = {scope: f"key_{scope}" for scope in api_keys.SCOPES}
"""A key's role in the table of access, by its scope."""
MOST = 120
"""Requests of one key in a minute."""
MINUTE = 60
NOTED = 3600
"""Seconds in which what a key reads is written down once, or a tool that asks each minute would fill the log."""
_BEARER = re.compile(r"Bearer +(\S{1,200})", re.IGNORECASE)
_ASK = 'Bearer realm="Sawti"'


def admit(allowed: frozenset[str], page: str) -> None:
    """Let the key in to this page.

    Raises:
        Problem: 401 without a key that works, 403 if it opens other things, 429 if it asks too often.
    """
    given = request.headers.get("Authorization")
    if given is None:
        raise Problem(401, "Send the header Authorization: Bearer, a space and a key.", {"WWW-Authenticate": _ASK})
    found = _BEARER.fullmatch(given.strip())
    with reading() as session:
        key = api_keys.find(session, found[1]) if found else None
    if key is None:
        attempts.count("key_failed")
        refused = {"WWW-Authenticate": f'{_ASK}, error="invalid_token"'}
        raise Problem(401, "There is no such key, or it works no more.", refused)
    _count(key.id)
    g.key = key
    if ROLES[key.scope] not in allowed:
        raise beyond(key.scope)
    api_keys.mark_used(key)
    _note(page)


def beyond(scope: str) -> Problem:
    """The key opens other things."""
    refused = {"WWW-Authenticate": f'{_ASK}, error="insufficient_scope"'}
    return Problem(403, f"This key is for {scope} only.", refused)


def opens_words() -> None:
    """The request is for what people wrote.

    Raises:
        Problem: 403, the key does not open that.
    """
    if g.key.scope != "words":
        raise beyond(g.key.scope)
    _note("words")


def _count(key_id: int) -> None:
    name = f"key:{key_id}:asked"
    with redis().pipeline() as together:
        together.set(name, 0, nx=True, ex=MINUTE)
        together.incr(name)
        together.ttl(name)
        *_, made, left = together.execute()
    if made > MOST:
        raise Problem(429, f"A key may ask {MOST} times a minute.", {"Retry-After": str(max(1, cast(int, left)))})


def _note(what: str) -> None:
    if redis().set(f"key:{g.key.id}:read:{what}", 1, nx=True, ex=NOTED):
        audit.note(api_keys.actor_of(g.key), "key_read", g.key.name, what=what.removeprefix("api."))
