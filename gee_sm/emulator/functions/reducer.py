"""Reducers of one or few numbers: sums, moments, ranks, ends, truth, counts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.registry import implements
from gee_sm.emulator.values.pixel_type import BOOLEAN, INT32, INT64, PixelType
from gee_sm.emulator.values.reducer import (
    Arrays,
    Reducer,
    Result,
    as_double,
    as_input,
    check_number_of_inputs,
    moments,
    quantile,
    ranked,
    total,
)


def _count_type(pixel_type: PixelType) -> PixelType:
    return INT32


def _long(pixel_type: PixelType) -> PixelType:
    return INT64


def _boolean(pixel_type: PixelType) -> PixelType:
    return BOOLEAN


def _one(
    output: str,
    function: Callable[[np.ndarray, np.ndarray], Result],
    rule: Callable[[PixelType], PixelType],
    *,
    weighted: bool = False,
) -> Reducer:
    return Reducer(
        1,
        (output,),
        (rule,),
        lambda inputs, weights: [function(inputs[0], weights)],
        weighted=weighted,
    )


def _any_valid(weights: np.ndarray) -> np.ndarray:
    return (weights > 0).any(axis=0)


def _even_of_nothing(weights: np.ndarray) -> np.ndarray:
    """Which results are valid of a reducer that has one of no values, in a region or a list.

    In a stack of images a pixel without values stays masked.
    """
    return _any_valid(weights) if weights.ndim > 1 else np.ones((), bool)


def _sum(values: np.ndarray, weights: np.ndarray) -> Result:
    return total(np.where(weights > 0, values, 0) * weights), _even_of_nothing(weights)


def _mean(values: np.ndarray, weights: np.ndarray) -> Result:
    weight, mean = moments(values, weights)
    return mean, weight > 0


def _product(values: np.ndarray, weights: np.ndarray) -> Result:
    return np.prod(np.where(weights > 0, values, 1).astype(np.float64), axis=0), _any_valid(weights)


def _count(values: np.ndarray, weights: np.ndarray) -> Result:
    return (weights > 0).sum(axis=0), _even_of_nothing(weights)


def _spread(power: float, sample: bool) -> Callable[[np.ndarray, np.ndarray], Result]:
    def function(values: np.ndarray, weights: np.ndarray) -> Result:
        weight, mean = moments(values, weights)
        deviations = np.where(weights > 0, values - mean, 0.0)
        squares = total(deviations * deviations * weights)
        norm = weight - 1 if sample else weight
        valid = norm > 0
        return (squares / np.where(valid, norm, 1)) ** power, valid

    return function


def _standardised(order: int) -> Callable[[np.ndarray, np.ndarray], Result]:
    def function(values: np.ndarray, weights: np.ndarray) -> Result:
        weight, mean = moments(values, weights)
        deviations = np.where(weights > 0, values - mean, 0.0)
        norm = np.where(weight > 0, weight, 1)
        variance = total(deviations**2 * weights) / norm
        moment = total(deviations**order * weights) / norm
        valid = (weight > 0) & (variance > 0)
        found = moment / np.where(valid, variance, 1) ** (order / 2)
        return found - (3 if order == 4 else 0), valid

    return function


def _extreme(largest: bool) -> Callable[[np.ndarray, np.ndarray], Result]:
    def function(values: np.ndarray, weights: np.ndarray) -> Result:
        valid = weights > 0
        if values.dtype.kind == "f":
            outer = -np.inf if largest else np.inf
        else:
            info = np.iinfo(values.dtype)
            outer = info.min if largest else info.max
        candidates = np.where(valid, values, values.dtype.type(outer))
        any_valid = valid.any(axis=0)
        if not len(values):
            return np.zeros(values.shape[1:]), any_valid
        found = candidates.max(axis=0) if largest else candidates.min(axis=0)
        return np.where(any_valid, found, 0), any_valid

    return function


def _at(values: np.ndarray, index: np.ndarray) -> np.ndarray:
    if values.ndim == 1:
        return values[index]
    behind = (1,) * (values.ndim - 1 - index.ndim)  # axes of array values
    return np.take_along_axis(values, index.reshape(1, *index.shape, *behind), axis=0)[0]


def _end(last: bool) -> Callable[[np.ndarray, np.ndarray], Result]:
    def function(values: np.ndarray, weights: np.ndarray) -> Result:
        valid = weights > 0
        if not len(values):
            return np.zeros(values.shape[1:]), valid.any(axis=0)
        index = len(values) - 1 - valid[::-1].argmax(axis=0) if last else valid.argmax(axis=0)
        return _at(values, np.asarray(index)), valid.any(axis=0)

    return function


def _mode(values: np.ndarray, weights: np.ndarray) -> Result:
    """Most frequent value, the smallest on ties."""
    order, count = ranked(values, weights)
    if not len(values):
        return np.zeros(values.shape[1:]), count > 0
    run = np.zeros(order.shape[1:], np.intp)
    best = np.zeros(order.shape[1:], np.intp)
    found = order[0].copy() if order.ndim > 1 else np.array(order[0])
    for index in range(len(order)):
        same = (order[index] == order[index - 1]) if index else np.zeros(order.shape[1:], bool)
        run = np.where(same, run + 1, 1)
        better = (run > best) & (index < count)
        best = np.where(better, run, best)
        found = np.where(better, order[index], found)
    return found, count > 0


def _median(values: np.ndarray, weights: np.ndarray) -> Result:
    order, count = ranked(values, weights)
    if not len(values):
        return np.zeros(values.shape[1:]), count > 0
    return quantile(order, np.asarray(count), 0.5), np.asarray(count) > 0


def _truth(every: bool) -> Callable[[np.ndarray, np.ndarray], Result]:
    def function(values: np.ndarray, weights: np.ndarray) -> Result:
        valid = weights > 0
        found = np.where(valid, values != 0, every)
        return (found.all(axis=0) if every else found.any(axis=0)), valid.any(axis=0)

    return function


def _bits(operator: np.ufunc, neutral: int) -> Callable[[np.ndarray, np.ndarray], Result]:
    def function(values: np.ndarray, weights: np.ndarray) -> Result:
        valid = weights > 0
        found = operator.reduce(np.where(valid, values.astype(np.int64), neutral), axis=0)
        return found, valid.any(axis=0)

    return function


def _circular(kind: str) -> Callable[[np.ndarray, np.ndarray], Result]:
    def function(values: np.ndarray, weights: np.ndarray) -> Result:
        weight, cosine = moments(np.cos(values.astype(np.float64)), weights)
        _, sine = moments(np.sin(values.astype(np.float64)), weights)
        length = np.hypot(cosine, sine)
        if kind == "mean":
            found = np.arctan2(sine, cosine)
        elif kind == "variance":
            found = 1 - length
        else:
            found = np.sqrt(-2 * np.log(np.where(length > 0, length, 1)))
        return found, weight > 0

    return function


def _simple(name: str, reducer: Reducer) -> None:
    """Register a reducer without parameters."""
    named = replace(reducer, kind=name)
    implements(f"Reducer.{name}")(lambda: named)


for _name, _output, _function, _rule, _weighted in (
    ("sum", "sum", _sum, as_double, True),
    ("mean", "mean", _mean, as_double, True),
    ("product", "product", _product, as_double, False),
    ("count", "count", _count, _count_type, False),
    ("variance", "variance", _spread(1.0, False), as_double, True),
    ("sampleVariance", "variance", _spread(1.0, True), as_double, True),
    ("stdDev", "stdDev", _spread(0.5, False), as_double, True),
    ("sampleStdDev", "stdDev", _spread(0.5, True), as_double, True),
    ("skew", "skew", _standardised(3), as_double, False),
    ("kurtosis", "kurtosis", _standardised(4), as_double, False),
    ("allNonZero", "all", _truth(True), _boolean, False),
    ("anyNonZero", "any", _truth(False), _boolean, False),
    ("and", "and", _truth(True), _boolean, False),
    ("or", "or", _truth(False), _boolean, False),
    ("bitwiseAnd", "bitwiseAnd", _bits(np.bitwise_and, -1), as_input, False),
    ("bitwiseOr", "bitwiseOr", _bits(np.bitwise_or, 0), as_input, False),
    ("circularMean", "mean", _circular("mean"), as_double, True),
    ("circularVariance", "variance", _circular("variance"), as_double, True),
    ("circularStddev", "stdDev", _circular("stddev"), as_double, True),
):
    _simple(_name, _one(_output, _function, _rule, weighted=_weighted))


@implements("Reducer.median")
def median(maxBuckets: Any, minBucketWidth: Any, maxRaw: Any) -> Reducer:
    """Return the median; an even count gives the mean of the two middle values."""
    return _one("median", _median, as_double)


@implements("Reducer.mode")
def mode(maxBuckets: Any, minBucketWidth: Any, maxRaw: Any) -> Reducer:
    """Return the most frequent value, the smallest on ties."""
    return _one("mode", _mode, as_input)


def _check_percentiles(*percentiles: float | None) -> None:
    for percentile in percentiles:
        if percentile is None or not 0 <= percentile <= 100:
            raise EarthEngineError(f"Percentiles must lie between 0 and 100, got {percentile}.")


@implements("Reducer.percentile")
def percentile(
    percentiles: list[float],
    outputNames: list[str] | None,
    maxBuckets: Any,
    minBucketWidth: Any,
    maxRaw: Any,
) -> Reducer:
    """Return percentiles, linear between ranks."""
    _check_percentiles(*percentiles)
    if outputNames is not None and len(outputNames) != len(percentiles):
        raise EarthEngineError(
            f"Expected a name for each of the {len(percentiles)} percentiles, got {outputNames}."
        )
    names = outputNames or [f"p{int(p) if float(p).is_integer() else p}" for p in percentiles]

    def function(inputs: Arrays, weights: np.ndarray) -> list[Result]:
        order, count = ranked(inputs[0], weights)
        count = np.asarray(count)
        if not len(inputs[0]):
            return [(np.zeros(count.shape), count > 0) for _ in percentiles]
        return [(quantile(order, count, p / 100), count > 0) for p in percentiles]

    return Reducer(1, tuple(names), (as_double,) * len(names), function)


@implements("Reducer.intervalMean")
def interval_mean(
    minPercentile: float, maxPercentile: float, maxBuckets: Any, minBucketWidth: Any, maxRaw: Any
) -> Reducer:
    """Return the mean of the values between two percentiles."""
    _check_percentiles(minPercentile, maxPercentile)

    def function(values: np.ndarray, weights: np.ndarray) -> Result:
        order, count = ranked(values, weights)
        count = np.asarray(count)
        if not len(values):
            return np.zeros(values.shape[1:]), count > 0
        low = quantile(order, count, minPercentile / 100)
        high = quantile(order, count, maxPercentile / 100)
        inside = (weights > 0) & (values >= low) & (values <= high)
        return _mean(values, inside.astype(np.float64))

    return _one("mean", function, as_double)


@implements("Reducer.minMax")
def min_max() -> Reducer:
    """Return the smallest and the largest value."""

    def function(inputs: Arrays, weights: np.ndarray) -> list[Result]:
        return [_extreme(False)(inputs[0], weights), _extreme(True)(inputs[0], weights)]

    return Reducer(1, ("min", "max"), (as_input, as_input), function, kind="minMax")


def _extremes(name: str, largest: bool) -> None:
    @implements(f"Reducer.{name}")
    def constructor(numInputs: int) -> Reducer:
        check_number_of_inputs(numInputs)
        if numInputs == 1:
            return replace(_one(name, _extreme(largest), as_input), kind=name)

        def function(inputs: Arrays, weights: np.ndarray) -> list[Result]:
            valid = weights > 0
            if not len(valid):
                return [(np.zeros(valid.shape[1:]), valid.any(axis=0)) for _ in inputs]
            key = np.where(valid, inputs[0].astype(np.float64), -np.inf if largest else np.inf)
            index = np.asarray(key.argmax(axis=0) if largest else key.argmin(axis=0))
            good = valid.any(axis=0)
            return [(_at(array, index), good) for array in inputs]

        outputs = (name, *(f"{name}{i}" for i in range(1, numInputs)))
        return Reducer(numInputs, outputs, (as_input,) * numInputs, function, repeats=False)


_extremes("min", False)
_extremes("max", True)


def _ends(name: str, last: bool, skip_nulls: bool) -> None:
    output = "last" if last else "first"

    def objects(columns: list[list[Any]], weights: list[float]) -> list[Any]:
        items = [i for i, w in zip(columns[0], weights, strict=True) if w > 0]
        if skip_nulls:
            items = [item for item in items if item is not None]
        return [None] if not items else [items[-1 if last else 0]]

    implements(f"Reducer.{name}")(
        lambda: replace(
            _one(output, _end(last), as_input), reduce_objects=objects, takes_arrays=True
        )
    )


_ends("first", last=False, skip_nulls=False)
_ends("firstNonNull", last=False, skip_nulls=True)
_ends("last", last=True, skip_nulls=False)
_ends("lastNonNull", last=True, skip_nulls=True)


@implements("Reducer.countEvery")
def count_every() -> Reducer:
    """Count all inputs, missing ones too."""

    def function(values: np.ndarray, weights: np.ndarray) -> Result:
        shape = values.shape[1:]
        return np.full(shape, len(values)), np.ones(shape, bool)

    return replace(
        _one("count", function, _count_type),
        reduce_objects=lambda columns, weights: [len(columns[0])],
    )


def _hashable(item: Any) -> Any:
    return item if isinstance(item, str | int | float) else repr(item)


def _distinct(skip_nulls: bool) -> Callable[[list[list[Any]], list[float]], list[Any]]:
    def objects(columns: list[list[Any]], weights: list[float]) -> list[Any]:
        items = [i for i, w in zip(columns[0], weights, strict=True) if w > 0]
        if skip_nulls:
            items = [item for item in items if item is not None]
        return [len({_hashable(item) for item in items})]

    return objects


def _count_distinct(values: np.ndarray, weights: np.ndarray) -> Result:
    order, count = ranked(values, weights)
    count = np.asarray(count)
    steps = np.zeros(order.shape[1:], np.intp)
    for index in range(len(order)):
        new = np.ones(order.shape[1:], bool) if index == 0 else order[index] != order[index - 1]
        steps = steps + (new & (index < count))
    return steps, count > 0


implements("Reducer.countDistinct")(
    lambda: replace(_one("count", _count_distinct, _count_type), reduce_objects=_distinct(True))
)
implements("Reducer.countDistinctNonNull")(
    lambda: replace(_one("count", _count_distinct, _count_type), reduce_objects=_distinct(True))
)


@implements("Reducer.countRuns")
def count_runs() -> Reducer:
    """Count runs of equal values."""

    def objects(columns: list[list[Any]], weights: list[float]) -> list[Any]:
        items = [i for i, w in zip(columns[0], weights, strict=True) if w > 0 and i is not None]
        return [sum(1 for i, item in enumerate(items) if i == 0 or item != items[i - 1])]

    return Reducer(1, ("count",), (_count_type,), None, objects)
