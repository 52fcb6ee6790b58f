"""GeometryConstructors.*: geometries from coordinates."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import shapely
import shapely.affinity
import shapely.errors
from shapely.geometry.base import BaseGeometry

from gee_sm.emulator.coercion import coerce, shown
from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.functions.geometry import in_projection
from gee_sm.emulator.pixels.grid import Projection
from gee_sm.emulator.registry import implements
from gee_sm.emulator.values.error_margin import ErrorMargin
from gee_sm.emulator.values.geometry import (
    EMPTY,
    WGS84,
    Geometry,
    gathered,
    oriented,
    parts,
    upright,
)
from gee_sm.emulator.values.sphere import ring_area

_IDENTITY = (1, 0, 0, 0, 1, 0)
_WORLD = [(-180.0, -90.0), (180.0, -90.0), (180.0, 90.0), (-180.0, 90.0)]


class _Corners:
    """Reads nested coordinates, in which points may be geometries too.

    Where the projection has a transform, as an image's has, they count its pixels: the client's
    exports of an exact rectangle (``crsTransform`` with ``dimensions``) are built on it.
    """

    def __init__(self, coordinates: list[Any], crs: Projection | None, geodesic: bool | None):
        self.inner: list[Geometry] = []
        self.coordinates = self._read(coordinates)
        self.transform = None if crs is None or self.inner else crs.transform
        first = self.inner[0] if self.inner else None
        if crs is not None:
            self.crs = crs.crs
        else:
            self.crs = first.crs if first is not None else WGS84
        if geodesic is not None:
            self.geodesic = geodesic
        elif first is not None:
            self.geodesic = first.geodesic
        else:
            self.geodesic = Projection(self.crs, (1, 0, 0, 0, 1, 0)).is_geographic

    @property
    def is_on_sphere(self) -> bool:
        """Whether the coordinates are degrees and the edges great circles."""
        return self.geodesic and self.crs == WGS84

    def _read(self, value: Any) -> Any:
        if isinstance(value, Geometry):
            self.inner.append(value)
            json = value.to_json()
            return json["coordinates"]
        if isinstance(value, list):
            return [self._read(item) for item in value]
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise EarthEngineError(f"Invalid coordinates: expected a number, found {shown(value)}.")
        if not math.isfinite(value):
            raise EarthEngineError("Invalid coordinates: a coordinate is not finite.")
        return float(value)

    def points(self) -> list[tuple[float, float]]:
        """Return a flat list of numbers, or a list of points, as points."""
        return _points(self.coordinates)

    def made(self, build: Callable[[], BaseGeometry]) -> Geometry:
        """Return the geometry of the shape that a function builds from the coordinates.

        Raises
        ------
        EarthEngineError
            If they are nested in another way, or too few.
        """
        try:
            shape = build()
            if self.transform not in (None, _IDENTITY):
                a, b, c, d, e, f = self.transform
                shape = oriented(shapely.affinity.affine_transform(shape, [a, b, d, e, c, f]))
            return Geometry(shape, self.crs, self.geodesic)
        except (TypeError, ValueError, IndexError, shapely.errors.ShapelyError) as error:
            raise EarthEngineError(f"Invalid coordinates: {error}.") from None


def _points(items: list[Any]) -> list[tuple[float, float]]:
    if items and all(isinstance(item, float) for item in items):
        if len(items) % 2:
            raise EarthEngineError(f"Invalid number of coordinates: {len(items)}.")
        return list(zip(items[::2], items[1::2], strict=True))
    for item in items:
        if not isinstance(item, list) or len(item) != 2 or isinstance(item[0], list):
            raise EarthEngineError(f"Invalid point: {item!r:.80}. Expected [x, y].")
    return [(item[0], item[1]) for item in items]


def _rings(items: list[Any]) -> list[list[tuple[float, float]]]:
    """Return the rings of a polygon, given as rings, as one ring, or as a flat list."""
    if items and isinstance(items[0], list) and items[0] and isinstance(items[0][0], list):
        return [_points(ring) for ring in items]
    if items and isinstance(items[0], list) and len(items[0]) > 2:
        return [_points(ring) for ring in items]
    return [_points(items)]


def _runs_left(ring: list[tuple[float, float]], *, on_sphere: bool) -> bool:
    """Whether a ring runs counter-clockwise; on the sphere it may cross the antimeridian."""
    if on_sphere and any(abs(b[0] - a[0]) > 180 for a, b in itertools.pairwise(ring)):
        return ring_area(np.array([*ring, ring[0]])) > 0
    return bool(shapely.LinearRing(ring).is_ccw)


def _polygon(
    rings: list[list[tuple[float, float]]], *, even_odd: bool, on_sphere: bool = False
) -> Any:
    for ring in rings:
        if len(ring) < 3:
            raise EarthEngineError(f"A polygon's ring needs at least 3 points, found {len(ring)}.")
    if not rings:
        return shapely.Polygon()
    if not even_odd and not _runs_left(rings[0], on_sphere=on_sphere):
        # The inside is on the left, so a clockwise ring surrounds what is not the polygon.
        return shapely.Polygon(_WORLD, [rings[0]])
    shape = shapely.Polygon(rings[0], rings[1:])
    return oriented(_side_by_side(shape) if even_odd and len(rings) > 1 else shape)


def _side_by_side(shape: BaseGeometry) -> BaseGeometry:
    """Return a polygon with rings beside its first one as several polygons, if none cross."""
    if shape.is_valid:
        return shape
    valid = shapely.make_valid(shape)
    corners = set(map(tuple, shapely.get_coordinates(shape)))
    crossing = any(tuple(point) not in corners for point in shapely.get_coordinates(valid))
    return shape if crossing or valid.geom_type != "MultiPolygon" else valid


@implements("GeometryConstructors.Point")
def point(coordinates: list[Any], crs: Projection | None) -> Geometry:
    """Return a point."""
    corners = _Corners(coordinates, crs, None)
    found = corners.points()
    if len(found) != 1:
        raise EarthEngineError(f"A point needs two coordinates, found {2 * len(found)}.")
    return corners.made(lambda: shapely.Point(found[0]))


@implements("GeometryConstructors.MultiPoint")
def multi_point(coordinates: list[Any], crs: Projection | None) -> Geometry:
    """Return several points."""
    corners = _Corners(coordinates, crs, None)
    return corners.made(lambda: shapely.MultiPoint(corners.points()))


@implements("GeometryConstructors.LineString")
def line_string(
    coordinates: list[Any],
    crs: Projection | None,
    geodesic: bool | None,
    maxError: ErrorMargin | None,
) -> Geometry:
    """Return a line."""
    corners = _Corners(coordinates, crs, geodesic)
    return corners.made(lambda: _line(corners.points()))


def _line(points: list[tuple[float, float]]) -> Any:
    if len(points) == 1:
        points = points * 2
    return shapely.LineString(points)


@implements("GeometryConstructors.LinearRing")
def linear_ring(
    coordinates: list[Any],
    crs: Projection | None,
    geodesic: bool | None,
    maxError: ErrorMargin | None,
) -> Geometry:
    """Return a closed line."""
    corners = _Corners(coordinates, crs, geodesic)
    points = corners.points()
    if len(points) < 3:
        raise EarthEngineError(f"A ring needs at least 3 points, found {len(points)}.")
    return corners.made(lambda: shapely.LinearRing(points))


@implements("GeometryConstructors.MultiLineString")
def multi_line_string(
    coordinates: list[Any],
    crs: Projection | None,
    geodesic: bool | None,
    maxError: ErrorMargin | None,
) -> Geometry:
    """Return several lines."""
    corners = _Corners(coordinates, crs, geodesic)
    return corners.made(
        lambda: shapely.MultiLineString([_line(points) for points in _rings(corners.coordinates)])
    )


@implements("GeometryConstructors.Polygon")
def polygon(
    coordinates: list[Any],
    crs: Projection | None,
    geodesic: bool | None,
    maxError: ErrorMargin | None,
    evenOdd: bool,
) -> Geometry:
    """Return a polygon, whose further rings are holes."""
    corners = _Corners(coordinates, crs, geodesic)
    return corners.made(
        lambda: _polygon(
            _rings(corners.coordinates), even_odd=evenOdd, on_sphere=corners.is_on_sphere
        )
    )


@implements("GeometryConstructors.MultiPolygon")
def multi_polygon(
    coordinates: list[Any],
    crs: Projection | None,
    geodesic: bool | None,
    maxError: ErrorMargin | None,
    evenOdd: bool,
) -> Geometry:
    """Return several polygons."""
    corners = _Corners(coordinates, crs, geodesic)

    def build() -> BaseGeometry:
        return shapely.MultiPolygon(
            [
                part
                for item in corners.coordinates
                for part in parts(
                    _polygon(_rings(item), even_odd=evenOdd, on_sphere=corners.is_on_sphere)
                )
            ]
        )

    return corners.made(build)


@implements("GeometryConstructors.Rectangle")
def rectangle(
    coordinates: list[Any], crs: Projection | None, geodesic: bool | None, evenOdd: bool
) -> Geometry:
    """Return an upright rectangle from two corners."""
    corners = _Corners(coordinates, crs, geodesic)
    points = corners.points()
    if len(points) != 2:
        raise EarthEngineError(f"A rectangle needs 2 points, found {len(points)}.")
    (west, south), (east, north) = points
    return corners.made(lambda: oriented(upright(west, south, east, north)))


@implements("GeometryConstructors.BBox")
def bbox(west: float, south: float, east: float, north: float) -> Geometry:
    """Return a box along parallels and meridians, cut to the globe."""
    backwards = math.isnan(east - west) or math.isnan(south + north) or south > north
    if backwards or south > 90 or north < -90 or east == -math.inf or west == math.inf:
        raise EarthEngineError(
            f"Invalid box: west {west}, south {south}, east {east}, north {north}."
        )
    south, north = max(south, -90.0), min(north, 90.0)
    if east - west >= 360:
        west, east = -180.0, 180.0
    else:
        start = (west + 180) % 360 - 180
        width = (east - west) % 360
        west, east = start, start + width
    return Geometry(upright(west, south, east, north), WGS84, geodesic=False)


@implements("GeometryConstructors.MultiGeometry")
def multi_geometry(
    geometries: list[Any],
    crs: Projection | None,
    geodesic: bool | None,
    maxError: ErrorMargin | None,
) -> Geometry:
    """Return several geometries as one."""
    found = [
        coerce(item, "Geometry", "GeometryConstructors.MultiGeometry", "geometries")
        for item in geometries
    ]
    if not found:
        return Geometry(EMPTY)
    target = crs.crs if crs is not None else found[0].crs
    edges = found[0].geodesic if geodesic is None else geodesic
    shapes = [
        part
        for item in found
        for part in parts(
            in_projection(item, Projection(target, (1, 0, 0, 0, 1, 0)), maxError, edges).shape
        )
    ]
    return Geometry(gathered(shapes) if shapes else EMPTY, target, edges)
