"""What a text looks like to the classifiers: TF-IDF of words and characters beside the encoder's vector."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from bot import encoder
from bot.nlu.terms import Row, Terms, groups, words
from runtime.folding import fold


@dataclass
class Features:
    """Fitted on the training texts. `scale` weighs the encoder's numbers against the TF-IDF ones.

    Columns: words, groups of letters, then the encoder's 384.
    """

    words: Terms
    groups: Terms
    mean: encoder.Vectors
    deviation: encoder.Vectors
    scale: float

    @classmethod
    def fit(cls, texts: Sequence[str], vectors: encoder.Vectors, scale: float) -> tuple[Features, csr_matrix]:
        """Learn from n texts and their vectors (n, 384). Returns the features and the texts' matrix (n, d)."""
        folded = [fold(text) for text in texts]
        made = cls(
            Terms.fit(words, folded, 1), Terms.fit(groups, folded, 2), vectors.mean(0), vectors.std(0) + 1e-6, scale
        )
        rows = [made.row(text, vector) for text, vector in zip(texts, vectors, strict=True)]
        starts = np.cumsum([0, *(len(columns) for columns, _ in rows)])
        parts = (
            np.concatenate([values for _, values in rows]),
            np.concatenate([columns for columns, _ in rows]),
            starts,
        )
        return made, csr_matrix(parts, shape=(len(rows), made.width), dtype=np.float32)

    @property
    def width(self) -> int:
        """d, the number of columns."""
        return len(self.words) + len(self.groups) + encoder.DIMENSIONS

    def row(self, text: str, vector: encoder.Vectors) -> Row:
        """One text and its vector as columns and values."""
        folded = fold(text)
        (first, some), (second, others) = self.words.row(folded), self.groups.row(folded)
        meaning = ((vector - self.mean) / self.deviation * self.scale).astype(np.float32)
        start = len(self.words) + len(self.groups)
        places: npt.NDArray[np.int64] = np.arange(start, start + len(meaning))
        return np.concatenate([first, second + len(self.words), places]), np.concatenate([some, others, meaning])
