"""Points drawn at random from a geometry, uniformly on the sphere."""

from __future__ import annotations

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.values.error_margin import ErrorMargin
from gee_sm.emulator.values.geometry import (
    WGS84,
    Geometry,
    bounds_of_circles,
    gathered,
    parts,
    unwrapped,
)
from gee_sm.emulator.values.sphere import (
    along,
    angle,
    gnomonic_over,
    longitudes_latitudes,
    unit_vectors,
)

_MOST_ROUNDS = 10_000


def random_points(
    geometry: Geometry, count: int, seed: int, margin: ErrorMargin | None = None
) -> np.ndarray:
    """Return longitudes and latitudes, shape (count, 2), of points in a geometry.

    Points are drawn from the parts of the highest dimension: by area, by length, or from the
    points given.

    Raises
    ------
    EarthEngineError
        If the geometry is empty, or too thin to be hit.
    """
    generator = np.random.default_rng(seed & (2**64 - 1))
    if geometry.is_unbounded:
        return _in_box(generator, (-180.0, -90.0, 180.0, 90.0), count)
    if geometry.shape.is_empty:
        raise EarthEngineError("Points cannot be drawn from an empty geometry.")
    shape = geometry.on_sphere(margin)
    top = shapely.get_dimensions(shape)
    shape = gathered([part for part in parts(shape) if shapely.get_dimensions(part) == top])
    if top == 2:
        return _in_polygons(generator, shape, count)
    if top == 1:
        return _on_lines(generator, shape, count)
    points = shapely.get_coordinates(shape)
    return points[generator.integers(len(points), size=count)]


def _in_box(
    generator: np.random.Generator, box: tuple[float, float, float, float], count: int
) -> np.ndarray:
    west, south, east, north = box
    heights = np.sin(np.radians([south, north]))
    lon = generator.uniform(west, east, count)
    lat = np.degrees(np.arcsin(generator.uniform(*heights, count)))
    return np.stack([lon, lat], axis=1)


def _in_polygons(generator: np.random.Generator, shape: BaseGeometry, count: int) -> np.ndarray:
    box = bounds_of_circles(unwrapped(shape))  # beyond 180 degrees across the antimeridian
    plane = gnomonic_over(shape)
    inside = Geometry(shape).in_crs(WGS84) if plane is None else plane.forward(shape)
    shapely.prepare(inside)
    found: list[np.ndarray] = []
    missing = count
    for _ in range(_MOST_ROUNDS):
        if missing <= 0:
            break
        points = _in_box(generator, box, max(2 * missing, 64))
        points[:, 0] -= 360 * (points[:, 0] > 180)
        if plane is None:
            seen = points
        else:
            vectors = unit_vectors(points)
            points = points[vectors @ plane.center > 0]
            seen = plane.plane_of_vectors(unit_vectors(points))
        kept = points[shapely.contains_xy(inside, seen[:, 0], seen[:, 1])][:missing]
        found.append(kept)
        missing -= len(kept)
    else:
        raise EarthEngineError("The geometry is too thin for points to be drawn from it.")
    return np.concatenate(found) if found else np.zeros((0, 2))


def _on_lines(generator: np.random.Generator, shape: BaseGeometry, count: int) -> np.ndarray:
    starts, ends = [], []
    for part in parts(shape):
        vectors = unit_vectors(shapely.get_coordinates(part))
        starts.append(vectors[:-1])
        ends.append(vectors[1:])
    start, end = np.concatenate(starts), np.concatenate(ends)
    reached = np.cumsum(angle(start, end))
    place = generator.uniform(0, reached[-1], count)
    edge = np.searchsorted(reached, place)
    before = np.concatenate([[0.0], reached])[edge]
    length = reached[edge] - before
    fraction = np.divide(place - before, length, out=np.zeros(count), where=length > 0)
    points = [
        along(start[e], end[e], np.array([f]))[0] for e, f in zip(edge, fraction, strict=True)
    ]
    return longitudes_latitudes(np.array(points).reshape(-1, 3))
