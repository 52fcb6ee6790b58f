"""Distances of pixels to others."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.functions import kernel as kernels
from gee_sm.emulator.functions.image_neighbourhood import Windowed, centre_mask
from gee_sm.emulator.pixels import neighbourhood as nb
from gee_sm.emulator.pixels.grid import Grid
from gee_sm.emulator.pixels.tile import Tile
from gee_sm.emulator.registry import implements
from gee_sm.emulator.values.image import Band, Image
from gee_sm.emulator.values.kernel import FixedKernel, Kernel
from gee_sm.emulator.values.pixel_type import DOUBLE, PixelType


@implements("Image.fastDistanceTransform")
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

    band = image.bands[0]
    source = Windowed(function, (band.source,), kernel)
    return Image((Band("distance", PixelType("float"), band.projection, source),), image.properties)


@implements("Image.distance")
def distance(image: Image, kernel: Kernel | None, skipMasked: bool) -> Image:
    """Return the distance by a kernel of distances to the nearest pixel that is not 0."""
    window = kernel or kernels.euclidean(3, "pixels", False, 1.0)

    def function(grid: Grid, weights: FixedKernel, tiles: list[Tile]) -> Tile:
        (tile,) = tiles
        values, _ = nb.split(tile, grid.shape)
        near = values != 0
        found = np.full(nb.inner(near, weights.halo).shape, np.inf)
        cells = [(0, 0, 0.0), *weights.offsets()]
        for dx, dy, value in cells:
            hit = nb.shifted(near, weights.halo, dx, dy)
            found = np.where(hit, np.minimum(found, value), found)
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
