"""Sentinel-2: the cloud displacement index (Frantz et al. 2018).

https://doi.org/10.1016/j.rse.2018.04.046
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.functions import kernel as kernels
from gee_sm.emulator.functions.image_neighbourhood import Windowed, centre_mask
from gee_sm.emulator.functions.image_projection import reduce_resolution
from gee_sm.emulator.pixels import neighbourhood as nb
from gee_sm.emulator.pixels.grid import Grid
from gee_sm.emulator.pixels.resampling import Reprojected
from gee_sm.emulator.pixels.source import Pixelwise, Source
from gee_sm.emulator.pixels.tile import Tile, empty
from gee_sm.emulator.registry import implementations, implements
from gee_sm.emulator.values.image import Band, Image
from gee_sm.emulator.values.kernel import FixedKernel
from gee_sm.emulator.values.pixel_type import DOUBLE, FLOAT

_PIXELS_OF_10_M = 64


@implements("Sentinel2.CDI")
def cloud_displacement(source: Image) -> Image:
    """Return the displacement index on the 20 m grid of band B8A.

    Bands 7, 8 and 8A see the same light from angles that differ most between 8A and 8. Over high
    objects the ratio of 8 to 8A is therefore ruffled and that of 7 to 8A is not: with their
    variances in windows of 7 x 7 pixels, the index is (v7 - v8) / (v7 + v8), low over clouds.
    """
    narrow = source.band("B8A")
    grid = narrow.projection
    wide = source.band("B8")
    if narrow.projection.is_default or wide.projection.is_default:
        raise EarthEngineError(
            "The bands have no grid of their own: the index is made from a Sentinel-2 scene."
        )
    mean = implementations()["Reducer.mean"].function()
    (coarse,) = reduce_resolution(Image((wide,)), mean, False, _PIXELS_OF_10_M).bands
    ratios = [
        _ratio(Reprojected(band.source, grid), Reprojected(narrow.source, grid))
        for band in (source.band("B7"), coarse)
    ]
    index = Windowed(_index, tuple(ratios), kernels.square(3, "pixels", False, 1.0))
    band = Band("cdi", FLOAT, grid, Reprojected(index, grid))
    return replace(source.with_bands([band]), id=None, version=None)


def _ratio(above: Source, below: Source) -> Source:
    def function(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return np.where(b == 0, np.nan, a / np.where(b == 0, 1.0, b.astype(np.float64)))

    return Pixelwise(function, (above, below), DOUBLE.dtype, masks_nan=True)


def _index(grid: Grid, window: FixedKernel, tiles: list[Tile]) -> Tile:
    if any(tile.is_empty for tile in tiles):
        return empty(FLOAT.dtype)
    spreads, good = [], True
    for tile in tiles:
        values, valid = nb.split(tile, grid.shape)
        spread, known = nb.variance(values, valid.astype(np.float64), window, sample=False)
        spreads.append(spread)
        centre = centre_mask(tile, window)
        good = good & known & (True if centre is None else centre > 0)
    total = spreads[0] + spreads[1]
    good = good & (total > 0)
    found = (spreads[0] - spreads[1]) / np.where(total > 0, total, 1)
    return Tile(np.where(good, found, 0).astype(np.float32), good)
