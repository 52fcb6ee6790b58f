"""Reducers that measure how inputs vary together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import special, stats

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.registry import implements
from gee_sm.emulator.values.pixel_type import DOUBLE, PixelType
from gee_sm.emulator.values.reducer import (
    Arrays,
    Reducer,
    Result,
    as_double,
    moments,
    total,
)


def _pearson(x: np.ndarray, y: np.ndarray, weights: np.ndarray) -> list[Result]:
    """Return the product-moment correlation and the two-sided p value of its t test."""
    count, mean_x = moments(x, weights)
    _, mean_y = moments(y, weights)
    valid = weights > 0
    dx, dy = np.where(valid, x - mean_x, 0.0), np.where(valid, y - mean_y, 0.0)
    spread = np.sqrt(total(dx * dx) * total(dy * dy))
    good = (count > 1) & (spread > 0)
    r = np.clip(total(dx * dy) / np.where(good, spread, 1), -1, 1)
    freedom = np.maximum(count - 2, 1)
    p = special.betainc(freedom / 2, 0.5, 1 - r * r)
    return [(r, good), (p, good & (count > 2))]


@implements("Reducer.pearsonsCorrelation")
def pearsons_correlation() -> Reducer:
    """Return the product-moment correlation and its two-sided p value."""

    def function(inputs: Arrays, weights: np.ndarray) -> list[Result]:
        x, y = (array.astype(np.float64) for array in inputs)
        return _pearson(x, y, weights)

    return Reducer(2, ("correlation", "p-value"), (as_double, as_double), function, repeats=False)


def _ranks(values: np.ndarray, valid: np.ndarray) -> np.ndarray:
    """Return the rank of each valid value over the first axis, ties at their mean."""
    if values.ndim == 1:
        found = np.zeros(values.shape)
        found[valid] = stats.rankdata(values[valid])
        return found
    below = np.zeros(values.shape)
    equal = np.zeros(values.shape)
    for other, present in zip(values, valid, strict=True):
        below += present & (other < values)
        equal += present & (other == values)
    return below + (equal + 1) / 2


@implements("Reducer.spearmansCorrelation")
def spearmans_correlation() -> Reducer:
    """Return the correlation of the ranks and its two-sided p value."""

    def function(inputs: Arrays, weights: np.ndarray) -> list[Result]:
        valid = weights > 0
        x, y = (_ranks(array.astype(np.float64), valid) for array in inputs)
        return _pearson(x, y, weights)

    return Reducer(2, ("correlation", "p-value"), (as_double, as_double), function, repeats=False)


def _ties(values: np.ndarray, valid: np.ndarray) -> tuple[np.ndarray, ...]:
    """Return the sums over groups of t ties of t(t-1), t(t-1)(t-2) and t(t-1)(2t+5)."""
    if values.ndim == 1:
        sizes = np.unique(values[valid], return_counts=True)[1].astype(np.float64)
        pieces = (sizes * (sizes - 1), np.ones_like(sizes))
        return (
            pieces[0].sum(),
            (pieces[0] * (sizes - 2)).sum(),
            (pieces[0] * (2 * sizes + 5)).sum(),
        )
    size = np.zeros(values.shape)
    for other, present in zip(values, valid, strict=True):
        size += present & (other == values)
    # Each of the t members of a group adds its t-th part.
    size = np.where(valid, size, 1)
    return (
        total(np.where(valid, size - 1, 0.0)),
        total(np.where(valid, (size - 1) * (size - 2), 0.0)),
        total(np.where(valid, (size - 1) * (2 * size + 5), 0.0)),
    )


def _kendall(x: np.ndarray, y: np.ndarray, weights: np.ndarray) -> list[Result]:
    """Return tau-b and the two-sided p value of its normal approximation, corrected for ties."""
    valid = weights > 0
    count = total(valid.astype(np.float64))
    if x.ndim == 1:
        concordance = _concordance(x[valid], y[valid])
    else:
        concordance = np.zeros(x.shape[1:])
        for i in range(1, len(x)):
            for j in range(i):
                sign = np.sign(x[i] - x[j]) * np.sign(y[i] - y[j])
                concordance += np.where(valid[i] & valid[j], sign, 0.0)
    x_ties, y_ties = _ties(x, valid), _ties(y, valid)
    both = count * (count - 1)
    norm = np.sqrt((both - x_ties[0]) * (both - y_ties[0]))
    good = (count > 1) & (norm > 0)
    tau = np.clip(2 * concordance / np.where(good, norm, 1), -1, 1)
    variance = (both * (2 * count + 5) - x_ties[2] - y_ties[2]) / 18
    variance = variance + x_ties[0] * y_ties[0] / (2 * np.where(both > 0, both, 1))
    triple = 9 * both * (count - 2)
    variance = variance + x_ties[1] * y_ties[1] / np.where(triple > 0, triple, 1)
    known = good & (variance > 0)
    p = special.erfc(np.abs(concordance) / np.sqrt(np.where(known, variance, 1)) / np.sqrt(2))
    return [(tau, good), (p, known)]


def _concordance(x: np.ndarray, y: np.ndarray) -> float:
    """Return concordant minus discordant pairs of a long column, row by row."""
    found = 0.0
    for i in range(1, len(x)):
        found += float((np.sign(x[i] - x[:i]) * np.sign(y[i] - y[:i])).sum())
    return found


@implements("Reducer.kendallsCorrelation")
def kendalls_correlation(numInputs: int) -> Reducer:
    """Return Kendall's tau-b of two inputs, or of one with its order, and the p value."""
    if numInputs not in (1, 2):
        raise EarthEngineError(f"The number of inputs must be 1 or 2, got {numInputs}.")

    def function(inputs: Arrays, weights: np.ndarray) -> list[Result]:
        y = inputs[-1].astype(np.float64)
        if numInputs == 2:
            x = inputs[0].astype(np.float64)
        else:
            order = np.arange(len(y), dtype=np.float64)
            x = np.broadcast_to(order.reshape(-1, *(1,) * (y.ndim - 1)), y.shape)
        return _kendall(x, y, weights)

    return Reducer(
        numInputs, ("tau", "p-value"), (as_double, as_double), function, repeats=numInputs == 1
    )


def _matrix_type(pixel_type: PixelType) -> PixelType:
    return replace(DOUBLE, dimensions=2)


def _covariance(*, centred: bool) -> Reducer:
    def function(inputs: Arrays, weights: np.ndarray) -> list[Result]:
        (values,) = inputs
        if values.ndim != weights.ndim + 1:
            raise EarthEngineError("The inputs must be 1-D arrays.")
        valid = weights > 0
        count = total(valid.astype(np.float64))
        good = np.asarray(count > 0)
        norm = np.where(good, count, 1)[..., None]
        kept = np.where(valid[..., None], values.astype(np.float64), 0.0)
        if not centred:
            kept = np.where(valid[..., None], kept - _sum(kept) / norm, 0.0)
        if kept.ndim == 2:
            products = kept.T @ kept
        else:
            products = np.zeros((*kept.shape[1:], kept.shape[-1]))
            for item in kept:
                products += item[..., :, None] * item[..., None, :]
        return [(products / norm[..., None], good)]

    return Reducer(1, ("covariance",), (_matrix_type,), function, takes_arrays=True)


def _sum(values: np.ndarray) -> np.ndarray:
    return values.sum(axis=0) if values.ndim == 2 else total(values)


implements("Reducer.covariance")(lambda: _covariance(centred=False))
implements("Reducer.centeredCovariance")(lambda: _covariance(centred=True))
