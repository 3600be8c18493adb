"""One form for letters that people write in several ways: case, accents, vowel signs, letters that sound alike."""

import re
import unicodedata


def _amharic() -> dict[int, str]:
    """Letters of one sound in Amharic: every order of a series, and the first orders that are read like the fourth."""
    table = {}
    for series, kept in (("ሐ", "ሀ"), ("ኀ", "ሀ"), ("ኸ", "ሀ"), ("ሠ", "ሰ"), ("ዐ", "አ"), ("ጸ", "ፀ")):
        table.update({ord(series) + order: chr(ord(kept) + order) for order in range(7)})
    same = {"ሃ": "ሀ", "ሓ": "ሀ", "ኃ": "ሀ", "ኻ": "ሀ", "ዓ": "አ", "ኣ": "አ"}
    return {**table, **{ord(letter): kept for letter, kept in same.items()}}


_ALIKE = {
    **_amharic(),
    **str.maketrans(
        {
            "أ": "ا", "إ": "ا", "آ": "ا", "ى": "ي", "ی": "ي", "ئ": "ي", "ؤ": "و", "ة": "ه", "ک": "ك", "ـ": None,
            "ё": "е", "ґ": "г", "і": "и", "ї": "и", "є": "е",
        }
    ),
}  # fmt: skip
_REPEATED = re.compile(r"(.)\1{2,}")


def fold(text: str) -> str:
    """`text` in small letters without marks, letters that sound alike made one, "heeeelp" shortened."""
    small = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold().translate(_ALIKE))
    decomposed = unicodedata.normalize("NFKD", small.casefold())
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return _REPEATED.sub(r"\1\1", unicodedata.normalize("NFC", bare).translate(_ALIKE))
