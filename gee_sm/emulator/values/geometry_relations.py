"""How two geometries lie to each other: predicates, overlays, distances and nearest points.

Without a projection everything happens on the sphere. Overlays are computed in a gnomonic plane,
where great circles are straight; shapes that reach too far around the Earth for one plane are
handled in longitude and latitude, with vertices added to their edges.
"""

from __future__ import annotations

import itertools
import math

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.pixels.grid import Projection
from gee_sm.emulator.values.error_margin import ErrorMargin
from gee_sm.emulator.values.geometry import (
    EMPTY,
    EVERYWHERE,
    WGS84,
    Geometry,
    folded,
    gathered,
    oriented,
    parts,
)
from gee_sm.emulator.values.sphere import (
    BUFFER_RADIUS,
    Gnomonic,
    along,
    andoyer_distance,
    angle,
    gnomonic_over,
    longitudes_latitudes,
    unit_vectors,
)

_FALLBACK_MARGIN = 1000.0  # metres, for shapes that span more than one gnomonic plane
_TOUCH = 1e-9  # radians: closer than this is contact (6 mm)

PREDICATES = {
    "intersects": shapely.intersects,
    "contains": shapely.covers,
    "within": shapely.covered_by,
    "disjoint": shapely.disjoint,
}
OVERLAYS = {
    "intersection": shapely.intersection,
    "union": shapely.union,
    "difference": shapely.difference,
    "symmetricDifference": shapely.symmetric_difference,
}


def relate(
    relation: str,
    left: Geometry,
    right: Geometry,
    margin: ErrorMargin | None = None,
    projection: Projection | None = None,
) -> bool:
    """Whether ``left`` intersects, contains, is within or is disjoint from ``right``.

    Empty geometries have no point in common with anything and are contained in nothing.
    """
    if left.shape.is_empty or right.shape.is_empty:
        return relation == "disjoint"
    if left.is_unbounded or right.is_unbounded:
        return {
            "intersects": True,
            "disjoint": False,
            "contains": left.is_unbounded,
            "within": right.is_unbounded,
        }[relation]
    if projection is None and not _near(left.spherical_bounds, right.spherical_bounds):
        return relation == "disjoint"
    first, second, _ = _together(left, right, margin, projection)
    return bool(PREDICATES[relation](_valid(first), _valid(second)))


def overlay(
    operation: str,
    left: Geometry,
    right: Geometry,
    margin: ErrorMargin | None = None,
    projection: Projection | None = None,
) -> Geometry:
    """Return the intersection, union, difference or symmetric difference."""
    if projection is None and (left.is_unbounded or right.is_unbounded):
        found = _with_everything(operation, left, right)
        if found is not None:
            return found
    first, second, plane = _together(left, right, margin, projection)
    shape = OVERLAYS[operation](_valid(first), _valid(second))
    return _back(_simple(shape), plane, projection)


def dissolve(
    geometry: Geometry, margin: ErrorMargin | None = None, projection: Projection | None = None
) -> Geometry:
    """Return the union of the parts of a geometry."""
    if not hasattr(geometry.shape, "geoms") or geometry.is_unbounded:
        return geometry
    first, _, plane = _together(geometry, geometry, margin, projection)
    return _back(_simple(shapely.union_all([_valid(p) for p in parts(first)])), plane, projection)


def convex_hull(
    geometry: Geometry, margin: ErrorMargin | None = None, projection: Projection | None = None
) -> Geometry:
    """Return the smallest convex shape around a geometry: a point, a line or a polygon."""
    if geometry.is_unbounded or geometry.shape.is_empty:
        return geometry
    first, _, plane = _together(geometry, geometry, margin, projection)
    return _back(shapely.convex_hull(first), plane, projection)


def distance_between(
    left: Geometry,
    right: Geometry,
    margin: ErrorMargin | None = None,
    projection: Projection | None = None,
    *,
    spherical: bool = False,
) -> float:
    """Return the smallest distance, in metres or in units of the projection."""
    pair = nearest_points(left, right, margin, projection)
    if pair is None:
        return math.inf
    first, second = pair
    if projection is not None:
        return float(math.dist(first, second))
    if first == second:
        return 0.0
    if spherical:
        a, b = unit_vectors(np.array([first])), unit_vectors(np.array([second]))
        return float(angle(a, b)[0]) * BUFFER_RADIUS
    return float(andoyer_distance(np.array([first]), np.array([second]))[0])


def nearest_points(
    left: Geometry,
    right: Geometry,
    margin: ErrorMargin | None = None,
    projection: Projection | None = None,
) -> tuple[tuple[float, float], tuple[float, float]] | None:
    """Return the two points, one on each geometry, that are closest; None if one is empty."""
    if left.shape.is_empty or right.shape.is_empty:
        return None
    if left.is_unbounded or right.is_unbounded:
        bounded = right if left.is_unbounded else left
        point = _some_point(bounded, projection)
        return point, point
    if projection is not None:
        first, second = (g.in_crs(projection.crs, _meters(margin)) for g in (left, right))
        line = shapely.shortest_line(first, second)
        return tuple(map(tuple, shapely.get_coordinates(line).tolist()))  # type: ignore[return-value]
    if relate("intersects", left, right, margin):
        common = overlay("intersection", left, right, margin)
        point = tuple(shapely.get_coordinates(common.shape)[0].tolist())
        return point, point
    found = _closest(left.on_sphere(margin), right.on_sphere(margin))
    return tuple(map(tuple, longitudes_latitudes(np.stack(found)).tolist()))  # type: ignore[return-value]


def _some_point(geometry: Geometry, projection: Projection | None) -> tuple[float, float]:
    if geometry.is_unbounded:
        return 0.0, 0.0
    shape = geometry.in_crs(projection.crs if projection else WGS84)
    return tuple(shapely.get_coordinates(shape.representative_point())[0].tolist())


def _closest(left: BaseGeometry, right: BaseGeometry) -> tuple[np.ndarray, np.ndarray]:
    """Return the closest points of two shapes that do not touch, as unit vectors."""
    best = (math.inf, None, None)
    for points_of, lines_of, swap in ((left, right, False), (right, left, True)):
        points = unit_vectors(shapely.get_coordinates(points_of))
        for start, end in _segments(lines_of):
            on_line = _foot(points, start, end)
            gaps = angle(points, on_line)
            k = int(gaps.argmin())
            if gaps[k] < best[0]:
                pair = (points[k], on_line[k])
                best = (float(gaps[k]), *(pair[::-1] if swap else pair))
    return best[1], best[2]  # type: ignore[return-value]


def _segments(shape: BaseGeometry) -> list[tuple[np.ndarray, np.ndarray]]:
    found = []
    for part in parts(shape):
        rings = [part.exterior, *part.interiors] if part.geom_type == "Polygon" else [part]
        for ring in rings:
            vectors = unit_vectors(shapely.get_coordinates(ring))
            if len(vectors) == 1:
                found.append((vectors[0], vectors[0]))
            else:
                found.extend(itertools.pairwise(vectors))
    return found


def _foot(points: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Return the point of a great-circle segment that is closest to each point."""
    ends = np.where(
        (angle(points, start[None, :]) <= angle(points, end[None, :]))[:, None], start, end
    )
    normal = np.cross(start, end)
    size = np.linalg.norm(normal)
    if size < 1e-15:
        return ends
    normal = normal / size
    dropped = points - (points @ normal)[:, None] * normal
    length = np.linalg.norm(dropped, axis=1, keepdims=True)
    on_circle = np.divide(dropped, length, out=np.array(ends), where=length > 1e-15)
    between = (np.cross(start, on_circle) @ normal >= 0) & (np.cross(on_circle, end) @ normal >= 0)
    return np.where(between[:, None], on_circle, ends)


def _near(
    first: tuple[float, float, float, float], second: tuple[float, float, float, float]
) -> bool:
    """Whether two boxes in degrees may touch; longitudes are compared around the Earth."""
    slack = 1e-9
    if first[1] > second[3] + slack or second[1] > first[3] + slack:
        return False
    if abs(first[1]) > 89 or abs(first[3]) > 89 or abs(second[1]) > 89 or abs(second[3]) > 89:
        return True
    if max(first[2] - first[0], second[2] - second[0]) > 180:
        return True
    middle_1, middle_2 = (first[0] + first[2]) / 2, (second[0] + second[2]) / 2
    gap = abs((middle_1 - middle_2 + 180) % 360 - 180)
    return gap <= (first[2] - first[0] + second[2] - second[0]) / 2 + slack


def _meters(margin: ErrorMargin | None) -> float:
    if margin is None or margin.meters == 0:
        return 0.001
    return min(margin.meters, 1e7)


def _together(
    left: Geometry,
    right: Geometry,
    margin: ErrorMargin | None,
    projection: Projection | None,
) -> tuple[BaseGeometry, BaseGeometry, Gnomonic | None]:
    """Return both shapes in one plane with straight edges, and the plane if it is gnomonic."""
    if projection is not None:
        meters = _meters(margin)
        return left.in_crs(projection.crs, meters), right.in_crs(projection.crs, meters), None
    if not (_is_wide(left) or _is_wide(right)):
        first, second = left.on_sphere(margin), right.on_sphere(margin)
        plane = gnomonic_over(first, second)
        if plane is not None:
            return plane.forward(first), plane.forward(second), plane
    return _in_degrees(left), _in_degrees(right), None


def _is_wide(geometry: Geometry) -> bool:
    """Whether a geometry surely reaches too far around the Earth for one plane."""
    west, south, east, north = geometry.spherical_bounds
    return geometry.is_unbounded or (east - west > 180 and north - south > 90)


def _in_degrees(geometry: Geometry) -> BaseGeometry:
    if geometry.is_unbounded:
        return EVERYWHERE.shape
    return folded(geometry.in_crs(WGS84, _FALLBACK_MARGIN))


def _valid(shape: BaseGeometry) -> BaseGeometry:
    return shape if shape.is_valid else shapely.make_valid(shape)


def _simple(shape: BaseGeometry) -> BaseGeometry:
    """Return a shape without empty parts, as a single geometry where there is but one."""
    kept = [part for part in parts(shape) if not part.is_empty]
    return gathered(kept) if kept else EMPTY


def _back(shape: BaseGeometry, plane: Gnomonic | None, projection: Projection | None) -> Geometry:
    if shape.is_empty:
        return Geometry(EMPTY)
    if plane is not None:
        return Geometry(oriented(plane.inverse(shape)))
    if projection is not None:
        return Geometry(oriented(shape), projection.crs, geodesic=False)
    return Geometry(oriented(shape), WGS84, geodesic=False)


def _with_everything(operation: str, left: Geometry, right: Geometry) -> Geometry | None:
    """Return the overlay where one side is the whole Earth, if no edges are needed for it."""
    if operation == "intersection":
        return right if left.is_unbounded else left
    if operation == "union":
        return EVERYWHERE
    if operation == "difference" and right.is_unbounded:
        return Geometry(EMPTY)
    return None


def cut_lines(
    geometry: Geometry,
    distances: list[float],
    margin: ErrorMargin | None = None,
    projection: Projection | None = None,
) -> Geometry:
    """Cut lines at distances from their start, in metres or in units of the projection.

    Raises
    ------
    EarthEngineError
        If the distances are not increasing and positive.
    """
    if None in distances or any(b <= a for a, b in zip([0.0, *distances], distances, strict=False)):
        raise EarthEngineError("The distances must be positive and increasing.")
    crs = projection.crs if projection is not None else WGS84
    pieces: list[BaseGeometry] = []
    for part in parts(geometry.shape):
        if part.geom_type not in ("LineString", "LinearRing"):
            continue
        if projection is None:
            shape = Geometry(part, geometry.crs, geometry.geodesic).on_sphere(margin)
        else:
            shape = Geometry(part, geometry.crs, geometry.geodesic).in_crs(crs, _meters(margin))
        points = shapely.get_coordinates(shape)
        pieces.extend(_cut(points, distances, planar=projection is not None))
    return Geometry(shapely.MultiLineString(pieces), crs, geodesic=projection is None)


def _cut(points: np.ndarray, distances: list[float], *, planar: bool) -> list[BaseGeometry]:
    if planar:
        lengths = np.linalg.norm(np.diff(points, axis=0), axis=1)
    else:
        lengths = andoyer_distance(points[:-1], points[1:])
    reached = np.concatenate([[0.0], np.cumsum(lengths)])
    pieces, current, waiting = [], [points[0]], [d for d in distances if d < reached[-1]]
    for i in range(len(lengths)):
        while waiting and reached[i] <= waiting[0] < reached[i + 1]:
            part = (waiting.pop(0) - reached[i]) / lengths[i]
            if part == 0 and len(current) > 1:
                pieces.append(shapely.LineString(current))
                current = [points[i]]
                continue
            if planar:
                cut = points[i] + part * (points[i + 1] - points[i])
            else:
                ends = unit_vectors(points[i : i + 2])
                cut = longitudes_latitudes(along(ends[0], ends[1], np.array([part])))[0]
            pieces.append(shapely.LineString([*current, cut]))
            current = [cut]
        current.append(points[i + 1])
    pieces.append(shapely.LineString(current))
    return pieces
