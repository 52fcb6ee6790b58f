"""Corrections that match distributions and know no season: moments, a line, the whole CDF."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from local_core.bias_correction.corrector import BiasCorrector, ReanalysisDays
from local_core.bias_correction.fit_status import FitStatus


def _common_values(
    reanalysis: NDArray[np.float64], in_situ: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    both = np.isfinite(reanalysis) & np.isfinite(in_situ)
    return reanalysis[both], in_situ[both]


class MeanStdMatching(BiasCorrector):
    """Match mean and standard deviation (mu-sigma matching).

    Parameters
    ----------
    min_days : int, optional
        Fewer common days give status TOO_FEW_DAYS.

    Examples
    --------
    >>> import xarray as xr
    >>> time = np.datetime64("2010-01-01", "ns") + np.arange(4) * np.timedelta64(1, "D")
    >>> model = xr.DataArray([1.0, 2, 3, 4], dims="time", coords={"time": time})
    >>> MeanStdMatching(min_days=2).fit(model, 2 * model + 1).predict(model).values.tolist()
    [3.0, 5.0, 7.0, 9.0]
    """

    method: ClassVar[str] = "mean-std"

    def __init__(self, *, min_days: int = 100) -> None:
        self.min_days = min_days

    @property
    def parameter_names(self) -> tuple[str, ...]:
        """Factor and constant [m3 m-3]."""
        return ("factor", "constant")

    def _fit_group(
        self, model: ReanalysisDays, in_situ: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], FitStatus]:
        x, y = _common_values(model.reanalysis, in_situ)
        if np.ptp(x) == 0:
            return np.full(2, np.nan), FitStatus.NO_VARIATION
        factor = self._factor(x, y)
        return np.array([factor, y.mean() - factor * x.mean()]), FitStatus.OK

    def _factor(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
        """Factor from the reanalysis x to in situ y."""
        return y.std() / x.std()

    def predict_values(
        self, model: ReanalysisDays, parameters: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return factor times value plus constant."""
        return parameters[0] * model.reanalysis + parameters[1]


class LinearRegressionMatching(MeanStdMatching):
    """Regress in situ on the reanalysis; the least-squares line, which shrinks the variance.

    Parameters
    ----------
    min_days : int, optional
        As in :class:`MeanStdMatching`.
    """

    method: ClassVar[str] = "linear"

    def _factor(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
        """Slope of the least-squares line of y on x."""
        return ((x - x.mean()) * (y - y.mean())).mean() / x.var()


class CdfMatching(BiasCorrector):
    """Match the cumulative distributions by piecewise linear interpolation between percentiles.

    Equal to ``pytesmo.cdf_matching.CDFMatching`` with ``combine_invalid=True``: only days with both
    values enter either distribution.

    Parameters
    ----------
    n_bins : int, optional
        Number of bins between the percentiles.
    percentiles : sequence of float, optional
        Percentiles to use instead, from 0 to 100.
    min_obs : int, optional
        Fewest values in a bin; with fewer, the number of bins is reduced.
    linear_edge_scaling : bool, optional
        Set the two outermost percentiles by regression within their bins, which is robust against
        outliers of the reference (Moesinger et al., 2020, doi:10.5194/essd-12-177-2020).
    min_days : int, optional
        As in :class:`MeanStdMatching`.

    Notes
    -----
    Values beyond the outermost percentiles are extrapolated along the outermost bin.

    Examples
    --------
    >>> import xarray as xr
    >>> time = np.datetime64("2010-01-01", "ns") + np.arange(200) * np.timedelta64(1, "D")
    >>> model = xr.DataArray(np.linspace(0.2, 0.4, 200), dims="time", coords={"time": time})
    >>> corrected = CdfMatching(n_bins=20).fit(model, model**2).predict(model)
    >>> bool(abs(corrected - model**2).max() < 1e-3)
    True
    """

    method: ClassVar[str] = "cdf"

    def __init__(
        self,
        *,
        n_bins: int = 100,
        percentiles: Sequence[float] | None = None,
        min_obs: int | None = None,
        linear_edge_scaling: bool = False,
        min_days: int = 100,
    ) -> None:
        self.n_bins = n_bins
        self.percentiles = percentiles
        self.min_obs = min_obs
        self.linear_edge_scaling = linear_edge_scaling
        self.min_days = min_days

    @property
    def _n_edges(self) -> int:
        return self.n_bins + 1 if self.percentiles is None else len(self.percentiles)

    @property
    def parameter_names(self) -> tuple[str, ...]:
        """Percentile values of the reanalysis, then of in situ; NaN beyond a reduced number."""
        return tuple(
            f"{source}_edge_{index}"
            for source in ("reanalysis", "in_situ")
            for index in range(self._n_edges)
        )

    def _fit_group(
        self, model: ReanalysisDays, in_situ: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], FitStatus]:
        x, y = _common_values(model.reanalysis, in_situ)
        parameters = np.full((2, self._n_edges), np.nan)
        if np.ptp(x) == 0:
            return parameters.reshape(-1), FitStatus.NO_VARIATION
        percentiles = self._percentiles_for(x.size)
        if percentiles.size == 2 and self.linear_edge_scaling:
            slope = np.cov(x, y, bias=True)[0, 1] / x.var()
            x_edges = np.array([0.0, 1.0])
            y_edges = y.mean() + slope * (x_edges - x.mean())
        else:
            x, y = np.sort(x), np.sort(y)
            x_edges = percentile_values(x, percentiles)
            y_edges = percentile_values(y, percentiles)
            if self.linear_edge_scaling:
                y_edges = _scale_edges(x, y, x_edges, y_edges)
        parameters[0, : x_edges.size] = x_edges
        parameters[1, : y_edges.size] = y_edges
        if (np.diff(x_edges) <= 0).any():
            return np.full(parameters.size, np.nan), FitStatus.NO_VARIATION
        return parameters.reshape(-1), FitStatus.OK

    def _percentiles_for(self, n_values: int) -> NDArray[np.float64]:
        if self.percentiles is None:
            percentiles = np.arange(self.n_bins + 1) / self.n_bins * 100.0
        else:
            percentiles = np.asarray(self.percentiles, dtype=float)
            if percentiles.size < 2 or (np.diff(percentiles) <= 0).any():
                raise ValueError(
                    f"percentiles {percentiles.tolist()}; expected at least two, increasing"
                )
        narrowest = np.diff(percentiles).min()
        if self.min_obs is None or n_values * narrowest / 100 >= self.min_obs:
            return percentiles
        n_bins = min(max(n_values // self.min_obs, 1), percentiles.size - 1)
        return np.arange(n_bins + 1) / n_bins * 100.0

    def predict_values(
        self, model: ReanalysisDays, parameters: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return the value of in situ at the same place between percentiles."""
        x_edges, y_edges = parameters.reshape(2, -1)
        x_edges, y_edges = x_edges[np.isfinite(x_edges)], y_edges[np.isfinite(y_edges)]
        slopes = np.diff(y_edges) / np.diff(x_edges)
        bin_index = np.clip(np.searchsorted(x_edges, model.reanalysis) - 1, 0, slopes.size - 1)
        return y_edges[bin_index] + slopes[bin_index] * (model.reanalysis - x_edges[bin_index])


def percentile_values(ordered: ArrayLike, percentiles: ArrayLike) -> NDArray[np.float64]:
    """Return percentiles of sorted values, made distinct.

    Parameters
    ----------
    ordered : array, shape (n,)
        In increasing order.
    percentiles : array, shape (p,)
        0 to 100.

    Returns
    -------
    array, shape (p,)
        The i-th value (from 0) stands at 100 (i + 0.5) / n, the outermost values beyond. Where
        values repeat, all but the first of equal percentiles are interpolated to the next
        distinct one, because a step has no inverse.

    Examples
    --------
    >>> percentile_values([1.0, 1.0, 1.0, 3.0], [0, 50, 100]).tolist()
    [1.0, 2.0, 3.0]
    """
    values = np.asarray(ordered, dtype=float)
    at = np.asarray(percentiles, dtype=float)
    plotting_position = 100.0 * (np.arange(values.size) + 0.5) / values.size
    edges = np.interp(at, plotting_position, values)
    distinct, first = np.unique(edges, return_index=True)
    if distinct.size in (1, edges.size):
        return edges
    support = at[first]
    # The last distinct value holds to the end; extrapolating would leave the data's range.
    support[-1] = at[-1]
    return np.interp(at, support, distinct)


def _scale_edges(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    x_edges: NDArray[np.float64],
    y_edges: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Replace the outermost values of y by regressions through the inner ends of their bins."""
    scaled = y_edges.copy()
    for outer, inner, inside in ((0, 1, np.less_equal), (-1, -2, np.greater_equal)):
        x_bin = x[inside(x, x_edges[inner])] - x_edges[inner]
        y_bin = y[inside(y, y_edges[inner])] - y_edges[inner]
        if y_bin.size < 2 or x_bin.size == 0:
            # One value is no regression; the edge keeps its percentile.
            continue
        if x_bin.size != y_bin.size:
            x_bin = percentile_values(x_bin, np.arange(y_bin.size) / (y_bin.size - 1) * 100.0)
        slope = (x_bin @ y_bin) / (x_bin @ x_bin) if (x_bin @ x_bin) > 0 else 0.0
        scaled[outer] = y_edges[inner] + slope * (x_edges[outer] - x_edges[inner])
    return scaled
