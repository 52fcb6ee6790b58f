"""Centre frequencies from which the iteration starts.

The iteration descends to a local minimum, so the start is part of the method's definition: with the
same penalty, different starts give different modes.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from local_core.vmd.annual import annual_start_periods

Start = str | Sequence[float] | NDArray[np.floating]

_NAMES = ("annual", "zero", "uniform")


def start_frequencies(
    init: Start, *, n_modes: int, dt_days: float, dc: bool
) -> NDArray[np.float64]:
    """Start centre frequencies in cycles a sample, ascending.

    Parameters
    ----------
    init
        ``"annual"``: at the trend, the year, and the octaves above the year. ``"zero"``: all at
        zero frequency (``init=0`` of vmdpy). ``"uniform"``: equally spaced below the Nyquist
        frequency (``init=1``). Or ``n_modes`` periods in days, ``inf`` for zero frequency.
    n_modes
        Number of modes.
    dt_days
        Sampling interval in days.
    dc
        Whether the lowest mode is held at zero frequency; its start is then zero.

    Returns
    -------
    ndarray
        Shape (mode,).

    Raises
    ------
    ValueError
        If a name is not known, the number of periods is not ``n_modes``, or a period is shorter
        than two samples.

    Examples
    --------
    >>> start_frequencies("uniform", n_modes=5, dt_days=1.0, dc=False).tolist()
    [0.0, 0.1, 0.2, 0.30000000000000004, 0.4]
    >>> start_frequencies([10.0, 365.0, float("inf")], n_modes=3, dt_days=1.0, dc=True).round(4)
    array([0.    , 0.0027, 0.1   ])
    """
    if isinstance(init, str):
        if init not in _NAMES:
            raise ValueError(
                f"init={init!r} is not a known start; give one of {_NAMES} or "
                f"{n_modes} periods in days"
            )
        if init == "zero":
            return np.zeros(n_modes)
        if init == "uniform":
            return (0.5 / n_modes) * np.arange(n_modes)
        init = annual_start_periods(n_modes)
    periods = np.asarray(init, dtype=np.float64)
    if periods.shape != (n_modes,):
        raise ValueError(
            f"init has shape {periods.shape}, expected one period in days for each of the "
            f"n_modes={n_modes} modes"
        )
    if not np.all(periods >= 2.0 * dt_days):
        raise ValueError(
            f"init={periods.tolist()} holds a period shorter than two samples of {dt_days} days; "
            "give periods in days (inf for zero frequency)"
        )
    frequencies = np.sort(dt_days / periods)
    if dc:
        frequencies[0] = 0.0
    return frequencies
