"""Reducers that count values."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.registry import implements
from gee_sm.emulator.values.array import Array
from gee_sm.emulator.values.java_format import java_text
from gee_sm.emulator.values.pixel_type import DOUBLE, PixelType
from gee_sm.emulator.values.reducer import Arrays, Reducer, Result, as_input, as_number

_BUCKETS = 256
_MOST_BUCKETS = 2**20
Objects = Callable[[list[list[Any]], list[float]], list[Any]]


def _arrays_of(dimensions: int) -> Callable[[PixelType], PixelType]:
    return lambda pixel_type: replace(DOUBLE, dimensions=dimensions)


@implements("Reducer.frequencyHistogram")
def frequency_histogram() -> Reducer:
    """Count each value, by its text."""

    def objects(columns: list[list[Any]], weights: list[float]) -> list[Any]:
        found: dict[str, float] = {}
        for item, weight in zip(columns[0], weights, strict=True):
            if item is not None and weight > 0:
                key = java_text(item) if isinstance(item, int | float) else str(item)
                found[key] = found.get(key, 0) + weight
        return [found]

    return Reducer(1, ("histogram",), (as_input,), None, objects, weighted=True)


def _bins(values: np.ndarray, low: float, high: float, steps: int) -> np.ndarray:
    """Return the step in which each value lies, -1 outside of [low, high)."""
    with np.errstate(all="ignore"):
        found = np.floor((values - low) / (high - low) * steps)
    inside = (values >= low) & (values < high)
    return np.where(inside, np.minimum(found, steps - 1), -1).astype(np.intp)


def _counts(bins: list[np.ndarray], weights: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Add up the weights of each bin, in the order of the items, for each pixel."""
    pixels = weights.shape[1:]
    found = np.zeros((*pixels, *shape))
    places = np.indices(pixels)
    for index in range(len(weights)):
        picks = [b[index] for b in bins]
        inside = np.logical_and.reduce([pick >= 0 for pick in picks])
        safe = [np.where(inside, pick, 0) for pick in picks]
        found[(*places, *safe)] += np.where(inside, weights[index], 0.0)
    return found


def _edges(low: float, high: float, steps: int) -> np.ndarray:
    return low + np.arange(steps) * ((high - low) / steps)


def _check_steps(low: float, high: float, steps: int) -> None:
    if not 1 <= steps <= _MOST_BUCKETS or not -math.inf < low < high < math.inf:
        raise EarthEngineError(
            f"Expected 1 to {_MOST_BUCKETS} steps between a minimum and a larger maximum, got "
            f"{steps} between {low} and {high}."
        )


def _histogram_of_column(values: np.ndarray, weights: np.ndarray, steps: int) -> np.ndarray:
    inside = values >= 0
    return np.bincount(values[inside], weights[inside], steps)


@implements("Reducer.fixedHistogram")
def fixed_histogram(min: float, max: float, steps: int, cumulative: bool) -> Reducer:
    """Count values in equal steps; what lies outside is ignored."""
    _check_steps(min, max, steps)

    def function(inputs: Arrays, weights: np.ndarray) -> list[Result]:
        bins = _bins(inputs[0].astype(np.float64), min, max, steps)
        if weights.ndim == 1:
            counts = _histogram_of_column(bins, weights, steps)
        else:
            counts = _counts([bins], weights, (steps,))
        if cumulative:
            counts = counts.cumsum(axis=-1)
        edges = np.broadcast_to(_edges(min, max, steps), counts.shape)
        return [(np.stack([edges, counts], axis=-1), np.ones(weights.shape[1:], bool))]

    return Reducer(1, ("histogram",), (_arrays_of(2),), function, weighted=True)


@implements("Reducer.fixed2DHistogram")
def fixed_2d_histogram(
    xMin: float, xMax: float, xSteps: int, yMin: float, yMax: float, ySteps: int
) -> Reducer:
    """Count pairs of values in a grid of equal steps; what lies outside is ignored."""
    _check_steps(xMin, xMax, xSteps)
    _check_steps(yMin, yMax, ySteps)
    if xSteps * ySteps > _MOST_BUCKETS:
        raise EarthEngineError(
            f"A histogram may have {_MOST_BUCKETS} cells, not {xSteps * ySteps}."
        )

    def function(inputs: Arrays, weights: np.ndarray) -> list[Result]:
        x = _bins(inputs[0].astype(np.float64), xMin, xMax, xSteps)
        y = _bins(inputs[1].astype(np.float64), yMin, yMax, ySteps)
        if weights.ndim == 1:
            both = np.where((x >= 0) & (y >= 0), x * ySteps + y, -1)
            counts = _histogram_of_column(both, weights, xSteps * ySteps).reshape(xSteps, ySteps)
        else:
            counts = _counts([x, y], weights, (xSteps, ySteps))
        pixels = weights.shape[1:]
        valid = np.ones(pixels, bool)
        x_edges = np.broadcast_to(_edges(xMin, xMax, xSteps), (*pixels, xSteps))
        y_edges = np.broadcast_to(_edges(yMin, yMax, ySteps), (*pixels, ySteps))
        return [(counts, valid), (x_edges, valid), (y_edges, valid)]

    return Reducer(
        2,
        ("histogram", "xAxis", "yAxis"),
        (_arrays_of(2), _arrays_of(1), _arrays_of(1)),
        function,
        repeats=False,
    )


def _buckets(
    values: np.ndarray, weights: np.ndarray, most: int | None, narrowest: float | None
) -> tuple[float, float, np.ndarray, np.ndarray]:
    """Return (lower edge, width, counts, means) of buckets as wide as a power of 2 must be.

    The number of buckets is rounded up to a power of 2; whole numbers get buckets of at least 1.
    """
    most = 2 ** math.ceil(math.log2(max(2, most or _BUCKETS)))
    low, high = float(values.min()), float(values.max())
    whole = bool((values == np.floor(values)).all())
    width = narrowest or (1.0 if whole else 2.0**-40)
    if narrowest is None and high > low:
        width = max(width, 2.0 ** math.floor(math.log2((high - low) / most)))
    if narrowest is None and high == low:
        width = 1.0
    while math.floor(high / width) - math.floor(low / width) + 1 > most:
        width *= 2
    start = math.floor(low / width)
    index = (np.floor(values / width) - start).astype(np.intp)
    counts = np.bincount(index, weights)
    sums = np.bincount(index, weights * values)
    middle = (start + np.arange(len(counts)) + 0.5) * width
    means = np.where(counts > 0, sums / np.where(counts > 0, counts, 1), middle)
    return start * width, width, counts, means


def _check_buckets(most: int | None, narrowest: float | None) -> None:
    if most is not None and not 0 <= most <= _MOST_BUCKETS:
        raise EarthEngineError(f"A histogram may have {_MOST_BUCKETS} buckets, got {most}.")
    if narrowest is not None and not 0 <= narrowest < math.inf:
        raise EarthEngineError(f"The width of a bucket must be positive, got {narrowest}.")


def _valid(columns: list[list[Any]], weights: list[float]) -> tuple[np.ndarray, np.ndarray]:
    pairs = [
        (as_number(item), weight)
        for item, weight in zip(columns[0], weights, strict=True)
        if item is not None and weight > 0
    ]
    return np.array([p[0] for p in pairs], np.float64), np.array([p[1] for p in pairs])


@implements("Reducer.histogram")
def histogram(maxBuckets: int | None, minBucketWidth: float | None, maxRaw: int | None) -> Reducer:
    """Count values in buckets chosen from the values; the result is a dictionary."""
    _check_buckets(maxBuckets, minBucketWidth)

    def objects(columns: list[list[Any]], weights: list[float]) -> list[Any]:
        values, counted = _valid(columns, weights)
        if not values.size:
            return [None]
        low, width, counts, means = _buckets(values, counted, maxBuckets, minBucketWidth)
        found = {
            "bucketMeans": means.tolist(),
            "bucketMin": low,
            "bucketWidth": width,
            "histogram": counts.tolist(),
        }
        return [found]

    return Reducer(1, ("histogram",), (as_input,), None, objects, weighted=True)


@implements("Reducer.autoHistogram")
def auto_histogram(
    maxBuckets: int | None, minBucketWidth: float | None, maxRaw: int | None, cumulative: bool
) -> Reducer:
    """Count values in buckets chosen from the values; rows of (lower edge, count)."""
    _check_buckets(maxBuckets, minBucketWidth)

    def one(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
        low, width, counts, _ = _buckets(values, weights, maxBuckets, minBucketWidth)
        edges = low + np.arange(len(counts)) * width
        return np.stack([edges, counts.cumsum() if cumulative else counts], axis=1)

    def objects(columns: list[list[Any]], weights: list[float]) -> list[Any]:
        values, counted = _valid(columns, weights)
        return [Array(one(values, counted)) if values.size else None]

    def function(inputs: Arrays, weights: np.ndarray) -> list[Result]:
        pixels = weights.shape[1:]
        found = np.empty(pixels, object)
        valid = (weights > 0).any(axis=0)
        for place in np.ndindex(*pixels):
            kept = weights[:, *place] > 0
            found[place] = (
                one(inputs[0][:, *place][kept].astype(np.float64), weights[:, *place][kept])
                if kept.any()
                else np.zeros((0, 2))
            )
        return [(found, valid)]

    return Reducer(1, ("histogram",), (_arrays_of(2),), function, objects, weighted=True)
