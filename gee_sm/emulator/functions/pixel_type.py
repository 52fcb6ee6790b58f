"""PixelType.*: precision and range of pixels."""

from __future__ import annotations

from typing import Any

from gee_sm.emulator.coercion import NotConvertible, coerce, converts, type_name
from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.registry import implements
from gee_sm.emulator.values.pixel_type import NAMED, PixelType

_PRECISIONS = ("int", "float", "double")


@converts("PixelType")
def _pixel_type(value: Any) -> PixelType:
    if isinstance(value, PixelType):
        return value
    if isinstance(value, str) and value in NAMED:
        return NAMED[value]
    if (
        isinstance(value, dict)
        and value.get("type") == "PixelType"
        and value.get("precision") in _PRECISIONS
    ):
        return PixelType(
            value["precision"], value.get("min"), value.get("max"), value.get("dimensions", 0)
        )
    raise NotConvertible


@implements("PixelType")
def construct(
    precision: Any, minValue: float | None, maxValue: float | None, dimensions: int
) -> PixelType:
    """Return a pixel type of a precision with limits and array dimensions."""
    if isinstance(precision, PixelType):
        if minValue is None and maxValue is None:
            return precision
        precision = precision.precision
    if isinstance(precision, dict):
        return coerce(precision, "PixelType", "PixelType", "precision")
    if not isinstance(precision, str):
        raise EarthEngineError(f"Expected a precision, found a {type_name(precision)}.")
    if precision not in _PRECISIONS and precision in NAMED and minValue is None:
        return PixelType(*_parts(NAMED[precision]), dimensions)
    if precision not in _PRECISIONS:
        raise EarthEngineError(
            f"Unknown precision '{precision}'. Expected one of: {', '.join(_PRECISIONS)}."
        )
    if precision == "int" and (minValue is None) != (maxValue is None):
        raise EarthEngineError("An integer type needs both limits, or none.")
    if minValue is not None and maxValue is not None and minValue > maxValue:
        raise EarthEngineError(
            f"The minimum ({minValue}) must not be larger than the maximum ({maxValue})."
        )
    if dimensions < 0:
        raise EarthEngineError(f"The number of dimensions may not be negative: {dimensions}.")
    if precision == "int" and minValue is None:
        return PixelType(*_parts(NAMED["int"]), dimensions)
    return PixelType(precision, minValue, maxValue, dimensions)


def _parts(pixel_type: PixelType) -> tuple[str, float | None, float | None]:
    return pixel_type.precision, pixel_type.minimum, pixel_type.maximum


def _constant(name: str) -> None:
    def function() -> PixelType:
        return NAMED[name]

    function.__doc__ = f"Return the {name} type."
    implements(f"PixelType.{name}")(function)


for _name in ("double", "float", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32"):
    _constant(_name)


@implements("PixelType.precision")
def precision(pixelType: PixelType) -> str:
    """Return ``int``, ``float`` or ``double``."""
    return pixelType.precision


@implements("PixelType.dimensions")
def dimensions(pixelType: PixelType) -> int:
    """Return the number of array dimensions, 0 for scalars."""
    return pixelType.dimensions


@implements("PixelType.minValue")
def min_value(pixelType: PixelType) -> float:
    """Return the smallest value; minus infinity where floats have no limit."""
    return float("-inf") if pixelType.minimum is None else pixelType.minimum


@implements("PixelType.maxValue")
def max_value(pixelType: PixelType) -> float:
    """Return the largest value; infinity where floats have no limit."""
    return float("inf") if pixelType.maximum is None else pixelType.maximum
