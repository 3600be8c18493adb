"""What a text looks like to the classifiers: TF-IDF of words and characters beside the encoder's vector."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer

from bot import encoder
from runtime.folding import fold

_WORD = r"(?u)\w+"


@dataclass
class Features:
    """Fitted on the training texts. `scale` weighs the encoder's numbers against the TF-IDF ones."""

    words: TfidfVectorizer
    letters: TfidfVectorizer
    mean: encoder.Vectors
    deviation: encoder.Vectors
    scale: float

    @classmethod
    def fit(cls, texts: Sequence[str], vectors: encoder.Vectors, scale: float) -> tuple["Features", Any]:
        """Learn from n texts and their vectors (n, 384). Returns the features and the texts' matrix (n, d)."""
        words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=_WORD, dtype=np.float32)
        letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 5), min_df=2, sublinear_tf=True, dtype=np.float32)
        folded = [fold(text) for text in texts]
        made = cls(words.fit(folded), letters.fit(folded), vectors.mean(0), vectors.std(0) + 1e-6, scale)
        return made, made.matrix(texts, vectors)

    def matrix(self, texts: Sequence[str], vectors: encoder.Vectors) -> Any:
        """The sparse matrix (n, d) of the texts."""
        folded = [fold(text) for text in texts]
        meaning = (vectors - self.mean) / self.deviation * self.scale
        parts = [self.words.transform(folded), self.letters.transform(folded), csr_matrix(meaning.astype(np.float32))]
        return hstack(parts, format="csr", dtype=np.float32)
