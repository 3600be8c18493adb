"""Reference codes such as K7Q4-X: letters and digits that nobody confuses, and a check character.

23 characters (a prime) and weights 1, 2, 3 … : every single wrong character and every swap of neighbours is noticed.
"""

import re
import secrets
import unicodedata
from collections.abc import Callable

ALPHABET = "ACDEFHJKMNPQRTUVWXY3479"
_LENGTH = 4
_LOOKALIKES = str.maketrans("АСЕНКМРТХУЈԚԜαΑΗΚΜΝΡΤΥΧΕ", "ACEHKMPTXYJQWAAHKMNPTYXE")
_AROUND_HYPHEN = re.compile(r"\s*([-._])\s*")
_SHAPE = re.compile(rf"(?<!\w)([{ALPHABET}]{{4,6}})[\s._-]?([{ALPHABET}])(?!\w)")


def make(choose: Callable[[str], str] = secrets.choice, length: int = _LENGTH) -> str:
    """A new code. It is the caller's to see that it is not taken."""
    body = "".join(choose(ALPHABET) for _ in range(length))
    return f"{body}-{_check(body)}"


def find(text: str) -> str | None:
    """The first valid code in what a person wrote: any case, spaces, digits of other scripts, look-alike letters."""
    plain = unicodedata.normalize("NFKC", text).upper().translate(_LOOKALIKES)
    plain = _AROUND_HYPHEN.sub(r"\1", plain)
    plain = "".join(str(unicodedata.digit(letter)) if letter.isdigit() else letter for letter in plain)
    for candidate in (plain, re.sub(r"(?<=\b[A-Z0-9])\s+(?=[A-Z0-9]\b)", "", plain)):
        for match in _SHAPE.finditer(candidate):
            if _check(match[1]) == match[2]:
                return f"{match[1]}-{match[2]}"
    return None


def _check(body: str) -> str:
    total = sum(weight * ALPHABET.index(letter) for weight, letter in enumerate(body, 1))
    return ALPHABET[-total * pow(len(body) + 1, -1, len(ALPHABET)) % len(ALPHABET)]
