"""Days from an explicit zero: what makes a fit of one period serve another.

Eqs. 6 and 7 of Chang et al. (2022) write sin(wt) and c t + d without saying where t is zero. A
phase and an offset mean nothing without it, so the zero is a parameter, stored in the fit.
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray

_DAY = np.timedelta64(1, "D")


def days_since(time: ArrayLike | xr.DataArray, origin: str) -> NDArray[np.float64]:
    """Return days since an origin.

    Parameters
    ----------
    time : array of datetime64, shape (time,)
    origin : str
        ISO date, such as ``"2000-01-01"``.

    Returns
    -------
    array of float, shape (time,)

    Raises
    ------
    ValueError
        If the times are no dates, do not increase, or the origin is not a date.

    Examples
    --------
    >>> days_since(np.array(["2000-01-02", "2000-01-03T12"], dtype="datetime64[h]"), "2000-01-01")
    array([1. , 2.5])
    """
    try:
        # Nanoseconds reach 292 years only; an origin may lie farther back.
        zero = np.datetime64(origin, "us")
    except ValueError as error:
        raise ValueError(f"time origin {origin!r} is not an ISO date ({error})") from error
    stamps = np.asarray(time)
    if stamps.dtype.kind != "M" or stamps.ndim != 1:
        raise ValueError(
            f"time is {stamps.dtype} of shape {stamps.shape}; expected datetime64 of shape (time,)"
        )
    if stamps.size > 1 and not (np.diff(stamps) > np.timedelta64(0)).all():
        raise ValueError("time does not increase; sort it and drop repeated days first")
    return (stamps.astype("datetime64[us]") - zero) / _DAY


def fill_days(time: ArrayLike) -> tuple[NDArray[np.datetime64], NDArray[np.int64]]:
    """Return the unbroken days from the first to the last, and where the given ones lie on them.

    A decomposition and an autocorrelation need every day; a series may lack some altogether.

    Parameters
    ----------
    time : array of datetime64, shape (time,)

    Returns
    -------
    days : array of datetime64[D], shape (day,)
    position : array of int, shape (time,)

    Raises
    ------
    ValueError
        If two values fall on one day.

    Examples
    --------
    >>> days, position = fill_days(np.array(["2000-01-01", "2000-01-04"], dtype="datetime64[D]"))
    >>> len(days), position.tolist()
    (4, [0, 3])
    """
    dates = np.asarray(time).astype("datetime64[D]")
    if dates.size == 0:
        return dates, np.empty(0, dtype=np.int64)
    if dates.size > 1 and not (np.diff(dates) > np.timedelta64(0)).all():
        raise ValueError(
            "several values fall on one day, or days go back; average to daily means first"
        )
    position = (dates - dates[0]) // _DAY
    return dates[0] + np.arange(position[-1] + 1) * _DAY, position
