"""The classifiers on top of the features: intent, and sensitive categories.

Support vector machines (LinearSVC) learn the borders; what makes their distances probabilities, and from where on a
text is acted on or asked about, is learnt from training texts that the machine at work had not seen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from joblib import Parallel, delayed
from scipy.optimize import minimize_scalar
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, StratifiedShuffleSplit
from sklearn.svm import LinearSVC

from bot.nlu.terms import Row
from runtime import taxonomy

Floats = npt.NDArray[np.float32]

HARD, OTHER = "hard_negative", "other"
_FOLDS = 4


@dataclass
class Linear:
    """What is left of fitted linear models: `weights` (d, k) in half precision, and `intercepts` (k,)."""

    weights: npt.NDArray[np.float16]
    intercepts: Floats

    @classmethod
    def of(cls, models: Sequence[LinearSVC]) -> "Linear":
        """The columns of several models beside each other."""
        weights = np.concatenate([model.coef_ for model in models]).T
        return cls(
            np.ascontiguousarray(weights, dtype=np.float16),
            np.concatenate([np.ravel(model.intercept_) for model in models]).astype(np.float32),
        )

    def scores(self, matrix: csr_matrix) -> Floats:
        """Scores (n, k) of a sparse matrix (n, d)."""
        return np.asarray(matrix @ self.weights.astype(np.float32)) + self.intercepts

    def score(self, row: Row) -> Floats:
        """Scores (k,) of one text."""
        columns, values = row
        return values @ self.weights[columns].astype(np.float32) + self.intercepts


def _machine(matrix: csr_matrix, labels: Any, strength: float, weight: str | None = None) -> LinearSVC:
    made = LinearSVC(C=strength, class_weight=weight, dual=True, max_iter=100, tol=1e-2, random_state=0)
    return made.fit(matrix, labels)


def _shares(scores: Floats, sharpness: float) -> Floats:
    raised = np.exp(sharpness * (scores - scores.max(1, keepdims=True)))
    return np.asarray(raised / raised.sum(1, keepdims=True), dtype=np.float32)


def _sharpness(matrix: csr_matrix, labels: npt.NDArray[np.str_], strength: float) -> float:
    """What fits the distances of texts that a machine had not seen, a seventh of all, best."""
    learn, check = next(StratifiedShuffleSplit(1, test_size=0.15, random_state=0).split(matrix, labels))
    trial = _machine(matrix[learn], labels[learn], strength)
    scores = Linear.of([trial]).scores(matrix[check])
    right = np.searchsorted(trial.classes_, labels[check])

    def surprise(sharpness: float) -> float:
        chances = _shares(scores, sharpness)[np.arange(len(right)), right]
        return float(-np.log(chances + 1e-9).mean())

    return float(minimize_scalar(surprise, bounds=(0.5, 20), method="bounded").x)


@dataclass
class IntentHead:
    """One machine for each intent against the others; `sharpness` turns their distances into probabilities."""

    names: list[str]
    linear: Linear
    sharpness: float

    @classmethod
    def fit(cls, matrix: csr_matrix, intents: Sequence[str], strength: float) -> "IntentHead":
        """Learn from a matrix (n, d) and n intents; `strength` is scikit-learn's C."""
        labels = np.asarray(intents)
        # two processes: each keeps the order of its own random numbers, so that a training can be repeated
        work = [delayed(_sharpness)(matrix, labels, strength), delayed(_machine)(matrix, labels, strength)]
        sharpness, model = Parallel(n_jobs=len(work))(work)
        return cls([str(name) for name in model.classes_], Linear.of([model]), sharpness)

    def ranking(self, row: Row) -> list[tuple[str, float]]:
        """Intents and probabilities of one text, likeliest first."""
        chances = _shares(self.linear.score(row)[None, :], self.sharpness)[0]
        order = np.argsort(-chances, kind="stable")
        return [(self.names[i], float(chances[i])) for i in order]


@dataclass
class SensitiveHead:
    """Column 0 tells whether it is sensitive at all, the others of which category it is if so.

    `slope` and `offset` make a probability of the first; `act_from` and `ask_from` are probabilities.
    """

    names: list[str]
    linear: Linear
    slope: float
    offset: float
    act_from: float
    ask_from: float

    @classmethod
    def fit(
        cls,
        matrix: csr_matrix,
        categories: Sequence[Sequence[str]],
        kinds: Sequence[str],
        strength: float,
        wrongly_acted: float,
        wrongly_asked: float,
    ) -> "SensitiveHead":
        """Learn from a matrix (n, d), the categories of each text (empty where harmless) and its kind.

        `wrongly_acted` is the share of unseen hard negatives that may be acted on (a fifth of it of other texts),
        `wrongly_asked` the share of other unseen texts about which the service may ask.
        """
        grave, kind = np.array([bool(names) for names in categories]), np.asarray(kinds)
        unseen = np.zeros(len(grave))
        for learn, check in StratifiedKFold(_FOLDS, shuffle=True, random_state=0).split(matrix, kind):
            trial = _machine(matrix[learn], grave[learn], strength, "balanced")
            unseen[check] = Linear.of([trial]).scores(matrix[check])[:, 0]
        scale = LogisticRegression().fit(unseen[:, None], grave)
        slope, offset = float(scale.coef_[0, 0]), float(scale.intercept_[0])
        act = max(
            np.quantile(unseen[kind == HARD], 1 - wrongly_acted),
            np.quantile(unseen[kind == OTHER], 1 - wrongly_acted / 5),
        )
        ask = np.quantile(unseen[kind == OTHER], 1 - wrongly_asked)
        told = [names for names in categories if names]
        has = {name: np.array([name in names for names in told]) for name in taxonomy.sensitive_categories()}
        learnt = [name for name, labels in has.items() if labels.any() and not labels.all()]
        rows = matrix[grave]
        models = [_machine(rows, has[name], strength, "balanced") for name in learnt]
        linear = Linear.of([_machine(matrix, grave, strength, "balanced"), *models])
        chances = _chance(np.array([act, min(ask, act)]), slope, offset)
        return cls(learnt, linear, slope, offset, float(chances[0]), float(chances[1]))

    def scores(self, rows: Sequence[Row]) -> tuple[float, list[tuple[str, float]]]:
        """The alarm of the gravest of the rows, and each category's share in that row, highest first."""
        gravest = max((self.linear.score(row) for row in rows), key=lambda scores: float(scores[0]))
        chances = _chance(gravest, self.slope, np.array([self.offset, *[0.0] * len(self.names)]))
        shares = [(name, float(share)) for name, share in zip(self.names, chances[1:], strict=True)]
        return float(chances[0]), sorted(shares, key=lambda pair: -pair[1])


def _chance(score: Any, slope: float, offset: Any) -> Any:
    return 1 / (1 + np.exp(-(slope * score + offset)))
