"""Reference codes in what people write: a message that is nothing else, and words with one between them."""

from casework import reference

LONGEST = 32


def asks_by_code(text: str) -> bool:
    """True if the message is nothing but a code, also spelt out ("k 7 q 4 x"), with at most a word before it."""
    words = text.split()
    codes = (words, words[1:]) if len(text) <= LONGEST else ()
    return any(reference.is_code(" ".join(code)) for code in codes)


def words_of(text: str) -> str:
    """What there is to read: the text without codes, where words are left."""
    return reference.without(text)
