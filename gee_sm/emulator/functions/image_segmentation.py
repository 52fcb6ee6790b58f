"""Segments of alike pixels: seeds, superpixels by SNIC, and k-means of the pixels of a cell.

SNIC after Achanta and Susstrunk (2017), https://doi.org/10.1109/CVPR.2017.520. Segments depend on
the tile on the service too; here they are those of fixed cells, whatever is asked for.
"""

from __future__ import annotations

import heapq
import math
from dataclasses import replace

import numpy as np
from scipy import ndimage

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.functions.scalar_bands import of_scalars
from gee_sm.emulator.pixels import neighbourhood as nb
from gee_sm.emulator.pixels.cells import Cells
from gee_sm.emulator.pixels.grid import DEFAULT, Grid
from gee_sm.emulator.pixels.source import Pick, Positional
from gee_sm.emulator.pixels.tile import Tile
from gee_sm.emulator.registry import implements
from gee_sm.emulator.values.image import Band, Image
from gee_sm.emulator.values.pixel_type import BOOLEAN, DOUBLE, INT32

_CELL = 256
_FOUR = ((-1, 0), (0, -1), (0, 1), (1, 0))
_EIGHT = ((-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1))


def _is_seed(grid: Grid, size: int, kind: str) -> np.ndarray:
    """Return where the seeds of a regular grid lie, counted from the lattice's origin."""
    columns = grid.x + np.arange(grid.width)[None, :]
    rows = grid.y + np.arange(grid.height)[:, None]
    if kind == "square":
        return (columns % size == size // 2) & (rows % size == size // 2)
    # Every other row of seeds stands half a step to the side; rows are as close as in a honeycomb.
    step = max(1, round(size * 3**0.5 / 2))
    line = rows // step
    return (rows % step == step // 2) & ((columns + line % 2 * (size // 2)) % size == size // 2)


def _checked_size(size: int) -> int:
    if size < 1:
        raise EarthEngineError(f"The size must be positive, got {size}.")
    return int(size)


@implements("Image.Segmentation.seedGrid")
def seed_grid(size: int, gridType: str) -> Image:
    """Return 1 at the seeds of a regular grid, masked elsewhere."""
    step = _checked_size(size)
    if gridType not in ("square", "hex"):
        raise EarthEngineError(f"The grid type must be 'square' or 'hex', got '{gridType}'.")

    def function(grid: Grid) -> Tile:
        seeds = np.broadcast_to(_is_seed(grid, step, gridType), grid.shape)
        return Tile(np.ascontiguousarray(seeds).astype(BOOLEAN.dtype), np.array(seeds))

    return Image((Band("seeds", BOOLEAN, DEFAULT, Positional(function)),))


@implements("Image.Segmentation.SNIC")
@of_scalars("image")
def snic(
    image: Image,
    size: int,
    compactness: float,
    connectivity: int,
    neighborhoodSize: int | None,
    seeds: Image | None,
) -> Image:
    """Return superpixels: their numbers, their means, and the seeds they grew from."""
    step = _checked_size(size)
    if not image.bands:
        raise EarthEngineError("The image has no bands.")
    if connectivity not in (4, 8):
        raise EarthEngineError(f"The connectivity must be 4 or 8, got {connectivity}.")
    if compactness < 0:
        raise EarthEngineError(f"The compactness must not be negative, got {compactness}.")
    overlap = 2 * step if neighborhoodSize is None else int(neighborhoodSize)
    neighbours = _FOUR if connectivity == 4 else _EIGHT
    count = len(image.bands)
    given = () if seeds is None else (seeds.bands[0].source,)

    def function(cell: Grid, tiles: list[Tile]) -> list[tuple[np.ndarray, np.ndarray]]:
        around = cell.padded(*(overlap,) * 4)
        pairs = [nb.split(tile, around.shape) for tile in tiles[:count]]
        valid = np.logical_and.reduce([good for _, good in pairs])
        values = np.stack([layer.astype(np.float64) for layer, _ in pairs], axis=-1)
        if given:
            layer, good = nb.split(tiles[count], around.shape)
            marked = (layer != 0) & good
        else:
            marked = np.broadcast_to(_is_seed(around, step, "square"), around.shape)
        structure = np.ones((3, 3)) if connectivity == 8 else None
        groups, _ = ndimage.label(marked & valid, structure)
        weight = (compactness / step) ** 2
        labels, means = grown(values, valid, groups, weight, neighbours)
        # A superpixel's number is the place of its first seed on the lattice.
        rows, columns = np.indices(around.shape)
        places = ((rows + around.y) & 0x7FFF) << 16 | ((columns + around.x) & 0xFFFF)
        numbers = np.zeros(len(means), np.int64)
        first = np.unique(groups.ravel(), return_index=True)
        numbers[first[0]] = places.ravel()[first[1]]
        inner = around.slices(cell)
        inside, known = labels[inner], labels[inner] > 0
        found = [(numbers[inside].astype(np.int32), known)]
        found += [(means[inside, band], known) for band in range(count)]
        if not given:
            found.append((np.ones(cell.shape, np.uint8), (marked & valid)[inner]))
        return found

    dtypes = [INT32.dtype, *[DOUBLE.dtype] * count, *([] if given else [BOOLEAN.dtype])]
    shared = Cells(
        function, [*(band.source for band in image.bands), *given], dtypes, _CELL, overlap
    )
    projection = image.first_band.projection
    kinds = [("clusters", INT32), *((f"{band.name}_mean", DOUBLE) for band in image.bands)]
    if not given:
        kinds.append(("seeds", BOOLEAN))
    bands = [
        Band(name, kind, projection, Pick(shared, index))
        for index, (name, kind) in enumerate(kinds)
    ]
    return replace(image.with_bands(bands), id=None, version=None)


def grown(
    values: np.ndarray,
    valid: np.ndarray,
    groups: np.ndarray,
    weight: float,
    neighbours: tuple[tuple[int, int], ...],
) -> tuple[np.ndarray, np.ndarray]:
    """Grow superpixels from seeds, the pixel nearest to a superpixel's mean first.

    Parameters
    ----------
    values : ndarray, shape (rows, columns, bands)
    valid : ndarray of bool, shape (rows, columns)
    groups : ndarray of int, shape (rows, columns)
        Number of the superpixel at its seeds, from 1; 0 elsewhere.
    weight : float
        How much a pixel of distance squared counts beside the squared difference of values.
    neighbours : tuple of (int, int)
        Offsets (rows, columns) to which a superpixel grows.

    Returns
    -------
    labels : ndarray of int, shape (rows, columns)
        0 where no superpixel came.
    means : ndarray, shape (groups + 1, bands)
        Mean values by number.
    """
    rows, columns, bands = values.shape
    count = int(groups.max(initial=0))
    # Plain lists of numbers: element by element they are several times faster than arrays. A frame
    # of pixels that are taken already spares the question whether a neighbour lies outside.
    width = columns + 2
    framed = np.full((rows + 2, width), -1)
    framed[1:-1, 1:-1] = np.where(valid, 0, -1)
    labels = framed.ravel().tolist()
    layers = [np.pad(values[:, :, band], 1).ravel().tolist() for band in range(bands)]
    table = list(zip(*layers, strict=True))
    nearest = [math.inf] * len(labels)
    steps = [(down * width + right, down, right) for down, right in neighbours]
    totals = [[0.0] * bands for _ in range(count + 1)]
    middles = [[0.0, 0.0] for _ in range(count + 1)]
    numbers = [0] * (count + 1)
    queue: list[tuple[float, int, int, int]] = []
    for row, column in np.argwhere(groups > 0).tolist():
        place = (row + 1) * width + column + 1
        queue.append((0.0, len(queue), place, int(groups[row, column])))
    order = len(queue)
    heapq.heapify(queue)
    heappush, heappop = heapq.heappush, heapq.heappop
    while queue:
        _, _, here, label = heappop(queue)
        if labels[here]:
            continue
        labels[here] = label
        row, column = divmod(here, width)
        total, middle = totals[label], middles[label]
        number = numbers[label] = numbers[label] + 1
        for band, value in enumerate(table[here]):
            total[band] += value
        middle[0] += row
        middle[1] += column
        mean = [part / number for part in total]
        above, aside = row - middle[0] / number, column - middle[1] / number
        for step, down, right in steps:
            there = here + step
            if labels[there]:
                continue
            distance = 0.0
            for value, centre in zip(table[there], mean, strict=True):
                difference = value - centre
                distance += difference * difference
            y, x = above + down, aside + right
            distance += weight * (y * y + x * x)
            # Whichever comes first takes the pixel: what is farther than an earlier claim is not
            # queued at all.
            if distance < nearest[there]:
                nearest[there] = distance
                order += 1
                heappush(queue, (distance, order, there, label))
    grown_to = np.array(labels).reshape(framed.shape)[1:-1, 1:-1]
    sizes = np.maximum(np.array(numbers), 1)[:, None]
    return np.maximum(grown_to, 0), np.array(totals) / sizes


# -- k-means --------------------------------------------------------------------------------------


@implements("Image.Segmentation.KMeans")
@of_scalars("image")
def k_means(
    image: Image,
    numClusters: int,
    numIterations: int,
    neighborhoodSize: int,
    gridSize: int | None,
    forceConvergence: bool,
    uniqueLabels: bool,
) -> Image:
    """Return to which of k groups of alike pixels of its cell each pixel belongs."""
    if numClusters < 1:
        raise EarthEngineError(f"The number of clusters must be positive, got {numClusters}.")
    if gridSize and neighborhoodSize:
        raise EarthEngineError("gridSize and neighborhoodSize exclude each other.")
    if not image.bands:
        raise EarthEngineError("The image has no bands.")
    side = int(gridSize or _CELL)
    overlap = int(neighborhoodSize)

    def function(cell: Grid, tiles: list[Tile]) -> list[tuple[np.ndarray, np.ndarray]]:
        around = cell.padded(*(overlap,) * 4)
        whole = [tile.weights(around.shape) == 1 for tile in tiles]
        valid = np.logical_and.reduce(whole)
        values = np.stack([nb.split(tile, around.shape)[0][valid] for tile in tiles], axis=-1)
        labels = np.zeros(around.shape, np.int64)
        if len(values):
            found, converged = _lloyd(values.astype(np.float64), int(numClusters), numIterations)
            if forceConvergence and not converged:
                raise EarthEngineError(f"k-means did not converge in {numIterations} iterations.")
            labels[valid] = found
        if uniqueLabels:
            place = (cell.y // side & 0x3FF) << 10 | cell.x // side & 0x3FF
            labels += place * int(numClusters)
        inner = around.slices(cell)
        return [(labels[inner].astype(np.int32), valid[inner])]

    sources = [band.source for band in image.bands]
    shared = Cells(function, sources, [INT32.dtype], side, overlap)
    band = Band("clusters", INT32, image.first_band.projection, Pick(shared, 0))
    return replace(image.with_bands([band]), id=None, version=None)


def _lloyd(rows: np.ndarray, count: int, rounds: int) -> tuple[np.ndarray, bool]:
    """Return the group of each row, and whether the groups came to rest.

    The first centres are rows spread evenly over the order of their sums.
    """
    different = np.unique(rows, axis=0)
    different = different[np.argsort(different.sum(axis=1), kind="stable")]
    places = (np.arange(min(count, len(different))) + 0.5) / min(count, len(different))
    centres = different[(places * len(different)).astype(int)]
    for _ in range(max(1, int(rounds))):
        distance = np.zeros((len(rows), len(centres)))
        for band in range(rows.shape[1]):
            distance += (rows[:, band, None] - centres[None, :, band]) ** 2
        nearest = distance.argmin(axis=1)
        moved = np.stack(
            [
                rows[nearest == k].mean(axis=0) if (nearest == k).any() else centres[k]
                for k in range(len(centres))
            ]
        )
        if np.array_equal(moved, centres):
            return nearest, True
        centres = moved
    return nearest, False
