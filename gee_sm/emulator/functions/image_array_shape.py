"""Shape and order of the arrays of an image: reshape, transpose, pad, slice, mask, sort."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.functions.image_arrays import (
    MOST_DIMENSIONS,
    array_band,
    changed,
    dimensions_of,
    lengths_of,
    paired,
    require_axis,
)
from gee_sm.emulator.functions.image_math import pairs
from gee_sm.emulator.functions.scalar_bands import of_scalars
from gee_sm.emulator.registry import implements
from gee_sm.emulator.values.image import Band, Image
from gee_sm.emulator.values.pixel_type import of_constant, union


@implements("Image.arrayReshape")
def reshape(image: Image, lengths: Image, dimensions: int) -> Image:
    """Return the same elements, row by row, with other lengths; one -1 is computed."""

    def function(data: np.ndarray, wanted: Any) -> np.ndarray:
        wanted = np.atleast_1d(wanted).ravel()
        if not np.isfinite(wanted).all():
            raise EarthEngineError(f"Lengths must be numbers, got {wanted.tolist()}.")
        wanted = [int(length) for length in wanted]
        if len(wanted) != dimensions:
            raise EarthEngineError(f"Expected {dimensions} lengths, got {wanted}.")
        try:
            return data.reshape(*data.shape[:2], *_explicit(wanted, data))
        except ValueError:
            raise EarthEngineError(
                f"Arrays of lengths {lengths_of(data)} cannot be reshaped to {wanted}."
            ) from None

    return paired(
        image,
        lengths,
        lambda band: dimensions_of(band.type, dimensions),
        function,
        "Image.arrayReshape",
    )


def _explicit(wanted: list[int], data: np.ndarray) -> list[int]:
    """Replace -1 by the length that is left; the pixel axes may be empty or broadcast."""
    if -1 not in wanted:
        return wanted
    known = int(np.prod([length for length in wanted if length != -1]))
    count = int(np.prod(data.shape[2:]))
    return [(count // known if known else 0) if n == -1 else n for n in wanted]


@implements("Image.arrayProject")
def project(input: Image, axes: list[int]) -> Image:
    """Keep only the axes given; the others may have at most one position."""
    kept = [int(axis) for axis in axes]

    def function(data: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        dropped = [axis for axis in range(data.ndim - 2) if axis not in kept]
        long = [axis for axis in dropped if data.shape[2 + axis] > 1]
        if long:
            raise EarthEngineError(
                f"Axis {long[0]} has length {data.shape[2 + long[0]]} and cannot be dropped."
            )
        order = [0, 1, *(2 + axis for axis in kept), *(2 + axis for axis in dropped)]
        moved = data.transpose(order)
        shape = moved.shape[: 2 + len(kept)]
        empty = any(data.shape[2 + axis] == 0 for axis in dropped)
        found = np.zeros(shape, data.dtype) if empty else moved.reshape(shape)
        return found, np.full(data.shape[:2], not empty)

    def change(band: Band) -> Band:
        for axis in kept:
            require_axis(axis, band.type.dimensions)
        return array_band(band, dimensions_of(band.type, len(kept)), function)

    return changed(input, change)


@implements("Image.arrayTranspose", "Image.matrixTranspose")
def transpose(input: Image, axis1: int, axis2: int) -> Image:
    """Exchange two axes; missing ones have length 1."""
    for axis in (axis1, axis2):
        require_axis(axis, MOST_DIMENSIONS)
    needed = max(axis1, axis2) + 1

    def function(data: np.ndarray) -> np.ndarray:
        while data.ndim - 2 < needed:
            data = data[..., None]
        return np.swapaxes(data, 2 + axis1, 2 + axis2)

    return changed(
        input,
        lambda band: array_band(
            band, dimensions_of(band.type, max(band.type.dimensions, needed)), function
        ),
    )


@implements("Image.arrayPad")
def pad(image: Image, lengths: list[int], pad: float) -> Image:
    """Append a value until the arrays have the lengths; longer ones stay."""

    def change(band: Band) -> Band:
        if len(lengths) != band.type.dimensions:
            raise EarthEngineError(
                f"Expected {band.type.dimensions} lengths for band '{band.name}', "
                f"got {len(lengths)}."
            )
        filler = int(pad) if band.type.precision == "int" else float(pad)
        result = union(band.type, replace(of_constant(filler), precision=band.type.precision))

        def function(data: np.ndarray) -> np.ndarray:
            grow = [
                (0, max(int(want) - have, 0))
                for want, have in zip(lengths, data.shape[2:], strict=True)
            ]
            return np.pad(
                data.astype(result.dtype), [(0, 0), (0, 0), *grow], constant_values=filler
            )

        return array_band(band, result, function)

    return changed(image, change)


@implements("Image.arraySlice")
@of_scalars("start", "end")
def slice_(input: Image, axis: int, start: Image | None, end: Image | None, step: int) -> Image:
    """Return the positions from a start to an end; a masked bound is no bound."""
    if step < 1:
        raise EarthEngineError(f"The step must be positive, got {step}.")
    given = [bound is not None for bound in (start, end)]

    def function(data: np.ndarray, *found: float | None) -> np.ndarray:
        values = iter(found)
        first, last = (next(values) if there else None for there in given)
        index = [slice(None)] * data.ndim
        index[2 + axis] = slice(
            None if first is None else _position(first),
            None if last is None else _position(last),
            step,
        )
        return data[tuple(index)]

    for bound in (start, end):
        if bound is not None and len(bound.bands) not in (1, len(input.bands)):
            raise EarthEngineError(
                f"The bounds must have one band, or {len(input.bands)} as the image has, got "
                f"{len(bound.bands)}."
            )
    bands = []
    for position, band in enumerate(input.bands):
        require_axis(axis, band.type.dimensions)
        bounds = tuple(
            bound.bands[0 if len(bound.bands) == 1 else position]
            for bound in (start, end)
            if bound is not None
        )
        bands.append(array_band(band, band.type, function, (), bounds, optional=True))
    return replace(input.with_bands(bands), id=None, version=None)


def _position(bound: float) -> int:
    """Return a bound of a slice; what is no number or beyond all arrays is refused or cut."""
    if math.isnan(bound):
        raise EarthEngineError("A position must be a number, got NaN.")
    return int(min(max(bound, -(2.0**31)), 2.0**31))


def _lone_axis(data: np.ndarray, what: str) -> int:
    several = [axis for axis, size in enumerate(data.shape[2:]) if size != 1]
    if len(several) > 1:
        raise EarthEngineError(f"The {what} may have several elements along one axis only.")
    return several[0] if several else 0


@implements("Image.arrayMask")
def mask(input: Image, mask: Image) -> Image:
    """Return the positions where the mask is not 0; lengths may then differ by pixel."""

    def function(data: np.ndarray, keep: np.ndarray) -> np.ndarray:
        keep = np.asarray(keep)
        axis = _lone_axis(keep[None, None], "mask")
        if data.ndim - 2 <= axis or data.shape[2 + axis] != keep.size:
            raise EarthEngineError(
                f"The mask has {keep.size} elements along axis {axis}, "
                f"the arrays lengths {lengths_of(data)}."
            )
        return np.compress(keep.ravel() != 0, data, axis=2 + axis)

    # Only which elements are zero matters: fewer groups of pixels than by value.
    zeros = changed(
        mask,
        lambda band: array_band(
            band, replace(band.type, precision="int", minimum=0, maximum=1), lambda data: data != 0
        ),
    )
    return paired(input, zeros, lambda band: band.type, function, "Image.arrayMask")


@implements("Image.arraySort")
def sort(image: Image, keys: Image | None) -> Image:
    """Sort along the axis in which the keys have several elements; by its own values if 1-D."""

    def function(data: np.ndarray, key: np.ndarray | None = None) -> np.ndarray:
        if key is None:
            if data.ndim != 3:
                raise EarthEngineError(
                    f"Arrays of {data.ndim - 2} dimensions need keys to be sorted."
                )
            return np.sort(data, axis=-1, kind="stable")
        axis = _lone_axis(key, "keys")
        size = int(np.prod(key.shape[2:]))
        if data.ndim - 2 <= axis or data.shape[2 + axis] != size:
            raise EarthEngineError(
                f"The keys have {size} elements along axis {axis}, the arrays lengths "
                f"{lengths_of(data)}."
            )
        order = np.argsort(key.reshape(*key.shape[:2], size), axis=-1, kind="stable")
        along = [1] * (data.ndim - 2)
        along[axis] = size
        order = order.reshape(*order.shape[:2], *along)
        return np.take_along_axis(data, np.broadcast_to(order, data.shape), axis=2 + axis)

    if keys is None:
        return changed(image, lambda band: array_band(band, band.type, function))
    bands = [
        array_band(left, left.type, function, (right,), name=name)
        for left, right, name in pairs("Image.arraySort", image, keys)
    ]
    return replace(image.with_bands(bands), id=None, version=None)
