"""Images for the eye: visualize, colour spaces and painted features."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import shapely
from matplotlib import colors as matplotlib_colors
from shapely.geometry.base import BaseGeometry

from gee_sm.emulator.coercion import coerce, double_of, shown
from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.functions.feature_shapes import FeatureShapes
from gee_sm.emulator.functions.image_bands import select
from gee_sm.emulator.functions.image_math import cast_function
from gee_sm.emulator.functions.scalar_bands import of_scalars
from gee_sm.emulator.pixels.coverage import (
    centers_inside,
    coverage,
    covered_part,
    window_of,
)
from gee_sm.emulator.pixels.grid import Grid
from gee_sm.emulator.pixels.source import Masking, Pick, Pixelwise, Positional, Shared
from gee_sm.emulator.pixels.tile import Tile, intersect
from gee_sm.emulator.registry import implements
from gee_sm.emulator.values.collection import Collection
from gee_sm.emulator.values.element import geometry_of
from gee_sm.emulator.values.geometry import parts
from gee_sm.emulator.values.image import Band, Image
from gee_sm.emulator.values.pixel_type import BYTE, FLOAT, PixelType, integer_type

_NAMES = ("vis-red", "vis-green", "vis-blue")


def _numbers(value: Any, count: int, name: str) -> list[float] | None:
    """Read a parameter given as a number, a list or comma-separated text, one for each band."""
    if value is None:
        return None
    if isinstance(value, str):
        try:
            value = [float(part) for part in value.split(",")]
        except ValueError:
            raise EarthEngineError(
                f"Image.visualize: '{name}' needs numbers, got {shown(value)}."
            ) from None
    if isinstance(value, int | float):
        value = [value]
    value = coerce(value, "List<Float>", "Image.visualize", name)
    if len(value) == 1:
        value = value * count
    if len(value) != count:
        raise EarthEngineError(
            f"Image.visualize: '{name}' needs 1 or {count} values, got {len(value)}."
        )
    return [double_of(v) for v in value]


def _palette(value: Any) -> np.ndarray:
    entries = value.split(",") if isinstance(value, str) else value
    found = []
    for entry in coerce(entries, "List", "Image.visualize", "palette"):
        text = entry.strip() if isinstance(entry, str) else shown(entry)
        try:
            rgb = matplotlib_colors.to_rgb(text if text[:1] == "#" else f"#{text}")
        except ValueError:
            try:
                rgb = matplotlib_colors.to_rgb(text.lower())
            except ValueError:
                raise EarthEngineError(
                    f"Image.visualize: Invalid color in palette: '{text}'."
                ) from None
        found.append(rgb)
    return np.asarray(found) * 255


def _stretch(pixel_type: PixelType) -> tuple[float, float]:
    if pixel_type.precision == "int":
        info = np.iinfo(pixel_type.dtype)
        return float(info.min), float(info.max)
    return 0.0, 1.0


@implements("Image.visualize")
@of_scalars("image")
def visualize(
    image: Image,
    bands: Any,
    gain: Any,
    bias: Any,
    min: Any,
    max: Any,
    gamma: Any,
    opacity: float | None,
    palette: Any,
    forceRgbOutput: bool,
) -> Image:
    """Return an 8-bit picture of one or three bands."""
    if bands is not None:
        names = [b.strip() for b in bands.split(",")] if isinstance(bands, str) else bands
        image = select(image, coerce(names, "List", "Image.visualize", "bands"), None)
    elif len(image.bands) >= 3:
        image = image.with_bands(image.bands[:3])
    else:
        image = image.with_bands(image.bands[:1])
    count = len(image.bands)
    if palette is not None and count > 1:
        raise EarthEngineError(
            "Image.visualize: Cannot provide a palette when visualizing more than one band."
        )
    if count not in (1, 3):
        raise EarthEngineError(f"Image.visualize: Must visualize 1 or 3 bands, got {count}.")
    if opacity is not None and not 0 < opacity <= 1:
        raise EarthEngineError(
            "Image.visualize: Scale must be greater than zero and less than or equal to one, but "
            f"was {float(opacity)}."
        )
    lows, highs = _numbers(min, count, "min"), _numbers(max, count, "max")
    gains, biases = _numbers(gain, count, "gain"), _numbers(bias, count, "bias")
    gammas = _numbers(gamma, count, "gamma") or [1.0] * count
    layers = []
    for index, band in enumerate(image.bands):
        low, high = _stretch(band.type)
        low = lows[index] if lows else low
        high = highs[index] if highs else high
        if gains or biases:
            factor = gains[index] if gains else 1.0
            offset = biases[index] if biases else 0.0
        else:
            span = high - low
            factor = 255.0 / span if span else 0.0
            offset = -low * factor
        layers.append(_scaled(band, factor, offset, gammas[index]))
    if palette is not None:
        sources = _coloured(layers[0], _palette(palette))
    elif count == 1 and not forceRgbOutput:
        sources = layers
    else:
        sources = layers if count == 3 else layers * 3
    names = _NAMES if len(sources) == 3 else ("vis-gray",)
    projection = image.bands[0].projection
    found = []
    for name, source in zip(names, sources, strict=True):
        if opacity is not None:
            source = Masking(_faded(opacity), (source,))
        byte = Pixelwise(lambda a: np.clip(np.rint(a), 0, 255), (source,), BYTE.dtype)
        found.append(Band(name, BYTE, projection, byte))
    return Image(tuple(found), image.properties, image.footprint)


def _scaled(band: Band, factor: float, offset: float, gamma: float) -> Pixelwise:
    def function(a: np.ndarray) -> np.ndarray:
        values = np.clip(a.astype(np.float64) * factor + offset, 0, 255)
        return values if gamma == 1 else 255 * (values / 255) ** (1 / gamma)

    return Pixelwise(function, (band.source,), np.dtype(np.float64))


def _coloured(source: Pixelwise, palette: np.ndarray) -> list[Pixelwise]:
    steps = np.linspace(0, 255, len(palette)) if len(palette) > 1 else np.array([0.0])

    def channel(index: int) -> Pixelwise:
        return Pixelwise(
            lambda a: np.interp(a, steps, palette[:, index]), (source,), np.dtype(np.float64)
        )

    return [channel(index) for index in range(3)]


def _faded(opacity: float) -> Any:
    def function(tile: Tile) -> Tile:
        if tile.is_empty:
            return tile
        return Tile(
            tile.data,
            intersect(np.float32(tile.mask if tile.mask is not None else 1) * np.float32(opacity)),
        )

    return function


@implements("Image.rgbToHsv")
def rgb_to_hsv(image: Image) -> Image:
    """Return hue, saturation and value of red, green and blue in [0, 1]."""
    return _colour_space(image, matplotlib_colors.rgb_to_hsv, ("hue", "saturation", "value"))


@implements("Image.hsvToRgb")
def hsv_to_rgb(image: Image) -> Image:
    """Return red, green and blue of hue, saturation and value in [0, 1]."""
    return _colour_space(image, matplotlib_colors.hsv_to_rgb, ("red", "green", "blue"))


def _colour_space(image: Image, function: Any, names: tuple[str, str, str]) -> Image:
    if len(image.bands) != 3:
        raise EarthEngineError(f"The image must have three bands, got {len(image.bands)}.")

    def convert(grid: Grid, tiles: list[Tile]) -> tuple[Tile, ...]:
        stack = np.stack([tile.filled(grid.shape).astype(np.float64) for tile in tiles], axis=-1)
        found = function(np.clip(stack, 0, 1))
        mask = intersect(*(tile.mask for tile in tiles))
        return tuple(Tile(found[..., i], mask) for i in range(3))

    shared = Shared(convert, [band.source for band in image.bands])
    return image.with_bands(
        Band(
            name,
            FLOAT,
            image.bands[0].projection,
            Pixelwise(lambda a: a, (Pick(shared, i),), FLOAT.dtype),
        )
        for i, name in enumerate(names)
    )


@implements("Image.paint")
def paint(image: Image, featureCollection: Collection, color: Any, width: Any) -> Image:
    """Write a number into the pixels of features: their interior, or their outline."""
    features = []
    for feature in featureCollection:
        value, line = _number_of(feature, "color", color), _number_of(feature, "width", width)
        geometry = geometry_of(feature)
        if value is not None and geometry is not None:
            features.append((geometry, value, line))

    shapes = FeatureShapes([geometry for geometry, _, _ in features])
    widest = max((line or 0 for _, _, line in features), default=0)

    def burned(grid: Grid) -> Tile:
        values = np.zeros(grid.shape, np.float64)
        hit = np.zeros(grid.shape, bool)
        for number, shape in shapes.near(grid, widest / 2):
            _, value, line = features[number]
            part = _outlined(shape, line, grid) if line else covered_part(shape, grid)
            if part is not None:
                window, covered = part
                inside = covered > 0.5
                values[grid.slices(window)][inside] = value
                hit[grid.slices(window)] |= inside
        return Tile(values, hit)

    source = Positional(burned)

    def painted(band: Band) -> Band:
        result = _holding(band.type, [value for _, value, _ in features])
        cast = cast_function(result)

        def over(tile: Tile, paint: Tile) -> Tile:
            data = np.where(paint.mask, cast(paint.data), tile.data.astype(result.dtype))
            mask = tile.mask
            if mask is not None:
                mask = np.where(paint.mask, mask.dtype.type(1), mask)
            return Tile(data, mask)

        return replace(band, type=result, source=Masking(over, (band.source, source)), size=None)

    return image.map_bands(painted)


def _number_of(feature: Any, name: str, given: Any) -> float | None:
    """Return a parameter of paint: a number, or the name of a property that holds one."""
    value = feature.properties.get(given) if isinstance(given, str) else given
    if value is None:
        return None
    if isinstance(value, int | float) and (name != "width" or math.isfinite(value)):
        return value
    name_of = f"'{given}'" if isinstance(given, str) else "the value"
    raise EarthEngineError(
        f"Image.paint: '{name}' must be a number or name a property with numbers: {name_of} of "
        f"feature '{feature.properties.get('system:index')}' is {shown(value)}."
    )


def _holding(pixel_type: PixelType, values: list[float]) -> PixelType:
    """Return a band's type with its range widened to painted values, without their decimals."""
    ends = [pixel_type.minimum, pixel_type.maximum]
    values = [value for value in values if not math.isnan(value)]
    if None in ends or not values:
        return pixel_type
    if pixel_type.precision == "int":
        whole = [math.trunc(min(max(value, -(2**63)), 2**63)) for value in values]
        return integer_type(min(*ends, *whole), max(*ends, *whole), pixel_type.dimensions)
    return replace(pixel_type, minimum=min(*ends, *values), maximum=max(*ends, *values))


def _outlined(shape: BaseGeometry, width: float, grid: Grid) -> tuple[Grid, np.ndarray] | None:
    """Return the pixels that an outline meets, or whose centre is within half of its width.

    They are 1 in a part of the grid, as coverage is.
    """
    # Part by part: a collection of points, lines and areas has no boundary.
    line = shapely.GeometryCollection(
        [part.boundary if part.area > 0 else part for part in parts(shape)]
    )
    pixel = math.sqrt(abs(grid.lattice.affine.determinant))
    wide = line.buffer(width / 2 * pixel)
    window = None if line.is_empty else window_of(shapely.GeometryCollection([line, wide]), grid)
    if window is None:
        return None
    return window, (coverage(line, window) > 0) | centers_inside(wide, window)
