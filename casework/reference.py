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
_HYPHEN_OR_DIGIT = re.compile(r"[-\d]")
_NO_LETTER = re.compile(r"[\W_]")
_WORD = re.compile(r"\S+(?: \S(?!\S))?")
"""A word, or two where the second is one character: "K7Q4 X"."""
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
    spelt = re.sub(r"(?<=\b[A-Z0-9])\s+(?=[A-Z0-9]\b)", "", plain)
    for candidate in (spelt, plain):  # in "статус 7 V K F P" the word and the 7 would pass for a code
        for match in _SHAPE.finditer(candidate):
            if _check(match[1]) == match[2]:
                return f"{match[1]}-{match[2]}"
    return None


def is_code(text: str) -> bool:
    """True if the text is nothing but a code, and not a word that happens to pass for one ("me matan"): a hyphen or a
    digit is there, or it is spelt out letter by letter."""
    found = find(text)
    if found is None or len(_NO_LETTER.sub("", text)) != len(found) - 1:
        return False
    return bool(_HYPHEN_OR_DIGIT.search(text)) or all(len(letter) == 1 for letter in text.split())


def without(text: str) -> str:
    """The text without the codes in it, where words are left: a code means nothing to what reads words."""
    left = _WORD.sub(_drop_code, text)
    return left if left.strip() else text


def _drop_code(match: re.Match[str]) -> str:
    whole = match[0]
    first, _, last = whole.partition(" ")
    return "" if is_code(whole) else last if is_code(first) else whole


def _check(body: str) -> str:
    total = sum(weight * ALPHABET.index(letter) for weight, letter in enumerate(body, 1))
    return ALPHABET[-total * pow(len(body) + 1, -1, len(ALPHABET)) % len(ALPHABET)]
