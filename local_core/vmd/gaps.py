"""What is done about missing samples before a decomposition.

The decomposition needs every sample of a regular series. One missing value makes vmdpy return
zeros without a word; here a gap is either refused or filled by a rule the caller named, and the
filled samples are taken out of the result again.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from local_core.vmd.annual import DAYS_PER_YEAR

GapPolicy = Literal["raise", "interpolate", "harmonic"]
GAP_POLICIES: tuple[str, ...] = ("raise", "interpolate", "harmonic")


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
        the annual and semi-annual harmonics to the valid samples of the row; the better choice for
        gaps of months that come back every year, such as frozen winters. A row with fewer valid
        samples than twice the six coefficients is interpolated. ``"raise"``: the caller has made
        sure that there are none.
    dt_days
        Sampling interval in days.

    Returns
    -------
    ndarray
        A new array of shape (series, time) without NaN.
    """
    if valid.all():
        return series.copy()
    filled = np.where(valid, series, 0)
    n_valid = valid.sum(axis=-1)
    by_fit = (policy == "harmonic") & (n_valid >= 2 * _N_COEFFICIENTS) & (n_valid < valid.shape[-1])
    if by_fit.any():
        fit = _harmonic_fit(filled[by_fit], valid[by_fit], dt_days)
        filled[by_fit] = np.where(valid[by_fit], filled[by_fit], fit)
    time = np.arange(series.shape[-1])
    for row in np.flatnonzero(~by_fit & (n_valid < valid.shape[-1])):
        known = valid[row]
        filled[row, ~known] = np.interp(time[~known], time[known], filled[row, known])
    return filled


_N_COEFFICIENTS = 6


def _harmonic_fit(
    zero_filled: NDArray[np.floating], valid: NDArray[np.bool_], dt_days: float
) -> NDArray[np.float64]:
    """Offset, trend and two harmonics fitted to the valid samples of each row."""
    n_times = zero_filled.shape[-1]
    centred = np.linspace(-1.0, 1.0, n_times)
    angle = 2 * np.pi * np.arange(n_times) * (dt_days / DAYS_PER_YEAR)
    design = np.stack(
        [
            np.ones(n_times),
            centred,
            np.sin(angle),
            np.cos(angle),
            np.sin(2 * angle),
            np.cos(2 * angle),
        ],
        axis=-1,
    )
    weights = valid.astype(np.float64)
    products = (design[:, :, None] * design[:, None, :]).reshape(n_times, -1)
    normal = (weights @ products).reshape(-1, _N_COEFFICIENTS, _N_COEFFICIENTS)
    # A record that sees only part of the year leaves coefficients undetermined, and a bare fit
    # would invent large cycles in the unseen part. The ridge forbids that, at the price of
    # shrinking the fitted cycle of a complete record by 0.2 %.
    normal += np.eye(_N_COEFFICIENTS) * (1e-3 * weights.sum(axis=-1))[:, None, None]
    offset = zero_filled.sum(axis=-1, dtype=np.float64) / weights.sum(axis=-1)
    departure = (zero_filled - offset[:, None]) * weights
    coefficients = np.linalg.solve(normal, (departure @ design)[..., None])[..., 0]
    return coefficients @ design.T + offset[:, None]
