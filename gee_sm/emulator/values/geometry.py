"""Geometries: a shape, the system of its coordinates and how its edges run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import shapely
import shapely.affinity
import shapely.errors
import shapely.geometry
from shapely.geometry.base import BaseGeometry

from gee_sm.emulator.coercion import NotConvertible, converts, shown
from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.pixels.grid import crs_of, domain, transformer
from gee_sm.emulator.values.bent_edges import Transform, bent, circled, transformed, with_lines
from gee_sm.emulator.values.error_margin import ErrorMargin
from gee_sm.emulator.values.sphere import unit_vectors

WGS84 = "EPSG:4326"

_EVERYWHERE = (-180.0, -90.0, 180.0, 90.0)
_PIXEL_MARGIN = 0.1  # metres by which an edge may be off when pixels are compared with it


@dataclass(frozen=True)
class Geometry:
    """A shape in a coordinate system.

    ``geodesic`` says that edges are shortest paths on the sphere rather than straight in the
    system's own plane.
    """

    shape: BaseGeometry
    crs: str = WGS84
    geodesic: bool = True

    type_name = "Geometry"

    @cached_property
    def is_unbounded(self) -> bool:
        """Whether this stands for everywhere."""
        return (
            self.crs == WGS84
            and not self.shape.is_empty
            and self.shape.bounds == _EVERYWHERE
            and self.shape.geom_type == "Polygon"
            and not self.shape.interiors
            and self.shape.equals(shapely.box(*_EVERYWHERE))
        )

    @property
    def has_edges(self) -> bool:
        """Whether there are lines, so that it matters how they run."""
        return shapely.get_dimensions(self.shape) > 0

    def in_crs(self, crs: str, margin: float = _PIXEL_MARGIN) -> BaseGeometry:
        """Return the shape in the plane of another system.

        Edges that are straight here and curved there get as many vertices as it takes to be
        at most ``margin`` metres off. What lies wholly outside of the system is empty there.

        Raises
        ------
        EarthEngineError
            If a part of the shape lies outside.
        """
        shape = shapes_in_crs([self], crs, margin)[0]
        if shape.is_empty or np.isfinite(shape.bounds).all():
            return shape
        if np.isfinite(shapely.get_coordinates(shape)).all(axis=1).any():
            raise EarthEngineError(f"A part of the geometry lies outside of the system {crs:.80}.")
        return EMPTY

    @property
    def _to_degrees(self) -> Transform | None:
        return None if self.crs == WGS84 else transformer(self.crs, WGS84).transform

    @property
    def _in_degrees(self) -> BaseGeometry:
        """The shape with each vertex in longitude and latitude."""
        if self.crs == WGS84:
            return self.shape
        return shapely.transform(self.shape, lambda points: transformed(self._to_degrees, points))

    def on_sphere(self, margin: ErrorMargin | float | None = None) -> BaseGeometry:
        """Return the shape in longitude and latitude with great circles as edges.

        Raises
        ------
        EarthEngineError
            If edges must be approximated and the margin is null or zero.
        """
        if self.geodesic or not self.has_edges:
            return self._in_degrees
        if isinstance(margin, ErrorMargin):
            margin = margin.meters
        return circled(self.shape, self._to_degrees, margin or 0.0)

    @cached_property
    def spherical_bounds(self) -> tuple[float, float, float, float]:
        """West, south, east and north in degrees, bulging edges included."""
        if self.is_unbounded:
            return _EVERYWHERE
        if self.crs == WGS84 and not self.geodesic:
            return self.shape.bounds
        west, south, east, north = bounds_of_circles(unwrapped(self.on_sphere(_PIXEL_MARGIN)))
        if east - west >= 360:  # around a pole
            west, east = -180.0, 180.0
        return west, south, east, north

    def to_json(self) -> dict[str, Any]:
        """Return the service's GeoJSON."""
        json = _plain(shapely.geometry.mapping(self.shape))
        if not self.geodesic and self.has_edges:
            json["geodesic"] = False
        if self.crs != WGS84:
            json["crs"] = {"type": "name", "properties": {"name": self.crs}}
        return json


def shapes_in_crs(
    geometries: Sequence[Geometry], crs: str, margin: float = _PIXEL_MARGIN
) -> list[BaseGeometry]:
    """Return the shapes of many geometries as :meth:`Geometry.in_crs` does, together.

    What was asked for last is kept with each geometry: a tile asks for what the one before did.
    Of lines and areas that go far beyond a transverse Mercator the part within it is returned.
    """
    found: dict[int, BaseGeometry] = {}
    alike: dict[tuple[str, bool], list[int]] = {}
    for index, geometry in enumerate(geometries):
        known = geometry.__dict__.get("_last_shape")
        if known is not None and known[:2] == (crs, margin):
            found[index] = known[2]
        elif geometry.is_unbounded and (geometry.geodesic or crs != geometry.crs):
            # Twice around: pixel grids may lie beyond the antimeridian.
            half = 720.0 if crs_of(crs).is_geographic else 1e9
            found[index] = shapely.box(-half, -half, half, half)
        elif crs == geometry.crs and not (geometry.geodesic and geometry.has_edges):
            found[index] = geometry.shape
        else:
            alike.setdefault((geometry.crs, geometry.geodesic), []).append(index)
    within = domain(crs)
    for (own, geodesic), indices in alike.items():
        members = [geometries[index] for index in indices]
        if within is not None:
            for index, member in zip(indices, members, strict=True):
                part = _part_within(member, within)
                if part is not member:
                    found[index] = shapes_in_crs([part], crs, margin)[0]
                    member.__dict__["_last_shape"] = (crs, margin, found[index])
            indices = [index for index in indices if index not in found]
            members = [geometries[index] for index in indices]
        for index, shape in zip(
            indices, _in_plane(members, own, geodesic, crs, margin), strict=True
        ):
            found[index] = shape
            geometries[index].__dict__["_last_shape"] = (crs, margin, shape)
    return [found[index] for index in range(len(geometries))]


def _part_within(geometry: Geometry, within: tuple[float, float]) -> Geometry:
    """Return the part of a geometry between two longitudes, or itself if nothing is cut off."""
    west, _, east, _ = geometry._in_degrees.bounds
    if not geometry.has_edges or not np.isfinite(east - west):
        return geometry
    turn = 360 * round(((within[0] + within[1]) - (west + east)) / 720)
    if within[0] <= west + turn and east + turn <= within[1]:
        return geometry
    shape = shapes_in_crs([geometry], WGS84)[0]
    strips = [shapely.box(within[0] + k, -90, within[1] + k, 90) for k in (-360, 0, 360)]
    return Geometry(shape.intersection(shapely.union_all(strips)), WGS84, geodesic=False)


def _in_plane(
    geometries: list[Geometry], own: str, geodesic: bool, crs: str, margin: float
) -> list[BaseGeometry]:
    """Return the shapes of geometries of one system and one kind of edges in another plane."""
    forward = None if crs == WGS84 else transformer(WGS84, crs).transform
    if not geodesic:
        inverse = None if own == WGS84 else transformer(own, WGS84).transform
        shapes = [geometry.shape for geometry in geometries]
        return bent(shapes, inverse, forward, great_circles=False, margin=margin)
    shapes = [geometry._in_degrees for geometry in geometries]
    if forward is not None:
        return bent(shapes, None, forward, great_circles=True, margin=margin)
    shapes = [unwrapped(shape) for shape in shapes]
    return [folded(shape) for shape in bent(shapes, None, None, great_circles=True, margin=margin)]


def parts(shape: BaseGeometry) -> Iterator[BaseGeometry]:
    """Return the single points, lines and polygons of a shape, however nested."""
    if hasattr(shape, "geoms"):
        for part in shape.geoms:
            yield from parts(part)
    else:
        yield shape


def bounds_of_circles(shape: BaseGeometry) -> tuple[float, float, float, float]:
    """Return west, south, east and north of a shape with great circles as edges."""
    west, south, east, north = shape.bounds
    for part in parts(shape):
        rings = [part.exterior] if part.geom_type == "Polygon" else [part]
        for ring in rings:
            coordinates = shapely.get_coordinates(ring)
            if len(coordinates) < 2:
                continue
            start, end = unit_vectors(coordinates[:-1]), unit_vectors(coordinates[1:])
            normal = np.cross(start, end)
            size = np.linalg.norm(normal, axis=1)
            use = size > 1e-15
            # The highest point of the circle, and whether it lies between the ends.
            top = np.arctan2(np.hypot(normal[use, 0], normal[use, 1]), np.abs(normal[use, 2]))
            across = np.cross(normal[use], np.array([0.0, 0.0, 1.0]))
            apex = np.cross(across, normal[use])
            for sign in (1.0, -1.0):
                point = sign * apex
                inside = (np.sum(np.cross(start[use], point) * normal[use], axis=1) > 0) & (
                    np.sum(np.cross(point, end[use]) * normal[use], axis=1) > 0
                )
                if inside.any():
                    reach = float(np.degrees(top[inside].max()))
                    north, south = (
                        (max(north, reach), south) if sign > 0 else (north, min(south, -reach))
                    )
    return west, south, east, north


def unwrapped(shape: BaseGeometry) -> BaseGeometry:
    """Return a shape with great circles as edges so that its longitudes do not jump.

    Longitudes go on beyond 180 degrees where an edge crosses the antimeridian, and a ring around
    a pole is closed along it.
    """
    return with_lines(shape, _continued) if shapely.get_dimensions(shape) > 0 else shape


def _continued(points: np.ndarray) -> np.ndarray:
    turn = np.diff(points[:, 0])
    along_pole = (np.abs(points[:-1, 1]) >= 90) & (points[:-1, 1] == points[1:, 1])
    jump = np.where((np.abs(turn) > 180) & ~along_pole, -360 * np.round(turn / 360), 0.0)
    if not jump.any():
        return points
    found = points.copy()
    found[1:, 0] += np.cumsum(jump)
    closed = len(points) > 3 and (points[0] == points[-1]).all()
    if closed and abs(found[-1, 0] - found[0, 0]) > 180:
        pole = 90.0 if points[:, 1].mean() > 0 else -90.0
        around = np.array([[found[-1, 0], pole], [found[0, 0], pole], found[0]])
        found = np.concatenate([found, around])
    return found


def folded(shape: BaseGeometry) -> BaseGeometry:
    """Return a shape with longitudes beyond 180 degrees on both sides of the antimeridian."""
    west, _, east, _ = shape.bounds if not shape.is_empty else (0, 0, 0, 0)
    if west >= -180 and east <= 180:
        return shape
    valid = shape if shape.is_valid else shapely.make_valid(shape)
    turns = [shapely.affinity.translate(valid, 360.0 * turn) for turn in (-1, 0, 1)]
    return shapely.intersection(shapely.union_all(turns), upright(*_EVERYWHERE))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value


def upright(west: float, south: float, east: float, north: float) -> BaseGeometry:
    """Return a rectangle, counter-clockwise from its lower left corner."""
    return shapely.Polygon([(west, south), (east, south), (east, north), (west, north)])


EMPTY = shapely.GeometryCollection()
EVERYWHERE = Geometry(upright(*_EVERYWHERE))


def oriented(shape: BaseGeometry) -> BaseGeometry:
    """Return the shape with outer rings counter-clockwise and holes clockwise."""
    if hasattr(shape, "geoms"):
        return type(shape)([oriented(part) for part in shape.geoms])
    if shape.geom_type == "Polygon" and not shape.is_empty:
        return shapely.geometry.polygon.orient(shape)
    return shape


def geometry_of_geojson(json: dict[str, Any], *, geodesic: bool | None = None) -> Geometry:
    """Return the geometry of a GeoJSON object, with the service's extra keys understood.

    Raises
    ------
    EarthEngineError
        If it is not a geometry.
    """
    try:
        crs = (json.get("crs") or {}).get("properties", {}).get("name", WGS84)
        if geodesic is None:
            geodesic = bool(json.get("geodesic", crs == WGS84))
        shape = shapely.geometry.shape(json)
    except (
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
        IndexError,
        shapely.errors.ShapelyError,
    ) as error:
        raise EarthEngineError(
            f"Invalid GeoJSON geometry: its {shown(json.get('type'))} cannot be read."
        ) from error
    coordinates = shapely.get_coordinates(shape)
    if not np.isfinite(coordinates).all():
        raise EarthEngineError("Invalid GeoJSON geometry: a coordinate is not finite.")
    return Geometry(shape, crs, geodesic)


@converts("Geometry")
def as_geometry(value: Any) -> Geometry:
    """Return the geometry of a geometry, a GeoJSON object, an element or a collection."""
    if isinstance(value, Geometry):
        return value
    if isinstance(value, dict) and "type" in value:
        if value["type"] == "Feature" and value.get("geometry"):
            return as_geometry(value["geometry"])
        if "coordinates" in value or "geometries" in value:
            return geometry_of_geojson(value)
    for name in ("geometry", "footprint"):
        inner = getattr(value, name, None)
        if isinstance(inner, Geometry):
            return inner
    if hasattr(value, "to_list") and hasattr(value, "properties"):
        return merged_geometry(value.to_list())
    raise NotConvertible


def merged_geometry(elements: list[Any]) -> Geometry:
    """Return the geometries of elements side by side, not dissolved.

    Raises
    ------
    EarthEngineError
        If they are in different systems, or have different kinds of edges.
    """
    found: list[Geometry] = []
    for element in elements:
        names = [name for name in ("geometry", "footprint") if hasattr(element, name)]
        if not names:
            raise EarthEngineError(
                "Unable to use a collection in an algorithm that requires a feature or image. "
                "This may happen when trying to use a collection of collections where a "
                "collection of features is expected; use flatten, or map a function that "
                "converts the inner collections to features."
            )
        geometry = getattr(element, names[0])
        if geometry is not None:
            found.append(geometry)
    if not found:
        return Geometry(EMPTY)
    first = found[0]
    for other in found:
        if other.crs != first.crs or other.geodesic != first.geodesic:
            raise EarthEngineError(
                "Unable to merge geometries with different projections or edge interpretations."
            )
    shapes = [part for geometry in found for part in parts(geometry.shape) if not part.is_empty]
    return Geometry(gathered(shapes), first.crs, first.geodesic)


def gathered(shapes: list[BaseGeometry]) -> BaseGeometry:
    """Return single shapes as one: a Multi... of their kind, or a collection of several kinds."""
    if len(shapes) == 1:
        return shapes[0]
    kinds = {shape.geom_type for shape in shapes}
    plural = {
        "Point": shapely.MultiPoint,
        "LineString": shapely.MultiLineString,
        "Polygon": shapely.MultiPolygon,
    }
    if len(kinds) == 1 and (kind := next(iter(kinds))) in plural:
        return plural[kind](shapes)
    return shapely.GeometryCollection(shapes)
