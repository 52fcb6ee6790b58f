"""Modes of the difference of in situ and reanalysis: Chang et al. (2022), eqs. 4 and 5."""

from __future__ import annotations

import warnings
from typing import NamedTuple

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from local_core.vmd import ModePeriodWarning, VmdStatus, decompose

#: Periods [days] of a mode that counts as annual: wide enough for a record of three years, whose
#: frequencies are a third of a cycle a year apart.
ANNUAL_PERIODS_DAYS = (200.0, 450.0)


class LowModes(NamedTuple):
    """What is slow in each difference.

    Attributes
    ----------
    annual, trend : array, shape (series, time)
        The seasonal and the slower part (the paper's u4 and u5); NaN where the difference is.
    has_annual : array of bool, shape (series,)
        Whether a mode has a period near one year.
    converged : array of bool, shape (series,)
    """

    annual: NDArray[np.float64]
    trend: NDArray[np.float64]
    has_annual: NDArray[np.bool_]
    converged: NDArray[np.bool_]


def low_modes(
    difference: NDArray[np.float64],
    *,
    selection: str,
    annual_periods_days: tuple[float, float] = ANNUAL_PERIODS_DAYS,
    **vmd: object,
) -> LowModes:
    """Decompose differences and keep what is annual and what is slower.

    Parameters
    ----------
    difference : array, shape (series, day)
        Consecutive days; NaN where missing. Each series is decomposed from its first to its last
        value, so the days before and after do not enter.
    selection : {"by_period", "last_two"}
        ``"last_two"``: the paper's rule, mode K-1 is annual and mode K the rest. ``"by_period"``:
        all modes with periods in ``annual_periods_days`` are annual and all slower ones are the
        rest, since one annual cycle often spreads over two modes.
    annual_periods_days : (float, float), optional
    **vmd
        Arguments of :func:`local_core.vmd.decompose`.

    Returns
    -------
    LowModes
    """
    annual = np.full(difference.shape, np.nan)
    trend = np.full(difference.shape, np.nan)
    has_annual = np.zeros(difference.shape[0], dtype=bool)
    converged = np.zeros(difference.shape[0], dtype=bool)
    valid = np.isfinite(difference)
    spans: dict[tuple[int, int], list[int]] = {}
    for row in np.flatnonzero(valid.sum(axis=1) >= 2):
        days = np.flatnonzero(valid[row])
        spans.setdefault((int(days[0]), int(days[-1]) + 1), []).append(int(row))
    for (start, end), rows in spans.items():
        with warnings.catch_warnings():
            # Said by has_annual, series by series.
            warnings.simplefilter("ignore", ModePeriodWarning)
            # How little data is too little is for the caller to say, not for the decomposition.
            result = decompose(
                difference[rows, start:end], dt_days=1.0, min_valid_fraction=1e-9, **vmd
            )
        periods = result.center_periods
        if selection == "last_two":
            is_annual = np.zeros(periods.shape, dtype=bool)
            is_annual[:, -2] = True
            is_trend = np.zeros(periods.shape, dtype=bool)
            is_trend[:, -1] = True
        else:
            is_annual = (periods >= annual_periods_days[0]) & (periods <= annual_periods_days[1])
            is_trend = periods > annual_periods_days[1]
        modes = np.nan_to_num(result.modes)
        known = valid[rows, start:end]
        for target, chosen in ((annual, is_annual), (trend, is_trend)):
            total = np.einsum("skt,sk->st", modes, chosen.astype(float))
            target[rows, start:end] = np.where(known, total, np.nan)
        near = (periods >= annual_periods_days[0]) & (periods <= annual_periods_days[1])
        has_annual[rows] = (near & is_annual).any(axis=1)
        converged[rows] = result.converged | (result.status == VmdStatus.CONSTANT)
    return LowModes(annual, trend, has_annual, converged)


def difference_modes(reanalysis: xr.DataArray, in_situ: xr.DataArray, **vmd: object) -> xr.Dataset:
    """Decompose the difference of in situ and reanalysis, for looking at (the paper's Fig. 3).

    Parameters
    ----------
    reanalysis, in_situ : DataArray (..., time)
        Daily values [m3 m-3].
    **vmd
        Arguments of :func:`local_core.vmd.decompose`; ``gaps="harmonic"`` unless given.

    Returns
    -------
    Dataset
        ``difference`` (eq. 4) over (..., time), ``modes`` (eq. 5) over (..., mode, time), and
        ``center_periods`` [days] over (..., mode), from the highest to the lowest frequency.

    Examples
    --------
    >>> from local_core.synthetic.stations import synthetic_stations
    >>> network = synthetic_stations(seed=1, n_years=4, stations_per_type=1)
    >>> site = {"station": "SYN/AM1", "layer": "0-7"}
    >>> modes = difference_modes(network.reanalysis.soil_moisture.sel(site),
    ...                          network.truth.layer_soil_moisture.sel(site))
    >>> modes.modes.dims
    ('mode', 'time')
    """
    in_situ, reanalysis = xr.align(in_situ, reanalysis, join="inner")
    difference = in_situ - reanalysis
    full = difference.resample(time="1D").asfreq()
    with warnings.catch_warnings():
        # The periods are in the result.
        warnings.simplefilter("ignore", ModePeriodWarning)
        decomposed = decompose(full, **{"gaps": "harmonic", "min_valid_fraction": 1e-9, **vmd})
    return xr.Dataset(
        {
            "difference": full,
            "modes": decomposed["modes"],
            "center_periods": decomposed["center_periods"],
        }
    )
