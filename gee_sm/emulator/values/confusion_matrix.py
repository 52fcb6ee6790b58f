"""Confusion matrices: how often each actual class was predicted as each other one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from gee_sm.emulator.coercion import NotConvertible, converts, type_name
from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.values.array import as_array

_MOST_CLASSES = 5000


@dataclass(frozen=True, eq=False)
class ConfusionMatrix:
    """Counts with actual classes as rows and predicted ones as columns."""

    counts: np.ndarray
    order: tuple[int, ...]

    type_name = "ConfusionMatrix"

    def to_json(self) -> list[list[float]]:
        """Return the rows."""
        return self.counts.tolist()

    @property
    def accuracy(self) -> float:
        """Share of the cases on the diagonal."""
        return _ratio(np.trace(self.counts), self.counts.sum())

    @property
    def producers_accuracy(self) -> np.ndarray:
        """For each actual class, the share predicted right: a column."""
        return _ratios(np.diag(self.counts), self.counts.sum(axis=1))[:, None]

    @property
    def consumers_accuracy(self) -> np.ndarray:
        """For each predicted class, the share that is right: a row."""
        return _ratios(np.diag(self.counts), self.counts.sum(axis=0))[None, :]

    @property
    def kappa(self) -> float:
        """Cohen's kappa: agreement beyond chance."""
        total = self.counts.sum()
        if total == 0:
            return 0.0
        expected = float(self.counts.sum(axis=0) @ self.counts.sum(axis=1)) / total**2
        return float(_ratio(self.accuracy - expected, 1 - expected))

    def f_score(self, beta: float) -> np.ndarray:
        """Weighted harmonic mean of consumer's and producer's accuracy of each class."""
        precision, recall = self.consumers_accuracy[0], self.producers_accuracy[:, 0]
        square = float(np.square(min(abs(beta), 1e100)))
        return _ratios((1 + square) * precision * recall, square * precision + recall)


def _ratio(part: float, whole: float) -> float:
    return float(part) / float(whole) if whole else 0.0


def _ratios(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    part, whole = np.asarray(part, float), np.asarray(whole, float)
    return np.divide(part, whole, out=np.zeros_like(part), where=whole != 0)


def confusion_matrix(counts: np.ndarray, order: list[int] | None = None) -> ConfusionMatrix:
    """Return the matrix of counts; classes are numbered from 0 unless an order is given.

    Raises
    ------
    EarthEngineError
        If the counts are not square, or the order has another length.
    """
    counts = np.asarray(counts)
    if counts.ndim != 2 or counts.shape[0] != counts.shape[1]:
        raise EarthEngineError(
            f"A confusion matrix must be square and 2D, got lengths {list(counts.shape)}."
        )
    classes = tuple(range(len(counts)) if order is None else order)
    if len(classes) != len(counts):
        raise EarthEngineError(
            f"The order has {len(classes)} classes, the matrix {len(counts)} rows."
        )
    return ConfusionMatrix(counts, classes)


def _class(value: Any) -> int:
    if not isinstance(value, int | float) or not np.isfinite(value):
        raise EarthEngineError(f"Classes must be whole numbers, found a {type_name(value)}.")
    return int(value)


def error_matrix(
    pairs: Iterable[tuple[Any, Any]], order: list[int] | None = None
) -> ConfusionMatrix:
    """Count pairs of actual and predicted classes.

    Without an order the classes run from 0 to the largest; with one, pairs with another class are
    left out. Pairs with a null are left out.
    """
    known = [
        (_class(actual), _class(predicted))
        for actual, predicted in pairs
        if actual is not None and predicted is not None
    ]
    if order is None:
        largest = max((max(pair) for pair in known), default=-1)
        if min((min(pair) for pair in known), default=0) < 0:
            raise EarthEngineError("Classes may not be negative; give their order.")
        if largest >= _MOST_CLASSES:
            raise EarthEngineError(
                f"Classes run up to {largest}; give the order of those that occur."
            )
        classes = list(range(largest + 1))
    else:
        classes = [_class(item) for item in order]
    position = {name: i for i, name in enumerate(classes)}
    counts = np.zeros((len(classes), len(classes)), np.int64)
    for actual, predicted in known:
        if actual in position and predicted in position:
            counts[position[actual], position[predicted]] += 1
    return ConfusionMatrix(counts, tuple(classes))


@converts("ConfusionMatrix")
def _confusion_matrix(value: Any) -> ConfusionMatrix:
    if isinstance(value, ConfusionMatrix):
        return value
    if isinstance(value, list) or getattr(value, "type_name", "") == "Array":
        return confusion_matrix(as_array(value).values)
    raise NotConvertible
