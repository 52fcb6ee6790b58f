"""Anomalies: what is left of a series when its slow or its seasonal part is taken away.

Two products agree on the seasons without effort; scores of anomalies ask whether they agree on
single events. Both definitions are pytesmo's: the deviation from a moving window (35 days), and the
deviation from a climatology by day of the year.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from local_core.masked_values import unmasked

#: Days of a leap year; every date has the same place in every year.
LEAP_YEAR_DAYS = 366

_DAYS_BEFORE_MONTH = np.array([0, 31, 60, 91, 121, 152, 182, 213, 244, 274, 305, 335])

_NS_PER_DAY = 86_400_000_000_000


def moving_average(
    values: ArrayLike,
    time: ArrayLike,
    *,
    window_days: float = 35.0,
    min_obs: int = 1,
    fill_gaps: bool = False,
) -> NDArray[np.float64]:
    """Mean of all values within half a window before and after each time.

    Parameters
    ----------
    values : array_like, shape (..., time)
        Series; NaN is a gap.
    time : array_like of datetime64, shape (time,)
        Increasing; need not be equidistant.
    window_days : float
        Full width; values exactly half a window away belong to it.
    min_obs : int
        Fewer values in the window give NaN.
    fill_gaps : bool
        Also return the mean where the value itself is missing.

    Returns
    -------
    ndarray, shape (..., time)
        The smoothed series.

    Raises
    ------
    ValueError
        If times do not fit the series or do not increase.

    Examples
    --------
    >>> time = np.arange("2020-01-01", "2020-01-06", dtype="datetime64[D]")
    >>> moving_average([1.0, 2.0, 3.0, np.nan, 5.0], time, window_days=2).tolist()
    [1.5, 2.0, 2.5, nan, 5.0]
    """
    values = unmasked(values).astype(np.float64)
    stamps = _checked_time(time, values.shape[-1])
    half = round(window_days / 2.0 * _NS_PER_DAY)
    first = np.searchsorted(stamps, stamps - half, side="left")
    last = np.searchsorted(stamps, stamps + half, side="right")
    return _window_means(values, first, last, min_obs=min_obs, fill_gaps=fill_gaps)


def climatology(
    values: ArrayLike,
    time: ArrayLike,
    *,
    smooth_days: float = 5.0,
    smooth_climatology_days: float = 35.0,
    statistic: Literal["mean", "median"] = "mean",
    min_obs: int = 1,
) -> NDArray[np.float64]:
    """Typical value of each day of the year.

    The series is smoothed over a few days (filling short gaps), averaged by day of the year, and
    the result smoothed around the year. Days are counted as in a leap year: 1 March is day 61.

    Parameters
    ----------
    values : array_like, shape (..., time)
        Series of several years; NaN is a gap.
    time : array_like of datetime64, shape (time,)
        Increasing.
    smooth_days, smooth_climatology_days : float
        Windows of the two moving averages.
    statistic : {"mean", "median"}
        How the years are combined.
    min_obs : int
        Least number of values in either window.

    Returns
    -------
    ndarray, shape (..., 366)
        Climatology; equal to pytesmo's ``calc_climatology`` with its default options.

    Raises
    ------
    ValueError
        If times do not fit the series or do not increase, or the statistic is unknown.
    """
    if statistic not in ("mean", "median"):
        raise ValueError(f"statistic must be 'mean' or 'median', got {statistic!r}")
    smooth = moving_average(values, time, window_days=smooth_days, min_obs=min_obs, fill_gaps=True)
    by_day = _by_day_of_year(smooth, day_of_leap_year(time), statistic)
    margin = int(smooth_climatology_days) + 1
    around = np.concatenate([by_day[..., -margin:], by_day, by_day[..., :margin]], axis=-1)
    days = np.arange(around.shape[-1])
    half = smooth_climatology_days / 2.0
    first = np.searchsorted(days, days - half, side="left")
    last = np.searchsorted(days, days + half, side="right")
    smooth = _window_means(around, first, last, min_obs=min_obs, fill_gaps=True)
    return smooth[..., margin:-margin]


def anomaly(
    series: Any,
    *,
    time: ArrayLike | None = None,
    method: Literal["moving_window", "climatology"] = "moving_window",
    window_days: float = 35.0,
    min_obs: int = 1,
    reference_period: tuple[str, str] | None = None,
    dim: str = "time",
) -> Any:
    """Deviation of a series from its moving average or its climatology.

    Parameters
    ----------
    series : xarray.DataArray, pandas.Series or array_like (..., time)
        The series; arrays need ``time``.
    time : array_like of datetime64, optional
        Times of an array.
    method : {"moving_window", "climatology"}
        What is subtracted.
    window_days : float
        Width of the moving window, or of the smoothing of the climatology.
    min_obs : int
        Least number of values in a window.
    reference_period : (str, str), optional
        First and last date (inclusive) the climatology is made from; default the whole series.
    dim : str
        Time dimension of a DataArray.

    Returns
    -------
    same type as ``series``
        Anomalies in the unit of the input.

    Raises
    ------
    ValueError
        If the method is unknown, times are missing, or the reference period holds no value.

    Notes
    -----
    pytesmo's ``calc_anomaly(window_size=35)`` is the moving window. With a climatology pytesmo
    counts days as in a leap year when making it and, by default, by the true calendar when taking
    it off, so that all dates after February of a common year are one day apart; here both count as
    in a leap year (pytesmo with ``respect_leap_years=False``).

    Examples
    --------
    >>> time = pd.date_range("2019-01-01", "2021-12-31")
    >>> season = np.sin(2 * np.pi * time.day_of_year / 365.25)
    >>> bool(anomaly(pd.Series(season, time), method="climatology").std() < 0.05)
    True
    """
    if method not in ("moving_window", "climatology"):
        raise ValueError(f"method must be 'moving_window' or 'climatology', got {method!r}")
    options = {
        "method": method,
        "window_days": window_days,
        "min_obs": min_obs,
        "reference_period": reference_period,
    }
    if isinstance(series, xr.DataArray):
        if dim not in series.dims or dim not in series.coords:
            raise ValueError(f"the DataArray has no dimension {dim!r} with times: {series.dims}")
        whole = series.chunk({dim: -1}) if series.chunks is not None else series
        result = xr.apply_ufunc(
            lambda block: _anomaly(block, series[dim].values, **options),
            whole,
            input_core_dims=[[dim]],
            output_core_dims=[[dim]],
            dask="parallelized",
            output_dtypes=[np.float64],
        ).transpose(*series.dims)
        result.attrs = {**series.attrs, "anomaly": f"{method}, {window_days:g} days"}
        return result.rename(series.name)
    if isinstance(series, pd.Series):
        stamps = series.index.values
        values = _anomaly(series.to_numpy(dtype=np.float64), stamps, **options)
        return pd.Series(values, index=series.index, name=series.name)
    if time is None:
        raise ValueError("an array has no times of its own: pass time=")
    return _anomaly(unmasked(series).astype(np.float64), time, **options)


def day_of_leap_year(time: ArrayLike) -> NDArray[np.int64]:
    """Day of the year from 1 to 366, every year counted as a leap year."""
    index = pd.DatetimeIndex(np.asarray(time, dtype="datetime64[ns]"))
    return _DAYS_BEFORE_MONTH[index.month.to_numpy() - 1] + index.day.to_numpy()


def _anomaly(
    values: NDArray[np.floating],
    time: ArrayLike,
    *,
    method: str,
    window_days: float,
    min_obs: int,
    reference_period: tuple[str, str] | None,
) -> NDArray[np.float64]:
    if method == "moving_window":
        return values - moving_average(values, time, window_days=window_days, min_obs=min_obs)
    stamps = np.asarray(time, dtype="datetime64[ns]")
    inside = np.ones(stamps.shape, dtype=bool)
    if reference_period is not None:
        start = np.datetime64(reference_period[0], "D")
        stop = np.datetime64(reference_period[1], "D") + 1
        inside = (stamps >= start) & (stamps < stop)
        if not inside.any():
            raise ValueError(
                f"no value between {reference_period[0]} and {reference_period[1]}: the series "
                f"runs from {stamps.min()} to {stamps.max()}"
            )
    typical = climatology(
        values[..., inside],
        stamps[inside],
        smooth_climatology_days=window_days,
        min_obs=min_obs,
    )
    return values - typical[..., day_of_leap_year(stamps) - 1]


def _checked_time(time: ArrayLike, length: int) -> NDArray[np.int64]:
    stamps = np.asarray(time).astype("datetime64[ns]").astype(np.int64)
    if stamps.shape != (length,):
        raise ValueError(f"{length} values need {length} times, got shape {stamps.shape}")
    if np.any(np.diff(stamps) <= 0):
        raise ValueError("times must increase without repetition: sort the series first")
    return stamps


def _window_means(
    values: NDArray[np.float64],
    first: NDArray[np.intp],
    last: NDArray[np.intp],
    *,
    min_obs: int,
    fill_gaps: bool,
) -> NDArray[np.float64]:
    """Means of ``values[first:last]`` by differences of running sums."""
    valid = np.isfinite(values)
    count = np.zeros((*values.shape[:-1], values.shape[-1] + 1), dtype=np.int64)
    np.cumsum(valid, axis=-1, out=count[..., 1:])
    total = np.zeros(count.shape)
    # Around the mean, the running sums stay small and keep their digits.
    with np.errstate(invalid="ignore", divide="ignore"):
        middle = np.where(valid, values, 0.0).sum(axis=-1, keepdims=True) / count[..., -1:]
    np.cumsum(np.where(valid, values - middle, 0.0), axis=-1, out=total[..., 1:])
    n = count[..., last] - count[..., first]
    keep = (n >= max(min_obs, 1)) & (valid | fill_gaps)
    with np.errstate(invalid="ignore", divide="ignore"):
        means = (total[..., last] - total[..., first]) / n + middle
    return np.where(keep, means, np.nan)


def _by_day_of_year(
    values: NDArray[np.float64], day: NDArray[np.int64], statistic: str
) -> NDArray[np.float64]:
    order = np.argsort(day, kind="stable")
    values, day = values[..., order], day[order]
    present, starts = np.unique(day, return_index=True)
    out = np.full((*values.shape[:-1], LEAP_YEAR_DAYS), np.nan)
    if statistic == "mean":
        valid = np.isfinite(values)
        n = np.add.reduceat(valid, starts, axis=-1, dtype=np.int64)
        total = np.add.reduceat(np.where(valid, values, 0.0), starts, axis=-1)
        with np.errstate(invalid="ignore", divide="ignore"):
            out[..., present - 1] = total / n
        return out
    for number, part in zip(present, np.split(values, starts[1:], axis=-1)):
        some = np.isfinite(part).any(axis=-1)
        out[some, number - 1] = np.nanmedian(part[some], axis=-1)
    return out
