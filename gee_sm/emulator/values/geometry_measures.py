"""Sizes of geometries: area, length, perimeter, centroid and bounding box."""

from __future__ import annotations

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gee_sm.emulator.pixels.grid import Projection
from gee_sm.emulator.values.error_margin import ErrorMargin
from gee_sm.emulator.values.geometry import (
    WGS84,
    Geometry,
    parts,
    upright,
)
from gee_sm.emulator.values.sphere import (
    AUTHALIC_RADIUS,
    andoyer_distance,
    gnomonic_over,
    longitudes_latitudes,
    ring_area,
    ring_moment,
    unit_vectors,
)

_FINE = 0.01  # metres by which edges may be off when a projection is given without a margin


def _meters(margin: ErrorMargin | None) -> float:
    return _FINE if margin is None or margin.meters == 0 else min(margin.meters, 1e7)


def area(
    geometry: Geometry, margin: ErrorMargin | None = None, projection: Projection | None = None
) -> float:
    """Return the area in square metres, or in squared units of a projection.

    On the sphere of equal area, with great circles as edges; overlapping parts count twice.
    """
    if geometry.is_unbounded:
        return 4 * np.pi * AUTHALIC_RADIUS**2
    if projection is not None:
        shape = geometry.in_crs(projection.crs, _meters(margin))
        return float(sum(part.area for part in parts(shape)))
    if shapely.get_dimensions(geometry.shape) < 2:
        return 0.0
    total = 0.0
    for part in parts(geometry.on_sphere(margin)):
        for simple in _without_crossings(part):
            holes = sum(_steradians(hole) for hole in simple.interiors)
            total += _steradians(simple.exterior) - holes
    return total * AUTHALIC_RADIUS**2


def _steradians(ring: BaseGeometry) -> float:
    if ring.bounds == (-180.0, -90.0, 180.0, 90.0) and len(ring.coords) == 5:
        return 4 * np.pi  # what lies outside of a ring is the whole Earth with a hole
    return abs(ring_area(shapely.get_coordinates(ring)))


def _without_crossings(part: BaseGeometry) -> list[BaseGeometry]:
    """Return the polygons that a polygon is made of, also if its rings cross: even-odd."""
    if part.geom_type != "Polygon" or part.is_empty:
        return []
    plane = None if part.is_valid else gnomonic_over(part)
    if plane is None:
        return [part]
    valid = shapely.make_valid(plane.forward(part))
    return [piece for piece in parts(plane.inverse(valid)) if piece.geom_type == "Polygon"]


def length(
    geometry: Geometry, margin: ErrorMargin | None = None, projection: Projection | None = None
) -> float:
    """Return the length of the lines, in metres or in units of a projection."""
    return _length(geometry, margin, projection, polygons=False)


def perimeter(
    geometry: Geometry, margin: ErrorMargin | None = None, projection: Projection | None = None
) -> float:
    """Return the length of the edges of the polygons, in metres or in units of a projection."""
    return _length(geometry, margin, projection, polygons=True)


def _length(
    geometry: Geometry,
    margin: ErrorMargin | None,
    projection: Projection | None,
    *,
    polygons: bool,
) -> float:
    wanted = ("Polygon",) if polygons else ("LineString", "LinearRing")
    if not any(part.geom_type in wanted for part in parts(geometry.shape)):
        return 0.0
    if projection is not None:
        shape = geometry.in_crs(projection.crs, _meters(margin))
        return float(sum(part.length for part in parts(shape) if part.geom_type in wanted))
    total = 0.0
    for part in parts(geometry.on_sphere(margin)):
        if part.geom_type not in wanted or part.is_empty:
            continue
        for ring in [part.exterior, *part.interiors] if polygons else [part]:
            points = shapely.get_coordinates(ring)
            total += float(np.sum(andoyer_distance(points[:-1], points[1:])))
    return total


def centroid(
    geometry: Geometry, margin: ErrorMargin | None = None, projection: Projection | None = None
) -> Geometry:
    """Return the centre of mass of the parts of the highest dimension."""
    if geometry.shape.is_empty:
        return geometry
    if geometry.is_unbounded:
        return Geometry(shapely.Point(0.0, 0.0))
    if projection is not None:
        shape = geometry.in_crs(projection.crs, _meters(margin))
        return Geometry(shapely.centroid(shape), projection.crs, geodesic=False)
    shape = geometry.on_sphere(margin)
    top = shapely.get_dimensions(shape)
    moment = np.zeros(3)
    for part in parts(shape):
        if shapely.get_dimensions(part) == top:
            moment += _moment(part)
    return Geometry(shapely.Point(longitudes_latitudes(moment)[0]))


def _moment(part: BaseGeometry) -> np.ndarray:
    if part.geom_type == "Point":
        return unit_vectors(shapely.get_coordinates(part))[0]
    if part.geom_type == "Polygon":
        found = np.zeros(3)
        for simple in _without_crossings(part):
            found += _disc_moment(simple.exterior) - sum(map(_disc_moment, simple.interiors))
        return found
    vectors = unit_vectors(shapely.get_coordinates(part))
    # The integral of the position along an arc: its chord's direction to the middle, times chord.
    total = vectors[:-1] + vectors[1:]
    size = np.linalg.norm(total, axis=1, keepdims=True)
    chord = np.linalg.norm(vectors[1:] - vectors[:-1], axis=1, keepdims=True)
    return np.sum(np.divide(total, size, out=np.zeros_like(total), where=size > 0) * chord, axis=0)


def _disc_moment(ring: BaseGeometry) -> np.ndarray:
    """Return the moment of the smaller side of a ring, whichever way it runs."""
    points = shapely.get_coordinates(ring)
    moment = ring_moment(points)
    return moment if moment @ unit_vectors(points).sum(axis=0) >= 0 else -moment


def bounds(
    geometry: Geometry, margin: ErrorMargin | None = None, projection: Projection | None = None
) -> Geometry:
    """Return the bounding rectangle, planar, in EPSG:4326 or in a projection."""
    if geometry.is_unbounded or geometry.shape.is_empty:
        return geometry
    if projection is not None and projection.crs != WGS84:
        box = geometry.in_crs(projection.crs, _meters(margin)).bounds
        return Geometry(upright(*box), projection.crs, geodesic=False)
    if geometry.crs != WGS84 and not geometry.geodesic:
        box = geometry.in_crs(WGS84, _meters(margin)).bounds
    else:
        box = geometry.spherical_bounds
    return Geometry(upright(*box), WGS84, geodesic=False)
