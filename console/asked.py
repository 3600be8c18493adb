"""What a form or an address holds, read so that nothing odd in it reaches the database."""

import re
from collections.abc import Container

from flask import request

LARGEST_ID = 2**63 - 1
_OURS = re.compile(r"/console/[A-Za-z0-9/_-]{0,80}(\?([A-Za-z0-9=&_.+-]|%[0-9A-Fa-f]{2}){1,400})?")
"""Addresses to which somebody may be led after logging in: no other site, no dots or encoded letters in the path."""


def number(text: str | None) -> int | None:
    """A positive id; None if it is none."""
    if text is None or not text.isascii() or not text.isdigit() or len(text) > 19:
        return None
    return int(text) if 0 < int(text) <= LARGEST_ID else None


def numbers(name: str) -> set[int]:
    """Ids of the form, of those that were ticked."""
    found = (number(one) for one in request.form.getlist(name))
    return {one for one in found if one is not None}


def word(name: str, longest: int = 48) -> str | None:
    """A short text of the address' query; None if it is empty or no text."""
    text = request.args.get(name, "").strip()[:longest]
    return text if text and text.isprintable() else None


def is_odd(name: str, known: Container[str] | None = None, longest: int = 48) -> bool:
    """Something stands in the address' query that is none of the known, or no text of this length."""
    text = request.args.get(name, "").strip()
    if known is not None:
        return text != "" and text not in known
    return len(text) > longest or not text.isprintable()


def is_odd_number(name: str) -> bool:
    """Something stands in the address' query that is no positive id."""
    text = request.args.get(name, "")
    return text != "" and number(text) is None


def text(name: str) -> str:
    """A text of the form, with line ends as we keep them."""
    return request.form.get(name, "").replace("\r\n", "\n").strip()


def wanted_page() -> str | None:
    """Where the person wanted to go before they had to log in; None if that is none of our pages."""
    return _our_page(request.args.get("next", ""))


def this_page() -> str | None:
    """The page that is asked for, as `wanted_page` takes it; None for what is no page to come back to."""
    if request.method not in ("GET", "HEAD"):
        return None
    return _our_page(request.full_path.rstrip("?"))


def _our_page(path: str) -> str | None:
    return path if _OURS.fullmatch(path) and "//" not in path else None
