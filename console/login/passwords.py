"""What a password must be. Length is what counts; the rest only keeps away the ones that are tried first."""

import re
import unicodedata
from functools import lru_cache
from pathlib import Path

SHORTEST, LONGEST = 12, 256
LONGEST_TYPED = 4 * LONGEST
"""Characters as they come from the keyboard, before those that belong together are put together."""
FEWEST_LETTERS = 5
"""Different characters; `aaaaaaaaaaaa` has one."""
SHORTEST_PART = 4
"""Letters of a name's part that must not be in the password; shorter ones are in many words."""
OURS = "sawti"
COMMON_FILE = Path(__file__).with_name("common_passwords.txt")


class TooLong(ValueError):
    """Nobody's password is so long. It is refused before it is looked at, for that takes ever more time."""


def plain(password: str) -> str:
    """The same password from every keyboard (NFC, as RFC 8265 asks).

    Raises:
        TooLong: it is not even looked at.
    """
    if len(password) > LONGEST_TYPED:
        raise TooLong
    return unicodedata.normalize("NFC", password)


def problem(password: str, *names: str) -> str | None:
    """What is wrong with a new password: short, long, login, common; None if nothing is.

    `names`: the login, the person's name, the organisation's; no part of them may be in it.
    """
    try:
        folded = plain(password).casefold()
    except TooLong:
        return "long"
    if len(folded) < SHORTEST:
        return "short"
    if len(folded) > LONGEST:
        return "long"
    if any(part in folded for part in _parts(OURS, *names)):
        return "login"
    common = "".join(folded.split()) in _commonest() or len(set(folded)) < FEWEST_LETTERS
    return "common" if common else None


def _parts(*names: str) -> set[str]:
    words = re.split(r"[\W_]+", " ".join(plain(name).casefold() for name in names))
    return {word for word in words if len(word) >= SHORTEST_PART}


@lru_cache(maxsize=1)
def _commonest() -> frozenset[str]:
    return frozenset(COMMON_FILE.read_text(encoding="utf-8").split())
