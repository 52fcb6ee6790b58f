"""Classifiers: scikit-learn's learners behind Earth Engine's parameters.

A classifier keeps its training data and is fitted when somebody predicts with it, for the output
mode it then has. Every row of a prediction depends on that row alone, to the last bit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import numpy as np

from gee_sm.emulator.coercion import NotConvertible, converts
from gee_sm.emulator.errors import EarthEngineError

MODES = (
    "CLASSIFICATION",
    "REGRESSION",
    "PROBABILITY",
    "MULTIPROBABILITY",
    "RAW",
    "RAW_REGRESSION",
)


class Learner(Protocol):
    """What is fitted to data, as scikit-learn's estimators are."""

    def fit(self, x: np.ndarray, y: np.ndarray) -> Any:
        """Learn from rows and their classes or values; return what predicts."""


@dataclass(frozen=True, eq=False)
class Classifier:
    """A way to learn, its training data, and what it shall put out.

    Attributes
    ----------
    name : str
        Name of the constructor, such as ``smileRandomForest``.
    parameters : dict
        Its arguments.
    make : callable
        ``(mode, features) -> learner``, unfitted, for a mode and a number of inputs.
    modes : tuple of str
        The output modes it has.
    mode : str
        The one it is in.
    schema : tuple of str or None
        Names of the inputs; None before training.
    """

    name: str
    parameters: dict[str, Any]
    make: Callable[[str, int], Learner]
    modes: tuple[str, ...]
    mode: str = "CLASSIFICATION"
    schema: tuple[str, ...] | None = None
    x: np.ndarray = field(default_factory=lambda: np.zeros((0, 0)))
    y: np.ndarray = field(default_factory=lambda: np.zeros(0))
    _fitted: dict[str, Any] = field(default_factory=dict)

    type_name = "Classifier"

    def to_json(self) -> dict[str, Any]:
        """Return a description."""
        found = {"type": "Classifier", "classifier": self.name, "mode": self.mode}
        return {**found, **{k: v for k, v in self.parameters.items() if v is not None}}

    def in_mode(self, mode: str) -> Classifier:
        """Return the classifier with another output mode.

        Raises
        ------
        EarthEngineError
            If it does not have that mode.
        """
        mode = mode.upper()
        if mode not in self.modes:
            raise EarthEngineError(
                f"Classifier {self.name} has no output mode {mode}; it has {', '.join(self.modes)}."
            )
        if mode == self.mode:
            return self
        return replace(self, mode=mode, _fitted={})

    def trained(self, x: np.ndarray, y: np.ndarray, schema: list[str]) -> Classifier:
        """Return the classifier with more training data; inputs must stay the same."""
        if self.schema is not None:
            if self.schema != tuple(schema):
                raise EarthEngineError(
                    f"The classifier was trained on {list(self.schema)}, not on {schema}."
                )
            x, y = np.concatenate([self.x, x]), np.concatenate([self.y, y])
        return replace(self, x=x, y=y, schema=tuple(schema), _fitted={})

    @property
    def classes(self) -> np.ndarray:
        """The classes of the training data, ascending."""
        return np.unique(self.y.astype(np.int64))

    @property
    def learner(self) -> Any:
        """What predicts, fitted at the first call."""
        if self.schema is None:
            raise EarthEngineError("The classifier has not been trained.")
        if "learner" not in self._fitted:
            target = self.y
            if not self.mode.endswith("REGRESSION"):
                if len(self.classes) < 2 and self.name != "libsvm":
                    raise EarthEngineError("Only one class.")
                target = self.y.astype(np.int64)
            try:
                learner = self.make(self.mode, self.x.shape[1])
                self._fitted["learner"] = learner.fit(self.x, target)
            except (OverflowError, TypeError, ValueError) as error:
                raise EarthEngineError(f"Classifier {self.name}: {error}") from None
        return self._fitted["learner"]

    @property
    def output_dimensions(self) -> int:
        """1 if each row yields an array, else 0."""
        return int(self.mode.startswith(("MULTI", "RAW")))

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Return what the output mode asks for, for each row.

        Parameters
        ----------
        x : ndarray, shape (n, inputs)

        Returns
        -------
        ndarray, shape (n,) or (n, k)
        """
        learner = self.learner
        if self.mode in ("CLASSIFICATION", "REGRESSION"):
            return learner.predict(x)
        if self.mode == "MULTIPROBABILITY":
            return learner.predict_proba(x)
        if self.mode == "PROBABILITY":
            chances = learner.predict_proba(x)
            return chances[:, 1] if chances.shape[1] == 2 else chances.max(axis=1)
        return learner.raw(x)


def members_of(forest: Any, x: np.ndarray) -> np.ndarray:
    """Return what each tree of a forest says, one column a tree."""
    found = [tree.predict(x) for tree in forest.estimators_]
    if hasattr(forest, "classes_"):
        found = [forest.classes_[votes.astype(np.intp)] for votes in found]
    return np.stack(found, axis=1).astype(np.float64)


class MultinomialBayes:
    """Naive Bayes on counts, smoothed by ``smoothing``; rows with a negative input are left out."""

    def __init__(self, smoothing: float):
        self.smoothing = smoothing

    def fit(self, x: np.ndarray, y: np.ndarray) -> MultinomialBayes:
        """Count the inputs of each class."""
        kept = (x >= 0).all(axis=1)
        x, y = x[kept], y[kept]
        self.classes_, members = np.unique(y, return_counts=True)
        if not len(self.classes_):
            raise ValueError("no training data without negative values")
        counts = np.stack([x[y == c].sum(axis=0) for c in self.classes_]) + self.smoothing
        self.feature_log_prob_ = np.log(counts) - np.log(counts.sum(axis=1, keepdims=True))
        self.class_log_prior_ = np.log(members / members.sum())
        return self

    def predict_proba(self, x: np.ndarray) -> np.ndarray:
        """Return the chance of each class."""
        score = np.repeat(self.class_log_prior_[None], len(x), axis=0)
        for i in range(x.shape[1]):
            score += x[:, i, None] * self.feature_log_prob_[None, :, i]
        chances = np.exp(score - score.max(axis=1, keepdims=True))
        norm = np.zeros(len(x))
        for i in range(chances.shape[1]):
            norm += chances[:, i]
        return chances / norm[:, None]

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Return the most likely class."""
        return self.classes_[self.predict_proba(x).argmax(axis=1)]


class NearestNeighbours:
    """The most frequent class of the k nearest examples."""

    def __init__(self, k: int, metric: str):
        self.k = k
        self.metric = metric

    def fit(self, x: np.ndarray, y: np.ndarray) -> Any:
        """Return scikit-learn's learner, fitted."""
        from sklearn.neighbors import KNeighborsClassifier

        options: dict[str, Any] = {}
        if self.metric == "mahalanobis":
            options["metric_params"] = {"VI": np.linalg.pinv(np.cov(x, rowvar=False))}
        # Not by brute force: that computes many rows together, and rounds differently.
        learner = KNeighborsClassifier(self.k, algorithm="ball_tree", metric=self.metric, **options)
        return learner.fit(x, y)


class OneClass:
    """A one-class machine trained on one class's rows; predicts that class or the other of 0, 1."""

    def __init__(self, machine: Any, chosen: int):
        self.machine = machine
        self.chosen = chosen

    def fit(self, x: np.ndarray, y: np.ndarray) -> OneClass:
        """Learn from the rows of the chosen class."""
        if not (y == self.chosen).any():
            raise ValueError(f"no training data of class {self.chosen}")
        self.machine.fit(x[y == self.chosen])
        return self

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Return the chosen class for what resembles it, else the other one."""
        return np.where(self.machine.predict(x) > 0, self.chosen, 1 - self.chosen)


class MinimumDistance:
    """The class whose mean is nearest.

    Parameters
    ----------
    metric : str
        ``euclidean``, ``cosine`` (the angle), ``mahalanobis`` (with each class's own covariance)
        or ``manhattan``.
    nearest_distance : bool
        Predict the distance to the nearest mean instead of its class.
    """

    def __init__(self, metric: str, *, nearest_distance: bool = False):
        self.metric = metric
        self.nearest_distance = nearest_distance

    def fit(self, x: np.ndarray, y: np.ndarray) -> MinimumDistance:
        """Take the mean, and for ``mahalanobis`` the covariance, of each class."""
        classes = y.astype(np.int64)
        self.classes_ = np.unique(classes)
        self.means_ = np.stack([x[classes == c].mean(axis=0) for c in self.classes_])
        if self.metric == "mahalanobis":
            self.inverses_ = np.stack(
                [
                    np.linalg.pinv(np.atleast_2d(np.cov(x[classes == c], rowvar=False)))
                    for c in self.classes_
                ]
            )
        return self

    def raw(self, x: np.ndarray) -> np.ndarray:
        """Return the distance to each class's mean."""
        return np.stack([self._distance(x, k) for k in range(len(self.classes_))], axis=1)

    def _distance(self, x: np.ndarray, k: int) -> np.ndarray:
        mean = self.means_[k]
        found = np.zeros(len(x))
        inputs = range(x.shape[1])
        if self.metric == "manhattan":
            for i in inputs:
                found += np.abs(x[:, i] - mean[i])
            return found
        if self.metric == "cosine":
            length = np.zeros(len(x))
            for i in inputs:
                found += x[:, i] * mean[i]
                length += x[:, i] ** 2
            norm = np.sqrt(length) * np.sqrt((mean**2).sum())
            return np.arccos(np.clip(found / np.where(norm > 0, norm, 1), -1, 1))
        if self.metric == "mahalanobis":
            for i in inputs:
                for j in inputs:
                    found += (x[:, i] - mean[i]) * self.inverses_[k, i, j] * (x[:, j] - mean[j])
            return np.sqrt(np.maximum(found, 0))
        for i in inputs:
            found += (x[:, i] - mean[i]) ** 2
        return np.sqrt(found)

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Return the nearest class, or the distance to it."""
        distances = self.raw(x)
        if self.nearest_distance:
            return distances.min(axis=1)
        return self.classes_[distances.argmin(axis=1)]


@converts("Classifier")
def _classifier(value: Any) -> Classifier:
    if isinstance(value, Classifier):
        return value
    raise NotConvertible
