"""Geometry.*: measures, relations and constructions."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import shapely
import shapely.geometry

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.pixels.grid import Projection
from gee_sm.emulator.registry import implements
from gee_sm.emulator.signatures import signatures
from gee_sm.emulator.values import geometry_measures as measures
from gee_sm.emulator.values import geometry_relations as relations
from gee_sm.emulator.values.collection import Collection
from gee_sm.emulator.values.covering_grid import covering_cells
from gee_sm.emulator.values.error_margin import ErrorMargin
from gee_sm.emulator.values.feature import Feature
from gee_sm.emulator.values.geometry import WGS84, Geometry, parts
from gee_sm.emulator.values.geometry_buffer import buffered
from gee_sm.emulator.values.s2_cell import cell_of_token, cell_polygon

Margin = ErrorMargin | None
Target = Projection | None


def in_projection(
    geometry: Geometry, projection: Projection, margin: Margin, geodesic: bool
) -> Geometry:
    """Return the geometry in another system, its edges running one way or the other.

    Raises
    ------
    EarthEngineError
        If edges must be approximated and the margin is null or zero.
    """
    same_system = geometry.crs == projection.crs
    if not geometry.has_edges or (same_system and geometry.geodesic == geodesic):
        return Geometry(geometry.in_crs(projection.crs), projection.crs, geodesic)
    if geodesic:
        on_sphere = Geometry(geometry.on_sphere(margin))
        return Geometry(_by_vertex(on_sphere, projection.crs), projection.crs, geodesic=True)
    if margin is None or margin.meters == 0:
        raise EarthEngineError(
            "Unable to perform this geometry operation. Please specify a non-zero error margin."
        )
    shape = geometry.in_crs(projection.crs, min(margin.meters, 1e7))
    return Geometry(shape, projection.crs, geodesic=False)


def _by_vertex(geometry: Geometry, crs: str) -> Any:
    return Geometry(geometry.shape, geometry.crs, geodesic=False).in_crs(crs, math.inf)


# -- what it is ----------------------------------------------------------------------------------


@implements("Geometry.type")
def type_(geometry: Geometry) -> str:
    """Return the kind of geometry."""
    return geometry.shape.geom_type


@implements("Geometry.coordinates")
def coordinates(geometry: Geometry) -> list[Any]:
    """Return the GeoJSON coordinates; those of a collection part by part."""
    if geometry.shape.geom_type == "GeometryCollection":
        return [coordinates(part) for part in geometries(geometry)]
    return geometry.to_json()["coordinates"]


@implements("Geometry.geometries")
def geometries(geometry: Geometry) -> list[Geometry]:
    """Return the parts of a multi-geometry, or the geometry itself."""
    shape = geometry.shape
    if shape.is_empty:
        return []
    return [
        Geometry(part, geometry.crs, geometry.geodesic)
        for part in (shape.geoms if hasattr(shape, "geoms") else [shape])
    ]


@implements("Geometry.edgesAreGeodesics", "Geometry.geodesic")
def geodesic(geometry: Geometry) -> bool:
    """Whether edges are shortest paths on the sphere."""
    return geometry.geodesic


@implements("Geometry.isUnbounded")
def is_unbounded(geometry: Geometry) -> bool:
    """Whether this is everywhere."""
    return geometry.is_unbounded


@implements("Geometry.projection")
def projection(geometry: Geometry) -> Projection:
    """Return the system of the coordinates."""
    return Projection(geometry.crs, (1.0, 0.0, 0.0, 0.0, 1.0, 0.0))


# -- measures and relations ----------------------------------------------------------------------

Function = Callable[..., Any]


def _of_one(name: str, compute: Function) -> Function:
    """Offer a function of a geometry, a margin and a projection."""

    def function(geometry: Geometry, maxError: Margin, proj: Target) -> Any:
        return compute(geometry, maxError, proj)

    function.__doc__ = signatures()[f"Geometry.{name}"].description
    return implements(f"Geometry.{name}")(function)


def _of_two(name: str, compute: Function, *leading: str) -> Function:
    """Offer a function of two geometries, a margin and a projection."""

    def function(left: Geometry, right: Geometry, maxError: Margin, proj: Target) -> Any:
        return compute(*leading, left, right, maxError, proj)

    function.__doc__ = signatures()[f"Geometry.{name}"].description
    return implements(f"Geometry.{name}")(function)


SIZES = {name: _of_one(name, getattr(measures, name)) for name in ("area", "length", "perimeter")}
SHAPES = {
    name: _of_one(name, compute)
    for name, compute in {
        "bounds": measures.bounds,
        "centroid": measures.centroid,
        "convexHull": relations.convex_hull,
        "dissolve": relations.dissolve,
    }.items()
}
RELATIONS = {
    name: _of_two(name, relations.relate, relation)
    for name, relation in {
        "contains": "contains",
        "containedIn": "within",
        "disjoint": "disjoint",
        "intersects": "intersects",
    }.items()
}
OVERLAYS = {name: _of_two(name, relations.overlay, name) for name in relations.OVERLAYS}


@implements("Geometry.withinDistance")
def within_distance(
    left: Geometry, right: Geometry, distance: float, maxError: Margin, proj: Target
) -> bool:
    """Whether the geometries are at most so far apart."""
    return relations.distance_between(left, right, maxError, proj, spherical=True) <= distance


@implements("Geometry.distance")
def distance(
    left: Geometry, right: Geometry, maxError: Margin, proj: Target, spherical: bool
) -> float:
    """Return the smallest distance between the geometries."""
    return relations.distance_between(left, right, maxError, proj, spherical=spherical)


@implements("Geometry.closestPoint")
def closest_point(
    left: Geometry, right: Geometry, maxError: Margin, proj: Target
) -> Geometry | None:
    """Return the point of the right geometry that is closest to the left one."""
    return closest_points(left, right, maxError, proj).get("right")


@implements("Geometry.closestPoints")
def closest_points(
    left: Geometry, right: Geometry, maxError: Margin, proj: Target
) -> dict[str, Geometry]:
    """Return the closest point of each geometry; none if one is empty."""
    pair = relations.nearest_points(left, right, maxError, proj)
    if pair is None:
        return {}
    crs = proj.crs if proj is not None else WGS84
    return {
        side: Geometry(shapely.Point(point), crs, geodesic=proj is None)
        for side, point in zip(("left", "right"), pair, strict=True)
    }


# -- constructions -------------------------------------------------------------------------------


@implements("Geometry.buffer")
def buffer(geometry: Geometry, distance: float, maxError: Margin, proj: Target) -> Geometry:
    """Return the geometry grown by a distance, or shrunk by a negative one."""
    return buffered(geometry, distance, maxError, proj)


@implements("Geometry.cutLines")
def cut_lines(
    geometry: Geometry, distances: list[float], maxError: Margin, proj: Target
) -> Geometry:
    """Return the lines cut at distances along them."""
    return relations.cut_lines(geometry, distances, maxError, proj)


@implements("Geometry.simplify")
def simplify(geometry: Geometry, maxError: Margin, proj: Target) -> Geometry:
    """Return the geometry with vertices left out, at most the margin off."""
    if maxError is None or geometry.is_unbounded or not geometry.has_edges:
        return geometry if proj is None else in_projection(geometry, proj, maxError, False)
    crs = proj.crs if proj is not None else geometry.crs
    target = in_projection(geometry, proj, maxError, False) if proj is not None else geometry
    tolerance = maxError.meters
    if maxError.unit != "projected":
        tolerance /= Projection(crs, (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)).nominal_scale
    tolerance = min(tolerance, 1e9)
    simpler = [shapely.simplify(part, tolerance) for part in parts(target.shape)]
    kept = [part for part in simpler if not part.is_empty]
    shape = relations.gathered(kept) if kept else relations.EMPTY
    return Geometry(shape, crs, target.geodesic)


@implements("Geometry.transform")
def transform(
    geometry: Geometry, proj: Projection, maxError: Margin, geodesic: bool | None
) -> Geometry:
    """Return the geometry in another projection."""
    wanted = proj.is_geographic if geodesic is None else geodesic
    return in_projection(geometry, proj, maxError, wanted)


@implements("Geometry.fromS2CellId", "Geometry.s2Cell")
def from_s2_cell_id(cellId: int) -> Geometry:
    """Return the polygon of an S2 cell."""
    return cell_polygon(cellId)


@implements("Geometry.fromS2CellToken")
def from_s2_cell_token(cellToken: str) -> Geometry:
    """Return the polygon of an S2 cell."""
    return cell_polygon(cell_of_token(cellToken))


@implements("Geometry.coveringGrid")
def covering_grid(geometry: Geometry, proj: Projection, scale: float | None) -> Collection:
    """Return the cells of a projection's grid that touch the geometry."""
    if scale is not None and not 0 < scale < math.inf:
        raise EarthEngineError(f"The scale must be positive, got {scale}.")
    grid = proj if scale is None else proj.at_scale(scale)
    return Collection(
        (
            Feature(cell, {"system:index": f"{column},{row}"})
            for column, row, cell in covering_cells(geometry, grid)
        ),
        of_images=False,
    )
