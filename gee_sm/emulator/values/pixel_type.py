"""Pixel types: precision and value range of a band, and how operators promote them."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

_INTEGER_LADDER = (np.uint8, np.int8, np.uint16, np.int16, np.uint32, np.int32, np.int64)
_RANK = {"int": 0, "float": 1, "double": 2}


@functools.lru_cache(maxsize=4096)
def _smallest_integer(low: float, high: float) -> np.dtype:
    for candidate in _INTEGER_LADDER:
        info = np.iinfo(candidate)
        if info.min <= low and high <= info.max:
            return np.dtype(candidate)
    return np.dtype(np.int64)


@dataclass(frozen=True)
class PixelType:
    """Precision (``int``, ``float`` or ``double``), value range and array dimensions of a band."""

    precision: str
    minimum: float | None = None
    maximum: float | None = None
    dimensions: int = 0

    @property
    def dtype(self) -> np.dtype:
        """The smallest numpy dtype that holds the range."""
        if self.precision == "float":
            return np.dtype(np.float32)
        if self.precision == "double":
            return np.dtype(np.float64)
        low = -(2**31) if self.minimum is None else self.minimum
        high = 2**31 - 1 if self.maximum is None else self.maximum
        return _smallest_integer(low, high)

    def scalar(self) -> PixelType:
        """Return the same type without array dimensions."""
        return replace(self, dimensions=0)

    def to_json(self) -> dict[str, Any]:
        """Return the service's JSON of this type."""
        found: dict[str, Any] = {"type": "PixelType", "precision": self.precision}
        if self.minimum is not None and math.isfinite(self.minimum):
            found["min"] = int(self.minimum) if self.precision == "int" else self.minimum
        if self.maximum is not None and math.isfinite(self.maximum):
            found["max"] = int(self.maximum) if self.precision == "int" else self.maximum
        if self.dimensions:
            found["dimensions"] = self.dimensions
        return found


def integer_type(low: int, high: int, dimensions: int = 0) -> PixelType:
    """Return the integer type with the given range, clipped to 64 bits."""
    low, high = (min(max(end, -(2**63)), 2**63 - 1) for end in (low, high))
    return PixelType("int", low, high, dimensions)


FLOAT = PixelType("float")
DOUBLE = PixelType("double")
BOOLEAN = PixelType("int", 0, 1)
BYTE = PixelType("int", 0, 255)
INT8 = PixelType("int", -128, 127)
UINT16 = PixelType("int", 0, 65535)
INT16 = PixelType("int", -32768, 32767)
UINT32 = PixelType("int", 0, 2**32 - 1)
INT32 = PixelType("int", -(2**31), 2**31 - 1)
INT64 = PixelType("int", -(2**63), 2**63 - 1)

NAMED = {
    "float": FLOAT,
    "double": DOUBLE,
    "int8": INT8,
    "uint8": BYTE,
    "byte": BYTE,
    "int16": INT16,
    "short": INT16,
    "uint16": UINT16,
    "int32": INT32,
    "int": INT32,
    "uint32": UINT32,
    "int64": INT64,
    "long": INT64,
}


def of_dtype(dtype: np.dtype) -> PixelType:
    """Return the pixel type of a raster's numpy dtype."""
    dtype = np.dtype(dtype)
    if dtype.kind == "b":
        return BOOLEAN
    if dtype.kind in "iu":
        info = np.iinfo(dtype)
        return integer_type(int(info.min), int(info.max))
    return FLOAT if dtype.itemsize <= 4 else DOUBLE


def of_constant(value: float) -> PixelType:
    """Return the type of a constant: a range of one value."""
    if isinstance(value, bool | int | np.integer):
        return integer_type(int(value), int(value))
    return PixelType("double", float(value), float(value))


def union(first: PixelType, second: PixelType) -> PixelType:
    """Return the smallest type that holds both."""
    precision = max(first.precision, second.precision, key=_RANK.__getitem__)
    if precision == "float" and _wide_integer(first, second):
        precision = "double"
    low = high = None
    if None not in (first.minimum, first.maximum, second.minimum, second.maximum):
        low = min(first.minimum, second.minimum)
        high = max(first.maximum, second.maximum)
    return PixelType(precision, low, high, max(first.dimensions, second.dimensions))


def _wide_integer(*types: PixelType) -> bool:
    """Whether an integer among the types has values that float32 cannot tell apart."""
    return any(t.precision == "int" and t.dtype.itemsize >= 4 for t in types)


def arithmetic(operator: str, first: PixelType, second: PixelType) -> PixelType:
    """Return the type of ``add``, ``subtract`` or ``multiply``: the union, with its range moved."""
    joined = union(first, second)
    ranges = (first.minimum, first.maximum, second.minimum, second.maximum)
    if None in ranges or not all(math.isfinite(v) for v in ranges):
        return replace(joined, minimum=None, maximum=None) if joined.precision != "int" else joined
    a, b, c, d = ranges
    if operator == "add":
        low, high = a + c, b + d
    elif operator == "subtract":
        low, high = a - d, b - c
    else:
        corners = (a * c, a * d, b * c, b * d)
        low, high = min(corners), max(corners)
    if joined.precision == "int":
        return integer_type(int(low), int(high), joined.dimensions)
    return replace(joined, minimum=low, maximum=high)
