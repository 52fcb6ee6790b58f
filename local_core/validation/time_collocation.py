"""Pair an irregular series (overpasses) with another one in time."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd


def collocate_time(
    estimate: pd.Series,
    reference: pd.Series,
    *,
    window: str | pd.Timedelta = "12h",
    method: Literal["nearest", "mean"] = "nearest",
    each_reference_once: bool = False,
) -> pd.DataFrame:
    """Find for every estimate what the reference said at that time.

    Parameters
    ----------
    estimate, reference : pandas.Series
        Values on a DatetimeIndex (UTC), in any order; NaN are gaps.
    window : str or Timedelta
        How far before and after an estimate a reference may be, the limit included.
    method : {"nearest", "mean"}
        The nearest valid value (the earlier of two as near), or the mean of all in the window.
    each_reference_once : bool
        With "nearest", keep for every reference value only the estimate nearest to it, so that no
        measurement is counted twice.

    Returns
    -------
    pandas.DataFrame
        Columns ``estimate``, ``reference`` and, for "nearest", ``offset_hours`` (reference minus
        estimate); one row per estimate that found a partner, in order of time.

    Raises
    ------
    ValueError
        If an index holds no times, or the method is unknown.

    Examples
    --------
    >>> passes = pd.Series([0.2, 0.3], pd.to_datetime(["2020-07-01 05:40", "2020-07-09 17:10"]))
    >>> hourly = pd.Series(0.25, pd.date_range("2020-07-01", periods=48, freq="h"))
    >>> collocate_time(passes, hourly, window="1h")["offset_hours"].round(2).tolist()
    [0.33]
    """
    if method not in ("nearest", "mean"):
        raise ValueError(f"method must be 'nearest' or 'mean', got {method!r}")
    estimate, reference = _in_order(estimate, "estimate"), _in_order(reference, "reference")
    try:
        # A number without unit would count nanoseconds.
        unitless = str(window).strip().replace(".", "", 1).isdigit()
        half = -1 if unitless else pd.Timedelta(window).value
    except ValueError:
        half = -1
    if half < 0:
        raise ValueError(f"window must be a time such as '30min', '12h' or '1d', got {window!r}")
    t = estimate.index.as_unit("ns").asi8
    u = reference.index.as_unit("ns").asi8
    if method == "mean":
        return _window_mean(estimate, t, u, reference.to_numpy(), half)
    if not u.size or not t.size:
        return _paired(estimate[:0], np.empty(0), np.empty(0))
    after = np.clip(np.searchsorted(u, t), 0, u.size - 1)
    before = np.maximum(after - 1, 0)
    nearest = np.where(np.abs(u[after] - t) < np.abs(u[before] - t), after, before)
    offset = u[nearest] - t
    keep = np.abs(offset) <= half
    if each_reference_once:
        order = np.lexsort((np.abs(offset), nearest))
        order = order[keep[order]]
        first = np.ones(order.size, dtype=bool)
        first[1:] = nearest[order][1:] != nearest[order][:-1]
        keep = np.zeros(t.size, dtype=bool)
        keep[order[first]] = True
    return _paired(estimate[keep], reference.to_numpy()[nearest[keep]], offset[keep])


def _in_order(series: pd.Series, name: str) -> pd.Series:
    if not isinstance(series.index, pd.DatetimeIndex):
        raise ValueError(f"the {name} must have a DatetimeIndex, got {type(series.index).__name__}")
    if series.index.tz is not None:
        series = series.tz_convert("UTC").tz_localize(None)
    series = series[np.isfinite(series.to_numpy(dtype=np.float64))]
    # Of values with the same time stamp the first counts, as in pytesmo.
    return series[~series.index.duplicated()].sort_index()


def _window_mean(
    estimate: pd.Series, t: np.ndarray, u: np.ndarray, values: np.ndarray, half: int
) -> pd.DataFrame:
    first, last = np.searchsorted(u, t - half, "left"), np.searchsorted(u, t + half, "right")
    middle = values.mean() if values.size else 0.0
    running = np.concatenate([[0.0], np.cumsum(values - middle)])
    keep = last > first
    means = (running[last] - running[first])[keep] / (last - first)[keep] + middle
    return pd.DataFrame({"estimate": estimate[keep], "reference": means})


def _paired(estimate: pd.Series, reference: np.ndarray, offset: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "estimate": estimate.to_numpy(dtype=np.float64),
            "reference": np.asarray(reference, dtype=np.float64),
            "offset_hours": offset / 3.6e12,
        },
        index=estimate.index,
    )
