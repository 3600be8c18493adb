"""What a form or an address holds, read so that nothing odd in it reaches the database."""

from flask import request

LARGEST_ID = 2**63 - 1


def number(text: str | None) -> int | None:
    """A positive id; None if it is none."""
    if text is None or not text.isascii() or not text.isdigit() or len(text) > 19:
        return None
    return int(text) if 0 < int(text) <= LARGEST_ID else None


def word(name: str, longest: int = 48) -> str | None:
    """A short text of the address' query; None if it is empty or no text."""
    text = request.args.get(name, "").strip()[:longest]
    return text if text and text.isprintable() else None


def text(name: str) -> str:
    """A text of the form, with line ends as we keep them."""
    return request.form.get(name, "").replace("\r\n", "\n").strip()
