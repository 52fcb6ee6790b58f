"""The cells of a projection's grid that a geometry touches."""

from __future__ import annotations

import math
from collections.abc import Iterator

import shapely

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.pixels.grid import Projection
from gee_sm.emulator.values.geometry import WGS84, Geometry, upright

_MOST_CELLS = 1_000_000


def covering_cells(
    geometry: Geometry, projection: Projection
) -> Iterator[tuple[int, int, Geometry]]:
    """Yield column, row and rectangle of each cell, rows growing upward.

    Cells lie between whole multiples of the projection's units from its origin.

    Raises
    ------
    EarthEngineError
        If there would be too many cells.
    """
    a, _, c, _, e, f = projection.transform
    width, height = abs(a), abs(e)
    if geometry.is_unbounded:
        shape = Geometry(geometry.shape, WGS84, geodesic=False).in_crs(projection.crs)
    else:
        shape = geometry.in_crs(projection.crs)
    if shape.is_empty:
        return
    shape = shape if shape.is_valid else shapely.make_valid(shape)
    west, south, east, north = shape.bounds
    first, last = math.floor((west - c) / width), math.ceil((east - c) / width)
    bottom, top = math.floor((south - f) / height), math.ceil((north - f) / height)
    if (last - first) * (top - bottom) > _MOST_CELLS:
        raise EarthEngineError(
            f"The grid would have {(last - first) * (top - bottom)} cells: "
            "give a larger scale, or a projection that is scaled."
        )
    shapely.prepare(shape)
    for row in range(bottom, top + 1):
        for column in range(first, last + 1):
            cell = upright(
                c + column * width,
                f + row * height,
                c + (column + 1) * width,
                f + (row + 1) * height,
            )
            common = shapely.intersection(shape, cell)
            touches_inside = shapely.get_dimensions(common) == shapely.get_dimensions(shape)
            if not common.is_empty and touches_inside:
                yield column, row, Geometry(cell, projection.crs, geodesic=False)
