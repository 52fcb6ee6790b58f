"""Clusterers that choose how many clusters there are."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.functions.clusterer import MOST_ROUNDS, Clusterer
from gee_sm.emulator.registry import implements


def _check(least: int, most: int, metric: str, metrics: tuple[str, ...]) -> None:
    if not 1 <= least <= most:
        raise EarthEngineError(f"Expected 1 <= minClusters <= maxClusters, got {least} and {most}.")
    if metric not in metrics:
        raise EarthEngineError(f"The distance must be one of {', '.join(metrics)}, got '{metric}'.")


def separation(rows: np.ndarray, labels: np.ndarray) -> float:
    """Return Calinski and Harabasz's (1974) ratio of the spread between and within clusters."""
    numbers = np.unique(labels)
    if not 1 < len(numbers) < len(rows):
        return -math.inf
    middle = rows.mean(axis=0)
    between = within = 0.0
    for number in numbers:
        members = rows[labels == number]
        mean = members.mean(axis=0)
        between += len(members) * ((mean - middle) ** 2).sum()
        within += ((members - mean) ** 2).sum()
    if within == 0:
        return math.inf
    return between / within * (len(rows) - len(numbers)) / (len(numbers) - 1)


@dataclass(frozen=True, eq=False)
class CascadeKMeans(Clusterer):
    """k-means for each number of clusters, the one kept whose clusters are best separated."""

    least: int = 2
    most: int = 10
    restarts: int = 10

    name = "wekaCascadeKMeans"

    def found(self, rows: np.ndarray) -> np.ndarray:
        """Return the centres of scaled rows."""
        best, best_ratio = None, -math.inf
        for count in range(self.least, self.most + 1):
            tried = []
            for restart in range(max(1, self.restarts)):
                plain = replace(self, count=count, seed=self.seed + restart)
                centres = Clusterer.found(plain, rows)
                distances = self.distances(rows, centres)
                tried.append((float((distances.min(axis=1) ** 2).sum()), restart, centres))
            centres = min(tried, key=lambda item: item[:2])[2]
            ratio = separation(rows, self.distances(rows, centres).argmin(axis=1))
            if best is None or ratio > best_ratio:
                best, best_ratio = centres, ratio
        return best


@implements("Clusterer.wekaCascadeKMeans")
def cascade_k_means(
    minClusters: int,
    maxClusters: int,
    restarts: int,
    manual: bool,
    init: bool,
    distanceFunction: str,
    maxIterations: int | None,
) -> Clusterer:
    """Return untrained k-means that chooses the number of clusters by their separation."""
    _check(minClusters, maxClusters, distanceFunction, ("Euclidean", "Manhattan"))
    if manual:
        raise EarthEngineError("Nobody is there to choose the number of clusters by hand.")
    return CascadeKMeans(
        minClusters,
        init,
        distanceFunction,
        maxIterations or MOST_ROUNDS,
        0,
        least=minClusters,
        most=maxClusters,
        restarts=restarts,
    )


def information(rows: np.ndarray, labels: np.ndarray, centres: np.ndarray) -> float:
    """Return Pelleg and Moore's (2000) Bayesian information criterion of clusters."""
    count, inputs = rows.shape
    clusters = len(centres)
    squares = ((rows - centres[labels]) ** 2).sum()
    if count <= clusters:
        return -math.inf
    variance = squares / (count - clusters)
    if variance <= 0:
        return math.inf
    likelihood = 0.0
    for number in range(clusters):
        members = int((labels == number).sum())
        if members:
            likelihood += (
                members * math.log(members / count)
                - members / 2 * math.log(2 * math.pi)
                - members * inputs / 2 * math.log(variance)
                - (members - clusters) / 2
            )
    parameters = clusters - 1 + inputs * clusters + 1
    return likelihood - parameters / 2 * math.log(count)


@dataclass(frozen=True, eq=False)
class XMeans(Clusterer):
    """k-means whose clusters are split in two as long as that is worth the parameters."""

    least: int = 2
    most: int = 8
    splits: int = 3
    child_rounds: int = 1000

    name = "wekaXMeans"

    def found(self, rows: np.ndarray) -> np.ndarray:
        """Return the centres of scaled rows."""
        centres = Clusterer.found(replace(self, count=self.least), rows)
        for _ in range(max(1, self.splits)):
            labels = self.distances(rows, centres).argmin(axis=1)
            gains = []
            for number in range(len(centres)):
                members = rows[labels == number]
                children = self._children(members)
                if children is None:
                    continue
                halves = self.distances(members, children).argmin(axis=1)
                one = np.zeros(len(members), int)
                gain = information(members, halves, children) - information(
                    members, one, members.mean(axis=0)[None]
                )
                if gain > 0:
                    gains.append((gain, number, children))
            gains.sort(key=lambda item: -item[0])
            chosen = gains[: self.most - len(centres)]
            if not chosen:
                break
            split = {number for _, number, _ in chosen}
            kept = [centre for number, centre in enumerate(centres) if number not in split]
            started = np.stack([*kept, *(child for _, _, pair in chosen for child in pair)])
            centres = self.refined(rows, started, self.rounds)
        return centres

    def _children(self, members: np.ndarray) -> np.ndarray | None:
        """Return the centres of a cluster's halves, None where there is nothing to split."""
        if len(np.unique(members, axis=0)) < 2:
            return None
        plain = replace(self, count=2, rounds=self.child_rounds)
        return Clusterer.found(plain, members)


@implements("Clusterer.wekaXMeans")
def x_means(
    minClusters: int,
    maxClusters: int,
    maxIterations: int,
    maxKMeans: int,
    maxForChildren: int,
    useKD: bool,
    cutoffFactor: float,
    distanceFunction: str,
    seed: int,
) -> Clusterer:
    """Return untrained k-means that splits its clusters where the information criterion says so."""
    _check(minClusters, maxClusters, distanceFunction, ("Chebyshev", "Euclidean", "Manhattan"))
    if cutoffFactor:
        raise EarthEngineError("The emulator has cutoffFactor = 0 only.")
    return XMeans(
        minClusters,
        True,
        distanceFunction,
        maxKMeans,
        seed,
        least=minClusters,
        most=maxClusters,
        splits=maxIterations,
        child_rounds=maxForChildren,
    )
