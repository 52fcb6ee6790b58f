"""Edges that are straight in one system and curved in another: vertices are put on them.

All edges of many shapes are halved together: a table of a hundred thousand outlines takes as many
calls of numpy and pyproj as a single one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.values.sphere import (
    AUTHALIC_RADIUS,
    angle,
    longitudes_latitudes,
    midpoint,
    unit_vectors,
)

Transform = Callable[..., Any]

_EXACT = 1e-6  # metres; edges closer than this are the same line
_MOST_POINTS = 2**14  # of one line or ring
_MOST_HALVINGS = 16


def transformed(transform: Transform | None, points: np.ndarray) -> np.ndarray:
    """Return points, shape (n, 2), in another system; None leaves them as they are."""
    if transform is None:
        return points
    x, y = transform(points[:, 0], points[:, 1])
    return np.stack([x, y], axis=1)


def with_lines(shape: BaseGeometry, change: Callable[[np.ndarray], np.ndarray]) -> BaseGeometry:
    """Return the shape with each run of vertices, which may gain some, changed."""
    return _rebuilt(shape, map(change, _runs(shape)))


def bent(
    shapes: Sequence[BaseGeometry],
    inverse: Transform | None,
    forward: Transform | None,
    *,
    great_circles: bool,
    margin: float,
) -> list[BaseGeometry]:
    """Return shapes in a plane where their edges are not straight, with vertices added.

    Parameters
    ----------
    shapes : sequence of shapely geometry
    inverse, forward : callable or None
        From the shapes' system to longitude and latitude, and from there to the plane.
    great_circles : bool
        Whether the edges are those, rather than straight in the shapes' own system.
    margin : float
        Metres by which an edge may be off.
    """

    def middle(start: np.ndarray, end: np.ndarray) -> np.ndarray:
        if not great_circles:
            return (start + end) / 2
        found = longitudes_latitudes(midpoint(unit_vectors(start), unit_vectors(end)))
        straight = (start + end) / 2
        found[:, 0] += 360 * np.round((straight[:, 0] - found[:, 0]) / 360)
        # A meridian is straight in the plane; a pole is a line there.
        pole = (np.abs(start[:, 1]) >= 90) & (start[:, 1] == end[:, 1])
        same = pole | (start[:, 0] == end[:, 0])
        return np.where(same[:, None], straight, found)

    def degrees(points: np.ndarray) -> np.ndarray:
        return transformed(inverse, points)

    def error(start: np.ndarray, end: np.ndarray, between: np.ndarray) -> np.ndarray:
        a, b = transformed(forward, degrees(start)), transformed(forward, degrees(end))
        chord = (a + b) / 2
        true = transformed(forward, degrees(between))
        if forward is None:
            return angle(unit_vectors(chord), unit_vectors(true)) * AUTHALIC_RADIUS
        span = np.linalg.norm(b - a, axis=1)
        ground = angle(unit_vectors(degrees(start)), unit_vectors(degrees(end))) * AUTHALIC_RADIUS
        per_unit = np.divide(ground, span, out=np.ones_like(span), where=span > 0)
        return np.linalg.norm(chord - true, axis=1) * per_unit

    points, sizes = _gathered(shapes)
    points, sizes = _halved(points, sizes, middle, error, margin)
    return _scattered(shapes, transformed(forward, degrees(points)), sizes)


def circled(shape: BaseGeometry, inverse: Transform | None, margin: float) -> BaseGeometry:
    """Return a planar shape with great circles as edges, with vertices added.

    Raises
    ------
    EarthEngineError
        If the margin is zero and an edge is not a great circle already.
    """

    def error(start: np.ndarray, end: np.ndarray, between: np.ndarray) -> np.ndarray:
        a, b = (unit_vectors(transformed(inverse, points)) for points in (start, end))
        true = unit_vectors(transformed(inverse, between))
        return angle(midpoint(a, b), true) * AUTHALIC_RADIUS

    def middle(start: np.ndarray, end: np.ndarray) -> np.ndarray:
        return (start + end) / 2

    def change(points: np.ndarray) -> np.ndarray:
        if margin <= 0 and len(points) > 1:
            start, end = points[:-1], points[1:]
            if (error(start, end, middle(start, end)) > _EXACT).any():
                raise EarthEngineError(
                    "Unable to perform this geometry operation. "
                    "Please specify a non-zero error margin."
                )
            return transformed(inverse, points)
        sizes = np.array([len(points)])
        return transformed(inverse, _halved(points, sizes, middle, error, margin)[0])

    return with_lines(shape, change)


def _runs(shape: BaseGeometry) -> Iterator[np.ndarray]:
    """Yield the vertices of each point, line and ring of a shape."""
    if shape.is_empty:
        return
    if hasattr(shape, "geoms"):
        for part in shape.geoms:
            yield from _runs(part)
    elif shape.geom_type == "Polygon":
        yield shapely.get_coordinates(shape.exterior)
        for hole in shape.interiors:
            yield shapely.get_coordinates(hole)
    else:
        yield shapely.get_coordinates(shape)


def _rebuilt(shape: BaseGeometry, runs: Iterator[np.ndarray]) -> BaseGeometry:
    """Return a shape with other vertices, in the order of ``_runs``."""
    if shape.is_empty:
        return shape
    if hasattr(shape, "geoms"):
        return type(shape)([_rebuilt(part, runs) for part in shape.geoms])
    if shape.geom_type == "Polygon":
        outer = next(runs)
        return shapely.Polygon(outer, [next(runs) for _ in shape.interiors])
    return type(shape)(next(runs))


def _only_polygons(shapes: Sequence[BaseGeometry]) -> bool:
    return all(shape.geom_type == "Polygon" and not shape.is_empty for shape in shapes)


def _gathered(shapes: Sequence[BaseGeometry]) -> tuple[np.ndarray, np.ndarray]:
    """Return the vertices of all shapes, shape (n, 2), and how many each run has."""
    if _only_polygons(shapes):
        rings = shapely.get_rings(shapes)
        return shapely.get_coordinates(rings), shapely.get_num_coordinates(rings)
    runs = [run for shape in shapes for run in _runs(shape)]
    points = np.concatenate(runs) if runs else np.zeros((0, 2))
    return points, np.array([len(run) for run in runs], np.intp)


def _scattered(
    shapes: Sequence[BaseGeometry], points: np.ndarray, sizes: np.ndarray
) -> list[BaseGeometry]:
    """Return shapes with other vertices, as ``_gathered`` returned those they have."""
    if _only_polygons(shapes):
        _, owners = shapely.get_rings(shapes, return_index=True)
        rings = shapely.linearrings(points, indices=np.repeat(np.arange(len(sizes)), sizes))
        return list(shapely.polygons(rings, indices=owners))
    runs = iter(np.split(points, np.cumsum(sizes)[:-1]))
    return [_rebuilt(shape, runs) for shape in shapes]


def _halved(
    points: np.ndarray,
    sizes: np.ndarray,
    middle: Callable[[np.ndarray, np.ndarray], np.ndarray],
    error: Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray],
    margin: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Insert middles into runs of vertices until each edge is within the margin.

    Returns all vertices and how many each run has.
    """
    run = np.repeat(np.arange(len(sizes)), sizes)
    # Of the pairs of neighbours those of two runs are no edges.
    settled = run[:-1] != run[1:]
    for _ in range(_MOST_HALVINGS):
        settled |= (np.bincount(run, minlength=1) > _MOST_POINTS)[run[:-1]]
        edges = np.nonzero(~settled)[0]
        if not edges.size:
            break
        start, end = points[edges], points[edges + 1]
        between = middle(start, end)
        with np.errstate(invalid="ignore"):
            far = error(start, end, between) > margin
        settled[edges[~far]] = True
        split = edges[far]
        points = np.insert(points, split + 1, between[far], axis=0)
        run = np.insert(run, split + 1, run[split])
        settled = np.insert(settled, split + 1, False)
    return points, np.bincount(run, minlength=len(sizes))
