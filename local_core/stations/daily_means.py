"""Daily means in UTC, from values at any time step."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from local_core.stations.status import Status

_DAY = np.timedelta64(1, "D")


class DailySeries(NamedTuple):
    """Daily means of one sensor on consecutive days.

    Attributes
    ----------
    mean : array, shape (n_day,)
        NaN on days without enough valid values.
    n_valid : array of int, shape (n_day,)
        Values used.
    status : array of int8, shape (n_day,)
        Values of :class:`~local_core.stations.status.Status`.
    """

    mean: NDArray[np.float64]
    n_valid: NDArray[np.int64]
    status: NDArray[np.int8]


def daily_means(
    time: ArrayLike,
    value: ArrayLike,
    days: ArrayLike,
    *,
    status: ArrayLike | None = None,
    step_hours: float,
    min_share: float = 0.5,
) -> DailySeries:
    """Average a sensor's values over UTC days.

    Parameters
    ----------
    time : array of datetime64, shape (n,)
        UTC time stamps.
    value : array, shape (n,)
        NaN where missing.
    days : array of datetime64, shape (n_day,)
        Consecutive days to average over; values on other days are left out.
    status : array of int, shape (n,), optional
        Status of each value; those that are not VALID are left out of the mean and explain a day
        that has none.
    step_hours : float
        Usual time step [h]; a full day has 24 / step_hours values, and at least one.
    min_share : float, optional
        Share of a full day's values that must be valid.

    Returns
    -------
    DailySeries

    Raises
    ------
    ValueError
        If ``min_share`` is not in (0, 1].

    Examples
    --------
    >>> hours = np.datetime64("2010-07-01T00") + np.arange(36)
    >>> days = np.datetime64("2010-07-01") + np.arange(3)
    >>> series = daily_means(hours, np.arange(36) / 100, days, step_hours=1, min_share=0.6)
    >>> series.mean.round(3).tolist(), series.status.tolist()
    ([0.115, nan, nan], [0, 8, 1])
    """
    if not 0 < min_share <= 1:
        raise ValueError(f"min_share={min_share}; expected a share above 0 and up to 1")
    days = np.asarray(days, dtype="datetime64[D]")
    series = np.asarray(value, dtype=float)
    codes = np.zeros(series.shape, dtype=int) if status is None else np.asarray(status, dtype=int)
    codes = np.where(
        np.isfinite(series) | (codes > Status.NOT_RECORDED), codes, Status.NOT_RECORDED
    )
    index = (np.asarray(time, dtype="datetime64[D]") - days[0]) // _DAY if days.size else codes[:0]
    within = (index >= 0) & (index < days.size)
    index, series, codes = index[within], series[within], codes[within]
    used = codes == Status.VALID
    n_valid = np.bincount(index[used], minlength=days.size)
    total = np.bincount(index[used], weights=series[used], minlength=days.size)
    per_day = max(1.0, 24.0 / step_hours) if np.isfinite(step_hours) else 1.0
    enough = n_valid >= max(1.0, min_share * per_day)
    mean = np.full(days.size, np.nan)
    mean[enough] = total[enough] / n_valid[enough]
    # Why there is no value: the commonest reason among the day's removed values.
    removed = np.stack(
        [np.bincount(index[codes == code], minlength=days.size) for code in range(2, len(Status))]
    )
    day_status = np.where(n_valid > 0, Status.TOO_FEW_VALUES, Status.NOT_RECORDED)
    day_status = np.where(removed.any(axis=0), removed.argmax(axis=0) + 2, day_status)
    day_status[enough] = Status.VALID
    return DailySeries(mean, n_valid, day_status.astype(np.int8))
