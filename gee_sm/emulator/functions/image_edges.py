"""Edges by Canny's detector: smoothed, thinned, and above a threshold."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.functions.scalar_bands import of_scalars
from gee_sm.emulator.pixels import neighbourhood as nb
from gee_sm.emulator.pixels.grid import Grid
from gee_sm.emulator.pixels.source import Neighbourhood
from gee_sm.emulator.pixels.tile import Tile, empty
from gee_sm.emulator.registry import implements
from gee_sm.emulator.values.image import Band, Image
from gee_sm.emulator.values.kernel import FixedKernel
from gee_sm.emulator.values.pixel_type import DOUBLE

_SIGMAS = 4


@implements("CannyEdgeDetector")
@of_scalars("image")
def canny(image: Image, threshold: float, sigma: float) -> Image:
    """Return the gradient's magnitude on edges, 0 elsewhere, band by band.

    A pixel is on an edge where its gradient exceeds the threshold and is not less than those of
    the two neighbours along the gradient's direction, rounded to 45 degrees.
    """
    if sigma < 0:
        raise EarthEngineError(f"sigma must not be negative, got {sigma}.")
    reach = math.ceil(_SIGMAS * sigma)
    # One pixel for the neighbours' gradients, one for theirs.
    halo = (reach + 2,) * 4

    def function(grid: Grid, tiles: list[Tile]) -> Tile:
        (tile,) = tiles
        if tile.is_empty:
            return empty(DOUBLE.dtype)
        values, valid = nb.split(tile, grid.padded(*halo).shape)
        smooth = _smoothed(values.astype(np.float64), valid.astype(np.float64), reach, sigma)
        across = (smooth[1:-1, 2:] - smooth[1:-1, :-2]) / 2
        down = (smooth[2:, 1:-1] - smooth[:-2, 1:-1]) / 2
        magnitude = np.hypot(across, down)
        one = (1, 1, 1, 1)
        centre = nb.inner(magnitude, one)
        sector = np.rint(np.arctan2(nb.inner(down, one), nb.inner(across, one)) / (np.pi / 4)) % 4
        thin = np.zeros(centre.shape, bool)
        for number, (dx, dy) in enumerate(((1, 0), (1, 1), (0, 1), (-1, 1))):
            ahead = nb.shifted(magnitude, one, dx, dy)
            behind = nb.shifted(magnitude, one, -dx, -dy)
            # Of two equal neighbours on a ramp one alone is the edge.
            thin |= (sector == number) & (centre > behind) & (centre >= ahead)
        edge = np.where(thin & (centre > threshold), centre, 0.0)
        inside = nb.inner(valid, halo)
        return Tile(edge, None if inside.all() else inside)

    return replace(
        image.map_bands(
            lambda band: Band(
                band.name, DOUBLE, band.projection, Neighbourhood(function, (band.source,), halo)
            )
        ),
        id=None,
        version=None,
    )


def _smoothed(values: np.ndarray, present: np.ndarray, reach: int, sigma: float) -> np.ndarray:
    """Return the Gaussian mean of the valid pixels, without ``reach`` pixels at each side."""
    if not reach:
        return values
    offsets = np.arange(-reach, reach + 1)
    line = np.exp(-(offsets**2) / (2 * sigma**2))
    kernel = FixedKernel(line[:, None] * line, reach, reach)
    return nb.weighted_mean(values, present, kernel)[1]
