"""Fields made from features: the distance to the nearest edge, and kriging."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import shapely

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.pixels.grid import DEFAULT, Grid, transformer
from gee_sm.emulator.pixels.source import Positional
from gee_sm.emulator.pixels.tile import Tile, empty
from gee_sm.emulator.registry import implements
from gee_sm.emulator.values.collection import Collection
from gee_sm.emulator.values.geometry import Geometry, parts
from gee_sm.emulator.values.image import Band, Image
from gee_sm.emulator.values.pixel_type import DOUBLE
from gee_sm.emulator.values.reducer import Reducer
from gee_sm.emulator.values.sphere import BUFFER_RADIUS, unit_vectors

_MOST_POINTS = 2_000


def _pixel_vectors(grid: Grid) -> np.ndarray:
    """Return the unit vectors of the pixel centres, shape (3, rows * columns)."""
    xs, ys = (np.ascontiguousarray(axis) for axis in grid.centers())
    if grid.lattice.crs != "EPSG:4326":
        xs, ys = transformer(grid.lattice.crs, "EPSG:4326").transform(xs, ys)
    lon, lat = np.radians(xs).ravel(), np.radians(ys).ravel()
    return np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])


def _chord_angle(vectors: np.ndarray, point: np.ndarray) -> np.ndarray:
    """Return the angles in radians between unit vectors, shape (3, n), and one or n points."""
    apart = vectors - point
    squared = apart[0] * apart[0] + apart[1] * apart[1] + apart[2] * apart[2]
    return 2 * np.arcsin(np.minimum(np.sqrt(squared) / 2, 1))


# -- distance -------------------------------------------------------------------------------------


@implements("Collection.distance")
def distance(features: Collection, searchRadius: float, maxError: float) -> Image:
    """Return the metres from each pixel's centre to the nearest point, line or polygon's edge."""
    if not searchRadius > 0:
        raise EarthEngineError(f"searchRadius must be positive, got {searchRadius}.")

    def function(grid: Grid) -> Tile:
        starts, ends = _edges(features, maxError)
        vectors = _pixel_vectors(grid)
        reach = searchRadius / BUFFER_RADIUS
        known = np.isfinite(vectors).all(axis=0)
        if not len(starts) or not known.any():
            return empty(DOUBLE.dtype)
        nearest = np.full(vectors.shape[1], np.inf)
        for start, end in _candidates(starts, ends, vectors[:, known], reach):
            nearest = np.minimum(nearest, _to_arc(vectors, start, end))
        found = nearest.reshape(grid.shape)
        valid = known.reshape(grid.shape) & (found <= reach)
        return Tile(np.where(valid, found * BUFFER_RADIUS, 0.0), valid)

    return Image((Band("distance", DOUBLE, DEFAULT, Positional(function)),))


def _edges(features: Collection, margin: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the ends of all edges as unit vectors; a point is an edge of no length."""
    starts, ends = [], []
    for feature in features:
        geometry = getattr(feature, "geometry", None)
        if not isinstance(geometry, Geometry) or geometry.is_unbounded:
            continue
        for part in parts(geometry.on_sphere(margin)):
            lines = part.boundary if part.geom_type == "Polygon" else part
            for line in parts(lines):
                vectors = unit_vectors(shapely.get_coordinates(line))
                if len(vectors) == 1:
                    vectors = np.repeat(vectors, 2, axis=0)
                starts.append(vectors[:-1])
                ends.append(vectors[1:])
    if not starts:
        return np.zeros((0, 3)), np.zeros((0, 3))
    return np.concatenate(starts), np.concatenate(ends)


def _candidates(
    starts: np.ndarray, ends: np.ndarray, vectors: np.ndarray, reach: float
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return the edges that may be nearest to any of some pixels."""
    middle = vectors.mean(axis=1)
    length = np.sqrt((middle**2).sum())
    if length < 1e-9:
        return list(zip(starts, ends, strict=True))
    middle = middle / length
    spread = float(_chord_angle(vectors, middle[:, None]).max())
    half = _chord_angle(starts.T, ends.T) / 2
    # An edge lies between its distance by the nearer end less its length, and that distance.
    near = np.minimum(
        _chord_angle(starts.T, middle[:, None]), _chord_angle(ends.T, middle[:, None])
    )
    most = min(float(near.min()) + 2 * spread, reach + spread) + 1e-9
    kept = near - 2 * half <= most
    return list(zip(starts[kept], ends[kept], strict=True))


def _to_arc(vectors: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Return the angles between unit vectors, shape (3, n), and the shorter arc between points."""
    found = np.minimum(_chord_angle(vectors, start[:, None]), _chord_angle(vectors, end[:, None]))
    normal = np.cross(start, end)
    length = np.sqrt((normal**2).sum())
    if length < 1e-15:
        return found
    normal = normal / length
    ahead, behind = np.cross(normal, start), np.cross(end, normal)

    def along(axis: np.ndarray) -> np.ndarray:
        return vectors[0] * axis[0] + vectors[1] * axis[1] + vectors[2] * axis[2]

    beside = (along(ahead) >= 0) & (along(behind) >= 0)
    across = np.arcsin(np.clip(np.abs(along(normal)), 0, 1))
    return np.where(beside, np.minimum(across, found), found)


# -- kriging --------------------------------------------------------------------------------------

# Semivariance from 0 to 1 at distances in ranges; the ranges of the first two are practical ones.
_SHAPES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "exponential": lambda h: 1 - np.exp(-3 * h),
    "gaussian": lambda h: 1 - np.exp(-3 * h * h),
    "spherical": lambda h: np.where(h < 1, 1.5 * h - 0.5 * h**3, 1.0),
}


@implements("FeatureCollection.kriging")
def kriging(
    collection: Collection,
    propertyName: str,
    shape: str,
    range: float,
    sill: float,
    nugget: float,
    maxDistance: float | None,
    reducer: Reducer | None,
) -> Image:
    """Return the ordinary kriging estimate from the points within a distance of each pixel."""
    if shape not in _SHAPES:
        raise EarthEngineError(f"The shape must be one of {', '.join(_SHAPES)}, got '{shape}'.")
    if not range > 0 or not sill > nugget >= 0:
        raise EarthEngineError(
            f"Expected range > 0 and sill > nugget >= 0, got {range}, {sill} and {nugget}."
        )
    radius = range if maxDistance is None else maxDistance

    def semivariance(angle: np.ndarray) -> np.ndarray:
        meters = angle * BUFFER_RADIUS
        return np.where(meters > 0, nugget + (sill - nugget) * _SHAPES[shape](meters / range), 0.0)

    def function(grid: Grid) -> Tile:
        places, values = _points(collection, propertyName, reducer)
        vectors = _pixel_vectors(grid)
        found = np.zeros(vectors.shape[1])
        valid = np.zeros(vectors.shape[1], bool)
        apart = [_chord_angle(vectors, place[:, None]) for place in places]
        if not apart:
            return empty(DOUBLE.dtype)
        near = np.stack([angle * BUFFER_RADIUS <= radius for angle in apart])
        groups, member = np.unique(near, axis=1, return_inverse=True)
        for number, chosen in enumerate(groups.T):
            points = np.flatnonzero(chosen)
            if not len(points):
                continue
            pixels = np.flatnonzero(member.ravel() == number)
            solution = _solution(places[points], values[points], semivariance)
            # The estimate is linear in the pixel's semivariances: one system for all pixels.
            estimate = np.full(len(pixels), solution[-1])
            for weight, point in zip(solution[:-1], points, strict=True):
                estimate += weight * semivariance(apart[point][pixels])
            found[pixels] = estimate
            valid[pixels] = True
        return Tile(found.reshape(grid.shape), valid.reshape(grid.shape))

    return Image((Band("estimate", DOUBLE, DEFAULT, Positional(function)),))


def _points(
    collection: Collection, name: str, reducer: Reducer | None
) -> tuple[np.ndarray, np.ndarray]:
    """Return the unit vectors and values of points; those at one place are reduced to one."""
    places: dict[tuple[float, float], list[float]] = {}
    for feature in collection:
        geometry = getattr(feature, "geometry", None)
        value = feature.properties.get(name)
        if not isinstance(geometry, Geometry) or isinstance(value, bool):
            continue
        if not isinstance(value, int | float):
            continue
        point = geometry.on_sphere(1.0)
        if point.geom_type != "Point":
            raise EarthEngineError(
                f"Expected points, got a {point.geom_type}: map centroid() over the collection."
            )
        places.setdefault((point.x, point.y), []).append(float(value))
    if len(places) > _MOST_POINTS:
        raise EarthEngineError(f"At most {_MOST_POINTS} points can be used, got {len(places)}.")
    found = []
    for (lon, lat), values in places.items():
        if len(values) > 1 and reducer is None:
            raise EarthEngineError(
                f"{len(values)} points lie at ({lon}, {lat}): give a reducer that makes one value "
                "of them, such as ee.Reducer.mean()."
            )
        if reducer is not None:
            (values,) = ([v] for v in reducer.apply_columns([values]).values())
        found.append(values[0])
    return unit_vectors(np.array(list(places), float)), np.array(found, float)


def _solution(
    places: np.ndarray, values: np.ndarray, semivariance: Callable[[np.ndarray], np.ndarray]
) -> np.ndarray:
    """Return what the semivariances to a pixel, and a one, are multiplied with and added up."""
    count = len(places)
    system = np.ones((count + 1, count + 1))
    system[-1, -1] = 0
    for row, place in enumerate(places):
        system[row, :count] = semivariance(_chord_angle(places.T, place[:, None]))
    return np.linalg.solve(system, np.append(values, 0.0))
