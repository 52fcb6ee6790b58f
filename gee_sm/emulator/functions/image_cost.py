"""Cumulative cost: what the cheapest way from any source to each pixel costs."""

from __future__ import annotations

import heapq
import math
from dataclasses import replace

import numpy as np
from scipy import ndimage
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.functions.scalar_bands import of_scalars
from gee_sm.emulator.pixels import neighbourhood as nb
from gee_sm.emulator.pixels.cells import Cells
from gee_sm.emulator.pixels.grid import Grid, transformer
from gee_sm.emulator.pixels.source import Pick
from gee_sm.emulator.pixels.tile import Tile
from gee_sm.emulator.registry import implements
from gee_sm.emulator.values.image import Band, Image
from gee_sm.emulator.values.pixel_type import DOUBLE

_EARTH_RADIUS = 6_378_137.0
_CELL = 256
_MOST_PIXELS = 1_000
# Half of the eight directions (columns to the right, rows down); ways run both ways.
_DIRECTIONS = ((1, 0), (0, 1), (1, 1), (-1, 1))


@implements("Image.cumulativeCost")
@of_scalars("cost", "source")
def cumulative_cost(
    cost: Image, source: Image, maxDistance: float, geodeticDistance: bool
) -> Image:
    """Return the cost of the cheapest way to a source, for each cost band.

    A step to one of the eight neighbours costs the mean of the two pixels' costs times the metres
    between their centres.
    """
    if len(source.bands) != 1:
        raise EarthEngineError(f"The source must have one band, got {len(source.bands)}.")
    if not cost.bands:
        raise EarthEngineError("The cost image has no bands.")
    if not maxDistance > 0:
        raise EarthEngineError(f"maxDistance must be positive, got {maxDistance}.")

    def overlap(grid: Grid) -> int:
        pixels = math.ceil(maxDistance / grid.lattice.nominal_scale)
        if pixels > _MOST_PIXELS:
            raise EarthEngineError(
                f"maxDistance of {maxDistance:g} m is {pixels} pixels; at most {_MOST_PIXELS} are "
                "searched. Ask for larger pixels, or a smaller distance."
            )
        return pixels

    def function(cell: Grid, tiles: list[Tile]) -> list[tuple[np.ndarray, np.ndarray]]:
        margin = overlap(cell)
        around = cell.padded(*(margin,) * 4)
        start, started = nb.split(tiles[0], around.shape)
        layers = [nb.split(tile, around.shape) for tile in tiles[1:]]
        passable = np.logical_and.reduce([good for _, good in layers])
        sources = (start != 0) & started & passable
        values = [np.where(passable, layer, 0).astype(np.float64) for layer, _ in layers]
        if any((layer < 0).any() for layer in values):
            raise EarthEngineError("A cost must not be negative.")
        if not sources.any():
            nothing = np.zeros(cell.shape)
            return [(nothing, nothing > 0)] * len(values)
        steps = [_meters(around, dx, dy, geodetic=geodeticDistance) for dx, dy in _DIRECTIONS]
        scale = around.lattice.nominal_scale
        near = ndimage.distance_transform_edt(~sources) * scale <= maxDistance
        inner = around.slices(cell)
        if len(values) == 1:
            found = [_cheapest(values[0], passable, sources, steps)]
        else:
            wanted = np.zeros(around.shape, bool)
            wanted[inner] = (near & passable)[inner]
            found = _cheapest_in_order(values, passable, sources, steps, wanted)
        return [(total[inner], (np.isfinite(total) & near)[inner]) for total in found]

    inputs = [source.first_band.source, *(band.source for band in cost.bands)]
    shared = Cells(function, inputs, [DOUBLE.dtype] * len(cost.bands), _CELL, overlap)
    bands = [
        Band("cumulative_cost", DOUBLE, band.projection, Pick(shared, index))
        if len(cost.bands) == 1
        else Band(band.name, DOUBLE, band.projection, Pick(shared, index))
        for index, band in enumerate(cost.bands)
    ]
    return replace(cost.with_bands(bands), id=None, version=None)


def _meters(grid: Grid, dx: int, dy: int, *, geodetic: bool) -> np.ndarray:
    """Return the metres from each pixel to the one dx columns right and dy rows below."""
    if not geodetic:
        a, b, _, d, e, _ = grid.lattice.transform
        across, down = a * dx + b * dy, d * dx + e * dy
        unit = grid.lattice.nominal_scale / math.sqrt(abs(a * e - b * d))
        return np.full(grid.shape, math.hypot(across, down) * unit)
    here = _radians(grid)
    there = _radians(grid.window(grid.x + dx, grid.y + dy, grid.width, grid.height))
    (lon1, lat1), (lon2, lat2) = here, there
    half = (
        np.sin((lat2 - lat1) / 2) ** 2
        + np.cos(lat1) * np.cos(lat2) * np.sin((lon2 - lon1) / 2) ** 2
    )
    return 2 * _EARTH_RADIUS * np.arcsin(np.sqrt(np.clip(half, 0, 1)))


def _radians(grid: Grid) -> tuple[np.ndarray, np.ndarray]:
    xs, ys = (np.ascontiguousarray(axis) for axis in grid.centers())
    if grid.lattice.crs != "EPSG:4326":
        xs, ys = transformer(grid.lattice.crs, "EPSG:4326").transform(xs, ys)
    return np.deg2rad(xs), np.deg2rad(ys)


def _edges(passable: np.ndarray, dx: int, dy: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the flat indices of the pixels that a direction joins."""
    height, width = passable.shape
    index = np.arange(passable.size).reshape(height, width)
    from_rows, to_rows = slice(0, height - dy), slice(dy, height)
    from_columns = slice(max(0, -dx), width - max(0, dx))
    to_columns = slice(max(0, dx), width + min(0, dx))
    joined = passable[from_rows, from_columns] & passable[to_rows, to_columns]
    return index[from_rows, from_columns][joined], index[to_rows, to_columns][joined]


def _cheapest(
    layer: np.ndarray, passable: np.ndarray, sources: np.ndarray, steps: list[np.ndarray]
) -> np.ndarray:
    """Return the least cost to each pixel; infinite where there is no way."""
    cost = layer.ravel()
    ends, starts, weights = [], [], []
    for (dx, dy), meters in zip(_DIRECTIONS, steps, strict=True):
        start, end = _edges(passable, dx, dy)
        starts.append(start)
        ends.append(end)
        weights.append((cost[start] + cost[end]) / 2 * meters.ravel()[start])
    weight = np.concatenate(weights)
    # A stored zero would be no edge at all; the smallest number is one that adds nothing.
    weight = np.where(weight > 0, weight, np.finfo(np.float64).tiny)
    graph = coo_array(
        (weight, (np.concatenate(starts), np.concatenate(ends))), shape=(cost.size,) * 2
    ).tocsr()
    total = dijkstra(
        graph, directed=False, indices=np.flatnonzero(sources.ravel()), min_only=True
    ).reshape(passable.shape)
    return np.where(total < 1e-290, 0.0, total)


def _cheapest_in_order(
    costs: list[np.ndarray],
    passable: np.ndarray,
    sources: np.ndarray,
    steps: list[np.ndarray],
    wanted: np.ndarray,
) -> list[np.ndarray]:
    """Return the least costs, later bands deciding between ways that cost the same in earlier.

    The search ends when it has been to all wanted pixels.
    """
    count = passable.size
    neighbours: list[list[tuple[int, float]]] = [[] for _ in range(count)]
    for (dx, dy), meters in zip(_DIRECTIONS, steps, strict=True):
        flat = meters.ravel()
        for start, end in zip(*(part.tolist() for part in _edges(passable, dx, dy)), strict=True):
            neighbours[start].append((end, float(flat[start])))
            neighbours[end].append((start, float(flat[start])))
    table = list(zip(*(layer.ravel().tolist() for layer in costs), strict=True))
    best: dict[int, tuple[float, ...]] = {}
    queue = [((0.0,) * len(costs), int(pixel)) for pixel in np.flatnonzero(sources.ravel())]
    heapq.heapify(queue)
    left = set(np.flatnonzero(wanted.ravel()).tolist())
    while queue and left:
        total, pixel = heapq.heappop(queue)
        if pixel in best:
            continue
        best[pixel] = total
        left.discard(pixel)
        for other, meters in neighbours[pixel]:
            if other not in best:
                further = tuple(
                    t + (a + b) / 2 * meters
                    for t, a, b in zip(total, table[pixel], table[other], strict=True)
                )
                heapq.heappush(queue, (further, other))
    found = np.full((len(costs), count), np.inf)
    if best:
        found[:, list(best)] = np.array(list(best.values())).T
    return list(found.reshape(len(costs), *passable.shape))
