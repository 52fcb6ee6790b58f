"""ConfusionMatrix.*: accuracies of a classification."""

from __future__ import annotations

from typing import Any

from gee_sm.emulator.coercion import coerce
from gee_sm.emulator.registry import implements
from gee_sm.emulator.values.array import Array
from gee_sm.emulator.values.confusion_matrix import ConfusionMatrix, confusion_matrix
from gee_sm.emulator.values.pixel_type import DOUBLE


@implements("ConfusionMatrix")
def construct(array: Any, order: list[int] | None) -> ConfusionMatrix:
    """Return the matrix of counts in an array."""
    if isinstance(array, ConfusionMatrix):
        return array
    counts = coerce(array, "Array", "ConfusionMatrix", "array").values
    return confusion_matrix(counts, order)


@implements("ConfusionMatrix.accuracy")
def accuracy(confusionMatrix: ConfusionMatrix) -> float:
    """Return the share of correct predictions."""
    return confusionMatrix.accuracy


@implements("ConfusionMatrix.kappa")
def kappa(confusionMatrix: ConfusionMatrix) -> float:
    """Return Cohen's kappa."""
    return confusionMatrix.kappa


@implements("ConfusionMatrix.array")
def array(confusionMatrix: ConfusionMatrix) -> Array:
    """Return the counts."""
    return Array(confusionMatrix.counts)


@implements("ConfusionMatrix.order")
def order(confusionMatrix: ConfusionMatrix) -> list[int]:
    """Return the classes in the order of the rows."""
    return list(confusionMatrix.order)


@implements("ConfusionMatrix.producersAccuracy")
def producers_accuracy(confusionMatrix: ConfusionMatrix) -> Array:
    """Return the share of each actual class that was predicted right, as a column."""
    return Array(confusionMatrix.producers_accuracy, DOUBLE)


@implements("ConfusionMatrix.consumersAccuracy")
def consumers_accuracy(confusionMatrix: ConfusionMatrix) -> Array:
    """Return the share of each predicted class that is right, as a row."""
    return Array(confusionMatrix.consumers_accuracy, DOUBLE)


@implements("ConfusionMatrix.fscore")
def f_score(confusionMatrix: ConfusionMatrix, beta: float) -> Array:
    """Return the F score of each class."""
    return Array(confusionMatrix.f_score(beta), DOUBLE)
