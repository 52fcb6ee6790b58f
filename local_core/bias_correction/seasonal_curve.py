"""The curve that is added to a reanalysis: Chang et al. (2022), eqs. 6 to 8, and two extensions.

The difference of in situ and reanalysis is modelled as

    a sin(wt) + b cos(wt) + c t + d  [ + e frozen(t) + g anomaly(t) ]

with w the annual frequency. The terms in brackets go beyond the paper: a step on days with frozen
soil, and a gain on the reanalysis' own departures from its seasonal course.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray
from scipy.signal import lfilter

from local_core.bias_correction.time_axis import days_since
from local_core.calendar_year import DAYS_PER_YEAR

#: Parameters of the curve, in the order of the arrays that hold them.
CURVE_PARAMETERS = ("sine", "cosine", "trend", "offset", "frozen_step", "anomaly_gain")


def seasonal_columns(
    days: ArrayLike, *, trend: bool, days_per_year: float = DAYS_PER_YEAR
) -> NDArray[np.float64]:
    """Return sine, cosine and (in years) time, the columns of eqs. 6 and 7 but the constant.

    Parameters
    ----------
    days : array, shape (time,)
        Days since the origin.
    trend : bool
        Whether there is a column of time.
    days_per_year : float, optional

    Returns
    -------
    array, shape (time, 2 or 3)
    """
    t = np.asarray(days, dtype=float)
    angle = 2 * np.pi * t / days_per_year
    columns = [np.sin(angle), np.cos(angle)]
    if trend:
        columns.append(t / days_per_year)
    return np.stack(columns, axis=-1)


def seasonal_curve(
    parameters: xr.Dataset,
    time: xr.DataArray,
    *,
    time_origin: str,
    days_per_year: float = DAYS_PER_YEAR,
) -> xr.DataArray:
    """Return the sine and line over time: u4 + u5 of eqs. 6 and 7.

    Parameters
    ----------
    parameters : Dataset
        ``sine``, ``cosine``, ``offset`` [m3 m-3] and ``trend`` [m3 m-3 per day].
    time : DataArray of datetime64 (time,)
    time_origin : str
        Zero of time and phase.
    days_per_year : float, optional

    Returns
    -------
    DataArray (..., time) [m3 m-3]
        Without the terms for frozen soil and anomalies.
    """
    days = xr.DataArray(
        days_since(time.values, time_origin), dims="time", coords={"time": time.values}
    )
    angle = 2 * np.pi * days / days_per_year
    return (
        parameters["sine"] * np.sin(angle)
        + parameters["cosine"] * np.cos(angle)
        + parameters["trend"] * days
        + parameters["offset"]
    )


class PooledFit(NamedTuple):
    """Least squares over several sites with one set of slopes.

    Attributes
    ----------
    slope : array, shape (p,)
    offset : float
        Mean of the sites' offsets.
    site_offset : array, shape (site,)
        NaN for sites without data.
    residual : array, shape (site, time)
        NaN where the input is.
    """

    slope: NDArray[np.float64]
    offset: float
    site_offset: NDArray[np.float64]
    residual: NDArray[np.float64]


def pooled_least_squares(values: ArrayLike, columns: ArrayLike) -> PooledFit:
    """Fit slopes that all sites share, and an offset for each.

    With one site this is ordinary least squares with a constant. With several, each has an offset
    of its own while the slopes are fitted: without it, two sites with different levels in
    different years would pass for a trend.

    Parameters
    ----------
    values : array, shape (site, time)
        NaN where missing.
    columns : array, shape (time, p) or (site, time, p)
        Finite wherever ``values`` is.

    Returns
    -------
    PooledFit

    Examples
    --------
    >>> fit = pooled_least_squares([[1.0, 2.0, np.nan], [np.nan, 5.0, 6.0]], [[0.0], [1.0], [2.0]])
    >>> fit.slope.round(12).tolist(), round(fit.offset, 12), fit.site_offset.round(12).tolist()
    ([1.0], 2.5, [1.0, 4.0])
    """
    y = np.asarray(values, dtype=float)
    x = np.broadcast_to(np.asarray(columns, dtype=float), (*y.shape, np.shape(columns)[-1]))
    valid = np.isfinite(y)
    n = valid.sum(axis=1)
    some = n > 0
    divisor = np.maximum(n, 1)
    y_mean = np.where(valid, y, 0.0).sum(axis=1) / divisor
    x_mean = np.where(valid[..., None], x, 0.0).sum(axis=1) / divisor[:, None]
    centred_x = (x - x_mean[:, None, :])[valid]
    centred_y = (y - y_mean[:, None])[valid]
    slope = np.linalg.lstsq(centred_x, centred_y, rcond=None)[0]
    site_offset = np.where(some, y_mean - x_mean @ slope, np.nan)
    residual = np.where(valid, y - x @ slope - site_offset[:, None], np.nan)
    offset = float(site_offset[some].mean()) if some.any() else float("nan")
    return PooledFit(slope, offset, site_offset, residual)


def annual_anomaly(
    series: ArrayLike, days: ArrayLike, *, days_per_year: float = DAYS_PER_YEAR
) -> NDArray[np.float64]:
    """Return a series minus its mean and annual cycle, fitted to itself.

    Parameters
    ----------
    series : array, shape (..., time)
        NaN where missing.
    days : array, shape (time,)
        Days since any origin.
    days_per_year : float, optional
        Period of the cycle.

    Returns
    -------
    array, shape (..., time)
    """
    values = np.asarray(series, dtype=float)
    flat = values.reshape(-1, values.shape[-1])
    columns = seasonal_columns(days, trend=False, days_per_year=days_per_year)
    design = np.concatenate([columns, np.ones((columns.shape[0], 1))], axis=1)
    valid = np.isfinite(flat)
    # One set of normal equations a series, because each has its own gaps.
    products = (design[:, :, None] * design[:, None, :]).reshape(design.shape[0], -1)
    normal = (valid.astype(float) @ products).reshape(-1, 3, 3)
    right = np.where(valid, flat, 0.0) @ design
    coefficients = np.einsum("spq,sq->sp", np.linalg.pinv(normal, hermitian=True), right)
    return (flat - coefficients @ design.T).reshape(values.shape)


class ResidualMemory(NamedTuple):
    """Size and persistence of what a curve leaves.

    Attributes
    ----------
    std : float
        Standard deviation.
    persistence : float
        Autocorrelation at one day, at least 0.
    """

    std: float
    persistence: float


def residual_memory(residual: ArrayLike, n_parameters: int) -> ResidualMemory:
    """Estimate a first-order autoregressive model of daily residuals.

    Parameters
    ----------
    residual : array, shape (site, day)
        On consecutive days; NaN where missing.
    n_parameters : int
        Degrees of freedom the fit has used.

    Returns
    -------
    ResidualMemory
        NaN where fewer than three days are valid.
    """
    values = np.asarray(residual, dtype=float)
    valid = np.isfinite(values)
    n = int(valid.sum())
    filled = np.where(valid, values, 0.0)
    square = float((filled**2).sum())
    pairs = valid[:, 1:] & valid[:, :-1]
    if n <= n_parameters + 2 or square <= 0 or not pairs.any():
        return ResidualMemory(float("nan") if n < 3 else 0.0, 0.0)
    product = float((filled[:, 1:] * filled[:, :-1]).sum()) / pairs.sum()
    persistence = product / (square / n)
    # Kendall (1954): fitting the mean biases the estimate low by (1 + 3 phi) / n; further
    # parameters act alike.
    persistence = min(max(persistence + (1 + 3 * persistence) * n_parameters / n, 0.0), 0.999)
    n_effective = n * (1 - persistence) / (1 + persistence)
    inflation = n_effective / max(n_effective - n_parameters, 0.5 * n_effective)
    return ResidualMemory(float(np.sqrt(square / n * inflation)), persistence)


def slope_covariance(
    columns: ArrayLike, valid: ArrayLike, memory: ResidualMemory
) -> NDArray[np.float64]:
    """Covariance of least-squares coefficients when residuals are autocorrelated.

    Parameters
    ----------
    columns : array, shape (site, day, p)
        Design, on consecutive days.
    valid : array of bool, shape (site, day)
        Days that were fitted.
    memory : ResidualMemory

    Returns
    -------
    array, shape (p, p)

    Notes
    -----
    ``(X'X)^-1 X' S X (X'X)^-1`` with S the covariance of first-order autoregressive noise. The
    sums over pairs of days are two recursive filters, so the cost is linear in the days.
    """
    x = np.where(np.asarray(valid)[..., None], np.asarray(columns, dtype=float), 0.0)
    inverse = np.linalg.pinv(np.einsum("sdp,sdq->pq", x, x), hermitian=True)
    recursion = ([1.0], [1.0, -memory.persistence])
    forward = lfilter(*recursion, x, axis=1)
    backward = lfilter(*recursion, x[:, ::-1], axis=1)[:, ::-1]
    spread = np.einsum("sdp,sdq->pq", x, forward + backward - x)
    return memory.std**2 * inverse @ spread @ inverse
