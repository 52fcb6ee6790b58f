"""From the pixels a scene is processed on to the pixels of the map."""

from __future__ import annotations

import math

import ee

from gee_sm.catalog.sentinel1 import S1_GRD_FLOAT


def pinned_grid(projection: ee.Projection, pin_scale_m: float) -> ee.Projection:
    """Return the grid a scene is processed on: its own, or its projection at another scale.

    A rescaled projection starts its pixels at the origin of its coordinates, which would shift a
    scene against itself; so at the native pixel size the scene's own grid is taken.
    """
    if pin_scale_m == S1_GRD_FLOAT.native_scale_m:
        return projection
    return projection.atScale(pin_scale_m)


def to_output(
    image: ee.Image, *, grid: ee.Projection, pin_scale_m: float, scale_m: float
) -> ee.Image:
    """Compute an image on one grid and average it to larger pixels when it is read.

    Parameters
    ----------
    image : ee.Image
        Any image.
    grid : ee.Projection
        The grid to compute it on.
    pin_scale_m : float
        Pixel size of that grid, metres.
    scale_m : float
        Pixel size in which the result will be read, metres.

    Returns
    -------
    ee.Image
        The same bands: means of the valid pixels under each larger one, or the image on its grid
        where the result will not be read any coarser.
    """
    pinned = image.reproject(grid)
    if scale_m <= pin_scale_m:
        return pinned
    return pinned.reduceResolution(
        reducer=ee.Reducer.mean(), maxPixels=pixels_within(pin_scale_m, scale_m)
    )


def pixels_within(fine_m: float, coarse_m: float) -> int:
    """Return a number of fine pixels that no coarse pixel exceeds, whatever way the grids lie.

    Twice the square of the ratio, with a row and a column more on either side: grids may be turned
    against each other, and degrees are shorter from east to west.
    """
    return math.ceil(2 * (coarse_m / fine_m + 2) ** 2)
