"""The two classifiers on top of the features: intent, and sensitive categories."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression

from runtime import taxonomy


@dataclass
class IntentHead:
    """Multinomial logistic regression over the intents."""

    model: LogisticRegression

    @classmethod
    def fit(cls, matrix: Any, intents: Sequence[str], strength: float) -> "IntentHead":
        """Learn from a matrix (n, d) and n intents; `strength` is scikit-learn's C."""
        model = LogisticRegression(C=strength, max_iter=300, random_state=0).fit(matrix, np.asarray(intents))
        return cls(model)

    def ranking(self, row: Any) -> list[tuple[str, float]]:
        """Intents and probabilities of one text (matrix (1, d)), likeliest first."""
        chances = self.model.predict_proba(row)[0]
        order = np.argsort(-chances, kind="stable")
        return [(str(self.model.classes_[i]), float(chances[i])) for i in order]


@dataclass
class SensitiveHead:
    """One logistic regression for "is it sensitive at all", one for "of which category" among the sensitive."""

    alarm: LogisticRegression
    kind: list[tuple[str, LogisticRegression]]

    @classmethod
    def fit(cls, matrix: Any, categories: Sequence[Sequence[str]], strength: float) -> "SensitiveHead":
        """Learn from a matrix (n, d) and the categories of each text (empty where harmless)."""
        grave = np.array([bool(names) for names in categories])
        alarm = LogisticRegression(C=strength, max_iter=300, class_weight="balanced", random_state=0).fit(matrix, grave)
        rows = matrix[grave]
        named = [names for names in categories if names]
        kind = []
        for category in taxonomy.sensitive_categories():
            has = np.array([category in names for names in named])
            if has.any() and not has.all():
                model = LogisticRegression(C=strength, max_iter=300, class_weight="balanced", random_state=0)
                kind.append((category, model.fit(rows, has)))
        return cls(alarm, kind)

    def scores(self, matrix: Any) -> tuple[float, list[tuple[str, float]]]:
        """The alarm of the gravest row of a matrix (n, d), and each category's share in that row, highest first."""
        alarms = self.alarm.predict_proba(matrix)[:, 1]
        row = int(np.argmax(alarms))
        shares = [(name, float(model.predict_proba(matrix[row])[0, 1])) for name, model in self.kind]
        return float(alarms[row]), sorted(shares, key=lambda pair: -pair[1])
