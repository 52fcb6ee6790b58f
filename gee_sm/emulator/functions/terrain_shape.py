"""Terrain: cast shadows, and hollows filled to their rims."""

from __future__ import annotations

import heapq
import math
from dataclasses import replace

import numpy as np
from scipy import ndimage

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.functions.image_distance import ray
from gee_sm.emulator.functions.scalar_bands import of_scalars
from gee_sm.emulator.functions.terrain import elevation_band, ground_steps
from gee_sm.emulator.pixels import neighbourhood as nb
from gee_sm.emulator.pixels.cells import Cells
from gee_sm.emulator.pixels.grid import Grid
from gee_sm.emulator.pixels.source import Neighbourhood, Pick
from gee_sm.emulator.pixels.tile import Tile, empty
from gee_sm.emulator.registry import implements
from gee_sm.emulator.values.image import Band, Image
from gee_sm.emulator.values.pixel_type import BOOLEAN

_CELL = 256
_EIGHT = ((-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1))


@implements("HillShadow", "Terrain.hillShadow")
@of_scalars("image")
def hill_shadow(
    image: Image, azimuth: float, zenith: float, neighborhoodSize: int, hysteresis: bool
) -> Image:
    """Return 1 where the light reaches the ground and 0 where higher ground is in its way."""
    if hysteresis:
        raise EarthEngineError(
            "What hysteresis does is not documented; the emulator has hysteresis = False only."
        )
    if not 0 <= zenith < 90:
        raise EarthEngineError(f"The zenith must lie in [0, 90) degrees, got {zenith}.")
    band = elevation_band(image)
    reach = max(0, int(neighborhoodSize))
    rise = 1 / math.tan(math.radians(zenith)) if zenith else math.inf

    def function(grid: Grid, tiles: list[Tile]) -> Tile:
        (tile,) = tiles
        if tile.is_empty:
            return empty(BOOLEAN.dtype)
        halo = (reach,) * 4
        heights, valid = nb.split(tile, grid.padded(*halo).shape)
        heights = heights.astype(np.float64)
        ground, known = nb.inner(heights, halo), nb.inner(valid, halo)
        step = ground_steps(grid)
        lit = np.ones(grid.shape, bool)
        for dx, dy in ray(_ray_angle(grid, azimuth), reach) if math.isfinite(rise) else ():
            meters = np.hypot(
                dx * step.column_east + dy * step.row_east,
                dx * step.column_north + dy * step.row_north,
            )
            higher = nb.shifted(heights, halo, dx, dy) > ground + meters * rise
            lit &= ~(higher & nb.shifted(valid, halo, dx, dy))
        return Tile(lit.astype(BOOLEAN.dtype), None if known.all() else known)

    source = Neighbourhood(function, (band.source,), (reach,) * 4)
    shadow = Band("shadow", BOOLEAN, band.projection, source)
    return replace(image.with_bands([shadow]), id=None, version=None)


def _ray_angle(grid: Grid, azimuth: float) -> float:
    """Return where the light comes from in columns and rows: degrees from right, upwards."""
    # The azimuth turns clockwise from north, the ray's angle the other way from east.
    angle = 90 - azimuth
    a, b, _, d, e, _ = grid.lattice.transform
    if grid.is_rectilinear and a == -e > 0:
        return angle
    east, north = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    turn = a * e - b * d
    right, down = (e * east - b * north) / turn, (a * north - d * east) / turn
    return math.degrees(math.atan2(-down, right))


@implements("Terrain.fillMinima", "FMask.fillMinima")
@of_scalars("image")
def fill_minima(image: Image, borderValue: int | None, neighborhood: int) -> Image:
    """Raise each hollow to the lowest point of its rim.

    The ground beyond the neighbourhood, masked pixels, and pixels of the border's value let the
    water out.
    """
    if neighborhood < 1:
        raise EarthEngineError(f"The neighborhood must be positive, got {neighborhood}.")
    bands = []
    for band in image.bands:
        if band.type.precision != "int":
            raise EarthEngineError(
                f"Only integer types are supported: band '{band.name}' is {band.type.precision}. "
                "Cast it, with toInt32() for instance."
            )

        def function(cell: Grid, tiles: list[Tile]) -> list[tuple[np.ndarray, np.ndarray]]:
            around = cell.padded(*(neighborhood,) * 4)
            heights, valid = nb.split(tiles[0], around.shape)
            outlets = ~valid if borderValue is None else ~valid | (heights == borderValue)
            filled = flooded(heights.astype(np.int64), outlets)
            inner = around.slices(cell)
            return [(filled[inner], valid[inner])]

        shared = Cells(function, (band.source,), [band.type.dtype], _CELL, int(neighborhood))
        bands.append(replace(band, source=Pick(shared, 0), size=None))
    return replace(image.with_bands(bands), id=None, version=None)


def flooded(heights: np.ndarray, outlets: np.ndarray) -> np.ndarray:
    """Return the heights with hollows filled, from the outlets and the edge inwards.

    The least high way out of each pixel is found lowest pixel first (Barnes et al. 2014).
    """
    rows, columns = heights.shape
    level = heights.tolist()
    done = outlets.copy()
    done[[0, -1], :] = done[:, [0, -1]] = True
    seen = done.tolist()
    start = done & ndimage.binary_dilation(~done, np.ones((3, 3)))
    # An outlet has no height of its own: what lies beside it keeps its own.
    queue = [
        (-math.inf if outlets[row, column] else level[row][column], row, column)
        for row, column in np.argwhere(start).tolist()
    ]
    heapq.heapify(queue)
    while queue:
        height, row, column = heapq.heappop(queue)
        for down, right in _EIGHT:
            y, x = row + down, column + right
            if 0 <= y < rows and 0 <= x < columns and not seen[y][x]:
                seen[y][x] = True
                level[y][x] = max(level[y][x], height)
                heapq.heappush(queue, (level[y][x], y, x))
    return np.array(level, heights.dtype)
