"""What triple collocation should find in the sample, given that its assumptions do not quite hold.

Products see different pixels, layers and water, and their signals are not exact multiples of one
another; two of them share a part of their errors. So what the method converges to is not the
stated error variance. It follows from the signals, which the truth gives, and the stated errors.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from gee_sm.sample.moisture_products import PRODUCT_GRIDS, signal
from gee_sm.sample.product_errors import PRODUCT_ERRORS, SHARED_ERROR, daily_mean_factor
from gee_sm.sample.smap_product import PASS_TIMES
from gee_sm.sample.truth_cube import wide_truth_of
from gee_sm.sample.wide_region import pixel_mean

__all__ = ["expected_collocation", "nearest_pixels"]

_STEPS = 8
_NOON = np.timedelta64(12, "h")
_MEAN_OF_STEPS = np.timedelta64(10 * 60 + 30, "m")


def expected_collocation(
    path: str | os.PathLike[str],
    days: ArrayLike,
    longitude: ArrayLike,
    latitude: ArrayLike,
    *,
    used: ArrayLike | None = None,
    products: Sequence[str] = ("smap", "era5_land", "gldas"),
    smap_pass: str = "am",
) -> xr.Dataset:
    """Return signals, stated errors, and the error variances that collocation converges to.

    Parameters
    ----------
    path : path-like
        Folder of the sample.
    days : array-like of datetime64, shape (n,)
        UTC days.
    longitude, latitude : array-like, shape (points,)
        Degrees; each product is taken at its nearest pixel.
    used : array-like of bool, shape (points, n), optional
        Which days enter at each point: those on which all products have a value; all by default.
    products : sequence of three str
        In any order: SMAP (one pass), ERA5-Land layer 1, GLDAS layer 1 as the mean of a day's
        eight steps.
    smap_pass : str, default "am"
        ``am`` or ``pm``.

    Returns
    -------
    xarray.Dataset
        ``signal`` (product, point, time): the products without their errors, m3 m-3;
        ``error_covariance`` (product, product_b): stated, of the values as collocated;
        ``expected_error_variance`` (product, point): what triple collocation finds on average
        over many draws of the errors: the covariances of the signals over these days, plus the
        errors', in ``C_xx - C_xy * C_xz / C_yz``.

    Raises
    ------
    TruthError
        The folder holds no coarse products of a sample.
    ValueError
        The products are not three known ones, or there are too few days.
    """
    if sorted(products) != sorted(PRODUCT_ERRORS):
        raise ValueError(
            f"products must be {', '.join(PRODUCT_ERRORS)} in any order; got {list(products)!r}"
        )
    at = np.asarray(days, "datetime64[D]").reshape(-1)
    n_points = np.atleast_1d(longitude).size
    enters = np.ones((n_points, at.size), bool) if used is None else np.atleast_2d(used)
    if enters.shape != (n_points, at.size):
        raise ValueError(f"used must be of shape {(n_points, at.size)}, got {enters.shape}")
    count = enters.sum(axis=1)
    if (count < 3).any():
        raise ValueError(f"covariances need 3 days or more at each point; got {count.min()}")
    truth = wide_truth_of(path)
    moments = {"smap": PASS_TIMES[smap_pass], "era5_land": _NOON, "gldas": _MEAN_OF_STEPS}
    found = []
    for name in products:
        rows, columns = nearest_pixels(name, longitude, latitude)
        over = pixel_mean(PRODUCT_GRIDS[name])
        values = signal(truth, name, at.astype("datetime64[ns]") + moments[name], over=over)
        found.append(values[:, rows, columns].T)
    signals = np.stack(found)
    errors = _error_covariance(products)
    mean = np.where(enters, signals, 0).sum(axis=2, keepdims=True) / count[:, None]
    centred = np.where(enters, signals - mean, 0)
    covariance = np.einsum("apt,bpt->pab", centred, centred) / (count - 1)[:, None, None] + errors
    expected = np.empty((3, signals.shape[1]))
    for k in range(3):
        a, b = (j for j in range(3) if j != k)
        expected[k] = covariance[:, k, k] - (
            covariance[:, k, a] * covariance[:, k, b] / covariance[:, a, b]
        )
    names = list(products)
    variance = {"units": "(m3 m-3)2"}
    return xr.Dataset(
        {
            "signal": (("product", "point", "time"), signals, {"units": "m3 m-3"}),
            "error_covariance": (("product", "product_b"), errors, variance),
            "expected_error_variance": (("product", "point"), expected, variance),
        },
        coords={
            "product": names,
            "product_b": names,
            "time": at.astype("datetime64[ns]"),
            "longitude": ("point", np.atleast_1d(longitude).astype(float)),
            "latitude": ("point", np.atleast_1d(latitude).astype(float)),
        },
    )


def nearest_pixels(
    product: str, longitude: ArrayLike, latitude: ArrayLike
) -> tuple[np.ndarray, np.ndarray]:
    """Return row and column of a product's pixel nearest to each point."""
    grid = PRODUCT_GRIDS[product]
    inverse = ~grid.transform
    column = np.floor(inverse.a * np.atleast_1d(longitude) + inverse.c).astype(int)
    row = np.floor(inverse.e * np.atleast_1d(latitude) + inverse.f).astype(int)
    return np.clip(row, 0, grid.shape[0] - 1), np.clip(column, 0, grid.shape[1] - 1)


def _error_covariance(products: Sequence[str]) -> np.ndarray:
    """Return the covariance of the errors as collocated: one value a day."""
    std = {name: PRODUCT_ERRORS[name].error_std[0] for name in products}
    memory = PRODUCT_ERRORS["gldas"].memory_days
    out = np.diag([std[name] ** 2 for name in products])
    gldas, era5 = products.index("gldas"), products.index("era5_land")
    out[gldas, gldas] *= daily_mean_factor(memory, _STEPS)
    # ERA5-Land has the shared part of 12:00, the fifth of the day's steps.
    lag = np.abs(np.arange(_STEPS) - _STEPS // 2) / _STEPS
    shared = SHARED_ERROR * np.exp(-lag / memory).mean() * std["gldas"] * std["era5_land"]
    out[gldas, era5] = out[era5, gldas] = shared
    return out
