"""What is done about missing samples before a decomposition.

The decomposition needs every sample of a regular series. One missing value makes vmdpy return
zeros without a word; here a gap is either refused or filled by a rule the caller named, and the
filled samples are taken out of the result again.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from local_core.calendar_year import DAYS_PER_YEAR

GapPolicy = Literal["raise", "interpolate", "harmonic"]
GAP_POLICIES: tuple[str, ...] = ("raise", "interpolate", "harmonic")

FADING_DAYS = 20.0
"""Memory of the departures from the seasonal cycle that a gap is bridged with."""


def fill_gaps(
    series: NDArray[np.floating], *, valid: NDArray[np.bool_], policy: GapPolicy, dt_days: float
) -> NDArray[np.floating]:
    """Series with the samples outside ``valid`` replaced.

    Parameters
    ----------
    series
        Shape (series, time), NaN in gaps.
    valid
        Shape (series, time). Every row must hold at least one valid sample.
    policy
        ``"interpolate"``: straight line between the neighbours of the gap, nearest valid value
        before the first and after the last. ``"harmonic"``: least-squares fit of offset, trend, and
        the annual and semi-annual harmonics to the valid samples of the row, plus the interpolated
        departure from that fit, which fades by a factor e for every 20 days from the nearest valid
        sample. It equals interpolation in gaps of days and the seasonal cycle in gaps of months,
        such as frozen winters. A row with fewer valid samples than twice the six coefficients is
        interpolated. ``"raise"``: the caller has made sure that there are none.
    dt_days
        Sampling interval in days.

    Returns
    -------
    ndarray
        A new array of shape (series, time) without NaN.
    """
    filled = series.copy()
    design = None
    time = np.arange(series.shape[-1])
    # Row by row, so that what is filled does not depend on the rows beside it.
    for row in np.flatnonzero(~valid.all(axis=-1)):
        known = valid[row]
        gap = ~known
        values = series[row, known].astype(np.float64)
        if policy == "harmonic" and values.size >= 2 * _N_COEFFICIENTS:
            if design is None:
                design = _design(series.shape[-1], dt_days)
            fit = _harmonic_fit(design, known, values)
            departure = np.interp(time[gap], time[known], values - fit[known])
            distance = _steps_to_nearest(known)[gap] * dt_days
            filled[row, gap] = fit[gap] + departure * np.exp(-distance / FADING_DAYS)
        else:
            filled[row, gap] = np.interp(time[gap], time[known], values)
    return filled


_N_COEFFICIENTS = 6


def _design(n_times: int, dt_days: float) -> NDArray[np.float64]:
    """Columns of the harmonic fit, shape (time, coefficient)."""
    angle = 2 * np.pi * np.arange(n_times) * (dt_days / DAYS_PER_YEAR)
    return np.stack(
        [
            np.ones(n_times),
            np.linspace(-1.0, 1.0, n_times),
            np.sin(angle),
            np.cos(angle),
            np.sin(2 * angle),
            np.cos(2 * angle),
        ],
        axis=-1,
    )


def _harmonic_fit(
    design: NDArray[np.float64], known: NDArray[np.bool_], values: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Fit of the design to the known values, at all times."""
    columns = design[known]
    normal = columns.T @ columns
    # A record that sees only part of the year leaves coefficients undetermined, and a bare fit
    # would invent large cycles in the unseen part. The ridge forbids that, at the price of
    # shrinking the fitted cycle of a complete record by 0.2 %.
    normal += np.eye(_N_COEFFICIENTS) * (1e-3 * values.size)
    offset = values.mean()
    coefficients = np.linalg.solve(normal, columns.T @ (values - offset))
    return design @ coefficients + offset


def _steps_to_nearest(known: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Samples between each time and the nearest known one."""
    time = np.arange(known.size)
    before = np.maximum.accumulate(np.where(known, time, -np.inf))
    after = np.minimum.accumulate(np.where(known, time, np.inf)[::-1])[::-1]
    return np.minimum(time - before, after - time)
