"""Bias correction by variational mode decomposition: Chang et al. (2022), eqs. 4 to 8."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from local_core.bias_correction.difference_modes import ANNUAL_PERIODS_DAYS, low_modes
from local_core.bias_correction.fit_status import FitStatus
from local_core.bias_correction.seasonal_corrector import SeasonalCorrector, SeasonalFit
from local_core.bias_correction.seasonal_curve import pooled_least_squares
from local_core.calendar_year import DAYS_PER_YEAR
from local_core.vmd.gaps import GapPolicy
from local_core.vmd.starts import Start


class VmdBiasCorrector(SeasonalCorrector):
    """Bias correction by variational mode decomposition, Chang et al. (2022).

    The difference D of in situ and reanalysis (eq. 4) is decomposed (eq. 5); the seasonal mode is
    fitted by a sine and cosine of annual frequency (eq. 6), the slowest by a line (eq. 7), and both
    are added to the reanalysis (eq. 8).

    Parameters
    ----------
    n_modes, alpha, init, dc, tol : optional
        Of :func:`local_core.vmd.decompose`, whose defaults part the year from the trend. The paper
        has five modes and states no more.
    gaps : {"harmonic", "interpolate"}, optional
        How missing days are filled for the decomposition; the regression leaves them out.
    selection : {"by_period", "last_two"}, optional
        Which modes are seasonal and slow: by their periods, or the paper's fourth and fifth.
    regression : {"joint", "separate"}, optional
        ``"separate"`` fits eq. 6 to the seasonal part and eq. 7 to the slow one, as printed;
        ``"joint"`` fits their sum to the sum of both. A record that is no whole number of years
        makes sine and line depend on each other, and the slow mode always keeps some of the
        annual cycle, which a line alone turns into a trend.
    trend, frozen_term, anomaly_term, time_origin, days_per_year, min_days : optional
        As in :class:`HarmonicBiasCorrector`.

    Notes
    -----
    ``selection="last_two", regression="separate"`` is the paper to the letter. It loses what the
    annual cycle leaves in the third mode, and its line bends with the record's ends;
    docs/bias-correction.md has the figures.

    Examples
    --------
    >>> from local_core.synthetic.stations import synthetic_stations
    >>> network = synthetic_stations(seed=1, n_years=6, stations_per_type=1)
    >>> model = network.reanalysis.soil_moisture.sel(station="SYN/AM1", layer="0-7")
    >>> truth = network.truth.layer_soil_moisture.sel(station="SYN/AM1", layer="0-7")
    >>> fitted = VmdBiasCorrector().fit(model, truth.sel(time=slice("2004", "2007")))
    >>> later = slice("2008", "2009")
    >>> before = float(abs(model - truth).sel(time=later).mean())
    >>> after = float(abs(fitted.predict(model) - truth).sel(time=later).mean())
    >>> after < 0.1 * before
    True
    """

    method: ClassVar[str] = "vmd"

    def __init__(
        self,
        *,
        n_modes: int = 5,
        alpha: float | None = None,
        init: Start = "annual",
        dc: bool = True,
        tol: float = 1e-7,
        gaps: GapPolicy = "harmonic",
        selection: str = "by_period",
        regression: str = "joint",
        trend: str = "line",
        frozen_term: bool = False,
        anomaly_term: bool = False,
        time_origin: str = "2000-01-01",
        days_per_year: float = DAYS_PER_YEAR,
        min_days: int = 365,
    ) -> None:
        super().__init__(
            trend=trend,
            frozen_term=frozen_term,
            anomaly_term=anomaly_term,
            time_origin=time_origin,
            days_per_year=days_per_year,
            min_days=min_days,
        )
        self.n_modes = n_modes
        self.alpha = alpha
        self.init = init
        self.dc = dc
        self.tol = tol
        self.gaps = gaps
        self.selection = selection
        self.regression = regression

    def _check(self) -> None:
        super()._check()
        if self.selection not in ("by_period", "last_two"):
            raise ValueError(f"selection={self.selection!r}; expected 'by_period' or 'last_two'")
        if self.regression not in ("joint", "separate"):
            raise ValueError(f"regression={self.regression!r}; expected 'joint' or 'separate'")
        if self.n_modes < 2:
            raise ValueError(
                f"n_modes={self.n_modes}; at least two are needed, for the year and the rest"
            )

    def _fit_seasonal(
        self, difference: NDArray[np.float64], days: NDArray[np.float64]
    ) -> SeasonalFit:
        # The decomposition needs every day; days without any value are gaps like others.
        whole = np.rint(days - days[0]).astype(int)
        daily = np.full((difference.shape[0], whole[-1] + 1), np.nan)
        daily[:, whole] = difference
        low = low_modes(
            daily,
            selection=self.selection,
            annual_periods_days=ANNUAL_PERIODS_DAYS,
            n_modes=self.n_modes,
            alpha=self.alpha,
            init=self.init,
            dc=self.dc,
            tol=self.tol,
            gaps=self.gaps,
        )
        annual, slow = low.annual[:, whole], low.trend[:, whole]
        columns = self._columns(days)
        if self.regression == "joint":
            fit = pooled_least_squares(annual + slow, columns)
            slope, offset = fit.slope, fit.offset
        else:
            known = np.isfinite(annual)
            stacked = np.broadcast_to(columns[:, :2], (*annual.shape, 2))[known]
            waves = np.linalg.lstsq(stacked, annual[known], rcond=None)[0]
            fit = pooled_least_squares(slow, columns[:, 2:])
            slope, offset = np.concatenate([waves, fit.slope]), fit.offset
        sites = np.isfinite(difference).any(axis=1)
        if not low.has_annual[sites].all():
            return SeasonalFit(slope, offset, FitStatus.NO_ANNUAL_MODE)
        if not low.converged[sites].all():
            return SeasonalFit(slope, offset, FitStatus.NOT_CONVERGED)
        return SeasonalFit(slope, offset, FitStatus.OK)
