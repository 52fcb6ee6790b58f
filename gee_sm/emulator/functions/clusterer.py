"""Clusterer.*: groups found in data without classes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gee_sm.emulator.coercion import NotConvertible, converts
from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.functions.classifier import (
    input_names,
    numbers,
    predicted_features,
    predicted_image,
    subsample,
)
from gee_sm.emulator.registry import implements
from gee_sm.emulator.values.collection import Collection
from gee_sm.emulator.values.image import Image
from gee_sm.emulator.values.pixel_type import INT32

MOST_ROUNDS = 500


@dataclass(frozen=True, eq=False)
class Clusterer:
    """k-means: each row belongs to the nearest of k centres, each centre is the mean of its rows.

    Inputs are scaled to their range in the training data first. ``metric`` is ``Euclidean``,
    ``Manhattan``, with which a centre is the median of its rows, or ``Chebyshev``.
    """

    count: int
    plus_plus: bool
    metric: str
    rounds: int
    seed: int
    schema: tuple[str, ...] | None = None
    low: np.ndarray | None = None
    span: np.ndarray | None = None
    centres: np.ndarray | None = None

    type_name = "Clusterer"
    name = "wekaKMeans"

    def to_json(self) -> dict[str, Any]:
        """Return a description."""
        return {"type": "Clusterer", "clusterer": self.name, "nClusters": self.count}

    def trained(self, x: np.ndarray, schema: list[str]) -> Clusterer:
        """Return the clusterer with centres found in rows."""
        low, span = x.min(axis=0), np.ptp(x, axis=0)
        span = np.where(span > 0, span, 1.0)
        centres = self.found((x - low) / span)
        return replace(self, schema=tuple(schema), low=low, span=span, centres=centres)

    def found(self, rows: np.ndarray) -> np.ndarray:
        """Return the centres of scaled rows."""
        return self.refined(rows, self._start(rows), self.rounds)

    def refined(self, rows: np.ndarray, centres: np.ndarray, rounds: int) -> np.ndarray:
        """Return centres moved to the middle of their rows until they rest, or often enough."""
        middle = np.median if self.metric == "Manhattan" else np.mean
        for _ in range(rounds):
            nearest = self.distances(rows, centres).argmin(axis=1)
            moved = np.stack(
                [
                    middle(rows[nearest == k], axis=0) if (nearest == k).any() else centres[k]
                    for k in range(len(centres))
                ]
            )
            if np.array_equal(moved, centres):
                break
            centres = moved
        return centres

    def _start(self, rows: np.ndarray) -> np.ndarray:
        rng = np.random.default_rng(self.seed % 2**64)
        different = np.unique(rows, axis=0)
        count = min(self.count, len(different))
        if not self.plus_plus:
            return different[rng.choice(len(different), count, replace=False)]
        chosen = [different[rng.integers(len(different))]]
        while len(chosen) < count:
            squares = self.distances(different, np.stack(chosen)).min(axis=1) ** 2
            chosen.append(different[rng.choice(len(different), p=squares / squares.sum())])
        return np.stack(chosen)

    def distances(self, rows: np.ndarray, centres: np.ndarray) -> np.ndarray:
        """Return the distance of each row to each centre."""
        found = np.zeros((len(rows), len(centres)))
        for i in range(rows.shape[1]):
            difference = np.abs(rows[:, i, None] - centres[None, :, i])
            if self.metric == "Chebyshev":
                found = np.maximum(found, difference)
            else:
                found += difference if self.metric == "Manhattan" else difference**2
        return np.sqrt(found) if self.metric == "Euclidean" else found

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Return the number of the nearest centre for each row."""
        return self.distances((x - self.low) / self.span, self.centres).argmin(axis=1)


@implements("Clusterer.wekaKMeans")
def k_means(
    nClusters: int,
    init: int,
    canopies: bool,
    maxCandidates: int,
    periodicPruning: int,
    minDensity: int,
    t1: int,
    t2: int,
    distanceFunction: str,
    maxIterations: int | None,
    preserveOrder: bool,
    fast: bool,
    seed: int,
) -> Clusterer:
    """Return untrained k-means."""
    if nClusters < 1:
        raise EarthEngineError(f"The number of clusters must be positive, got {nClusters}.")
    if init not in (0, 1):
        raise EarthEngineError(
            f"Of the initializations, the emulator has 0 (random) and 1 (k-means++), not {init}."
        )
    if distanceFunction not in ("Euclidean", "Manhattan"):
        raise EarthEngineError(
            f"The distance must be Euclidean or Manhattan, got '{distanceFunction}'."
        )
    return Clusterer(nClusters, init == 1, distanceFunction, maxIterations or MOST_ROUNDS, seed)


@implements("Clusterer.train")
def train(
    clusterer: Clusterer,
    features: Collection,
    inputProperties: list[str] | None,
    subsampling: float,
    subsamplingSeed: int,
) -> Clusterer:
    """Return the clusterer trained on features."""
    names = input_names(features, inputProperties, None)
    return clusterer.trained(
        numbers(subsample(features, subsampling, subsamplingSeed), names), names
    )


@implements("Clusterer.schema")
def schema(clusterer: Clusterer) -> list[str] | None:
    """Return the names of the inputs, null before training."""
    return None if clusterer.schema is None else list(clusterer.schema)


def _names(clusterer: Clusterer) -> list[str]:
    if clusterer.schema is None:
        raise EarthEngineError("The clusterer has not been trained.")
    return list(clusterer.schema)


@implements("Image.cluster")
def cluster_image(image: Image, clusterer: Clusterer, outputName: str) -> Image:
    """Return the cluster of each pixel."""
    return predicted_image(image, _names(clusterer), clusterer.predict, outputName, INT32)


@implements("FeatureCollection.cluster")
def cluster_features(features: Collection, clusterer: Clusterer, outputName: str) -> Collection:
    """Return each feature with its cluster."""
    return predicted_features(features, _names(clusterer), clusterer.predict, outputName)


@converts("Clusterer")
def _clusterer(value: Any) -> Clusterer:
    if isinstance(value, Clusterer):
        return value
    raise NotConvertible
