"""Buffers: geometries grown or shrunk by a distance."""

from __future__ import annotations

import itertools
import math

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.pixels.grid import Projection
from gee_sm.emulator.values.error_margin import ErrorMargin
from gee_sm.emulator.values.geometry import EMPTY, WGS84, Geometry, gathered, oriented, parts
from gee_sm.emulator.values.sphere import (
    BUFFER_RADIUS,
    along,
    angle,
    destination,
    gnomonic_over,
    longitudes_latitudes,
    unit_vectors,
)

_DEFAULT_ERROR = 0.01  # of the distance
_FINEST_ERROR = 1e-9  # finer ones would be lost in the rounding of coordinates
_WIDEST_STEP = math.pi / 2


def buffered(
    geometry: Geometry,
    distance: float,
    margin: ErrorMargin | None = None,
    projection: Projection | None = None,
) -> Geometry:
    """Return a geometry grown by a distance, or a polygon shrunk by a negative one.

    Without a projection the distance is in metres on a sphere of 6,367 km, and a point becomes a
    polygon on that circle: the first vertex due north, then counter-clockwise in equal steps, so
    that the middle of a side is within the margin (1 % of the distance by default).

    Raises
    ------
    EarthEngineError
        If the result would reach around the Earth.
    """
    if not math.isfinite(distance):
        raise EarthEngineError(f"The distance must be finite, got {distance}.")
    if geometry.is_unbounded or geometry.shape.is_empty:
        return geometry
    relative = _relative_error(distance, margin)
    if projection is not None:
        shape = geometry.in_crs(projection.crs)
        segments = max(1, math.ceil(math.pi / 2 / _step(relative)))
        grown = shapely.buffer(shape, distance, quad_segs=segments)
        return Geometry(oriented(grown), projection.crs, geodesic=False)
    if distance == 0:
        return geometry
    shape = geometry.on_sphere(max(abs(distance) * relative, 1e-3))
    radius = abs(distance) / BUFFER_RADIUS
    if radius >= math.pi:
        raise EarthEngineError(f"A buffer of {distance} m reaches around the Earth.")
    if shape.geom_type == "Point" and distance > 0:
        return Geometry(_circle(shapely.get_coordinates(shape)[0], radius, relative))
    plane = gnomonic_over(shape, margin=radius)
    if plane is None:
        raise EarthEngineError(
            "The buffer reaches too far around the Earth; buffer smaller parts, or in a projection."
        )

    def in_plane(vectors: np.ndarray) -> BaseGeometry:
        return shapely.Polygon(plane.plane_of_vectors(vectors))

    pieces = [in_plane(outline) for outline in _outlines(shape, radius, relative)]
    pieces = [piece if piece.is_valid else shapely.make_valid(piece) for piece in pieces]
    solid = [plane.forward(part) for part in parts(shape) if part.geom_type == "Polygon"]
    solid = [part if part.is_valid else shapely.make_valid(part) for part in solid]
    border = shapely.union_all(pieces)
    if distance > 0:
        found = shapely.union_all([border, *solid])
    else:
        found = shapely.difference(shapely.union_all(solid), border) if solid else EMPTY
    kept = [part for part in parts(found) if part.geom_type == "Polygon" and not part.is_empty]
    if not kept:
        return Geometry(EMPTY)
    return Geometry(oriented(plane.inverse(gathered(kept))), WGS84)


def _relative_error(distance: float, margin: ErrorMargin | None) -> float:
    if margin is None or margin.meters == 0 or distance == 0:
        return _DEFAULT_ERROR
    return max(margin.meters / abs(distance), _FINEST_ERROR)


def _step(relative: float) -> float:
    """Return the angle between vertices for which a side's middle is so far from the circle."""
    return min(2 * math.acos(max(1 - relative, -1.0)), _WIDEST_STEP)


def _circle(center: np.ndarray, radius: float, relative: float) -> BaseGeometry:
    step = _step(relative)
    count = math.ceil(2 * math.pi / step - 1e-9)
    start = unit_vectors(center)[0]
    ring = longitudes_latitudes(destination(start, -step * np.arange(count), radius))
    ring[:, 0] -= 360 * np.round((ring[:, 0] - center[0]) / 360)
    return shapely.Polygon(ring)


def _outlines(shape: BaseGeometry, radius: float, relative: float) -> list[np.ndarray]:
    """Return, for each vertex and edge, the outline of what is within the radius of it."""
    found = []
    step = _step(relative)
    turns = np.arange(0, 2 * math.pi - 1e-9, step / 2)
    for part in parts(shape):
        rings = [part.exterior, *part.interiors] if part.geom_type == "Polygon" else [part]
        for ring in rings:
            vectors = unit_vectors(shapely.get_coordinates(ring))
            found.extend(destination(vector, -turns, radius) for vector in vectors)
            for start, end in itertools.pairwise(vectors):
                if angle(start, end) > 1e-12:
                    found.append(_band(start, end, radius, relative))
    return found


def _band(start: np.ndarray, end: np.ndarray, radius: float, relative: float) -> np.ndarray:
    """Return the outline of the points beside a great-circle edge, within the radius."""
    normal = np.cross(start, end)
    normal = normal / np.linalg.norm(normal)
    # A parallel curve bends away from its great circle: sagitta = tan(radius) (1 - cos(half)).
    allowed = max(relative * radius / max(math.tan(radius), 1e-12), 1e-9)
    half = math.acos(max(1 - allowed, 0.0))
    count = max(2, math.ceil(float(angle(start, end)) / max(2 * half, 1e-6)) + 1)
    spine = along(start, end, np.linspace(0, 1, count))
    left = math.cos(radius) * spine + math.sin(radius) * normal
    right = math.cos(radius) * spine - math.sin(radius) * normal
    return np.concatenate([left, right[::-1]])
