"""How the served languages look in letters: naive Bayes over groups of one to four letters of the texts in data/nlu.

People write to us as those texts do (short, misspelt, romanised), which no library's profiles know.
"""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any
from zlib import crc32

import joblib
import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from sklearn.naive_bayes import MultinomialNB

from bot.nlu.terms import Terms, letters
from runtime import taxonomy, training_texts
from runtime.settings import ROOT

_LONGEST = 4
_FORM = f"2 {version('scikit-learn')}".encode()


def _groups(text: str) -> list[str]:
    return letters(text, _LONGEST)


@dataclass(frozen=True)
class Likeness:
    """`chances`: log-likelihood of the letters in each language of `Profiles.languages`, shape (k,).

    `unknown`: share of the four-letter groups that no language's texts have; `typical`: the best language's mean
    log-likelihood per known group.
    """

    chances: npt.NDArray[np.float32]
    unknown: float
    typical: float


@dataclass
class Profiles:
    """Fitted on the examples of every language that has a folder in data/nlu."""

    languages: tuple[str, ...]
    groups: Terms
    weights: npt.NDArray[np.float32]

    @classmethod
    def fit(cls, texts: dict[str, list[str]]) -> Profiles:
        """Learn from the texts of each language, already cleaned."""
        labels = [language for language, examples in texts.items() for _ in examples]
        lowered = [text.lower() for examples in texts.values() for text in examples]
        known = Terms.fit(_groups, lowered, 2)
        rows = [known.row(text)[0] for text in lowered]
        starts = np.cumsum([0, *map(len, rows)])
        held = np.concatenate(rows)
        matrix = csr_matrix((np.ones(len(held), dtype=np.float32), held, starts), shape=(len(rows), len(known)))
        model = MultinomialNB(alpha=0.05, fit_prior=False).fit(matrix, labels)
        weights = np.ascontiguousarray(model.feature_log_prob_.T, dtype=np.float32)
        return cls(tuple(map(str, model.classes_)), known, weights)

    def likeness(self, text: str) -> Likeness:
        """What the letters of a cleaned text say."""
        found = sorted(set(_groups(text.lower())))
        codes = np.fromiter((crc32(group.encode()) for group in found), dtype=np.uint32, count=len(found))
        columns, known = self.groups.find(codes)
        chances = self.weights[columns].sum(0)
        long = np.fromiter((len(group) == _LONGEST for group in found), dtype=bool, count=len(found))
        unknown = float((long & ~known).sum() / long.sum()) if long.any() else 0.0
        return Likeness(chances, unknown, float(chances.max()) / max(len(columns), 1))


@lru_cache(maxsize=1)
def profiles(clean: Any) -> Profiles:
    """This process's profiles; kept in models/ from one start to the next. `clean` prepares a text."""
    files = {code: training_texts.files(code) for code in taxonomy.languages()}
    content = b"".join(file.read_bytes() for group in files.values() for file in group)
    digest = hashlib.sha256(_FORM + content).hexdigest()[:16]
    kept = ROOT / "models" / f"languages-{digest}.joblib"
    if kept.exists():
        made: Profiles = joblib.load(kept)
        return made
    texts = {
        code: [clean(text) for file in group for _, examples in training_texts.read(file) for text in examples]
        for code, group in files.items()
    }
    made = Profiles.fit(texts)
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=kept.parent, delete=False) as file:
        joblib.dump(made, file)
    Path(file.name).chmod(0o644)
    Path(file.name).replace(kept)
    for old in kept.parent.glob("languages-*.joblib"):
        if old != kept:
            old.unlink(missing_ok=True)
    return made
