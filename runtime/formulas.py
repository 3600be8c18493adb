"""Texts that go into tables: no cell becomes a formula.

Somebody may write `=HYPERLINK(…)` into a complaint for the colleague who opens the table.
https://owasp.org/www-community/attacks/CSV_Injection
"""

import re
import unicodedata

_BEFORE = re.compile(
    r"""[\s"'`‘’“”«»\x00-\x20\x7f-\xa0\xad\u061c\u180e\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff]*"""
)
"""What may stand before a sign and not be seen."""
_SIGNS = frozenset("=+-@−")
_SIGN = "[=+\\-@−＝＋－＠﹦﹢﹣﹫]"
_NEXT_CELL = re.compile(rf"""([;\t\r\n]["'\s]*)(?={_SIGN})""")
"""Where the comma marks decimals, Excel takes a semicolon for the end of a cell, also within quotation marks."""
_GUARD = re.compile(rf"""([;\t\r\n]["'\s]*)'(?={_SIGN})""")


def guarded(text: str) -> str:
    """The text with an apostrophe before what a spreadsheet would take for a formula."""
    seen = text[_BEFORE.match(text).end() :]  # type: ignore[union-attr]
    looks_like_one = text[:1] in ("\t", "\r", "\n") or unicodedata.normalize("NFKC", seen[:1])[:1] in _SIGNS
    inside = _NEXT_CELL.sub(r"\1'", text)
    return f"'{inside}" if looks_like_one and seen else inside


def unguarded(text: str) -> str:
    """The text as it was before `guarded`; any other stays as it is."""
    bare = _GUARD.sub(r"\1", text.removeprefix("'"))
    return bare if guarded(bare) == text else text
