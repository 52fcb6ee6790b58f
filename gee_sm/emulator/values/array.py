"""Arrays: numbers in any number of dimensions, with a pixel type."""

from __future__ import annotations

from typing import Any

import numpy as np

from gee_sm.emulator.coercion import NotConvertible, converts
from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.values.pixel_type import DOUBLE, PixelType, integer_type, of_dtype


class Array:
    """Numbers in a numpy array of the type's dtype.

    Parameters
    ----------
    values : ndarray
        The numbers.
    type : PixelType, optional
        Told from the dtype when not given.
    """

    type_name = "Array"

    def __init__(self, values: np.ndarray, type: PixelType | None = None):
        values = np.asarray(values)
        self.type = (of_dtype(values.dtype) if type is None else type).scalar()
        with np.errstate(over="ignore"):  # a double beyond the range of floats is infinite
            self.values = values.astype(self.type.dtype, copy=False)

    def __eq__(self, other: object) -> bool:
        """Arrays are equal when their shapes and values are."""
        return isinstance(other, Array) and np.array_equal(self.values, other.values)

    def __hash__(self) -> int:
        return hash((self.values.shape, self.values.tobytes()))

    def to_list(self) -> list[Any]:
        """Return nested lists."""
        return self.values.tolist()

    def to_json(self) -> Any:
        """Return nested lists, non-finite numbers as text."""
        return _json(self.values.tolist())


def _json(value: Any) -> Any:
    if isinstance(value, list):
        return [_json(item) for item in value]
    if isinstance(value, float) and not np.isfinite(value):
        return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
    return value


def _numbers(value: Any, depth: int = 0) -> Any:
    """Check nested lists and return them with plain numbers."""
    if isinstance(value, Array):
        return value.values.tolist()
    if isinstance(value, list):
        return [_numbers(item, depth + 1) for item in value]
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int | float):
        return value
    if isinstance(value, str) and value in ("Infinity", "-Infinity", "NaN"):
        return float(value.replace("Infinity", "inf"))
    raise NotConvertible


@converts("Array")
def as_array(value: Any) -> Array:
    """Return the array of an array, a number or nested lists of numbers.

    Raises
    ------
    EarthEngineError
        If inner lists differ in length, or there is no number to tell the type from.
    """
    if isinstance(value, Array):
        return value
    if not isinstance(value, list | int | float):
        raise NotConvertible
    return array_of_lists(_numbers(value))


def numbers_of(value: Any, function: str, argument: str) -> Any:
    """Return nested lists of plain numbers.

    Raises
    ------
    EarthEngineError
        If something else is in them.
    """
    try:
        return _numbers(value)
    except NotConvertible:
        raise EarthEngineError(
            f"{function}, argument '{argument}': Invalid type. "
            "Expected a number or nested lists of numbers."
        ) from None


def array_of_lists(numbers: Any, pixel_type: PixelType | None = None) -> Array:
    """Return the array of nested lists of numbers.

    Raises
    ------
    EarthEngineError
        If inner lists differ in length, or there is no number to tell the type from.
    """
    try:
        values = np.array(numbers)
    except ValueError:
        values = np.array(None)
    except OverflowError:
        values = np.array(numbers, np.float64)
    if values.dtype == object:
        if not _is_ragged(numbers):  # integers beyond 64 bits
            values = np.array(numbers, np.float64)
        else:
            raise EarthEngineError(
                "Array: Array dimension lengths must be the same for all inner arrays "
                "at the same depth."
            )
    if values.size == 0 and pixel_type is None:
        raise EarthEngineError("Array: No numbers in 'values', must provide a type.")
    if pixel_type is None:
        pixel_type = DOUBLE if values.dtype.kind == "f" else _integer_type(values)
    return Array(_cast(values, pixel_type), pixel_type)


def _cast(values: np.ndarray, pixel_type: PixelType) -> np.ndarray:
    if pixel_type.precision != "int" or values.dtype.kind != "f":
        return values if pixel_type.precision != "int" else clamped(values, pixel_type)
    return clamped(np.floor(values + 0.5), pixel_type)


def clamped(values: np.ndarray, pixel_type: PixelType) -> np.ndarray:
    """Return whole numbers clamped to the range of an integer type."""
    info = np.iinfo(pixel_type.dtype)
    low = info.min if pixel_type.minimum is None else max(info.min, int(pixel_type.minimum))
    high = info.max if pixel_type.maximum is None else min(info.max, int(pixel_type.maximum))
    if values.dtype.kind == "f":
        # The largest 64-bit integer is not a double, so what reaches it is set, not cast.
        found = np.zeros(values.shape, np.int64)
        inside = (values > low) & (values < high)
        found[inside] = values[inside].astype(np.int64)
        found[values >= high] = high
        found[values <= low] = low
        return found
    return np.clip(values.astype(np.int64), low, high)


def cast_array(array: Array, pixel_type: PixelType) -> Array:
    """Return the array cast to a type; numbers are rounded, half up, and clamped."""
    return Array(_cast(array.values, pixel_type), pixel_type)


def _integer_type(values: np.ndarray) -> PixelType:
    """Return the smallest type, as the reference shows it of an image of an array."""
    return of_dtype(integer_type(int(values.min()), int(values.max())).dtype)


def _is_ragged(numbers: Any) -> bool:
    shapes = set()

    def walk(value: Any, depth: int) -> None:
        if isinstance(value, list):
            shapes.add((depth, len(value)))
            for item in value:
                walk(item, depth + 1)
        else:
            shapes.add((depth, -1))

    walk(numbers, 0)
    depths = [depth for depth, _ in shapes]
    return len(depths) != len(set(depths))
