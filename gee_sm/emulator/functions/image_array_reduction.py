"""Image.array* that reduce: arrays become shorter arrays or numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.functions.image_arrays import (
    array_band,
    changed,
    dimensions_of,
    lengths_of,
    require_axis,
)
from gee_sm.emulator.functions.image_math import pairs
from gee_sm.emulator.registry import implements
from gee_sm.emulator.values.image import Band, Image
from gee_sm.emulator.values.pixel_type import DOUBLE, INT64, union
from gee_sm.emulator.values.reducer import Reducer, total


def _along_first(data: np.ndarray, axes: list[int]) -> np.ndarray:
    """Put the reduced axes, as one, in front of rows and columns."""
    moved = np.moveaxis(data, [2 + axis for axis in axes], list(range(len(axes))))
    return moved.reshape(int(np.prod(moved.shape[: len(axes)])), *moved.shape[len(axes) :])


def _reduced(reducer: Reducer, inputs: list[np.ndarray]) -> list[tuple[np.ndarray, np.ndarray]]:
    found = reducer.over_arrays(inputs, np.ones(inputs[0].shape))
    for value, valid in found:
        if np.shape(value) != np.shape(valid):
            raise EarthEngineError("Each output of the reducer must be a number.")
    return found


@implements("Image.arrayReduce")
def reduce(input: Image, reducer: Reducer, axes: list[int], fieldAxis: int | None) -> Image:
    """Reduce over axes, whose length becomes 1; several outputs go along the field axis."""
    gone = sorted(int(axis) for axis in axes)
    outputs = len(reducer.outputs)
    if fieldAxis is None and (reducer.inputs > 1 or outputs > 1):
        raise EarthEngineError(
            "A field axis is required for a reducer with several inputs or outputs."
        )
    if fieldAxis in gone:
        raise EarthEngineError(f"The field axis {fieldAxis} may not be reduced.")

    def function(data: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        if fieldAxis is not None and data.shape[2 + fieldAxis] != reducer.inputs:
            raise EarthEngineError(
                f"The field axis has length {data.shape[2 + fieldAxis]}, "
                f"the reducer {reducer.inputs} inputs."
            )
        fields = (
            [data]
            if fieldAxis is None
            else [data.take([i], axis=2 + fieldAxis) for i in range(reducer.inputs)]
        )
        results = _reduced(reducer, [_along_first(field, gone) for field in fields])
        values = [np.where(valid, value, 0) for value, valid in results]
        good = np.ones(data.shape[:2], bool)
        for _, valid in results:
            good &= np.asarray(valid).all(axis=tuple(range(2, np.ndim(valid))))
        for axis in gone:
            values = [np.expand_dims(value, 2 + axis) for value in values]
        found = values[0] if fieldAxis is None else np.concatenate(values, axis=2 + fieldAxis)
        return found, good

    def change(band: Band) -> Band:
        for axis in [*gone, *([] if fieldAxis is None else [fieldAxis])]:
            require_axis(axis, band.type.dimensions)
        result = reducer.types[0](band.type)
        for rule in reducer.types[1:]:
            result = union(result, rule(band.type))
        return array_band(band, dimensions_of(result, band.type.dimensions), function)

    return changed(input, change)


@implements("Image.arrayAccum")
def accumulate(input: Image, axis: int, reducer: Reducer | None) -> Image:
    """Return, at each position of an axis, the reduction up to it; the sum by default."""
    if reducer is not None and (reducer.inputs != 1 or len(reducer.outputs) != 1):
        raise EarthEngineError("The reducer must have one input and one output.")

    def function(data: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        good = np.ones(data.shape[:2], bool)
        front = np.moveaxis(data, 2 + axis, 0)
        if reducer is None:
            wide = np.int64 if data.dtype.kind in "iub" else np.float64
            return np.moveaxis(np.cumsum(front, axis=0, dtype=wide), 0, 2 + axis), good
        parts = []
        for end in range(1, len(front) + 1):
            ((value, valid),) = _reduced(reducer, [front[:end]])
            parts.append(np.where(valid, value, 0))
            good &= np.asarray(valid).all(axis=tuple(range(2, np.ndim(valid))))
        return (np.stack(parts, axis=2 + axis) if parts else data), good

    def change(band: Band) -> Band:
        require_axis(axis, band.type.dimensions)
        if reducer is not None:
            result = reducer.types[0](band.type)
        else:
            result = INT64 if band.type.precision == "int" else DOUBLE
        return array_band(band, dimensions_of(result, band.type.dimensions), function)

    return changed(input, change)


@implements("Image.arrayDotProduct")
def dot_product(image1: Image, image2: Image) -> Image:
    """Return the sum of the products of 1-D arrays."""

    def function(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        if a.ndim != 3 or a.shape[2:] != b.shape[2:]:
            raise EarthEngineError(
                f"Expected 1-D arrays of one length, got lengths {lengths_of(a)} and "
                f"{lengths_of(b)}."
            )
        products = a.astype(np.float64) * b.astype(np.float64)
        return total(np.moveaxis(products, -1, 0))

    bands = [
        array_band(left, DOUBLE, function, (right,), name=name)
        for left, right, name in pairs("Image.arrayDotProduct", image1, image2)
    ]
    return replace(image1.with_bands(bands), id=None, version=None)
