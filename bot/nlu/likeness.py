"""Do two messages tell the same thing, in whatever languages? A learnt view of the encoder's vectors.

Vectors of one language lie together, whatever they say; and what tells one matter from another is a small part of them.
So each language's mean is taken away, and the rest is seen along the directions in which groups of texts that tell the
same thing (metadata `about` in data/nlu) differ from each other more than within themselves: linear discriminant
analysis, shrunk.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bot import encoder
from bot.encoder import Vectors
from runtime import taxonomy, training_texts

DIMENSIONS = 100
SHRINKAGE = 0.3


@dataclass(frozen=True)
class Likeness:
    """`means`: per language, shape (384,). `view`: shape (384, 100)."""

    means: dict[str, Vectors]
    view: Vectors
    centre: Vectors

    @classmethod
    def fit(cls, vectors: Vectors, languages: list[str], cache: Path) -> Likeness:
        """Learn from the groups of data/nlu. `vectors`, `languages`: of all training texts, for the means."""
        spoken = np.array(languages)
        means = {code: vectors[spoken == code].mean(0) for code in sorted(set(languages))}
        told = list(_texts())
        found = encoder.vectors([text for _, _, text in told], cache)
        bare = np.stack([row - means[code] for row, (_, code, _) in zip(found, told, strict=True)])
        groups = np.array([group for group, _, _ in told])
        centre = bare.mean(0)
        return cls(means, _view(bare - centre, groups), centre)

    def vector(self, meaning: Vectors, language: str | None) -> Vectors:
        """The view of one text's vector, shape (100,), length 1; the mean of all languages where it is unknown."""
        known = self.means.get(language or "")
        mean = known if known is not None else np.mean(list(self.means.values()), axis=0)
        seen = (meaning - mean - self.centre) @ self.view
        found: Vectors = (seen / (np.linalg.norm(seen) + 1e-9)).astype(np.float32)
        return found


def _texts() -> Iterator[tuple[int, str, str]]:
    """Group, language, text."""
    numbers: dict[str, int] = {}
    for code in taxonomy.languages():
        for about, texts in training_texts.alike(code):
            number = numbers.setdefault(about, len(numbers))
            yield from ((number, code, text) for text in texts)


def _view(bare: Vectors, groups: Vectors) -> Vectors:
    size = bare.shape[1]
    within, between = np.zeros((size, size)), np.zeros((size, size))
    for group in np.unique(groups):
        rows = bare[groups == group]
        mean = rows.mean(0)
        within += (rows - mean).T @ (rows - mean)
        between += len(rows) * np.outer(mean, mean)
    within /= len(bare)
    within = (1 - SHRINKAGE) * within + SHRINKAGE * np.eye(size) * np.trace(within) / size
    values, axes = np.linalg.eigh(within)
    whitened = axes @ np.diag(values**-0.5) @ axes.T
    _, directions = np.linalg.eigh(whitened.T @ between @ whitened)
    found: Vectors = (whitened @ directions[:, ::-1][:, :DIMENSIONS]).astype(np.float32)
    return found
