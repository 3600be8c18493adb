"""What people wrote, without what leads to a person: for training texts, exports and other tools.

Numbers, addresses, links and codes are replaced; names of people are not, for no rule finds them in twelve languages.
"""

import re
import unicodedata

import phonenumbers

from casework import reference

TAKEN_OUT = "…"
_ADDRESS = re.compile(
    r"https?://\S+|www\.\S+|\S+[@＠]\S+\.\S+|[@＠]\w+|\b[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}/\S*", re.IGNORECASE
)
_DIGITS = re.compile(r"\d[\d\s./-]{2,}\d")
_SPREAD = re.compile(r"\d(?:[\W_]{0,3}\d){6,}")
"""Seven digits or more with signs between them: (0722) 000_001."""


def stripped(text: str) -> str:
    """The text on one line without phone numbers, addresses, long numbers and codes; "" where that cannot be done."""
    printable = "".join(" " if unicodedata.category(letter)[0] == "C" else letter for letter in text)
    text = _ADDRESS.sub(TAKEN_OUT, " ".join(printable.split()))
    while code := reference.find(text):
        bare = re.compile(r"[\s._-]*".join(map(re.escape, code.replace("-", ""))), re.IGNORECASE)
        text, found = bare.subn(TAKEN_OUT, text)
        if not found:  # written with other letters than it was given: nothing of the line may leave
            return ""
    matches = list(phonenumbers.PhoneNumberMatcher(text, None, leniency=phonenumbers.Leniency.POSSIBLE))
    for match in reversed(matches):
        text = text[: match.start] + TAKEN_OUT + text[match.end :]
    return _DIGITS.sub(TAKEN_OUT, _SPREAD.sub(TAKEN_OUT, text))
