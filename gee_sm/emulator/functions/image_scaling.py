"""Values put on another scale: limits, polynomials, tables of lines, normalised differences."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.functions.image_math import divided, double_like, unary
from gee_sm.emulator.pixels.source import Pixelwise
from gee_sm.emulator.registry import implements
from gee_sm.emulator.values.image import Band, Image
from gee_sm.emulator.values.pixel_type import FLOAT, PixelType


@implements("Image.clamp")
def clamp(input: Image, low: float, high: float) -> Image:
    """Clamp the values to a range; integers stay integers, within it."""

    def rule(pixel_type: PixelType) -> PixelType:
        limits = _whole(low, high) if pixel_type.precision == "int" else (low, high)
        ends = (pixel_type.minimum, pixel_type.maximum)
        least, largest = (None if v is None else min(max(v, limits[0]), limits[1]) for v in ends)
        return replace(pixel_type, minimum=least, maximum=largest)

    def function(a: np.ndarray) -> np.ndarray:
        if a.dtype.kind not in "iu":
            return np.clip(a, low, high)
        return np.clip(a.astype(np.int64), *_whole(low, high))

    return unary(input, function, rule)


def _whole(low: float, high: float) -> tuple[int, int]:
    """Return the whole numbers of 64 bits within two limits."""
    least, largest = -(2**63), 2**63 - 1
    return (
        math.ceil(low) if low > least else least,
        math.floor(high) if high < largest else largest,
    )


@implements("Image.unitScale")
def unit_scale(input: Image, low: float, high: float) -> Image:
    """Scale so that [low, high] becomes [0, 1], without clamping."""
    span = high - low
    return unary(
        input,
        lambda a: (a.astype(np.float64) - low) / span if span else np.zeros(a.shape),
        double_like,
    )


@implements("Image.polynomial")
def polynomial(image: Image, coefficients: list[float]) -> Image:
    """Evaluate a polynomial, lowest coefficient first."""
    if not coefficients:
        raise EarthEngineError("Image.polynomial: Expected at least one coefficient.")
    return unary(
        image,
        lambda a: np.polynomial.polynomial.polyval(a.astype(np.float64), coefficients),
        double_like,
    )


@implements("Image.normalizedDifference")
def normalized_difference(input: Image, bandNames: list[str] | None) -> Image:
    """Return (a - b) / (a + b) of two bands; negative values mask, 0/0 is 0."""
    if bandNames is None:
        bandNames = input.names[:2]
    if len(bandNames) != 2:
        raise EarthEngineError(
            f"Image.normalizedDifference: Must specify two band names, got {len(bandNames)}."
        )
    first, second = (input.band(name) for name in bandNames)

    def function(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        a, b = a.astype(np.float64), b.astype(np.float64)
        found = divided(a - b, a + b)
        return np.where((a < 0) | (b < 0), np.nan, found)

    source = Pixelwise(function, (first.source, second.source), FLOAT.dtype, masks_nan=True)
    return Image(
        (Band("nd", PixelType("float", -1.0, 1.0), first.projection, source),), {}, input.footprint
    )


@implements("Image.interpolate")
def interpolate(image: Image, x: list[float], y: list[float], behavior: str) -> Image:
    """Interpolate each value linearly in a table."""
    if behavior not in ("extrapolate", "clamp", "mask", "input"):
        raise EarthEngineError(
            "Image.interpolate: behavior must be 'extrapolate', 'clamp', 'mask' or 'input', got "
            f"'{behavior}'."
        )
    if len(x) != len(y) or len(x) < 2:
        raise EarthEngineError(
            f"Image.interpolate: 'x' and 'y' must have the same number of values, at least 2; got "
            f"{len(x)} and {len(y)}."
        )
    xs, ys = np.asarray(x, float), np.asarray(y, float)

    def function(a: np.ndarray) -> np.ndarray:
        values = a.astype(np.float64)
        found = np.interp(values, xs, ys)
        below, above = values < xs[0], values > xs[-1]
        if behavior == "extrapolate":
            low = ys[0] + (values - xs[0]) * (ys[1] - ys[0]) / (xs[1] - xs[0])
            high = ys[-1] + (values - xs[-1]) * (ys[-1] - ys[-2]) / (xs[-1] - xs[-2])
            return np.where(below, low, np.where(above, high, found))
        if behavior == "mask":
            return np.where(below | above, np.nan, found)
        if behavior == "input":
            return np.where(below | above, values, found)
        return found

    return unary(image, function, double_like, masks_nan=True)
