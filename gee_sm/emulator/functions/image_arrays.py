"""Images whose pixels are arrays: how they are made, looked at and flattened."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.functions.image_collection import homogeneous
from gee_sm.emulator.functions.image_math import pairs
from gee_sm.emulator.functions.scalar_bands import of_scalars
from gee_sm.emulator.pixels.array_pixels import over_arrays
from gee_sm.emulator.pixels.grid import DEFAULT
from gee_sm.emulator.pixels.source import Masking
from gee_sm.emulator.pixels.tile import Tile, intersect
from gee_sm.emulator.registry import implements
from gee_sm.emulator.values.collection import Collection
from gee_sm.emulator.values.image import Band, Image
from gee_sm.emulator.values.pixel_type import INT32, PixelType, union

MOST_DIMENSIONS = 32
MOST_ELEMENTS = 2**20


def array_band(
    band: Band,
    result: PixelType,
    function: Callable[..., Any],
    operands: tuple[Band, ...] = (),
    parameters: tuple[Band, ...] = (),
    *,
    optional: bool = False,
    name: str | None = None,
) -> Band:
    """Return a band computed from the arrays of a band, see :func:`over_arrays`."""
    count = 1 + len(operands)

    def compute(*tiles: Tile) -> Tile:
        return over_arrays(function, tiles[:count], result.dtype, tiles[count:], optional=optional)

    sources = [b.source for b in (band, *operands, *parameters)]
    return Band(name or band.name, result, band.projection, Masking(compute, sources))


def changed(image: Image, change: Callable[[Band], Band]) -> Image:
    """Return the image with each band computed anew."""
    return replace(image.map_bands(change), id=None, version=None)


def dimensions_of(pixel_type: PixelType, dimensions: int) -> PixelType:
    """Return a type with another number of array dimensions."""
    return replace(pixel_type, dimensions=dimensions)


def require_axis(axis: int, dimensions: int, *, beyond: bool = False) -> None:
    """Refuse an axis that an array does not have, or, with ``beyond``, cannot be given."""
    if not 0 <= axis < min(dimensions + beyond, MOST_DIMENSIONS):
        raise EarthEngineError(f"Axis {axis} does not exist in arrays of {dimensions} dimensions.")


def lengths_of(data: np.ndarray) -> list[int]:
    """Return the lengths of the array in each pixel."""
    return list(data.shape[2:])


# -- making ---------------------------------------------------------------------------------------


def joined(datas: list[np.ndarray], axis: int) -> np.ndarray:
    """Put the arrays of each pixel behind each other, along a new last axis if there is none."""
    if axis == min(data.ndim - 2 for data in datas):
        datas = [data[..., None] if data.ndim - 2 == axis else data for data in datas]
    try:
        return np.concatenate(datas, axis=2 + axis)
    except ValueError:
        lengths = ", ".join(str(lengths_of(data)) for data in datas)
        raise EarthEngineError(
            f"All arrays must have the same length on all axes but axis {axis}, got {lengths}."
        ) from None


def joint(bands: list[Band], axis: int) -> PixelType:
    """Return the type of the bands' arrays put behind each other."""
    dimensions = {band.type.dimensions for band in bands}
    if axis > min(dimensions) or axis < 0:
        raise EarthEngineError(
            f"Axis {axis} must lie between 0 and the smallest number of dimensions, "
            f"{min(dimensions)}."
        )
    found = bands[0].type
    for band in bands[1:]:
        found = union(found, band.type)
    return dimensions_of(found, max(max(dimensions), axis + 1))


@implements("Image.toArray")
def to_array(image: Image, axis: int) -> Image:
    """Put the bands of an image into one array band; masked where any band is."""
    if not image.bands:
        raise EarthEngineError("The image has no bands.")
    bands = list(image.bands)
    found = array_band(
        bands[0],
        joint(bands, axis),
        lambda *datas: joined(list(datas), axis),
        tuple(bands[1:]),
        name="array",
    )
    return replace(image.with_bands([found]), id=None)


@implements("Image.arrayCat")
def cat(image1: Image, image2: Image, axis: int) -> Image:
    """Put the arrays of two images behind each other."""
    bands = [
        array_band(
            left,
            joint([left, right], axis),
            lambda a, b: joined([a, b], axis),
            (right,),
            name=name,
        )
        for left, right, name in pairs("Image.arrayCat", image1, image2)
    ]
    return replace(image1.with_bands(bands), id=None, version=None)


def _stacked(
    rows: list[list[Band]],
    line: Callable[[list[np.ndarray]], np.ndarray],
    axis: int,
    result: PixelType,
    name: str,
    *,
    drop_masked: bool,
) -> Band:
    """Return, behind each other, the array that ``line`` makes of each image's bands.

    With ``drop_masked`` an image counts where all its bands are valid, and the result is masked
    only where no image does.
    """
    width = len(rows[0])

    def join(*values: Any) -> np.ndarray:
        *datas, chosen = values
        groups = [list(datas[i : i + width]) for i in range(0, len(datas), width)]
        kept = [line(group) for group, keep in zip(groups, chosen, strict=True) if keep]
        return joined(kept or [line(groups[0])], axis)

    def compute(*tiles: Tile) -> Tile:
        every = Tile(np.ones((1, 1, len(rows)), bool))
        if not drop_masked:
            return over_arrays(join, tiles, result.dtype, (every,))
        masks = [
            intersect(*(tile.mask for tile in tiles[i : i + width]))
            for i in range(0, len(tiles), width)
        ]
        if any(mask is None for mask in masks):
            best = None
        else:
            best = functools.reduce(_either, masks)
        valid = np.broadcast_arrays(
            *(np.ones((1, 1), bool) if m is None else np.atleast_2d(m > 0) for m in masks)
        )
        bare = [Tile(tile.data) for tile in tiles]
        found = over_arrays(join, bare, result.dtype, (Tile(np.stack(valid, axis=-1)),))
        return Tile(found.data, best)

    sources = [band.source for bands in rows for band in bands]
    return Band(name, result, DEFAULT, Masking(compute, sources))


def _either(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    if a.dtype == bool and b.dtype == bool:
        return a | b
    return np.maximum(a.astype(np.float32), b.astype(np.float32))


@implements("ImageCollection.toArray")
def collection_to_array(collection: Collection) -> Image:
    """Return 2-D arrays: a row for each image valid in all its bands, a column for each band."""
    images = homogeneous(collection)
    if not images:
        return Image(())
    rows = [list(image.bands) for image in images]
    result = dimensions_of(joint([band for row in rows for band in row], 0), 2)
    band = _stacked(
        rows,
        lambda datas: np.stack(np.broadcast_arrays(*datas), axis=-1)[:, :, None],
        0,
        result,
        "array",
        drop_masked=True,
    )
    return Image((band,))


@implements("ImageCollection.toArrayPerBand")
def collection_to_array_per_band(collection: Collection, axis: int, dropMasked: bool) -> Image:
    """Return, for each band, the arrays of all images behind each other."""
    images = homogeneous(collection)
    if not images:
        return Image(())
    bands = []
    for index, band in enumerate(images[0].bands):
        layers = [image.bands[index] for image in images]
        bands.append(
            _stacked(
                [[layer] for layer in layers],
                lambda datas: datas[0],
                axis,
                joint(layers, axis),
                band.name,
                drop_masked=dropMasked,
            )
        )
    return Image(tuple(bands))


@implements("Image.arrayRepeat")
@of_scalars("copies")
def repeat(input: Image, axis: int, copies: Image) -> Image:
    """Put copies of each array behind each other."""

    def function(data: np.ndarray, count: float) -> np.ndarray:
        if not 1 <= count < MOST_ELEMENTS:
            raise EarthEngineError(
                f"The number of copies must be positive and below {MOST_ELEMENTS}, got {count:g}."
            )
        return joined([data] * int(count), axis)

    return paired(input, copies, lambda band: joint([band], axis), function, "Image.arrayRepeat")


def paired(
    image: Image,
    parameter: Image,
    rule: Callable[[Band], PixelType],
    function: Callable[..., Any],
    name: str,
) -> Image:
    """Compute each band with its parameter band; a single one serves all."""
    bands = [
        array_band(left, rule(left), function, (), (right,), name=band_name)
        for left, right, band_name in pairs(name, image, parameter)
    ]
    return replace(image.with_bands(bands), id=None, version=None)


# -- looking --------------------------------------------------------------------------------------


@implements("Image.arrayDimensions")
def dimensions(input: Image) -> Image:
    """Return the number of dimensions of each band, 0 for a scalar one."""

    def change(band: Band) -> Band:
        count = np.full((1, 1), band.type.dimensions, np.int32)
        return array_band(band, INT32, lambda data: np.broadcast_to(count, data.shape[:2]))

    return changed(input, change)


@implements("Image.arrayLength")
def length(input: Image, axis: int) -> Image:
    """Return the length of each array along an axis."""

    def change(band: Band) -> Band:
        require_axis(axis, band.type.dimensions)
        return array_band(
            band, INT32, lambda data: np.full(data.shape[:2], data.shape[2 + axis], np.int32)
        )

    return changed(input, change)


@implements("Image.arrayLengths")
def lengths(input: Image) -> Image:
    """Return the lengths of all axes of each array."""

    def function(data: np.ndarray) -> np.ndarray:
        found = np.array(data.shape[2:], np.int32)
        return np.broadcast_to(found, (*data.shape[:2], len(found)))

    return changed(input, lambda band: array_band(band, dimensions_of(INT32, 1), function))


@implements("Image.arrayArgmax")
def argmax(image: Image) -> Image:
    """Return the position of the first largest element; masked for an empty array."""

    def function(data: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        if data.ndim == 2:
            raise EarthEngineError("Expected arrays, got numbers.")
        count = int(np.prod(data.shape[2:]))
        valid = np.full(data.shape[:2], count > 0)
        if not count:
            return np.zeros((*data.shape[:2], data.ndim - 2), np.int32), valid
        flat = data.reshape(*data.shape[:2], count).argmax(axis=-1)
        return np.stack(np.unravel_index(flat, data.shape[2:]), axis=-1), valid

    return changed(image, lambda band: array_band(band, dimensions_of(INT32, 1), function))


@implements("Image.arrayGet")
def get(image: Image, position: Image) -> Image:
    """Return one element of each array; masked where there is none at the position."""

    def function(data: np.ndarray, *position: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        picks = [np.trunc(p).astype(np.intp) for p in position]
        shape = np.broadcast_shapes(data.shape[:2], *(p.shape for p in picks))
        inside = np.ones(shape, bool)
        for axis, pick in enumerate(picks):
            inside &= (pick >= 0) & (pick < data.shape[2 + axis])
        if not inside.any():
            return np.zeros(shape, data.dtype), inside
        data = np.broadcast_to(data, shape + data.shape[2:])
        rows, columns = np.indices(shape)
        safe = (np.where(inside, pick, 0) for pick in picks)
        return data[(rows, columns, *safe)], inside

    def change(band: Band) -> Band:
        if len(position.bands) != band.type.dimensions:
            raise EarthEngineError(
                f"The position must have a band for each of the {band.type.dimensions} dimensions "
                f"of band '{band.name}', got {len(position.bands)}."
            )
        return array_band(band, band.type.scalar(), function, position.bands)

    return changed(image, change)


@implements("Image.arrayFlatten")
def flatten(image: Image, coordinateLabels: list[list[str]], separator: str) -> Image:
    """Turn an array band into one band for each element."""
    if len(image.bands) != 1:
        raise EarthEngineError(f"Expected an image of one band, got {len(image.bands)}.")
    (band,) = image.bands
    shape = tuple(len(labels) for labels in coordinateLabels)
    if len(shape) != band.type.dimensions:
        raise EarthEngineError(
            f"Expected labels for {band.type.dimensions} axes, got {len(shape)} lists."
        )

    def element(index: tuple[int, ...]) -> Callable[[np.ndarray], np.ndarray]:
        def function(data: np.ndarray) -> np.ndarray:
            if data.shape[2:] != shape:
                raise EarthEngineError(
                    f"The arrays have lengths {lengths_of(data)}, the labels {list(shape)}."
                )
            return data[(slice(None), slice(None), *index)]

        return function

    bands = []
    for index in np.ndindex(*shape):
        labels = (labels[i] for labels, i in zip(coordinateLabels, index, strict=True))
        name = separator.join(labels)
        bands.append(array_band(band, band.type.scalar(), element(index), name=name))
    return replace(image.with_bands(bands), id=None)
