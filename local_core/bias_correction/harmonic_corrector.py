"""Bias correction by an annual sine and a line fitted to the difference itself."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from local_core.bias_correction.fit_status import FitStatus
from local_core.bias_correction.seasonal_corrector import SeasonalCorrector, SeasonalFit
from local_core.bias_correction.seasonal_curve import pooled_least_squares


class HarmonicBiasCorrector(SeasonalCorrector):
    """Annual sine and line fitted to the difference itself, without a decomposition.

    Parameters
    ----------
    trend : {"line", "constant"}, optional
        Whether the slow part is a line, as in eq. 7, or a constant.
    frozen_term : bool, optional
        Adds a step on days with frozen soil.
    anomaly_term : bool, optional
        Adds a gain on the reanalysis' departures from its own mean annual cycle.
    time_origin : str, optional
        Zero of t and of the phase.
    days_per_year : float, optional
        Period of the sine.
    min_days : int, optional
        Fewer common days give status TOO_FEW_DAYS.

    Notes
    -----
    Where Chang et al. (2022) decompose the difference and fit eqs. 6 and 7 to two of its modes,
    this is the least-squares fit of the same curve to all of it: the rival a decomposition has to
    beat.

    Examples
    --------
    >>> from local_core.synthetic.stations import synthetic_stations
    >>> network = synthetic_stations(seed=1, n_years=5, stations_per_type=1, noise_sd=0)
    >>> model, truth = network.reanalysis.soil_moisture, network.truth.layer_soil_moisture
    >>> fitted = HarmonicBiasCorrector().fit(model, truth)
    >>> bool(abs(fitted.predict(model) - truth).max() < 1e-12)
    True
    """

    method: ClassVar[str] = "harmonic"

    def _fit_seasonal(
        self, difference: NDArray[np.float64], days: NDArray[np.float64]
    ) -> SeasonalFit:
        fit = pooled_least_squares(difference, self._columns(days))
        return SeasonalFit(fit.slope, fit.offset, FitStatus.OK)
