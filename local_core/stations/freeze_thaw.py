"""When the soil freezes and thaws: three consecutive days on one side of 0 degC.

Chang et al. (2022, section V) define the onset of freezing (thawing) as the first day on which the
soil temperature drops below (rises above) 0 degC for three consecutive days. Between an onset of
freezing and the next onset of thawing the soil counts as frozen, so a single mild day in winter
does not thaw it.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from local_core.stations.status import SoilState
from local_core.status_flags import flag_attributes

_SERIES_AT_A_TIME = 256


def freeze_thaw_state(
    temperature_degc: ArrayLike,
    *,
    consecutive_days: int = 3,
    freezing_point_degc: float = 0.0,
    longest_gap_days: int = 30,
) -> NDArray[np.int8]:
    """Classify each day as frozen, thawed or unknown.

    Parameters
    ----------
    temperature_degc : array, shape (..., time)
        Daily soil temperature [degC]; NaN where missing. Days are consecutive.
    consecutive_days : int, optional
        Days in a row that make an onset.
    freezing_point_degc : float, optional
        Lower it for saline soils. A day exactly at this temperature is on neither side.
    longest_gap_days : int, optional
        After a longer gap the state is unknown until the next onset; through shorter ones it is
        carried on.

    Returns
    -------
    array of int8, shape (..., time)
        Values of :class:`~local_core.stations.status.SoilState`.

    Notes
    -----
    The state before the first run of ``consecutive_days`` days is unknown.

    Examples
    --------
    >>> freeze_thaw_state([2, 1, 3, -1, -2, 1, -1, -3, -2, 1, 2, 4]).tolist()
    [0, 0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 0]
    """
    if consecutive_days < 1 or longest_gap_days < 0:
        raise ValueError(
            f"consecutive_days={consecutive_days} and longest_gap_days={longest_gap_days}; "
            "expected at least 1 and at least 0"
        )
    temperature = np.asarray(temperature_degc)
    series = temperature.reshape(math.prod(temperature.shape[:-1]), temperature.shape[-1])
    state = np.empty(series.shape, dtype=np.int8)
    # A few hundred series at a time: the counts of days below take many times the input.
    for start in range(0, series.shape[0], _SERIES_AT_A_TIME):
        part = slice(start, start + _SERIES_AT_A_TIME)
        state[part] = _states(
            series[part].astype(float), consecutive_days, freezing_point_degc, longest_gap_days
        )
    return state.reshape(temperature.shape)


def _states(
    temperature: NDArray[np.float64],
    consecutive_days: int,
    freezing_point_degc: float,
    longest_gap_days: int,
) -> NDArray[np.int8]:
    marker = np.zeros(temperature.shape, dtype=np.int8)
    marker[_starts_run(temperature > freezing_point_degc, consecutive_days)] = 1
    marker[_starts_run(temperature < freezing_point_degc, consecutive_days)] = 2
    # The first day past a tolerable gap resets what is known.
    gap_days = _days_since(np.isfinite(temperature))
    marker[gap_days == longest_gap_days + 1] = 3
    last = _last_day(marker > 0)
    held = np.take_along_axis(marker, np.maximum(last, 0), axis=-1)
    held[last < 0] = 0
    state_of_marker = np.array(
        [SoilState.UNKNOWN, SoilState.THAWED, SoilState.FROZEN, SoilState.UNKNOWN], dtype=np.int8
    )
    return state_of_marker[held]


def _starts_run(holds: NDArray[np.bool_], length: int) -> NDArray[np.bool_]:
    """Tell where a condition holds on this and the next ``length - 1`` days."""
    starts = np.zeros_like(holds)
    n_starts = holds.shape[-1] - length + 1
    if n_starts <= 0:
        return starts
    starts[..., :n_starts] = True
    for shift in range(length):
        starts[..., :n_starts] &= holds[..., shift : shift + n_starts]
    return starts


def _days_since(seen: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Count the days since the last one with a value; 0 on days with one."""
    return np.arange(seen.shape[-1]) - _last_day(seen)


def _last_day(seen: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the last day up to each with a value; -1 before the first."""
    return np.maximum.accumulate(np.where(seen, np.arange(seen.shape[-1]), -1), axis=-1)


def freeze_thaw(soil_temperature: xr.DataArray, **rule: float) -> xr.DataArray:
    """Classify the days of a DataArray; see :func:`freeze_thaw_state`.

    Parameters
    ----------
    soil_temperature : DataArray (..., time)
        Daily soil temperature [degC].
    **rule
        Keyword arguments of :func:`freeze_thaw_state`.

    Returns
    -------
    DataArray of int8 (..., time)
        -1 unknown, 0 thawed, 1 frozen, with CF flag attributes.
    """
    state = xr.apply_ufunc(
        freeze_thaw_state,
        soil_temperature,
        kwargs=rule,
        input_core_dims=[["time"]],
        output_core_dims=[["time"]],
        dask="parallelized",
        output_dtypes=[np.int8],
    )
    state.attrs = flag_attributes(SoilState, "freeze/thaw state of the soil")
    return state.rename("frozen")


def onsets(state: ArrayLike, time: ArrayLike) -> pd.DataFrame:
    """List the onsets of freezing and thawing of one series.

    Parameters
    ----------
    state : array of int8, shape (time,)
        From :func:`freeze_thaw_state`.
    time : array of datetime64, shape (time,)

    Returns
    -------
    DataFrame
        Columns ``event`` ("freezing" or "thawing"), ``date``, ``day_of_year``. A change from
        unknown is no onset: nobody saw the day it happened.

    Examples
    --------
    >>> days = np.datetime64("2010-10-01") + np.arange(6)
    >>> onsets([0, 0, 1, 1, 1, 0], days)[["event", "day_of_year"]].values.tolist()
    [['freezing', 276], ['thawing', 279]]
    """
    state = np.asarray(state)
    dates = pd.DatetimeIndex(np.asarray(time, dtype="datetime64[ns]"))
    before, after = state[:-1], state[1:]
    changed = np.flatnonzero((before != after) & (before >= 0) & (after >= 0)) + 1
    return pd.DataFrame(
        {
            "event": ["freezing" if state[i] == SoilState.FROZEN else "thawing" for i in changed],
            "date": dates[changed],
            "day_of_year": dates[changed].day_of_year,
        }
    )
