"""What a password must be. Length is what counts; the rest only keeps away the ones that are tried first."""

import unicodedata
from functools import lru_cache
from pathlib import Path

SHORTEST, LONGEST = 12, 256
FEWEST_LETTERS = 5
"""Different characters; `aaaaaaaaaaaa` has one."""
COMMON_FILE = Path(__file__).with_name("common_passwords.txt")


def plain(password: str) -> str:
    """The same password from every keyboard (NFC, as RFC 8265 asks)."""
    return unicodedata.normalize("NFC", password)


def problem(password: str, login: str) -> str | None:
    """What is wrong with a new password: short, long, login, common; None if nothing is."""
    folded = plain(password).casefold()
    if len(folded) < SHORTEST:
        return "short"
    if len(folded) > LONGEST:
        return "long"
    if login.casefold() in folded:
        return "login"
    common = folded in _commonest() or len(set(folded)) < FEWEST_LETTERS
    return "common" if common else None


@lru_cache(maxsize=1)
def _commonest() -> frozenset[str]:
    return frozenset(COMMON_FILE.read_text(encoding="utf-8").split())
