"""How each soil-moisture product of the wide region departs from the truth, in numbers.

    product = offset + gain * (mean + season_kept * season + weather) + error

`mean`, `season` and `weather` are parts of the truth over what the product sees; the error is
Gaussian, autoregressive in time, smooth in space. ERA5-Land and GLDAS share a part of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from scipy import ndimage
from scipy.signal import lfilter

from gee_sm.sample.random_field import random_stream
from gee_sm.sample.region import Grid

__all__ = [
    "ERA5_LAYERS",
    "GLDAS_LAYERS",
    "PRODUCT_ERRORS",
    "SHARED_ERROR",
    "ProductError",
    "correlated_noise",
    "daily_mean_factor",
]

ERA5_LAYERS = ((0, 7), (7, 28), (28, 100), (100, 289))
"""Layers of ERA5-Land, cm."""

GLDAS_LAYERS = ((0, 10), (10, 40), (40, 100), (100, 200))
"""Layers of Noah in GLDAS, cm."""

SHARED_ERROR = 0.15
"""Correlation of the errors of ERA5-Land and GLDAS at the same place, time and layer number."""


@dataclass(frozen=True, kw_only=True)
class ProductError:
    """Error of one product.

    Parameters
    ----------
    water : str
        ``liquid`` or ``total``: whether ice counts.
    gain : float
        Product units per truth.
    season_kept : float
        Share of the seasonal cycle that the product has, beside its gain.
    offset : tuple of float
        By layer, m3 m-3.
    error_std : tuple of float
        Standard deviation of the error by layer, m3 m-3, at the product's own time step.
    memory_days : float
        Time in which the error's autocorrelation falls to 1/e; 0: independent.
    smoothing_km : float
        Standard deviation of the Gaussian window that makes the error smooth in space; its
        correlation is ``exp(-(distance / (2 * smoothing_km))**2)``.
    footprint_km : float
        Standard deviation of the Gaussian through which the product sees its pixels; 0: as they
        are.
    """

    water: str
    gain: float
    season_kept: float
    offset: tuple[float, ...]
    error_std: tuple[float, ...]
    memory_days: float
    smoothing_km: float
    footprint_km: float = 0.0

    def to_json(self) -> dict:
        """Return the parameters, with variances spelt out."""
        return {**asdict(self), "error_variance": [std**2 for std in self.error_std]}


PRODUCT_ERRORS: Mapping[str, ProductError] = {
    "smap": ProductError(
        water="liquid",
        gain=0.95,
        season_kept=1.0,
        offset=(-0.015,),
        error_std=(0.028,),
        memory_days=0.0,
        smoothing_km=12.0,
        footprint_km=36.0 / 2.3548,
    ),
    "era5_land": ProductError(
        water="total",
        gain=0.80,
        season_kept=0.45,
        offset=(0.16, 0.17, 0.19, 0.21),
        error_std=(0.020, 0.017, 0.012, 0.008),
        memory_days=6.0,
        smoothing_km=20.0,
    ),
    "gldas": ProductError(
        water="total",
        gain=0.65,
        season_kept=0.80,
        offset=(0.07, 0.08, 0.09, 0.10),
        error_std=(0.018, 0.015, 0.010, 0.007),
        memory_days=6.0,
        smoothing_km=25.0,
    ),
}
"""Errors of the products by name."""


def correlated_noise(
    seed: int,
    names: Sequence[str | int],
    grid: Grid,
    steps: int,
    *,
    memory_steps: float,
    smoothing_km: float,
) -> np.ndarray:
    """Return noise of zero mean and unit variance, shape (steps, rows, columns).

    Parameters
    ----------
    seed : int
        The sample's seed.
    names : sequence of str or int
        What the noise is for.
    grid : Grid
        Of the product, in degrees.
    steps : int
        Time steps.
    memory_steps : float
        Steps in which the autocorrelation falls to 1/e; 0: independent in time.
    smoothing_km : float
        Standard deviation of the Gaussian window over white noise.

    Returns
    -------
    ndarray of float32
        The noise.
    """
    random = random_stream(seed, *names)
    latitude = float(grid.y.mean())
    km = (111.2 * abs(grid.transform.e), 111.2 * np.cos(np.radians(latitude)) * grid.transform.a)
    sigma = [smoothing_km / size for size in km]
    reach = [int(np.ceil(4 * s)) for s in sigma]
    rows, columns = (n + 2 * r for n, r in zip(grid.shape, reach, strict=True))
    noise = random.standard_normal((steps, rows, columns), dtype=np.float32)
    noise = ndimage.gaussian_filter(noise, sigma, axes=(1, 2), mode="constant", truncate=4)
    # The window's own weights say by how much it calms white noise.
    impulse = np.zeros((2 * reach[0] + 1, 2 * reach[1] + 1))
    impulse[reach[0], reach[1]] = 1
    window = ndimage.gaussian_filter(impulse, sigma, mode="constant", truncate=4)
    noise = noise[
        :, reach[0] : reach[0] + grid.shape[0], reach[1] : reach[1] + grid.shape[1]
    ] / np.float32(np.sqrt((window**2).sum()))
    if memory_steps == 0:
        return noise
    keep = np.exp(-1 / memory_steps)
    innovation = np.sqrt(1 - keep**2)
    # The first step has the full variance, not that of an innovation.
    noise[:1] /= np.float32(innovation)
    return lfilter(
        np.array([innovation], np.float32), np.array([1, -keep], np.float32), noise, axis=0
    ).astype(np.float32)


def daily_mean_factor(memory_days: float, steps_per_day: int) -> float:
    """Return the error variance of a day's mean over that of one step.

    Parameters
    ----------
    memory_days : float
        Of the error.
    steps_per_day : int
        Steps averaged.

    Returns
    -------
    float
        1 for one step a day.

    Examples
    --------
    >>> daily_mean_factor(6.0, 1)
    1.0
    """
    lag = np.abs(np.subtract.outer(np.arange(steps_per_day), np.arange(steps_per_day)))
    if memory_days == 0:
        return 1 / steps_per_day
    return float(np.exp(-lag / (memory_days * steps_per_day)).mean())
