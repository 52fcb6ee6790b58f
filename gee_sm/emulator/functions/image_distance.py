"""Distances of pixels to others."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from scipy import ndimage

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.functions import kernel as kernels
from gee_sm.emulator.functions.image_neighbourhood import Windowed, centre_mask
from gee_sm.emulator.functions.scalar_bands import of_scalars
from gee_sm.emulator.pixels import neighbourhood as nb
from gee_sm.emulator.pixels.grid import Grid
from gee_sm.emulator.pixels.source import Pick, Shared
from gee_sm.emulator.pixels.tile import Tile
from gee_sm.emulator.registry import implements
from gee_sm.emulator.values.image import Band, Image
from gee_sm.emulator.values.kernel import FixedKernel, Kernel
from gee_sm.emulator.values.pixel_type import DOUBLE, PixelType


@implements("Image.fastDistanceTransform")
@of_scalars("image")
def fast_distance_transform(image: Image, neighborhood: int, units: str, metric: str) -> Image:
    """Return the distance to the nearest pixel that is not 0: squared pixels by default."""
    metrics = {"squared_euclidean": None, "manhattan": "taxicab", "chebyshev": "chessboard"}
    if metric not in metrics:
        raise EarthEngineError(f"Unknown metric '{metric}': must be one of {sorted(metrics)}.")
    reach = int(neighborhood)
    kernel = Kernel(
        lambda scale: FixedKernel(np.ones((2 * reach + 1, 2 * reach + 1)), reach, reach)
    )

    def function(grid: Grid, weights: FixedKernel, tiles: list[Tile]) -> Tile:
        (tile,) = tiles
        values, _ = nb.split(tile, grid.shape)
        away = values == 0
        if metrics[metric] is None:
            if away.all():
                squared = np.full(grid.shape, np.inf)
            else:
                # Squares of whole pixels from the nearest pixel's index are exact.
                index = ndimage.distance_transform_edt(
                    away, return_distances=False, return_indices=True
                )
                rows, columns = np.indices(grid.shape)
                squared = (index[0] - rows) ** 2.0 + (index[1] - columns) ** 2.0
            limit = float((reach + 1) ** 2)
        else:
            squared = (
                np.full(grid.shape, np.inf)
                if away.all()
                else ndimage.distance_transform_cdt(away, metrics[metric]).astype(np.float64)
            )
            limit = float(reach + 1)
        # What lies beyond the neighbourhood must not depend on where the tile ends.
        found = np.minimum(nb.inner(squared, weights.halo), limit)
        return Tile(found.astype(np.float32))

    band = image.first_band
    source = Windowed(function, (band.source,), kernel)
    return Image((Band("distance", PixelType("float"), band.projection, source),), image.properties)


@implements("Image.distance")
@of_scalars("image")
def distance(image: Image, kernel: Kernel | None, skipMasked: bool) -> Image:
    """Return the distance by a kernel of distances to the nearest pixel that is not 0."""
    window = kernel or kernels.euclidean(3, "pixels", False, 1.0)

    def function(grid: Grid, weights: FixedKernel, tiles: list[Tile]) -> Tile:
        (tile,) = tiles
        values, _ = nb.split(tile, grid.shape)
        found = _nearest(values != 0, weights)
        valid = np.isfinite(found)
        if skipMasked:
            centre = centre_mask(tile, weights)
            valid = valid if centre is None else valid & (centre > 0)
        return Tile(np.where(valid, found, 0.0), valid)

    return image.map_bands(
        lambda band: Band(
            band.name, DOUBLE, band.projection, Windowed(function, (band.source,), window)
        )
    )


def _nearest(near: np.ndarray, kernel: FixedKernel) -> np.ndarray:
    """Return the least weight under which the kernel meets a pixel that is near, else infinity."""
    inner = nb.inner(near, kernel.halo)
    found = np.where(inner, 0.0, np.inf)
    if not _grows_sideways(kernel):
        for dx, dy, value in kernel.offsets():
            hit = nb.shifted(near, kernel.halo, dx, dy)
            found = np.where(hit, np.minimum(found, value), found)
        return found
    # Of the pixels in one row of the kernel only the nearest one counts.
    apart = nb.inner(_columns_apart(near), (kernel.x, 0, kernel.x, 0))
    for row, weights in enumerate(kernel.weights):
        steps = apart[row : row + inner.shape[0]]
        reached = steps <= kernel.x
        value = np.where(reached, weights[kernel.x + np.where(reached, steps, 0)], np.inf)
        found = np.minimum(found, value)
    return found


def _grows_sideways(kernel: FixedKernel) -> bool:
    """Whether weights are the same to both sides, and greater the farther from the middle."""
    cells = kernel.weights.copy()
    cells[kernel.y, kernel.x] = -np.inf
    right = cells[:, kernel.x :]
    return (
        cells.shape[1] == 2 * kernel.x + 1
        and np.array_equal(cells, cells[:, ::-1])
        and bool((np.diff(right, axis=1) >= 0).all())
        and np.count_nonzero(cells) == cells.size
    )


def _columns_apart(near: np.ndarray) -> np.ndarray:
    """Return how many columns away in its row the nearest pixel is; beyond all if there is none."""
    width = near.shape[1]
    columns = np.arange(width)
    before = np.maximum.accumulate(np.where(near, columns, -2 * width), axis=1)
    behind = np.minimum.accumulate(np.where(near, columns, 3 * width)[:, ::-1], axis=1)[:, ::-1]
    return np.minimum(columns - before, behind - columns)


@implements("Image.directionalDistanceTransform")
@of_scalars("source")
def directional_distance(
    source: Image, angle: float, maxDistance: int, labelBand: str | None
) -> Image:
    """Return the distance to the first pixel that is not 0 in one direction.

    With ``labelBand`` the other bands hold their values at that pixel.
    """
    if labelBand is None and len(source.bands) != 1:
        raise EarthEngineError(
            f"Expected one band without 'labelBand', got [{', '.join(source.names)}]."
        )
    if maxDistance < 1:
        raise EarthEngineError(f"maxDistance must be positive, got {maxDistance}.")
    label = source.first_band if labelBand is None else source.band(labelBand)
    others = [band for band in source.bands if band.name != label.name]
    steps = ray(angle, int(maxDistance))
    reach = max(max(abs(dx), abs(dy)) for dx, dy in steps)

    def function(grid: Grid, tiles: list[Tile]) -> tuple[Tile, ...]:
        halo = (reach,) * 4
        shape = grid.padded(*halo).shape
        labels, _ = nb.split(tiles[0], shape)
        pairs = [nb.split(tile, shape) for tile in tiles[1:]]
        met = np.zeros(grid.shape, bool)
        distance = np.zeros(grid.shape, np.float32)
        found = [np.zeros(grid.shape, values.dtype) for values, _ in pairs]
        valid = [np.zeros(grid.shape, bool) for _ in pairs]
        for dx, dy in [(0, 0), *steps]:
            new = (nb.shifted(labels, halo, dx, dy) != 0) & ~met
            distance[new] = math.hypot(dx, dy)
            for data, good, (values, present) in zip(found, valid, pairs, strict=True):
                data[new] = nb.shifted(values, halo, dx, dy)[new]
                good[new] = nb.shifted(present, halo, dx, dy)[new]
            met |= new
        layers = [Tile(data, good) for data, good in zip(found, valid, strict=True)]
        return (Tile(distance, met), *layers)

    sources = [label.source, *(band.source for band in others)]
    shared = Shared(function, sources, (reach,) * 4)
    bands = [Band("distance", PixelType("float"), label.projection, Pick(shared, 0))]
    bands += [
        Band(band.name, band.type, band.projection, Pick(shared, index))
        for index, band in enumerate(others, 1)
    ]
    return replace(source.with_bands(bands), id=None, version=None)


def ray(angle: float, length: int) -> list[tuple[int, int]]:
    """Return the pixels of a ray as (columns right, rows down), one a step of the longer axis."""
    right, down = math.cos(math.radians(angle)), -math.sin(math.radians(angle))
    longer = max(abs(right), abs(down))
    steps = [
        (math.floor(right / longer * k + 0.5), math.floor(down / longer * k + 0.5))
        for k in range(1, length + 1)
    ]
    return [step for step in steps if math.hypot(*step) <= length + 1e-9]
