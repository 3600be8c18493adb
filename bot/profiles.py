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

import joblib
import numpy as np
import numpy.typing as npt
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.naive_bayes import MultinomialNB

from runtime import taxonomy, training_texts
from runtime.settings import ROOT

_LONGEST = 4
_FORM = f"1 {version('scikit-learn')}".encode()


@dataclass(frozen=True)
class Likeness:
    """`chances`: log-likelihood of the letters in each language of `Profiles.languages`, shape (k,).

    `unknown`: share of the four-letter groups that no language's texts have; `typical`: the best language's mean
    log-likelihood per known group.
    """

    chances: npt.NDArray[np.float64]
    unknown: float
    typical: float


@dataclass
class Profiles:
    """Fitted on the examples of every language that has a folder in data/nlu."""

    languages: tuple[str, ...]
    groups: CountVectorizer
    weights: npt.NDArray[np.float64]

    @classmethod
    def fit(cls, texts: dict[str, list[str]]) -> Profiles:
        """Learn from the texts of each language, already cleaned."""
        groups = CountVectorizer(analyzer="char_wb", ngram_range=(1, _LONGEST), min_df=2, binary=True)
        labels = [language for language, examples in texts.items() for _ in examples]
        matrix = groups.fit_transform([text.lower() for examples in texts.values() for text in examples])
        model = MultinomialNB(alpha=0.05, fit_prior=False).fit(matrix, labels)
        return cls(tuple(map(str, model.classes_)), groups, np.ascontiguousarray(model.feature_log_prob_.T))

    def likeness(self, text: str) -> Likeness:
        """What the letters of a cleaned text say."""
        found = sorted(set(self.groups.build_analyzer()(text.lower())))
        known = [self.groups.vocabulary_[group] for group in found if group in self.groups.vocabulary_]
        chances = self.weights[known].sum(0)
        long = [group for group in found if len(group) == _LONGEST]
        unknown = sum(group not in self.groups.vocabulary_ for group in long) / len(long) if long else 0.0
        return Likeness(chances, unknown, float(chances.max()) / max(len(known), 1))


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
