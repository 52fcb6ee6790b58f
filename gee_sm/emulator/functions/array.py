"""Array.*: arrays made, cut, joined, and computed with element by element."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np

from gee_sm.emulator.coercion import coerce
from gee_sm.emulator.elementwise import BINARY, UNARY, Elementwise, spellings
from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.registry import implements
from gee_sm.emulator.signatures import signatures
from gee_sm.emulator.values.array import (
    Array,
    array_of_lists,
    as_array,
    cast_array,
    numbers_of,
)
from gee_sm.emulator.values.element import select
from gee_sm.emulator.values.pixel_type import (
    BOOLEAN,
    DOUBLE,
    FLOAT,
    INT32,
    INT64,
    NAMED,
    PixelType,
    arithmetic,
    union,
)

_LONGEST = 32_768
_MOST_ELEMENTS = 1_000_000
_MOST_DIMENSIONS = 32

# -- making and looking --------------------------------------------------------------------------


@implements("Array")
def construct(values: Any, pixelType: PixelType | None) -> Array:
    """Return the array of nested lists, or an array cast to a type."""
    if isinstance(values, Array):
        return values if pixelType is None else cast_array(values, pixelType)
    return array_of_lists(numbers_of(values, "Array", "values"), pixelType)


@implements("Array.identity")
def identity(size: int) -> Array:
    """Return the identity matrix."""
    if not 1 <= size <= _LONGEST:
        raise EarthEngineError(f"The size must lie between 1 and {_LONGEST}, got {size}.")
    return Array(np.eye(size, dtype=np.int32), INT32)


@implements("Array.bitsToArray")
def bits_to_array(input: float) -> Array:
    """Return the bits of an integer, the lowest first."""
    bits = coerce(input, "Integer", "Array.bitsToArray", "input") & (2**64 - 1)
    return Array(np.array([int(b) for b in reversed(f"{bits:b}")], np.uint8), BOOLEAN)


@implements("Array.toList")
def to_list(array: Array) -> Any:
    """Return nested lists."""
    return array.to_list()


@implements("Array.length")
def length(array: Array) -> Array:
    """Return the lengths of the axes."""
    return Array(np.array(array.values.shape, np.int32), INT32)


@implements("Array.get")
def get(array: Array, position: list[int]) -> float:
    """Return the number at a position."""
    shape = array.values.shape
    if len(position) != len(shape):
        raise EarthEngineError(
            f"The position must have {len(shape)} coordinates, got {len(position)}."
        )
    index = tuple(_whole(position, "position"))
    if not all(0 <= p < size for p, size in zip(index, shape, strict=True)):
        raise EarthEngineError(
            f"The position {list(index)} is outside of an array of lengths {list(shape)}."
        )
    return array.values[index].item()


@implements("Array.argmax")
def argmax(array: Array) -> list[int] | None:
    """Return the position of the first maximum; null for an empty array."""
    if array.values.size == 0:
        return None
    return [int(i) for i in np.unravel_index(int(array.values.argmax()), array.values.shape)]


# -- shape ---------------------------------------------------------------------------------------


def _whole(numbers: list[Any], name: str) -> list[int]:
    """Return the whole numbers of a list.

    Raises
    ------
    EarthEngineError
        If there is a null in it.
    """
    if None in numbers:
        raise EarthEngineError(f"Parameter '{name}' may not hold null.")
    return [int(number) for number in numbers]


def _axis(array: np.ndarray, axis: int, *, beyond: bool = False) -> int:
    """Return a valid axis; with ``beyond`` the one after the last is valid too."""
    if not 0 <= axis < array.ndim + beyond:
        raise EarthEngineError(
            f"Axis {axis} does not exist in an array of {array.ndim} dimensions."
        )
    return axis


@implements("Array.cat")
def cat(arrays: list[Any], axis: int) -> Array:
    """Put arrays side by side; along a new last axis if there is none of that number."""
    found = [coerce(item, "Array", "Array.cat", "arrays") for item in arrays]
    if not found:
        raise EarthEngineError("The list of arrays is empty.")
    kept = [a for a in found if not (a.values.ndim == 1 and a.values.size == 0)] or found[:1]
    joined = kept[0].type
    for item in kept[1:]:
        joined = union(joined, item.type)
    values = [item.values for item in kept]
    dimensions = {v.ndim for v in values}
    if len(dimensions) != 1:
        raise EarthEngineError("All arrays must have the same number of dimensions.")
    _axis(values[0], axis, beyond=True)
    try:
        if axis == values[0].ndim:
            return Array(np.stack(values, axis=axis), joined)
        return Array(np.concatenate(values, axis=axis), joined)
    except ValueError:
        lengths = ", ".join(str(list(v.shape)) for v in values)
        raise EarthEngineError(
            f"All arrays must have the same length on all axes but axis {axis}, got {lengths}."
        ) from None


@implements("Array.repeat")
def repeat(array: Array, axis: int, copies: int) -> Array:
    """Put copies of an array side by side."""
    if not 1 <= copies <= _MOST_ELEMENTS:
        raise EarthEngineError(f"The number of copies must be positive and not vast: {copies}.")
    values = array.values
    if _axis(values, axis, beyond=True) == values.ndim:
        values = values[..., None]
    if values.size * copies > _MOST_ELEMENTS * 10:
        raise EarthEngineError("Computed value is too large.")
    times = [copies if place == axis else 1 for place in range(values.ndim)]
    return Array(np.tile(values, times), array.type)


@implements("Array.cut")
def cut(array: Array, position: list[int]) -> Array:
    """Return one position of each axis, or all of it for -1."""
    values = array.values
    if len(position) != values.ndim:
        raise EarthEngineError(
            f"The position must have {values.ndim} coordinates, got {len(position)}."
        )
    for axis, place in enumerate(_whole(position, "position")):
        if place == -1:
            continue
        if not 0 <= place < values.shape[axis]:
            raise EarthEngineError(
                f"Position {place} is outside of axis {axis} of length {values.shape[axis]}."
            )
        values = np.take(values, [place], axis=axis)
    return Array(values, array.type)


@implements("Array.slice")
def slice_(array: Array, axis: int, start: int, end: int | None, step: int) -> Array:
    """Return the positions from a start to an end of an axis."""
    if step < 1:
        raise EarthEngineError(f"The step must be positive, got {step}.")
    index = [slice(None)] * array.values.ndim
    index[_axis(array.values, axis)] = slice(start, end, step)
    return Array(array.values[tuple(index)], array.type)


@implements("Array.mask")
def mask(input: Array, mask: Array) -> Array:
    """Return the positions where the mask is not zero."""
    shape = mask.values.shape
    several = [axis for axis, size in enumerate(shape) if size != 1]
    if len(several) > 1:
        raise EarthEngineError("The mask may have several elements along one axis only.")
    axis = several[0] if several else 0
    keep = mask.values.ravel() != 0
    if input.values.ndim <= axis or input.values.shape[axis] != keep.size:
        raise EarthEngineError(
            f"The mask has {keep.size} elements along axis {axis}, "
            f"the array lengths {list(input.values.shape)}."
        )
    return Array(np.compress(keep, input.values, axis=axis), input.type)


@implements("Array.pad")
def pad(array: Array, lengths: list[int], pad: float) -> Array:
    """Return the array with values appended until it has the lengths."""
    values = array.values
    if len(lengths) != values.ndim:
        raise EarthEngineError(f"Expected {values.ndim} lengths, got {len(lengths)}.")
    wanted = _whole(lengths, "lengths")
    if max(wanted, default=0) > _MOST_ELEMENTS:
        raise EarthEngineError(f"The lengths {lengths} are too large.")
    grow = [(0, max(want - have, 0)) for want, have in zip(wanted, values.shape, strict=True)]
    if not grow:
        return array
    filler = cast_array(as_array(pad), array.type).values
    return Array(np.pad(values, grow, constant_values=filler.item()), array.type)


@implements("Array.project")
def project(array: Array, axes: list[int]) -> Array:
    """Return the array with only the axes given; others must have at most one position."""
    kept = [_axis(array.values, axis) for axis in _whole(axes, "axes")]
    dropped = [axis for axis in range(array.values.ndim) if axis not in kept]
    long = [axis for axis in dropped if array.values.shape[axis] > 1]
    if long:
        raise EarthEngineError(
            f"Axis {long[0]} has length {array.values.shape[long[0]]} and cannot be dropped."
        )
    values = np.transpose(array.values, kept + dropped)
    lengths = [array.values.shape[axis] for axis in kept]
    return Array(values.reshape(lengths) if values.size else np.zeros(lengths), array.type)


@implements("Array.reshape")
def reshape(array: Array, shape: Array) -> Array:
    """Return the same numbers with other lengths; -1 is computed."""
    lengths = cast_array(shape, INT64).values.ravel().tolist()
    try:
        return Array(array.values.reshape(lengths), array.type)
    except ValueError:
        raise EarthEngineError(
            f"An array of lengths {list(array.values.shape)} cannot be reshaped to {lengths}."
        ) from None


@implements("Array.transpose", "Array.matrixTranspose")
def transpose(array: Array, axis1: int, axis2: int) -> Array:
    """Return the array with two axes exchanged; missing ones have length 1."""
    values = array.values
    for axis in (axis1, axis2):
        if not 0 <= axis < _MOST_DIMENSIONS:
            raise EarthEngineError(f"Axis {axis} does not exist in an array.")
    while values.ndim <= max(axis1, axis2):
        values = values[..., None]
    return Array(np.swapaxes(values, axis1, axis2), array.type)


@implements("Array.sort")
def sort(array: Array, keys: Array | None) -> Array:
    """Return the array sorted along the axis in which the keys have several elements."""
    key = (array if keys is None else keys).values
    several = [axis for axis, size in enumerate(key.shape) if size > 1]
    if len(several) > 1:
        raise EarthEngineError("The keys may have several elements along one axis only.")
    if not several:
        return array
    axis = several[0]
    if array.values.ndim <= axis or array.values.shape[axis] != key.shape[axis]:
        raise EarthEngineError(
            f"The keys have {key.shape[axis]} elements along axis {axis}, "
            f"the array lengths {list(array.values.shape)}."
        )
    order = np.argsort(key.ravel(), kind="stable")
    return Array(np.take(array.values, order, axis=axis), array.type)


# -- reducing ------------------------------------------------------------------------------------


def _column(values: np.ndarray) -> list[Any]:
    return [None if value != value else value for value in values.ravel().tolist()]


def _number(value: Any) -> float:
    if value is not None and not isinstance(value, int | float):
        raise EarthEngineError("Each output of the reducer must be a number.")
    return np.nan if value is None else value


@implements("Array.reduce")
def reduce(array: Array, reducer: Any, axes: list[int], fieldAxis: int | None) -> Array:
    """Reduce over axes, whose length becomes 1; several outputs go along the field axis."""
    values = array.values
    gone = [_axis(values, axis) for axis in _whole(axes, "axes")]
    outputs = len(reducer.outputs)
    if fieldAxis is None and (reducer.inputs > 1 or outputs > 1):
        raise EarthEngineError(
            "A field axis is required for a reducer with several inputs or outputs."
        )
    if fieldAxis is not None:
        _axis(values, fieldAxis)
        if fieldAxis in gone:
            raise EarthEngineError(f"The field axis {fieldAxis} may not be reduced.")
        if values.shape[fieldAxis] != reducer.inputs:
            raise EarthEngineError(
                f"The field axis has length {values.shape[fieldAxis]}, "
                f"the reducer {reducer.inputs} inputs."
            )
    others = [axis for axis in range(values.ndim) if axis not in gone and axis != fieldAxis]
    shape = [1 if axis in gone else size for axis, size in enumerate(values.shape)]
    if fieldAxis is not None:
        shape[fieldAxis] = outputs
    found = np.zeros(shape, object)
    for place in itertools.product(*(range(values.shape[axis]) for axis in others)):
        index: list[Any] = [slice(None)] * values.ndim
        for axis, position in zip(others, place, strict=True):
            index[axis] = position
        part = values[tuple(index)]
        if fieldAxis is None:
            columns = [_column(part)]
        else:
            field = fieldAxis - sum(axis < fieldAxis for axis in others)
            columns = [_column(np.take(part, i, axis=field)) for i in range(reducer.inputs)]
        results = list(reducer.apply_columns(columns, None).values())
        target: list[Any] = [0] * values.ndim
        for axis, position in zip(others, place, strict=True):
            target[axis] = position
        for number, result in enumerate(results):
            if fieldAxis is not None:
                target[fieldAxis] = number
            found[tuple(target)] = _number(result)
    return array_of_lists(found.tolist(), None if found.size else DOUBLE)


@implements("Array.accum")
def accumulate(array: Array, axis: int, reducer: Any) -> Array:
    """Return, at each position of an axis, the reduction up to it; the sum by default."""
    _axis(array.values, axis)
    if reducer is None:
        wide = array.values.astype(np.int64 if array.type.precision == "int" else np.float64)
        found_type = INT64 if array.type.precision == "int" else array.type
        return Array(np.cumsum(wide, axis=axis), found_type)
    count = array.values.shape[axis]
    parts = []
    for end in range(1, count + 1):
        upto = Array(np.take(array.values, range(end), axis=axis), array.type)
        parts.append(reduce(upto, reducer, [axis], None))
    return cat(parts, axis) if parts else array


# -- element by element --------------------------------------------------------------------------


def _result_type(name: str, kind: str, types: list[PixelType]) -> PixelType:
    joined = types[0] if len(types) == 1 else union(*types)
    if kind == "arithmetic":
        return arithmetic(name, *types)
    if kind == "real":
        return FLOAT if joined.precision == "float" and len(types) == 2 else DOUBLE
    if kind == "power":
        return DOUBLE if joined.precision == "double" else FLOAT
    if kind == "boolean":
        return BOOLEAN
    if kind in ("bits", "integer"):
        return INT64
    if joined.precision == "int":
        return INT64
    return PixelType(joined.precision)


def _compute(name: str, operation: Elementwise, *arrays: Array) -> Array:
    shapes = {array.values.shape for array in arrays if array.values.ndim}
    if len(shapes) > 1:
        lengths = " and ".join(str(list(array.values.shape)) for array in arrays)
        raise EarthEngineError(f"Arrays must have the same lengths on all axes, got {lengths}.")
    result = _result_type(name, operation.result, [array.type for array in arrays])
    operands = [
        array.values.astype(np.int64 if array.type.precision == "int" else np.float64)
        for array in arrays
    ]
    with np.errstate(all="ignore"):
        return Array(operation.function(*operands), result)


def _register(name: str, operation: Elementwise, parameters: str) -> None:
    if parameters == "pair":

        def on_pair(left: Array, right: Array) -> Array:
            return _compute(name, operation, left, right)

        function: Callable[..., Array] = on_pair
    else:

        def on_one(input: Array) -> Array:
            return _compute(name, operation, input)

        function = on_one
    names = [f"Array.{n}" for n in spellings(name) if f"Array.{n}" in signatures()]
    function.__doc__ = signatures()[names[0]].description
    implements(*names)(function)


for _name, _operation in BINARY.items():
    _register(_name, _operation, "pair")
for _name, _operation in UNARY.items():
    _register(_name, _operation, "one")


def _cast(names: tuple[str, ...], pixel_type: PixelType) -> None:
    def function(input: Array) -> Array:
        return cast_array(input, pixel_type)

    function.__doc__ = signatures()[f"Array.{names[0]}"].description
    implements(*(f"Array.{name}" for name in names))(function)


for _name, _type in NAMED.items():
    _both = (_name, f"to{_name[0].upper()}{_name[1:]}")
    _cast(tuple(n for n in _both if f"Array.{n}" in signatures()), _type)


@implements("Feature.toArray")
def feature_to_array(feature: Any, properties: list[str]) -> Array:
    """Return numeric properties as an array."""
    return array_of_lists(
        [coerce(select(feature, n), "Number", "Feature.toArray", n) for n in properties]
    )
