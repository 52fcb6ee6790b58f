"""Collection.style and Collection.draw: features painted for the eye, in a small style language.

Every feature is painted over those before it: its inside, then its outline. Colours carry an
opacity; what it is in the end is the mask of the image. Sizes are in pixels of the picture.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
import shapely.affinity
import shapely.ops
from matplotlib import colors as matplotlib_colors
from shapely.geometry.base import BaseGeometry

from gee_sm.emulator.coercion import coerce, shown
from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.pixels.coverage import coverage
from gee_sm.emulator.pixels.grid import DEFAULT, Grid, grid_of_bounds
from gee_sm.emulator.pixels.source import Pick, Pixelwise, Positional, Shared
from gee_sm.emulator.pixels.tile import Tile
from gee_sm.emulator.registry import implements
from gee_sm.emulator.values.collection import Collection
from gee_sm.emulator.values.element import geometry_of
from gee_sm.emulator.values.geometry import Geometry
from gee_sm.emulator.values.image import Band, Image
from gee_sm.emulator.values.pixel_type import BYTE

_NAMES = ("vis-red", "vis-green", "vis-blue")
_FILL_OPACITY = 0.66
_HEX = re.compile("#?[0-9a-fA-F]{6}(?:[0-9a-fA-F]{2})?")
_ABBREVIATIONS = {
    "o": "circle",
    "s": "square",
    "d": "diamond",
    "x": "cross",
    "+": "plus",
    "p": "pentagram",
    "h": "hexagram",
    "^": "triangle_up",
    "v": "triangle_down",
    "<": "triangle_left",
    ">": "triangle_right",
}
_LINE_TYPES = {"solid": None, "dashed": (4.0, 2.0), "dotted": (1.0, 2.0)}  # on, off in widths

RGBA = tuple[float, float, float, float]


@dataclass(frozen=True)
class FeatureStyle:
    """How one feature is painted.

    Attributes
    ----------
    color, fill : tuple of float
        Red, green, blue (0 to 255) and opacity (0 to 1) of outline and inside.
    size : float
        Radius of a point's marker, pixels.
    marker : str
        Its shape.
    width : float
        Width of lines and outlines, pixels; 0 paints none.
    line : str
        solid, dashed or dotted.
    """

    color: RGBA
    fill: RGBA
    size: float
    marker: str
    width: float
    line: str


@implements("Collection.draw")
def draw(collection: Collection, color: str, pointRadius: int, strokeWidth: int) -> Image:
    """Paint features in one colour: points as discs, polygons filled."""
    paint = _color(color)
    style = FeatureStyle(paint, paint, pointRadius, "circle", strokeWidth, "solid")
    return _painted((geometry, style) for geometry, _ in _features(collection, None))


@implements("Collection.style")
def style(
    collection: Collection,
    color: str,
    pointSize: int,
    pointShape: str,
    width: float,
    fillColor: str | None,
    styleProperty: str | None,
    neighborhood: int,
    lineType: str,
) -> Image:
    """Paint features in a style, or each in one of its own."""
    usual = {
        "color": color,
        "pointSize": pointSize,
        "pointShape": pointShape,
        "width": width,
        "fillColor": fillColor,
        "lineType": lineType,
    }
    return _painted(
        (geometry, _style({**usual, **own}))
        for geometry, own in _features(collection, styleProperty)
    )


def _features(
    collection: Collection, style_property: str | None
) -> Iterator[tuple[Geometry, dict[str, Any]]]:
    for feature in collection:
        own = feature.properties.get(style_property) if style_property else None
        if own is not None and not isinstance(own, dict):
            raise EarthEngineError(
                f"Collection.style: property '{style_property}' is {shown(own)}, expected a "
                "dictionary of styles."
            )
        geometry = geometry_of(feature)
        if isinstance(geometry, Geometry):
            yield geometry, own or {}


def _style(options: dict[str, Any]) -> FeatureStyle:
    for name in ("pointSize", "width"):
        size = coerce(options[name], "Float", "Collection.style", name)
        if not math.isfinite(size):
            raise EarthEngineError(f"Collection.style: {name} must be a number, got {size}.")
    color = _color(options["color"])
    fill = options["fillColor"]
    marker = _ABBREVIATIONS.get(options["pointShape"], options["pointShape"])
    if marker not in _MARKERS:
        raise EarthEngineError(
            f"Collection.style: unknown point shape {marker!r:.40}; expected one of "
            f"{', '.join(_MARKERS)}."
        )
    if options["lineType"] not in _LINE_TYPES:
        raise EarthEngineError(
            f"Collection.style: unknown line type {options['lineType']!r:.40}; expected one of "
            f"{', '.join(_LINE_TYPES)}."
        )
    return FeatureStyle(
        color,
        (*color[:3], color[3] * _FILL_OPACITY) if fill is None else _color(fill),
        float(options["pointSize"]),
        marker,
        float(options["width"]),
        options["lineType"],
    )


def _color(value: Any) -> RGBA:
    """Return a colour given by CSS name or as RRGGBB or RRGGBBAA, with or without a hash."""
    text = str(value).strip()
    name = f"#{text.lstrip('#')}" if _HEX.fullmatch(text) else text.lower()
    try:
        red, green, blue, alpha = matplotlib_colors.to_rgba(name)
    except ValueError:
        raise EarthEngineError(f"Collection.style: Invalid color: '{text:.40}'.") from None
    return red * 255, green * 255, blue * 255, alpha


def _painted(features: Iterable[tuple[Geometry, FeatureStyle]]) -> Image:
    """Return the picture of features, the last on top."""
    features = list(features)

    def function(grid: Grid, _: list[Tile]) -> tuple[Tile, ...]:
        colors = np.zeros((3, *grid.shape))  # multiplied by their opacity
        opacity = np.zeros(grid.shape)
        for geometry, one in features:
            for shape, (*color, alpha) in _parts(geometry.in_crs(grid.lattice.crs), one, grid):
                part = None if alpha == 0 or shape.is_empty else _window(shape, grid)
                if part is None:
                    continue
                over = coverage(shape, part) * alpha
                rows, columns = grid.slices(part)
                under = colors[:, rows, columns]
                colors[:, rows, columns] = under * (1 - over) + np.multiply.outer(color, over)
                opacity[rows, columns] = opacity[rows, columns] * (1 - over) + over
        with np.errstate(invalid="ignore"):
            plain = np.where(opacity > 0, np.rint(colors / opacity), 0)
        mask = opacity.astype(np.float32)
        return tuple(Tile(channel, mask) for channel in plain)

    anywhere = Positional(lambda grid: Tile(np.zeros((), np.uint8)))
    shared = Shared(function, [anywhere])
    return Image(
        tuple(
            Band(name, BYTE, DEFAULT, Pixelwise(lambda a: a, (Pick(shared, i),), BYTE.dtype))
            for i, name in enumerate(_NAMES)
        )
    )


def _window(shape: BaseGeometry, grid: Grid) -> Grid | None:
    """Return the part of a grid that a shape may touch: most features are small."""
    if not grid.is_rectilinear:
        return grid
    return grid_of_bounds(grid.projection, shape.bounds).padded(1, 1, 1, 1).intersection(grid)


def _parts(
    shape: BaseGeometry, one: FeatureStyle, grid: Grid
) -> Iterator[tuple[BaseGeometry, RGBA]]:
    """Yield what is painted of a shape near a grid, in the order of painting."""
    pixel = abs(grid.lattice.transform[0])
    margin = math.ceil(one.size + one.width) + 1
    box = shapely.box(*grid.padded(margin, margin, margin, margin).bounds())
    for part in shapely.get_parts(shape):
        if part.geom_type.startswith(("Multi", "Geometry")):
            yield from _parts(part, one, grid)
        elif not part.intersects(box):
            continue
        elif part.geom_type == "Point":
            marker = _MARKERS[one.marker]
            outline = shapely.affinity.affine_transform(
                marker, (one.size * pixel, 0, 0, one.size * pixel, part.x, part.y)
            )
            # The outlines of so small a figure are not broken into dashes.
            yield from _figure(outline, replace(one, line="solid"), pixel, box)
        else:
            yield from _figure(part, one, pixel, box)


def _figure(
    shape: BaseGeometry, one: FeatureStyle, pixel: float, box: BaseGeometry
) -> Iterator[tuple[BaseGeometry, RGBA]]:
    is_area = shape.geom_type == "Polygon"
    if is_area:
        yield shape, one.fill
    if one.width > 0:
        line = shape.boundary if is_area else shape
        pattern = _LINE_TYPES[one.line]
        if pattern is not None:
            on, off = (length * one.width * pixel for length in pattern)
            parts = [_dashes(part, on, off, box) for part in shapely.get_parts(line)]
            line = shapely.union_all(parts)
        yield line.buffer(one.width / 2 * pixel), one.color


def _dashes(line: BaseGeometry, on: float, off: float, box: BaseGeometry) -> BaseGeometry:
    """Return the dashes of a line that lie near a box, counted from the line's start."""
    found = []
    for part in shapely.get_parts(line.intersection(box)):
        ends = [line.project(shapely.Point(end)) for end in (part.coords[0], part.coords[-1])]
        first, last = min(ends) // (on + off), max(ends) // (on + off)
        starts = np.arange(first, last + 1) * (on + off)
        found += [shapely.ops.substring(line, start, start + on) for start in starts]
    return shapely.union_all(found)


def _star(points: int, inner: float = 1.0, turn: float = 0.0) -> BaseGeometry:
    """Return a star about the origin with its first point up; an inner radius of 1 rounds it."""
    angles = np.arange(2 * points) * math.pi / points + math.radians(turn)
    radii = np.where(np.arange(2 * points) % 2 == 0, 1.0, inner)
    corners = np.column_stack([radii * np.sin(angles), radii * np.cos(angles)])
    return shapely.Polygon(corners if inner < 1 else corners[::2])


_CROSS = shapely.MultiLineString([[(-1, 0), (1, 0)], [(0, -1), (0, 1)]])
_MARKERS: dict[str, BaseGeometry] = {
    "circle": shapely.Point(0, 0).buffer(1.0),
    "square": shapely.box(-1, -1, 1, 1),
    "diamond": _star(4),
    "cross": shapely.affinity.rotate(_CROSS, 45, origin=(0, 0)),
    "plus": _CROSS,
    "pentagram": _star(5, 0.382),
    "hexagram": _star(6, 0.577),
    "triangle": _star(3),
    "triangle_up": _star(3),
    "triangle_down": _star(3, turn=180),
    "triangle_left": _star(3, turn=-90),
    "triangle_right": _star(3, turn=90),
    "pentagon": _star(5),
    "hexagon": _star(6),
    "star5": _star(5, 0.382),
    "star6": _star(6, 0.577),
}
