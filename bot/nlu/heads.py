"""The classifiers on top of the features: intent, and sensitive categories."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from runtime import taxonomy

Floats = npt.NDArray[np.float32]


@dataclass
class Linear:
    """What is left of a fitted logistic regression: `weights` (d, k) and `intercepts` (k,), for one product a text."""

    weights: Floats
    intercepts: Floats

    @classmethod
    def of(cls, models: Sequence[LogisticRegression]) -> "Linear":
        """The columns of several models beside each other."""
        weights = np.concatenate([model.coef_ for model in models]).T
        return cls(
            np.ascontiguousarray(weights, dtype=np.float32),
            np.concatenate([model.intercept_ for model in models]).astype(np.float32),
        )

    def scores(self, matrix: Any) -> Floats:
        """Scores (n, k) of a sparse matrix (n, d)."""
        return np.asarray(matrix @ self.weights) + self.intercepts


@dataclass
class IntentHead:
    """Multinomial logistic regression over the intents."""

    names: list[str]
    linear: Linear

    @classmethod
    def fit(cls, matrix: Any, intents: Sequence[str], strength: float) -> "IntentHead":
        """Learn from a matrix (n, d) and n intents; `strength` is scikit-learn's C."""
        model = LogisticRegression(C=strength, max_iter=300, random_state=0).fit(matrix, np.asarray(intents))
        return cls([str(name) for name in model.classes_], Linear.of([model]))

    def ranking(self, row: Any) -> list[tuple[str, float]]:
        """Intents and probabilities of one text (matrix (1, d)), likeliest first."""
        scores = self.linear.scores(row)[0]
        shares = np.exp(scores - scores.max())
        chances = shares / shares.sum()
        order = np.argsort(-chances, kind="stable")
        return [(self.names[i], float(chances[i])) for i in order]


@dataclass
class SensitiveHead:
    """Column 0 tells whether it is sensitive at all, the others of which category it is if so."""

    names: list[str]
    linear: Linear

    @classmethod
    def fit(cls, matrix: Any, categories: Sequence[Sequence[str]], strength: float) -> "SensitiveHead":
        """Learn from a matrix (n, d) and the categories of each text (empty where harmless)."""
        grave = np.array([bool(names) for names in categories])

        def fitted(rows: Any, labels: Any) -> LogisticRegression:
            model = LogisticRegression(C=strength, max_iter=300, class_weight="balanced", random_state=0)
            return model.fit(rows, labels)

        rows = matrix[grave]
        told = [names for names in categories if names]
        has = {name: np.array([name in names for names in told]) for name in taxonomy.sensitive_categories()}
        learnt = [name for name, labels in has.items() if labels.any() and not labels.all()]
        models = [fitted(matrix, grave), *(fitted(rows, has[name]) for name in learnt)]
        return cls(learnt, Linear.of(models))

    def scores(self, matrix: Any) -> tuple[float, list[tuple[str, float]]]:
        """The alarm of the gravest row of a matrix (n, d), and each category's share in that row, highest first."""
        chances = 1 / (1 + np.exp(-self.linear.scores(matrix)))
        row = chances[int(np.argmax(chances[:, 0]))]
        shares = [(name, float(share)) for name, share in zip(self.names, row[1:], strict=True)]
        return float(row[0]), sorted(shares, key=lambda pair: -pair[1])
