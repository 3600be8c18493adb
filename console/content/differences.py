"""What changed between two texts, word by word."""

import re
from difflib import SequenceMatcher

SAME, GONE, NEW = "same", "gone", "new"
_WORDS = re.compile(r"\s+|\S+")


def words(old: str, new: str) -> list[tuple[str, str]]:
    """Pieces in the order in which they are read, each with `same`, `gone` or `new`."""
    before, after = _WORDS.findall(old), _WORDS.findall(new)
    pieces: list[tuple[str, str]] = []
    for kind, start, end, first, last in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            pieces.append((SAME, "".join(before[start:end])))
            continue
        if end > start:
            pieces.append((GONE, "".join(before[start:end])))
        if last > first:
            pieces.append((NEW, "".join(after[first:last])))
    return pieces
