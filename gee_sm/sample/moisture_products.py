"""SMAP, ERA5-Land and GLDAS as they see the truth: gain, offset, season, error.

The error-free part of a product is called its signal. Signals and errors are made the same way
for writing the products and for judging what is found in them.
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from gee_sm.sample.product_errors import (
    ERA5_LAYERS,
    GLDAS_LAYERS,
    PRODUCT_ERRORS,
    SHARED_ERROR,
    ProductError,
    correlated_noise,
)
from gee_sm.sample.region import Grid
from gee_sm.sample.wide_region import ERA5_GRID, GLDAS_GRID, SMAP_GRID, PixelMean, pixel_mean
from gee_sm.sample.wide_truth import Depth, WideTruth

__all__ = [
    "PRODUCT_DEPTHS",
    "PRODUCT_GRIDS",
    "era5_errors",
    "gldas_errors",
    "product_truth",
    "signal",
    "smap_errors",
]

PRODUCT_GRIDS: dict[str, Grid] = {
    "smap": SMAP_GRID,
    "era5_land": ERA5_GRID,
    "gldas": GLDAS_GRID,
}
"""Grid of each product."""

PRODUCT_DEPTHS: dict[str, tuple[Depth, ...]] = {
    "smap": (0.0,),
    "era5_land": ERA5_LAYERS,
    "gldas": GLDAS_LAYERS,
}
"""Depths or layers of each product, cm."""

_STEPS_PER_DAY = 8


def product_truth(
    truth: WideTruth, product: str, times: np.ndarray, layer: int = 0, over: PixelMean | None = None
) -> np.ndarray:
    """Return the truth at a product's pixels, through its footprint, m3 m-3.

    Parameters
    ----------
    truth : WideTruth
        The truth.
    product : str
        ``smap``, ``era5_land`` or ``gldas``.
    times : ndarray of datetime64, shape (n,)
        UTC.
    layer : int, default 0
        Number of the layer, from 0.
    over : PixelMean, optional
        Of the product's grid, if it has been made already.

    Returns
    -------
    ndarray, shape (n, rows, columns)
        Liquid or total water, whichever the product tells of.
    """
    about = PRODUCT_ERRORS[product]
    over = pixel_mean(PRODUCT_GRIDS[product]) if over is None else over
    water = truth.soil_moisture if about.water == "liquid" else truth.total_water
    return _through_footprint(water(times, PRODUCT_DEPTHS[product][layer], over), about, over.grid)


def signal(
    truth: WideTruth, product: str, times: np.ndarray, layer: int = 0, over: PixelMean | None = None
) -> np.ndarray:
    """Return what a product would show without its error, m3 m-3; arguments as above."""
    about = PRODUCT_ERRORS[product]
    over = pixel_mean(PRODUCT_GRIDS[product]) if over is None else over
    values = product_truth(truth, product, times, layer, over)
    if about.season_kept != 1:
        season = truth.season_series(times, PRODUCT_DEPTHS[product][layer])
        response = over(truth.ground.response)
        values -= (1 - about.season_kept) * season[:, None, None] * response
    return about.offset[layer] + about.gain * values


def smap_errors(seed: int, days: int, half: str) -> np.ndarray:
    """Return the error of a pass (``am`` or ``pm``), m3 m-3, shape (days, rows, columns)."""
    about = PRODUCT_ERRORS["smap"]
    return about.error_std[0] * _noise(seed, ("smap", half), SMAP_GRID, days, about, 1)


def gldas_errors(seed: int, days: int, layer: int) -> np.ndarray:
    """Return the error of a layer every 3 hours, m3 m-3, shape (8 * days, rows, columns)."""
    about = PRODUCT_ERRORS["gldas"]
    own = _noise(seed, ("gldas", layer), GLDAS_GRID, days, about, _STEPS_PER_DAY)
    shared = _shared(seed, days, layer)
    return about.error_std[layer] * _mixed(own, shared)


def era5_errors(seed: int, days: int, layer: int) -> np.ndarray:
    """Return the error of a layer, m3 m-3, shape (days, rows, columns).

    The part shared with GLDAS is that of 12:00 UTC at the GLDAS pixel under the centre.
    """
    about = PRODUCT_ERRORS["era5_land"]
    own = _noise(seed, ("era5_land", layer), ERA5_GRID, days, about, 1)
    noon = _shared(seed, days, layer)[_STEPS_PER_DAY // 2 :: _STEPS_PER_DAY]
    inverse = ~GLDAS_GRID.transform
    columns = np.floor(inverse.a * ERA5_GRID.x[0] + inverse.c).astype(int)
    rows = np.floor(inverse.e * ERA5_GRID.y[:, 0] + inverse.f).astype(int)
    return about.error_std[layer] * _mixed(own, noon[:, rows[:, None], columns])


def _shared(seed: int, days: int, layer: int) -> np.ndarray:
    return _noise(
        seed,
        ("reanalyses", layer),
        GLDAS_GRID,
        days,
        PRODUCT_ERRORS["gldas"],
        _STEPS_PER_DAY,
    )


def _mixed(own: np.ndarray, shared: np.ndarray) -> np.ndarray:
    return np.sqrt(1 - SHARED_ERROR) * own + np.sqrt(SHARED_ERROR) * shared


def _noise(
    seed: int, names: tuple, grid: Grid, days: int, about: ProductError, steps_per_day: int
) -> np.ndarray:
    return correlated_noise(
        seed,
        names,
        grid,
        days * steps_per_day,
        memory_steps=about.memory_days * steps_per_day,
        smoothing_km=about.smoothing_km,
    )


def _through_footprint(values: np.ndarray, about: ProductError, grid: Grid) -> np.ndarray:
    """Smooth over neighbouring pixels; those at the edge see the edge again."""
    if about.footprint_km == 0:
        return values
    latitude = float(grid.y.mean())
    size = (111.2 * abs(grid.transform.e), 111.2 * np.cos(np.radians(latitude)) * grid.transform.a)
    sigma = [about.footprint_km / step for step in size]
    return ndimage.gaussian_filter(values, sigma, axes=(1, 2), mode="nearest")
