"""What is asked of a decomposition: the annual wave and the trend, each for itself."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from local_core.calendar_year import DAYS_PER_YEAR
from local_core.vmd import ModePeriodWarning, VmdResult, decompose


def quiet(series: NDArray[np.float64], **options: Any) -> VmdResult:
    """Decompose without the warning that this page is about."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ModePeriodWarning)
        return decompose(series, **{"min_valid_fraction": 0.3, "gaps": "harmonic", **options})


def alpha_of(half_width: float) -> float:
    """Penalty for a half width in cycles a year."""
    return (DAYS_PER_YEAR / half_width) ** 2


def bases(n_days: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Columns of equations 6 and 7: sine and cosine of a year, time and one."""
    days = np.arange(n_days)
    cycle = 2 * np.pi * days / DAYS_PER_YEAR
    sine = np.stack([np.sin(cycle), np.cos(cycle)], axis=-1)
    return sine, np.stack([days / DAYS_PER_YEAR, np.ones(n_days)], axis=-1)


def fitted(
    columns: NDArray[np.float64], values: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Least-squares curve over all days, and its coefficients, from the days that are there."""
    known = np.isfinite(values)
    coefficients = np.linalg.lstsq(columns[known], values[known])[0]
    return columns @ coefficients, coefficients


def by_modes(modes: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    """Sum of equations 6 and 7 fitted to IMF4 and IMF5, and the amplitude of the sine."""
    sine, line = bases(modes.shape[-1])
    annual, coefficients = fitted(sine, modes[3])
    slow, _ = fitted(line, modes[4])
    return annual + slow, float(np.hypot(*coefficients))


def directly(series: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    """Sine, cosine and line fitted to the series itself, and the amplitude."""
    curve, coefficients = fitted(np.hstack(bases(series.size)), series)
    return curve, float(np.hypot(*coefficients[:2]))


def rms(values: NDArray[np.float64]) -> float:
    """Root mean square."""
    return float(np.sqrt(np.nanmean(np.square(values))))
