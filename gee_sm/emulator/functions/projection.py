"""Projection.*: coordinate systems with a pixel grid."""

from __future__ import annotations

import math
from typing import Any

from gee_sm.emulator.coercion import type_name
from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.pixels.grid import Projection, crs_of
from gee_sm.emulator.registry import implements
from gee_sm.emulator.values.projection import projection_of, wkt_of_transform


@implements("Projection", "Proj")
def construct(crs: Any, transform: list[Any] | None, transformWkt: str | None) -> Projection:
    """Return the projection of a code, a WKT text or another projection's system."""
    if isinstance(crs, Projection):
        crs = crs.crs
    if not isinstance(crs, str):
        raise EarthEngineError(f"Projection: Expected a code or WKT, found a {type_name(crs)}.")
    return projection_of(crs, transform, transformWkt)


@implements("Projection.atScale")
def at_scale(projection: Projection, meters: float) -> Projection:
    """Return the projection with units of a size in metres."""
    if not 0 < meters < math.inf:
        raise EarthEngineError(f"The scale must be positive, got {meters}.")
    return projection.at_scale(meters)


@implements("Projection.nominalScale")
def nominal_scale(proj: Projection) -> float:
    """Return the size in metres of a unit at the point of true scale."""
    return proj.nominal_scale


@implements("Projection.scale")
def scale(projection: Projection, x: float, y: float) -> Projection:
    """Return the projection with its units multiplied by a factor in each axis."""
    a, b, c, d, e, f = projection.transform
    return Projection(projection.crs, (a * x, b * y, c, d * x, e * y, f))


@implements("Projection.translate")
def translate(projection: Projection, x: float, y: float) -> Projection:
    """Return the projection with its origin moved by so many of its units."""
    a, b, c, d, e, f = projection.transform
    return Projection(projection.crs, (a, b, c + a * x + b * y, d, e, f + d * x + e * y))


@implements("Projection.crs")
def crs(projection: Projection) -> str | None:
    """Return the authority code of the system; null if it has none."""
    if "[" not in projection.crs and ":" in projection.crs:
        return projection.crs
    authority = crs_of(projection.crs).to_authority(min_confidence=70)
    return None if authority is None else ":".join(authority)


@implements("Projection.wkt")
def wkt(projection: Projection) -> str:
    """Return the system as WKT."""
    return crs_of(projection.crs).to_wkt("WKT1_GDAL", pretty=True)


@implements("Projection.transform")
def transform(projection: Projection) -> str:
    """Return the transform from pixels to the system as WKT."""
    return wkt_of_transform(projection.transform)
