"""Projections and pixel grids: where each pixel of a request lies.

Two requests whose pixels coincide must be known to coincide, or a map cut into tiles would differ
from the map in one piece. A grid is therefore a *lattice* (CRS, pixel size and the phase of the
pixel edges, rounded to a billionth of a pixel) plus a window of whole pixels on it.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyproj
from affine import Affine

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.pixels.coordinate_cells import Points, interpolated

# The service's metres per degree: a sphere with the equatorial radius of WGS84.
METERS_PER_DEGREE = 111319.49079327357

_NEAR_SIDE = 80.0  # degrees of longitude

_PHASE_DECIMALS = 9
_SIGNIFICANT = 15


@functools.lru_cache(maxsize=256)
def crs_of(name: str) -> pyproj.CRS:
    """Return the coordinate reference system of an EPSG code or WKT text."""
    if name == "SR-ORG:6974":  # the service's name for MODIS' sinusoidal grid
        name = "+proj=sinu +lon_0=0 +x_0=0 +y_0=0 +R=6371007.181 +units=m +no_defs"
    try:
        return pyproj.CRS.from_user_input(name)
    except pyproj.exceptions.CRSError as error:
        raise EarthEngineError(
            f"Projection: The CRS of a map projection could not be parsed: '{name}'."
        ) from error


@functools.lru_cache(maxsize=256)
def transformer(source: str, target: str) -> pyproj.Transformer:
    """Return the transformer between two systems, x (or longitude) first."""
    return pyproj.Transformer.from_crs(crs_of(source), crs_of(target), always_xy=True)


@functools.lru_cache(maxsize=256)
def domain(name: str) -> tuple[float, float] | None:
    """Return the longitudes between which a system holds lines and areas; None is everywhere.

    A transverse Mercator is infinite a quarter of the globe from its meridian, and turns over
    beyond: the outline of a continent has a meaning in it only on the near side.
    """
    operation = crs_of(name).coordinate_operation
    if operation is None or "Transverse Mercator" not in operation.method_name:
        return None
    for parameter in operation.params:
        if parameter.name == "Longitude of natural origin":
            return parameter.value - _NEAR_SIDE, parameter.value + _NEAR_SIDE
    return None


@functools.lru_cache(maxsize=256)
def _meters_per_unit(name: str) -> float:
    crs = crs_of(name)
    if crs.is_geographic:
        return METERS_PER_DEGREE
    return float(crs.axis_info[0].unit_conversion_factor) if crs.axis_info else 1.0


@dataclass(frozen=True)
class Projection:
    """A coordinate reference system and the affine transform from pixels to it.

    ``transform`` is in the service's order: x scale, x shear, x translation, y shear, y scale,
    y translation.
    """

    crs: str
    transform: tuple[float, float, float, float, float, float]

    @property
    def affine(self) -> Affine:
        """The transform as rasterio and affine write it."""
        return Affine(*self.transform)

    @property
    def is_geographic(self) -> bool:
        """Whether the units are degrees."""
        return crs_of(self.crs).is_geographic

    @property
    def nominal_scale(self) -> float:
        """Side of a pixel in metres at the point of true scale."""
        a, b, _, d, e, _ = self.transform
        return math.sqrt(abs(a * e - b * d)) * _meters_per_unit(self.crs)

    @property
    def is_default(self) -> bool:
        """Whether this is the 1-degree grid of constants and composites."""
        return self == DEFAULT

    def at_scale(self, meters: float) -> Projection:
        """Return the same system with square pixels of that size and the origin at (0, 0)."""
        size = meters / _meters_per_unit(self.crs)
        a, _, _, _, e, _ = self.transform
        return Projection(
            self.crs, (math.copysign(size, a), 0.0, 0.0, 0.0, math.copysign(size, e), 0.0)
        )

    def scaled(self, factor: float) -> Projection:
        """Return the grid whose pixels are ``factor`` times larger, with the same origin."""
        a, b, c, d, e, f = self.transform
        return Projection(self.crs, (a * factor, b * factor, c, d * factor, e * factor, f))

    def to_json(self) -> dict[str, Any]:
        """Return the service's JSON."""
        key = "crs" if ":" in self.crs and len(self.crs) < 32 else "wkt"
        return {"type": "Projection", key: self.crs, "transform": list(self.transform)}


DEFAULT = Projection("EPSG:4326", (1.0, 0.0, 0.0, 0.0, 1.0, 0.0))


def _round_significant(value: float) -> float:
    return float(f"{value:.{_SIGNIFICANT}g}")


@dataclass(frozen=True)
class Grid:
    """A window of whole pixels on a lattice: column ``x`` and row ``y`` of its corner, and size."""

    lattice: Projection
    x: int
    y: int
    width: int
    height: int

    @classmethod
    def of(cls, projection: Projection, width: int, height: int) -> Grid:
        """Return the grid that starts at the projection's own origin."""
        a, b, c, d, e, f = projection.transform
        if b or d:
            return cls(projection, 0, 0, width, height)
        a, e = _round_significant(a), _round_significant(e)
        column, row = c / a, f / e
        phase_x = round(column - math.floor(column), _PHASE_DECIMALS) % 1.0
        phase_y = round(row - math.floor(row), _PHASE_DECIMALS) % 1.0
        lattice = Projection(projection.crs, (a, 0.0, phase_x * a, 0.0, e, phase_y * e))
        return cls(lattice, round(column - phase_x), round(row - phase_y), width, height)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.height, self.width

    @property
    def affine(self) -> Affine:
        """Transform from this window's pixels to the coordinate system."""
        return self.lattice.affine @ Affine.translation(self.x, self.y)

    @property
    def projection(self) -> Projection:
        """The projection whose origin is this window's corner."""
        return Projection(self.lattice.crs, tuple(self.affine)[:6])

    @property
    def is_rectilinear(self) -> bool:
        """Whether rows and columns run along the axes."""
        return not (self.lattice.transform[1] or self.lattice.transform[3])

    def window(self, x: int, y: int, width: int, height: int) -> Grid:
        """Return another window on the same lattice."""
        return Grid(self.lattice, x, y, width, height)

    def padded(self, left: int, top: int, right: int, bottom: int) -> Grid:
        """Return this window grown by whole pixels on each side."""
        return Grid(
            self.lattice,
            self.x - left,
            self.y - top,
            self.width + left + right,
            self.height + top + bottom,
        )

    def union(self, other: Grid) -> Grid:
        """Return the smallest window that holds both."""
        left, top = min(self.x, other.x), min(self.y, other.y)
        right = max(self.x + self.width, other.x + other.width)
        bottom = max(self.y + self.height, other.y + other.height)
        return Grid(self.lattice, left, top, right - left, bottom - top)

    def intersection(self, other: Grid) -> Grid | None:
        """Return the window common to both, or None."""
        left, top = max(self.x, other.x), max(self.y, other.y)
        right = min(self.x + self.width, other.x + other.width)
        bottom = min(self.y + self.height, other.y + other.height)
        if right <= left or bottom <= top:
            return None
        return Grid(self.lattice, left, top, right - left, bottom - top)

    def slices(self, inner: Grid) -> tuple[slice, slice]:
        """Return the index of ``inner`` in an array over this window."""
        row, column = inner.y - self.y, inner.x - self.x
        return slice(row, row + inner.height), slice(column, column + inner.width)

    def tiles(self, size: int) -> list[Grid]:
        """Cut the window into tiles of at most ``size`` pixels a side."""
        return [
            Grid(
                self.lattice,
                self.x + left,
                self.y + top,
                min(size, self.width - left),
                min(size, self.height - top),
            )
            for top in range(0, self.height, size)
            for left in range(0, self.width, size)
        ]

    def axes(self) -> tuple[np.ndarray, np.ndarray]:
        """Return x of the column centres and y of the row centres (rectilinear grids only)."""
        a, _, c, _, e, f = self.lattice.transform
        xs = c + (self.x + np.arange(self.width) + 0.5) * a
        ys = f + (self.y + np.arange(self.height) + 0.5) * e
        return xs, ys

    def centers(self) -> tuple[np.ndarray, np.ndarray]:
        """Return x and y of all pixel centres, each of shape (height, width)."""
        if self.is_rectilinear:
            xs, ys = self.axes()
            return np.broadcast_to(xs, self.shape), np.broadcast_to(ys[:, None], self.shape)
        a, b, c, d, e, f = self.lattice.transform
        columns = self.x + np.arange(self.width)[None, :] + 0.5
        rows = self.y + np.arange(self.height)[:, None] + 0.5
        return c + a * columns + b * rows, f + d * columns + e * rows

    def bounds(self) -> tuple[float, float, float, float]:
        """Return (west, south, east, north) in the grid's own units."""
        corners = [
            self.affine @ corner
            for corner in ((0, 0), (self.width, 0), (0, self.height), (self.width, self.height))
        ]
        xs, ys = zip(*corners, strict=True)
        return min(xs), min(ys), max(xs), max(ys)


def grid_of_bounds(projection: Projection, bounds: tuple[float, float, float, float]) -> Grid:
    """Return the whole pixels of a projection's lattice that touch a box in its own units."""
    unit = Grid.of(projection, 1, 1)
    west, south, east, north = bounds
    inverse = ~unit.lattice.affine
    corners = [
        inverse @ corner for corner in ((west, south), (east, south), (west, north), (east, north))
    ]
    columns, rows = zip(*corners, strict=True)
    # Coordinates that went through degrees and back are off by far less than that.
    tolerance = 1e-3
    left, top = math.floor(min(columns) + tolerance), math.floor(min(rows) + tolerance)
    right, bottom = math.ceil(max(columns) - tolerance), math.ceil(max(rows) - tolerance)
    return unit.window(left, top, max(right - left, 1), max(bottom - top, 1))


@functools.lru_cache(maxsize=256)  # of small windows: the images of a stack ask for the same one
def grid_covering(projection: Projection, other: Grid, margin: int = 0) -> Grid | None:
    """Return the window on a projection's lattice under all pixel centres of another grid.

    None when no centre can be expressed in the projection.
    """
    across, down = (_range(values) for values in pixel_coordinates(projection, other))
    if across is None or down is None:
        return None
    unit = Grid.of(projection, 1, 1)
    left, top = math.floor(across[0]) - margin, math.floor(down[0]) - margin
    right, bottom = math.floor(across[1]) + margin + 1, math.floor(down[1]) + margin + 1
    return unit.window(left, top, right - left, bottom - top)


def _range(values: np.ndarray) -> tuple[float, float] | None:
    """Return the least and the greatest finite value, None if there is none."""
    low, high = float(values.min()), float(values.max())
    if math.isfinite(low) and math.isfinite(high):
        return low, high
    values = values[np.isfinite(values)]
    return (float(values.min()), float(values.max())) if values.size else None


@functools.lru_cache(maxsize=24)
def pixel_coordinates(projection: Projection, grid: Grid) -> tuple[np.ndarray, np.ndarray]:
    """Return the (column, row) on a projection's lattice of each pixel centre of a grid.

    Column and row are real numbers counted on the canonical lattice, whose pixel (0, 0) spans
    [0, 1). For two rectilinear grids of one system the arrays are one row and one column wide and
    broadcast; otherwise they have the shape of the grid. Points outside the system are infinite or
    NaN. Between two systems they are interpolated, to a millionth of a pixel; see
    :mod:`gee_sm.emulator.pixels.coordinate_cells`.
    """
    lattice = Grid.of(projection, 1, 1).lattice
    inverse = ~lattice.affine
    if lattice.crs != grid.lattice.crs:
        exact = _from_pixels_to_pixels(grid.lattice, lattice)
        columns, rows = interpolated(exact, grid.x, grid.y, grid.width, grid.height)
    else:
        if grid.is_rectilinear and not (inverse.b or inverse.d):
            xs, ys = grid.axes()
            columns = (inverse.a * xs + inverse.c)[None, :]
            rows = (inverse.e * ys + inverse.f)[:, None]
        else:
            xs, ys = grid.centers()
            columns = inverse.a * xs + inverse.b * ys + inverse.c
            rows = inverse.d * xs + inverse.e * ys + inverse.f
        # Coinciding lattices must not fall to the neighbour by the last digit of a double.
        columns, rows = np.round(columns, 7), np.round(rows, 7)
    columns.setflags(write=False)
    rows.setflags(write=False)
    return columns, rows


def _from_pixels_to_pixels(source: Projection, target: Projection) -> Points:
    """Return the exact transform of points from one lattice to another of another system."""
    there, back = source.affine, ~target.affine
    transform = transformer(source.crs, target.crs).transform

    def exact(columns: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        x, y = transform(
            there.a * columns + there.b * rows + there.c,
            there.d * columns + there.e * rows + there.f,
        )
        return back.a * x + back.b * y + back.c, back.d * x + back.e * y + back.f

    return exact
