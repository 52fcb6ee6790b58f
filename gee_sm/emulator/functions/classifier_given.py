"""Classifiers that are given, not learnt: trees as text, regions in a plane; and removed ones."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.registry import implements
from gee_sm.emulator.values.classifier import Classifier
from gee_sm.emulator.values.decision_trees import TreeEnsemble, input_names, read_trees


@dataclass(frozen=True, eq=False)
class GivenClassifier(Classifier):
    """A classifier that needs no training."""

    @property
    def learner(self) -> Any:
        """What predicts."""
        return self.make(self.mode, len(self.schema or ()))

    @property
    def classes(self) -> np.ndarray:
        """The classes that it can predict."""
        return np.unique(self.learner.classes_.astype(np.int64))

    def in_mode(self, mode: str) -> Classifier:
        """Return the classifier with another output mode."""
        if mode.upper() not in self.modes:
            raise EarthEngineError(
                f"Classifier {self.name} has no output mode {mode.upper()}; it has "
                f"{', '.join(self.modes)}."
            )
        return replace(self, mode=mode.upper())

    def trained(self, x: np.ndarray, y: np.ndarray, schema: list[str]) -> Classifier:
        """Refuse to be trained."""
        raise EarthEngineError(f"Classifier {self.name} cannot be trained.")

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Return what the output mode asks for; the mean of trees for a regression."""
        if self.mode == "REGRESSION":
            return self.learner.mean(x)
        return super().predict(x)


def _of_trees(name: str, texts: list[str]) -> Classifier:
    roots = [root for text in texts for root in read_trees(text)]
    names = input_names(roots)
    ensemble = TreeEnsemble(roots, names)
    return GivenClassifier(
        name,
        {"numberOfTrees": len(roots)},
        lambda mode, features: ensemble,
        ("CLASSIFICATION", "REGRESSION", "PROBABILITY", "MULTIPROBABILITY", "RAW"),
        schema=tuple(names),
    )


@implements("Classifier.decisionTree")
def decision_tree(treeString: str) -> Classifier:
    """Return a classifier of one tree."""
    roots = read_trees(treeString)
    if len(roots) > 1:
        raise EarthEngineError(
            f"The text holds {len(roots)} trees; Classifier.decisionTreeEnsemble takes several."
        )
    return _of_trees("decisionTree", [treeString])


@implements("Classifier.decisionTreeEnsemble")
def decision_tree_ensemble(treeStrings: list[str]) -> Classifier:
    """Return a classifier of trees that vote."""
    if not treeStrings:
        raise EarthEngineError("Expected at least one tree, got an empty list.")
    return _of_trees("decisionTreeEnsemble", treeStrings)


class _Region:
    """1 inside of a polygon with the even-odd rule, 0 outside."""

    classes_ = np.array([0, 1])

    def __init__(self, rings: list[np.ndarray]):
        self.rings = rings

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Return 1 where a ray to the right crosses an odd number of edges."""
        u, v = x[:, 0], x[:, 1]
        inside = np.zeros(len(x), bool)
        for ring in self.rings:
            for (u1, v1), (u2, v2) in zip(ring, np.roll(ring, -1, axis=0), strict=True):
                if v1 == v2:
                    continue
                crosses = ((v1 > v) != (v2 > v)) & (u < (u2 - u1) * (v - v1) / (v2 - v1) + u1)
                inside ^= crosses
        return inside.astype(np.int64)


@implements("Classifier.spectralRegion")
def spectral_region(coordinates: list[list[float]], schema: list[str] | None) -> Classifier:
    """Return a classifier that tells whether two values lie in a polygon."""
    rings = []
    for ring in coordinates:
        if len(ring) < 6 or len(ring) % 2:
            raise EarthEngineError(
                f"A ring is a list of coordinate pairs [u1, v1, u2, v2, ...] of at least three "
                f"points, got {len(ring)} numbers."
            )
        rings.append(np.array(ring, np.float64).reshape(-1, 2))
    names = ["u", "v"] if schema is None else schema
    if len(names) != 2:
        raise EarthEngineError(f"The schema must have 2 names, got {names}.")
    region = _Region(rings)
    return GivenClassifier(
        "spectralRegion",
        {"coordinates": coordinates},
        lambda mode, features: region,
        ("CLASSIFICATION",),
        schema=tuple(names),
    )


_REMOVED = (
    "cart",
    "continuousNaiveBayes",
    "gmoLinearRegression",
    "gmoMaxEnt",
    "ikpamir",
    "naiveBayes",
    "pegasosGaussian",
    "pegasosLinear",
    "pegasosPolynomial",
)


def _removed(**arguments: Any) -> Classifier:
    raise EarthEngineError(
        "This classifier has been removed. For more information see: "
        "https://goo.gle/deprecated-classifiers."
    )


implements(*(f"Classifier.{name}" for name in _REMOVED))(_removed)
