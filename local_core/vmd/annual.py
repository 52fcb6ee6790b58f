"""Settings that part the annual cycle from the trend, and the check that they did.

Chang et al. (2022) fit a sine of one year to IMF4 and a line to IMF5 (eqs. 6-7), but state neither
the penalty nor the start of the decomposition. With the usual ``alpha=2000`` a filter has half its
gain eight cycles a year off its centre, and unless the year stands far out of the noise, offset,
trend and year share the lowest mode. The choice made here is studied in docs/vmd-defaults.md:

* ``alpha``: a filter has half its gain one cycle a year off its centre, the distance between the
  trend and the year;
* the modes start at the trend, the year, and the octaves above it;
* the lowest mode is held at zero frequency, so that it is the trend whatever the offset.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from local_core.calendar_year import DAYS_PER_YEAR

ANNUAL_TREND: Mapping[str, Any] = MappingProxyType(
    {"n_modes": 5, "alpha": None, "init": "annual", "dc": True}
)
"""What :func:`local_core.vmd.decompose` does by default: IMF5 is the trend, IMF4 the year."""

LITERATURE: Mapping[str, Any] = MappingProxyType(
    {"n_modes": 5, "alpha": 2000.0, "init": "uniform", "dc": False}
)
"""The settings of the reference codes' examples; on daily data they seldom give an annual mode."""

ANNUAL_PERIOD_DAYS = (300.0, 430.0)
"""Range of the period of a mode that is called annual."""


class ModePeriodWarning(UserWarning):
    """A mode is not what its place in the order suggests."""


def annual_alpha(dt_days: float) -> float:
    """Penalty that gives filters half their gain one cycle a year off their centre.

    Examples
    --------
    >>> annual_alpha(1.0)
    133407.5625
    """
    return (DAYS_PER_YEAR / dt_days) ** 2


def annual_start_periods(n_modes: int) -> NDArray[np.float64]:
    """Trend, year and the octaves above the year, as periods in days, shape (mode,).

    Examples
    --------
    >>> annual_start_periods(5).tolist()
    [inf, 365.25, 182.625, 91.3125, 45.65625]
    """
    return np.concatenate([[np.inf], DAYS_PER_YEAR / 2.0 ** np.arange(n_modes - 1)])


def annual_mode_found(center_periods: ArrayLike) -> NDArray[np.bool_]:
    """Whether the second lowest mode has the period of a year.

    Parameters
    ----------
    center_periods
        Days, shape (..., mode), falling frequency.

    Returns
    -------
    ndarray
        Shape (...), true between 300 and 430 days.
    """
    periods = np.asarray(center_periods)
    if periods.shape[-1] < 2:
        return np.zeros(periods.shape[:-1], dtype=bool)
    shortest, longest = ANNUAL_PERIOD_DAYS
    return (periods[..., -2] >= shortest) & (periods[..., -2] <= longest)


def warn_if_not_annual(center_periods: NDArray[np.float64], decomposed: NDArray[np.bool_]) -> None:
    """Warn once for a batch if the second lowest mode of some series is not annual.

    Parameters
    ----------
    center_periods
        Days, shape (..., mode), falling frequency.
    decomposed
        Shape (...), the series that were decomposed and vary.
    """
    missing = decomposed & ~annual_mode_found(center_periods)
    if not missing.any():
        return
    n_modes = center_periods.shape[-1]
    periods = center_periods[missing, -2]
    warnings.warn(
        f"IMF{n_modes - 1} is not annual in {int(missing.sum())} of {int(decomposed.sum())} "
        f"series: its period is {np.min(periods):.0f} to {np.max(periods):.0f} days, outside "
        f"{ANNUAL_PERIOD_DAYS[0]:.0f} to {ANNUAL_PERIOD_DAYS[1]:.0f}. A sine of one year does not "
        "describe it; see annual_mode_found and center_periods of the result",
        ModePeriodWarning,
        stacklevel=3,
    )
