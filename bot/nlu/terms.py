"""TF-IDF without a dictionary of strings: terms are known by their CRC-32, and one text is weighed in microseconds.

scikit-learn's vectorizer spends milliseconds a text on checks that pay for batches only, and a hundred bytes a term.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from zlib import crc32

import numpy as np
import numpy.typing as npt

Row = tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]
"""Columns and values of one text, columns ascending."""

_WORD = re.compile(r"\w+")


def words(text: str) -> list[str]:
    """Words, and each two that follow each other."""
    single = _WORD.findall(text)
    return single + [f"{first} {second}" for first, second in pairwise(single)]


def letters(text: str, longest: int) -> list[str]:
    """Groups of one to `longest` characters inside words, a space standing for the word's edge."""
    found: list[str] = []
    for word in text.split():
        edged = f" {word} "
        for size in range(1, min(longest, len(edged)) + 1):
            found += [edged[start : start + size] for start in range(len(edged) - size + 1)]
    return found


def groups(text: str) -> list[str]:
    """Groups of one to five characters."""
    return letters(text, 5)


@dataclass(frozen=True)
class Terms:
    """`codes`: CRC-32 of each known term, ascending, shape (t,); `rarity`: its inverse document frequency."""

    split: Callable[[str], list[str]]
    codes: npt.NDArray[np.uint32]
    rarity: npt.NDArray[np.float32]

    @classmethod
    def fit(cls, split: Callable[[str], list[str]], texts: Sequence[str], least: int) -> Terms:
        """Know every term of at least `least` texts. Rarity is ln((1 + texts) / (1 + texts with it)) + 1."""
        seen: Counter[int] = Counter()
        for text in texts:
            seen.update({crc32(term.encode()) for term in split(text)})
        kept = sorted(code for code, number in seen.items() if number >= least)
        share = np.array([seen[code] for code in kept], dtype=np.float64)
        rarity = np.log((1 + len(texts)) / (1 + share)) + 1
        return cls(split, np.array(kept, dtype=np.uint32), rarity.astype(np.float32))

    def __len__(self) -> int:
        return len(self.codes)

    def row(self, text: str) -> Row:
        """The text's columns and weights: (1 + ln count) times rarity, of length 1 together."""
        counts = Counter(self.split(text))
        codes = np.fromiter((crc32(term.encode()) for term in counts), dtype=np.uint32, count=len(counts))
        numbers = np.fromiter(counts.values(), dtype=np.float32, count=len(counts))
        columns, known = self.find(codes)
        order = np.argsort(columns, kind="stable")
        columns, values = columns[order], (1 + np.log(numbers[known][order])) * self.rarity[columns[order]]
        return columns, values / max(float(np.linalg.norm(values)), 1e-9)

    def find(self, codes: npt.NDArray[np.uint32]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
        """Columns of those codes that are known, and which those are."""
        if not len(self.codes):
            return np.zeros(0, dtype=np.int64), np.zeros(len(codes), dtype=bool)
        places = np.minimum(np.searchsorted(self.codes, codes), len(self.codes) - 1)
        known = self.codes[places] == codes
        return places[known], known
