"""What the corrections by an annual curve and a line share: extra terms, prediction, band."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from local_core.bias_correction.confidence_band import BAND_PARAMETERS, Band, confidence_band
from local_core.bias_correction.corrector import BiasCorrector, ReanalysisDays
from local_core.bias_correction.fit_status import FitStatus
from local_core.bias_correction.seasonal_curve import (
    CURVE_PARAMETERS,
    PooledFit,
    annual_anomaly,
    pooled_least_squares,
    seasonal_columns,
    seasonal_curve,
)
from local_core.bias_correction.time_axis import days_since
from local_core.calendar_year import DAYS_PER_YEAR

_SINE, _COSINE, _TREND, _OFFSET, _FROZEN, _GAIN = range(len(CURVE_PARAMETERS))


class SeasonalFit(NamedTuple):
    """Slopes on sine, cosine (and time in years), and the mean offset."""

    slope: NDArray[np.float64]
    offset: float
    status: FitStatus


class SeasonalCorrector(BiasCorrector):
    """Base of the corrections by a curve over the year and a line; a subclass fits the two."""

    def __init__(
        self,
        *,
        trend: str = "line",
        frozen_term: bool = False,
        anomaly_term: bool = False,
        time_origin: str = "2000-01-01",
        days_per_year: float = DAYS_PER_YEAR,
        min_days: int = 365,
    ) -> None:
        self.trend = trend
        self.frozen_term = frozen_term
        self.anomaly_term = anomaly_term
        self.time_origin = time_origin
        self.days_per_year = days_per_year
        self.min_days = min_days

    @property
    def parameter_names(self) -> tuple[str, ...]:
        """Sine, cosine [m3 m-3], trend [m3 m-3 per day], offset, frozen step, anomaly gain.

        After these six come the numbers of the confidence band.
        """
        return CURVE_PARAMETERS + BAND_PARAMETERS

    @property
    def uses_frozen(self) -> bool:
        """Whether the frozen-soil term is on."""
        return self.frozen_term

    @property
    def uses_whole_series(self) -> bool:
        """Whether the anomaly term is on, which needs the seasonal course of each series."""
        return self.anomaly_term

    def _fit_seasonal(
        self, difference: NDArray[np.float64], days: NDArray[np.float64]
    ) -> SeasonalFit:
        """Fit sine, cosine (and line) to differences, array (site, time)."""
        raise NotImplementedError

    def _columns(self, days: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sine, cosine and, if the slow part is a line, time."""
        return seasonal_columns(days, trend=self.trend == "line", days_per_year=self.days_per_year)

    def _check(self) -> None:
        if self.trend not in ("line", "constant"):
            raise ValueError(f"trend={self.trend!r}; expected 'line' or 'constant'")

    def _fit_group(
        self, model: ReanalysisDays, in_situ: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], FitStatus]:
        self._check()
        difference = in_situ - model.reanalysis
        if self.frozen_term:
            # A day whose state is unknown cannot tell what frost does.
            difference = np.where(model.frozen >= 0, difference, np.nan)
        if np.isfinite(difference).sum() == 0:
            return np.full(len(self.parameter_names), np.nan), FitStatus.TOO_FEW_DAYS
        parameters = np.zeros(len(CURVE_PARAMETERS))
        seasonal = self._fit_seasonal(difference, model.days)
        slope, offset = seasonal.slope, seasonal.offset
        extra = self._extra_columns(model)
        if extra:
            columns = self._columns(model.days)
            rest = difference - columns @ slope
            # Frisch-Waugh: what the terms explain beyond the curve, then the curve given the terms.
            stacked = np.stack(list(extra.values()), axis=-1)
            shares = [
                pooled_least_squares(np.where(np.isfinite(rest), term, np.nan), columns)
                for term in np.moveaxis(stacked, -1, 0)
            ]
            beyond = np.stack([share.residual for share in shares], axis=-1)
            fit = pooled_least_squares(rest, np.nan_to_num(beyond))
            for name, value, share in zip(extra, fit.slope, shares):
                parameters[CURVE_PARAMETERS.index(name)] = value
                slope = slope - value * share.slope
                offset = offset - value * share.offset
        parameters[_SINE], parameters[_COSINE] = slope[:2]
        if self.trend == "line":
            parameters[_TREND] = slope[2] / self.days_per_year
        parameters[_OFFSET] = offset
        band = self._band(difference, model, parameters)
        return np.concatenate([parameters, band.packed()]), seasonal.status

    def _terms(self, model: ReanalysisDays) -> NDArray[np.float64]:
        """Columns of the band's terms, (..., time, 5)."""
        frozen = np.where(model.frozen == 1, 1.0, 0.0)
        year = model.days / self.days_per_year
        angle = 2 * np.pi * model.days / self.days_per_year
        columns = (np.sin(angle), np.cos(angle), year, frozen, model.anomaly)
        return np.stack(np.broadcast_arrays(*columns), axis=-1)

    def _band(
        self,
        difference: NDArray[np.float64],
        model: ReanalysisDays,
        parameters: NDArray[np.float64],
    ) -> Band:
        """Band of the fitted curve, from what it leaves on the calendar's consecutive days."""
        anomaly = np.broadcast_to(np.nan_to_num(model.anomaly), difference.shape)
        terms = self._terms(model._replace(anomaly=anomaly))
        slopes = parameters[[_SINE, _COSINE, _TREND, _FROZEN, _GAIN]].copy()
        slopes[2] *= self.days_per_year
        rest = difference - terms @ slopes
        count = np.isfinite(rest).sum(axis=1)
        total = np.nansum(rest, axis=1)
        site_offset = np.where(count > 0, total / np.maximum(count, 1), np.nan)
        whole = np.rint(model.days - model.days[0]).astype(int)
        residual = np.full((rest.shape[0], whole[-1] + 1), np.nan)
        residual[:, whole] = rest - site_offset[:, None]
        daily_terms = np.zeros((*residual.shape, terms.shape[-1]))
        daily_terms[:, whole] = terms
        fit = PooledFit(slopes, parameters[_OFFSET], site_offset, residual)
        active = [True, True, self.trend == "line", self.frozen_term, self.anomaly_term]
        return confidence_band(daily_terms, fit, active)

    def predict_interval(
        self,
        reanalysis: xr.DataArray,
        *,
        frozen: xr.DataArray | None = None,
        confidence: float = 0.95,
    ) -> xr.Dataset:
        """Correct a reanalysis and say within what limits the truth is to be expected.

        Parameters
        ----------
        reanalysis, frozen : DataArray (..., time)
            As in :meth:`predict`.
        confidence : float, optional
            Share of days inside the limits, if the future scatters like the past.

        Returns
        -------
        Dataset
            ``corrected``, ``lower``, ``upper`` like ``reanalysis``.

        Raises
        ------
        ValueError
            If ``confidence`` is not between 0 and 1.

        Notes
        -----
        Limits are for single days at the fitted site, or, after a fit pooled over sites, at a new
        site of the same type. They know no change between years beyond the line.
        """
        if not 0 < confidence < 1:
            raise ValueError(f"confidence={confidence}; expected a share between 0 and 1")
        corrected = self.predict(reanalysis, frozen=frozen)
        days = days_since(reanalysis["time"].values, self.time_origin)
        state = xr.zeros_like(reanalysis) if frozen is None else (frozen == 1).astype(float)
        state = state.reset_coords(drop=True)
        first = len(CURVE_PARAMETERS)

        def kernel(
            x: NDArray[np.float64], z: NDArray[np.float64], numbers: NDArray[np.float64]
        ) -> NDArray[np.float64]:
            anomaly = np.broadcast_to(self.anomaly_values(x, days), x.shape)
            terms = self._terms(ReanalysisDays(x, days, z, anomaly))
            return Band.unpacked(numbers[first:]).half_width(terms, confidence)

        half = xr.apply_ufunc(
            kernel,
            reanalysis,
            state,
            self.parameters_,
            input_core_dims=[["time"], ["time"], ["parameter"]],
            output_core_dims=[["time"]],
            vectorize=True,
        ).transpose(*reanalysis.dims, ...)
        result = xr.Dataset(
            {"corrected": corrected, "lower": corrected - half, "upper": corrected + half}
        )
        for name in ("lower", "upper"):
            result[name].attrs = {
                "units": reanalysis.attrs.get("units", "m3 m-3"),
                "long_name": f"{name} limit, {confidence:.0%} of days",
            }
        return result

    def _extra_columns(self, model: ReanalysisDays) -> dict[str, NDArray[np.float64]]:
        """Terms beyond the paper that are switched on."""
        columns = {}
        if self.frozen_term:
            columns["frozen_step"] = (model.frozen == 1).astype(float)
        if self.anomaly_term:
            columns["anomaly_gain"] = model.anomaly
        return columns

    def anomaly_values(
        self, reanalysis: NDArray[np.float64], days: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return departures from each series' own annual cycle, if the term is on."""
        if not self.anomaly_term:
            return super().anomaly_values(reanalysis, days)
        return annual_anomaly(reanalysis, days, days_per_year=self.days_per_year)

    def predict_values(
        self, model: ReanalysisDays, parameters: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return values plus curve (eq. 8) plus the terms for frost and anomalies."""
        angle = 2 * np.pi * model.days / self.days_per_year
        return (
            model.reanalysis
            + parameters[_SINE] * np.sin(angle)
            + parameters[_COSINE] * np.cos(angle)
            + parameters[_TREND] * model.days
            + parameters[_OFFSET]
            + parameters[_FROZEN] * model.frozen
            + parameters[_GAIN] * model.anomaly
        )

    def curve(self, time: xr.DataArray) -> xr.DataArray:
        """Return the fitted sine and line over time: u4 + u5 of eqs. 6 and 7.

        Parameters
        ----------
        time : DataArray of datetime64 (time,)

        Returns
        -------
        DataArray (..., time) [m3 m-3]
            Without the terms for frozen soil and anomalies.
        """
        return seasonal_curve(
            self.parameters_.to_dataset("parameter"),
            time,
            time_origin=self.time_origin,
            days_per_year=self.days_per_year,
        )
