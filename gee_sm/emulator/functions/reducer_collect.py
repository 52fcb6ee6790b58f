"""Reducers that gather their inputs, or take arrays and lists apart."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.registry import implements
from gee_sm.emulator.values.array import Array
from gee_sm.emulator.values.collection import Collection
from gee_sm.emulator.values.feature import Feature
from gee_sm.emulator.values.pixel_type import PixelType
from gee_sm.emulator.values.reducer import (
    Arrays,
    Reducer,
    Result,
    TypeRule,
    as_double,
    as_input,
    check_number_of_inputs,
    in_blocks,
)

_ROUNDS = 1000


def _one_more_axis(pixel_type: PixelType) -> PixelType:
    return replace(pixel_type, dimensions=pixel_type.dimensions + 1)


def _listed(inputs: Arrays, weights: np.ndarray) -> list[Result]:
    """Return the valid values of each pixel as a 1-D array."""
    (values,) = inputs
    valid = weights > 0
    stacked = np.moveaxis(values, 0, -1)
    if valid.all():
        return [(stacked, valid.any(axis=0))]
    pixels = weights.shape[1:]
    found = np.empty(pixels, object)
    for place in np.ndindex(*pixels):
        found[place] = values[:, *place][valid[:, *place]]
    return [(found, valid.any(axis=0))]


@implements("Reducer.toList")
def to_list(tupleSize: int | None, numOptional: int) -> Reducer:
    """Collect the inputs; a tuple with a missing input that is not optional is dropped."""
    size = tupleSize or 1

    def objects(columns: list[list[Any]], weights: list[float]) -> list[Any]:
        required = size - numOptional
        found = []
        for row, weight in zip(zip(*columns, strict=True), weights, strict=True):
            if weight > 0 and all(item is not None for item in row[:required]):
                found.append(list(row) if tupleSize else row[0])
        return [found]

    return Reducer(
        size,
        ("list",),
        (_one_more_axis,),
        _listed if tupleSize is None else None,
        objects,
        repeats=tupleSize is None,
    )


@implements("Reducer.toCollection")
def to_collection(propertyNames: list[str], numOptional: int) -> Reducer:
    """Collect the inputs as features without geometry, one property an input."""
    if not propertyNames:
        raise EarthEngineError("Expected at least one property name, got an empty list.")

    def objects(columns: list[list[Any]], weights: list[float]) -> list[Any]:
        required = len(propertyNames) - numOptional
        features = []
        for row, weight in zip(zip(*columns, strict=True), weights, strict=True):
            if weight > 0 and all(item is not None for item in row[:required]):
                named = zip(propertyNames, row, strict=True)
                properties = {name: item for name, item in named if item is not None}
                properties["system:index"] = str(len(features))
                features.append(Feature(None, properties))
        return [Collection(features, of_images=False)]

    return Reducer(len(propertyNames), ("features",), (as_input,), None, objects, repeats=False)


def _items(item: Any, axis: int | None) -> list[Any]:
    """Return what an aggregate holds; anything else is one item."""
    if isinstance(item, Array):
        if axis is None:
            return item.values.ravel().tolist()
        if not 0 <= axis < item.values.ndim:
            raise EarthEngineError(
                f"Axis {axis} does not exist in an array of {item.values.ndim} dimensions."
            )
        parts = np.moveaxis(item.values, axis, 0)
        return [part.item() if part.ndim == 0 else Array(part) for part in parts]
    if isinstance(item, list):
        return item
    if isinstance(item, dict):
        return list(item.values())
    return [item]


@implements("Reducer.disaggregate")
def disaggregate(reducer: Reducer, axis: int | None) -> Reducer:
    """Reduce the elements of arrays, lists and dictionaries instead of these."""
    if reducer.inputs != 1:
        raise EarthEngineError(f"Expected a reducer of one input, got {reducer.inputs}.")

    def arrays(inputs: Arrays, weights: np.ndarray) -> list[Result]:
        (values,) = inputs
        behind = values.ndim - weights.ndim
        if axis is not None and not 0 <= axis < behind:
            raise EarthEngineError(f"Axis {axis} does not exist in arrays of {behind} dimensions.")
        axes = list(range(behind)) if axis is None else [axis]
        moved = np.moveaxis(values, [weights.ndim + a for a in axes], range(1, 1 + len(axes)))
        count = int(np.prod(moved.shape[1 : 1 + len(axes)]))
        flat = moved.reshape(len(values) * count, *moved.shape[1 + len(axes) :])
        return reducer.over_arrays([flat], np.repeat(weights, count, axis=0))

    def objects(columns: list[list[Any]], weights: list[float]) -> list[Any]:
        parts = [_items(item, axis) for item in columns[0]]
        column = [item for part in parts for item in part]
        repeated = [w for part, w in zip(parts, weights, strict=True) for _ in part]
        return list(reducer.apply_columns([column], repeated).values())

    return replace(
        reducer,
        reduce_arrays=arrays if reducer.reduce_arrays is not None else None,
        reduce_objects=objects,
        types=tuple(_of_scalar(rule) for rule in reducer.types),
        kind=None,
        takes_arrays=True,
    )


def _of_scalar(rule: TypeRule) -> TypeRule:
    return lambda pixel_type: rule(pixel_type.scalar())


@implements("Reducer.forEachElement")
def for_each_element(reducer: Reducer) -> Reducer:
    """Reduce each position of arrays of one shape apart; the result has that shape."""
    if reducer.inputs != 1:
        raise EarthEngineError(f"Expected a reducer of one input, got {reducer.inputs}.")

    def arrays(inputs: Arrays, weights: np.ndarray) -> list[Result]:
        (values,) = inputs
        behind = values.ndim - weights.ndim
        spread = np.broadcast_to(weights.reshape(weights.shape + (1,) * behind), values.shape)
        axes = tuple(range(weights.ndim - 1, values.ndim - 1))
        return [
            (np.where(valid, value, 0), np.asarray(valid).all(axis=axes))
            for value, valid in reducer.over_arrays([values], spread)
        ]

    if reducer.reduce_arrays is None:
        raise EarthEngineError(
            f"The reducer with outputs {list(reducer.outputs)} cannot be used on arrays here."
        )
    return replace(
        reducer,
        reduce_arrays=arrays,
        reduce_objects=None,
        types=tuple(_of_shape(rule) for rule in reducer.types),
        kind=None,
        takes_arrays=True,
    )


def _of_shape(rule: TypeRule) -> TypeRule:
    return lambda pixel_type: replace(rule(pixel_type), dimensions=pixel_type.dimensions)


@implements("Reducer.geometricMedian")
def geometric_median(numX: int, eta: float, initialStepSize: float) -> Reducer:
    """Return the point whose summed distance to the inputs is least.

    The solver is Weiszfeld's, which needs no step size; a point that meets an input stays there
    only if that is the minimum (Vardi and Zhang 2000).
    """
    check_number_of_inputs(numX)

    def solve(inputs: Arrays, weights: np.ndarray) -> list[Result]:
        points = np.stack([array.astype(np.float64) for array in inputs], axis=-1)
        valid = weights > 0
        good = valid.any(axis=0)
        count = np.where(good, valid.sum(axis=0), 1)[:, None]
        points = np.where(valid[..., None], points, 0.0)
        place = _added(points) / count
        active = good.copy()
        for _ in range(_ROUNDS):
            if not active.any():
                break
            old = place[active]
            new = _step(points[:, active], valid[:, active], old)
            place[active] = new
            # Far below the tolerance asked for: the minimum is flat, a short step is not yet near.
            moved = np.sqrt(((new - old) ** 2).sum(axis=-1))
            active[active] = moved > eta * 1e-4
        return [(place[:, i], good) for i in range(numX)]

    return Reducer(
        numX,
        tuple(f"median_{i}" for i in range(numX)),
        (as_double,) * numX,
        in_blocks(solve, 3 * numX),
        repeats=False,
    )


def _added(values: np.ndarray) -> np.ndarray:
    found = np.zeros(values.shape[1:])
    for item in values:
        found += item
    return found


def _step(points: np.ndarray, valid: np.ndarray, place: np.ndarray) -> np.ndarray:
    difference = points - place
    squares = np.zeros(difference.shape[:2])
    for i in range(points.shape[-1]):
        squares += difference[..., i] ** 2
    distance = np.sqrt(squares)
    here = valid & (distance == 0)
    inverse = np.where(valid & ~here, 1 / np.where(distance == 0, 1, distance), 0.0)
    norm = _added(inverse)[:, None]
    target = _added(points * inverse[..., None]) / np.where(norm > 0, norm, 1)
    pull = _added(difference * inverse[..., None])
    length = np.sqrt((pull**2).sum(axis=-1))
    met = here.sum(axis=0)
    share = np.where(length > 0, np.minimum(1, met / np.where(length > 0, length, 1)), 1.0)
    share = np.where(met > 0, share, 0.0)[:, None]
    found = (1 - share) * target + share * place
    return np.where(norm > 0, found, place)
