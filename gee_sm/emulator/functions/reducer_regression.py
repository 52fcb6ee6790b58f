"""Reducers that fit lines and linear models."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from gee_sm.emulator.registry import implements
from gee_sm.emulator.values import regression
from gee_sm.emulator.values.pixel_type import DOUBLE, PixelType
from gee_sm.emulator.values.reducer import (
    Arrays,
    Reducer,
    Result,
    as_double,
    in_blocks,
    moments,
    quantile,
    ranked,
    total,
)


def _arrays_of(dimensions: int) -> Callable[[PixelType], PixelType]:
    return lambda pixel_type: replace(DOUBLE, dimensions=dimensions)


@implements("Reducer.linearFit")
def linear_fit() -> Reducer:
    """Fit a line y = offset + scale x (inputs x, y)."""

    def function(inputs: Arrays, weights: np.ndarray) -> list[Result]:
        x, y = (array.astype(np.float64) for array in inputs)
        weight, mean_x = moments(x, weights)
        _, mean_y = moments(y, weights)
        valid = weights > 0
        dx, dy = np.where(valid, x - mean_x, 0.0), np.where(valid, y - mean_y, 0.0)
        sxx, sxy = total(dx * dx * weights), total(dx * dy * weights)
        good = (weight > 0) & (sxx > 0)
        scale = np.where(good, sxy / np.where(good, sxx, 1), 0.0)
        return [(scale, weight > 0), (mean_y - scale * mean_x, weight > 0)]

    return Reducer(
        2, ("scale", "offset"), (as_double, as_double), function, weighted=True, repeats=False
    )


def _table(inputs: Arrays, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the inputs as (pixels, n, inputs) and the weights as (pixels, n), contiguous."""
    table = np.stack([array.T for array in inputs], axis=-1).astype(np.float64)
    return np.ascontiguousarray(table), np.ascontiguousarray(weights.T, np.float64)


def _model(
    inputs: int,
    outputs: tuple[str, ...],
    dimensions: tuple[int, ...],
    fit: Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, ...]],
) -> Reducer:
    """Return the reducer of a model; ``fit`` yields its outputs, and last which are valid."""

    def function(columns: Arrays, weights: np.ndarray) -> list[Result]:
        *values, valid = fit(*_table(columns, weights))
        return [(value, valid) for value in values]

    return Reducer(
        inputs,
        outputs,
        tuple(_arrays_of(number) for number in dimensions),
        in_blocks(function, 3 * inputs),
        weighted=True,
        repeats=False,
    )


@implements("Reducer.linearRegression")
def linear_regression(numX: int, numY: int) -> Reducer:
    """Fit Y = X b by least squares, without an intercept of its own."""
    return _model(
        numX + numY,
        ("coefficients", "residuals"),
        (2, 1),
        lambda table, weights: regression.least_squares(
            table[..., :numX], table[..., numX:], weights
        ),
    )


@implements("Reducer.robustLinearRegression")
def robust_linear_regression(numX: int, numY: int, beta: float | None) -> Reducer:
    """Fit Y = X b, outliers left out, without an intercept of its own."""
    return _model(
        numX + numY,
        ("coefficients", "residuals"),
        (2, 1),
        lambda table, weights: regression.robust(
            table[..., :numX], table[..., numX:], weights, beta
        ),
    )


def _ridge_regression(numX: int, numY: int, lambda_: float) -> Reducer:
    """Fit Y = b0 + X b with a penalty on the size of b; the intercept is the last row."""
    return _model(
        numX + numY,
        ("coefficients", "residuals", "pValue"),
        (2, 1, 1),
        lambda table, weights: regression.ridge(
            table[..., :numX], table[..., numX:], weights, lambda_
        ),
    )


implements("Reducer.ridgeRegression")(_ridge_regression)


@implements("Reducer.sensSlope")
def sens_slope() -> Reducer:
    """Return the median of the slopes between all pairs of points (x, y), and the offset."""

    def pairs(inputs: Arrays, weights: np.ndarray) -> list[Result]:
        x, y = (array.astype(np.float64) for array in inputs)
        count = len(x)
        if not count:
            nothing = np.zeros(weights.shape[1:])
            return [(nothing, nothing > 0), (nothing, nothing > 0)]
        first, second = np.triu_indices(count, 1)
        dx = x[second] - x[first]
        good = (weights[first] > 0) & (weights[second] > 0) & (dx != 0)
        slopes = (y[second] - y[first]) / np.where(dx == 0, 1, dx)
        slope, known = _median(slopes, good)
        middle_x, _ = _median(x, weights > 0)
        middle_y, _ = _median(y, weights > 0)
        return [(slope, known), (middle_y - slope * middle_x, known)]

    def function(inputs: Arrays, weights: np.ndarray) -> list[Result]:
        return in_blocks(pairs, 3 * max(1, len(weights)))(inputs, weights)

    return Reducer(2, ("slope", "offset"), (as_double, as_double), function, repeats=False)


def _median(values: np.ndarray, valid: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    if not len(values):
        return np.zeros(values.shape[1:]), np.zeros(values.shape[1:], bool)
    order, count = ranked(values, valid.astype(np.float64))
    found: Any = quantile(order, np.asarray(count), 0.5)
    return found, np.asarray(count) > 0
