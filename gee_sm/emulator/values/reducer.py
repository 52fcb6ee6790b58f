"""Reducers: many values become few, the same way over a list, a region, a stack or a window.

A reducer gets its inputs as arrays whose first axis is the one that disappears, with weights of
the same shape; a weight of 0 is a masked or missing value. Sums run in a fixed order over the
first axis when there are other axes, so that a pixel's result does not depend on the tile it was
computed in.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gee_sm.emulator.coercion import NotConvertible, converts, type_name
from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.values.pixel_type import DOUBLE, PixelType
from gee_sm.emulator.values.stack_sort import sorted_stack

Arrays = Sequence[np.ndarray]
Result = tuple[np.ndarray, np.ndarray]
TypeRule = Callable[[PixelType], PixelType]
# Numbers that a reducer in blocks holds at once: 32 MB of doubles.
_BLOCK = 4_000_000
_MOST_INPUTS = 10_000
# Reducers that order texts too, and what they put out.
_EXTREMES: dict[str, tuple[Callable[..., Any], ...]] = {
    "min": (min,), "max": (max,), "minMax": (min, max),
}  # fmt: skip


def check_number_of_inputs(count: int) -> None:
    """Raise unless a reducer can have so many inputs."""
    if not 1 <= count <= _MOST_INPUTS:
        raise EarthEngineError(
            f"The number of inputs must lie between 1 and {_MOST_INPUTS}, got {count}."
        )


def as_double(pixel_type: PixelType) -> PixelType:
    """Return the type of a mean, a variance and the like."""
    return DOUBLE


def as_input(pixel_type: PixelType) -> PixelType:
    """Return the type of a minimum, a median's neighbour, a first value."""
    return pixel_type


@dataclass(frozen=True)
class Reducer:
    """A reduction with named outputs.

    Attributes
    ----------
    inputs : int
        How many values each item has.
    outputs : tuple of str
        Names of the results.
    types : tuple of callable
        For each output, its pixel type given that of the first input.
    reduce_arrays : callable
        ``(inputs, weights) -> [(value, valid), ...]`` on numeric arrays, first axis reduced; None
        for a reducer that only works on lists of objects.
    reduce_objects : callable or None
        ``(columns, weights) -> [value, ...]`` on lists; made from ``reduce_arrays`` when None.
    weighted : bool
        Whether fractions count; else every weight above 0 is 1.
    repeats : bool
        Whether a single-input reducer is applied to each band or column apart.
    kind : str or None
        Which built-in reducer this is, for the places that know a faster way for some.
    takes_arrays : bool
        Whether the inputs may be arrays: their axes then follow those of the weights.
    """

    inputs: int
    outputs: tuple[str, ...]
    types: tuple[TypeRule, ...]
    reduce_arrays: Callable[[Arrays, np.ndarray], list[Result]] | None = None
    reduce_objects: Callable[[list[list[Any]], list[float]], list[Any]] | None = None
    weighted: bool = False
    repeats: bool = True
    kind: str | None = None
    takes_arrays: bool = False

    type_name = "Reducer"

    def to_json(self) -> dict[str, Any]:
        """Return a description; the service prints the constructor instead."""
        return {"type": "Reducer", "outputs": list(self.outputs)}

    @property
    def label(self) -> str:
        """What messages of the service call it."""
        return f"Reducer.{self.kind}" if self.kind else "<Reducer>"

    def named(self, outputs: Sequence[str]) -> Reducer:
        """Return the reducer with other output names."""
        return replace(self, outputs=tuple(outputs))

    def over_arrays(self, inputs: Arrays, weights: np.ndarray) -> list[Result]:
        """Reduce numeric arrays over their first axis.

        Parameters
        ----------
        inputs : sequence of ndarray, shape (n, ...)
            One array for each input.
        weights : ndarray, shape (n, ...)
            0 where any input is missing.

        Returns
        -------
        list of (ndarray, ndarray of bool)
            Value and validity of each output. A value that is an array has its axes behind those
            of the validity; arrays of different lengths are the elements of an array of objects.

        Raises
        ------
        EarthEngineError
            If the reducer is for lists only, or the inputs are arrays and it takes numbers.
        """
        if self.reduce_arrays is None:
            raise EarthEngineError(
                f"Reducer with outputs {list(self.outputs)} cannot be used on pixels here."
            )
        if any(array.dtype == object for array in inputs):
            raise EarthEngineError(
                "Arrays must have the same lengths to be reduced; Image.arrayPad makes them so."
            )
        if not self.takes_arrays and any(array.ndim > weights.ndim for array in inputs):
            raise EarthEngineError(
                f"The reducer with outputs {list(self.outputs)} takes numbers, not arrays. "
                "Reducer.forEachElement reduces each position of arrays apart, "
                "Reducer.disaggregate all elements together."
            )
        if not self.weighted:
            weights = (weights > 0).astype(np.float64)
        with np.errstate(all="ignore"):
            return self.reduce_arrays(inputs, weights)

    def apply_columns(
        self, columns: list[list[Any]], weights: list[float] | None = None
    ) -> dict[str, Any]:
        """Reduce lists; None stands for a missing value.

        Parameters
        ----------
        columns : list of list
            One list for each input, all of one length.
        weights : list of float, optional
            One weight for each item.

        Returns
        -------
        dict
            Value by output name, None where there is no result.
        """
        if len(columns) != self.inputs:
            raise EarthEngineError(
                f"Need {self.inputs} inputs for {self.label}, got {len(columns)}."
            )
        if weights is None:
            weights = [1.0] * len(columns[0])
        if self.reduce_objects is not None:
            values = self.reduce_objects(columns, weights)
            return dict(zip(self.outputs, values, strict=True))
        if self.kind in _EXTREMES and any(isinstance(item, str) for item in columns[0]):
            return dict(zip(self.outputs, self._of_texts(columns[0], weights), strict=True))
        count = len(columns[0])
        valid = np.ones(count, bool)
        # Text and lists count like numbers.
        number = _as_one if self.kind == "count" else as_number
        arrays = []
        for column in columns:
            valid &= np.array([item is not None for item in column], bool).reshape(count)
        for column in columns:
            if self.takes_arrays and any(not isinstance(i, int | float | None) for i in column):
                arrays.append(_stacked(column))
                continue
            numbers = [number(item) if item is not None else 0 for item in column]
            arrays.append(np.asarray(numbers, np.float64).reshape(count))
        weight = np.where(valid, np.asarray(weights, np.float64), 0.0)
        results = self.over_arrays(arrays, weight)
        found = {}
        for name, rule, (value, good) in zip(self.outputs, self.types, results, strict=True):
            whole = all(isinstance(i, int) for c in columns for i in c if i is not None)
            found[name] = _plain(value, whole and rule is not as_double) if bool(good) else None
        return found

    def _of_texts(self, column: list[Any], weights: list[float]) -> list[Any]:
        """Return the extremes of texts."""
        from gee_sm.emulator.values.ordering import check_comparable, sort_key

        items = [i for i, w in zip(column, weights, strict=True) if i is not None and w > 0]
        check_comparable(items)
        extremes = _EXTREMES[self.kind or ""]
        return [extreme(items, key=sort_key, default=None) for extreme in extremes]


def as_number(item: Any) -> float:
    """Return a number that can be reduced.

    Raises
    ------
    EarthEngineError
        If it is something else.
    """
    if isinstance(item, bool | int | float):
        return item
    raise EarthEngineError(f"Cannot reduce a value of type {type_name(item)}: expected a number.")


def _as_one(item: Any) -> float:
    return 1.0


def _stacked(column: list[Any]) -> np.ndarray:
    """Return arrays of one shape as one; None becomes zeros."""
    from gee_sm.emulator.values.array import as_array

    values = [None if item is None else as_array(item).values for item in column]
    shapes = {value.shape for value in values if value is not None}
    if len(shapes) > 1:
        raise EarthEngineError(
            f"Arrays must have the same lengths to be reduced, got {sorted(shapes)}."
        )
    (shape,) = shapes
    return np.stack([np.zeros(shape) if value is None else value for value in values])


def settled(value: np.ndarray, valid: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """Return a reducer's result in the band's type, 0 where it has none.

    Arrays of different lengths stay objects, each brought to the type.
    """
    value, valid = np.asarray(value), np.asarray(valid)
    if value.dtype == object:
        found = np.empty(value.shape, object)
        for place, item in np.ndenumerate(value):
            found[place] = np.asarray(item).astype(dtype)
        return found
    behind = (1,) * (value.ndim - valid.ndim)
    return np.where(valid.reshape(valid.shape + behind), value, 0).astype(dtype)


def in_blocks(
    function: Callable[[Arrays, np.ndarray], list[Result]], cells: int
) -> Callable[[Arrays, np.ndarray], list[Result]]:
    """Let a function that needs ``cells`` numbers for each input value see few pixels at once.

    The function gets one pixel axis behind the first, and returns values with it in front.
    """

    def blocked(inputs: Arrays, weights: np.ndarray) -> list[Result]:
        shape = weights.shape[1:]
        count = int(np.prod(shape))
        flat = [array.reshape(len(array), count, *array.shape[weights.ndim :]) for array in inputs]
        flat_weights = weights.reshape(len(weights), count)
        size = max(1, _BLOCK // max(1, len(weights) * cells))
        parts = [
            function([a[:, i : i + size] for a in flat], flat_weights[:, i : i + size])
            for i in range(0, max(count, 1), size)
        ]
        found = []
        for outputs in zip(*parts, strict=True):
            value = np.concatenate([np.asarray(output[0]) for output in outputs])
            valid = np.concatenate([np.asarray(output[1]) for output in outputs])
            found.append((value.reshape(shape + value.shape[1:]), valid.reshape(shape)))
        return found

    return blocked


def _plain(value: np.ndarray, whole: bool) -> Any:
    if value.ndim:
        from gee_sm.emulator.values.array import Array

        return Array(value)
    number = float(value)
    return int(number) if whole and number.is_integer() else number


def total(values: np.ndarray) -> np.ndarray:
    """Sum over the first axis, item after item when there are other axes."""
    if values.ndim == 1:
        return values.sum()
    found = np.zeros(values.shape[1:], np.result_type(values.dtype, np.float64))
    for item in values:
        found += item
    return found


def moments(values: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (sum of weights, weighted mean) over the first axis."""
    weight = total(weights)
    mean = total(np.where(weights > 0, values, 0) * weights) / np.where(weight == 0, 1, weight)
    return weight, mean


def ranked(values: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the values sorted along the first axis, invalid ones last, and the valid count."""
    valid = weights > 0
    if valid.all():
        return sorted_stack(values), np.full(values.shape[1:], len(values))
    top = np.inf if values.dtype.kind == "f" else np.iinfo(values.dtype).max
    return sorted_stack(np.where(valid, values, top)), valid.sum(axis=0)


def quantile(order: np.ndarray, count: np.ndarray, fraction: float) -> np.ndarray:
    """Return a quantile of sorted values, linear between ranks."""
    position = np.maximum(count - 1, 0) * fraction
    low = np.floor(position).astype(np.intp)
    high = np.minimum(low + 1, np.maximum(count - 1, 0)).astype(np.intp)
    lower = np.take_along_axis(order, low[None], axis=0)[0].astype(np.float64)
    upper = np.take_along_axis(order, high[None], axis=0)[0].astype(np.float64)
    part = position - low
    # Equal neighbours give themselves, without rounding.
    return np.where(part == 0, lower, lower + (upper - lower) * part)


@converts("Reducer")
def _reducer(value: Any) -> Reducer:
    if isinstance(value, Reducer):
        return value
    raise NotConvertible
