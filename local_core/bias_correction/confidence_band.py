"""How far a corrected day may be from the truth: curve uncertainty, daily scatter, site to site.

The daily scatter about the curve is autocorrelated, so that a record of years holds few independent
days; the covariance of the coefficients is that of least squares under first-order autoregressive
noise. A fit pooled over sites adds how much the sites' own levels and annual cycles differ, which
is what a new site faces; with few sites that difference is itself poorly known, and the quantile is
Student's with Satterthwaite's degrees of freedom.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import t as student_t

from local_core.bias_correction.seasonal_curve import (
    PooledFit,
    pooled_least_squares,
    residual_memory,
    slope_covariance,
)

#: Terms whose coefficients are uncertain, in the order of the covariance.
BAND_TERMS = ("sine", "cosine", "trend", "frozen_step", "anomaly_gain")

_UPPER = np.triu_indices(len(BAND_TERMS))
_N_TERMS = len(BAND_TERMS)

#: Numbers a band is computed from, as they are stored with a fit.
BAND_PARAMETERS = (
    "residual_std",
    "residual_persistence",
    "level_variance",
    "n_sites",
    "site_variance_level",
    "site_variance_sine",
    "site_variance_cosine",
    *(f"centre_{name}" for name in BAND_TERMS),
    *(f"covariance_{BAND_TERMS[i]}_{BAND_TERMS[j]}" for i, j in zip(*_UPPER)),
)


class Band(NamedTuple):
    """What a band is computed from.

    Attributes
    ----------
    residual_std : float
        Scatter of days about the curve [m3 m-3].
    residual_persistence : float
        Its autocorrelation at one day.
    level_variance : float
        Variance of the estimated mean level.
    n_sites : float
        Sites in the fit.
    site_variance : array, shape (3,)
        Variance over the sites of their levels, sines and cosines; zeros for one site.
    centre : array, shape (5,)
        Where the terms were on average, and the curve is known best.
    covariance : array, shape (5, 5)
        Of the coefficients, in the order of :data:`BAND_TERMS`.
    """

    residual_std: float
    residual_persistence: float
    level_variance: float
    n_sites: float
    site_variance: NDArray[np.float64]
    centre: NDArray[np.float64]
    covariance: NDArray[np.float64]

    def packed(self) -> NDArray[np.float64]:
        """Return the numbers in the order of :data:`BAND_PARAMETERS`."""
        return np.concatenate(
            [self[:4], self.site_variance, self.centre, self.covariance[_UPPER]]
        ).astype(float)

    @classmethod
    def unpacked(cls, numbers: ArrayLike) -> Band:
        """Return the band from what :meth:`packed` gave."""
        values = np.asarray(numbers, dtype=float)
        centre, triangle = values[7 : 7 + _N_TERMS], values[7 + _N_TERMS :]
        covariance = np.zeros((_N_TERMS, _N_TERMS))
        covariance[_UPPER] = triangle
        covariance.T[_UPPER] = triangle
        return cls(*values[:4], values[4:7], centre, covariance)

    def half_width(self, terms: ArrayLike, confidence: float) -> NDArray[np.float64]:
        """Return half the width of the band on days with given terms [m3 m-3].

        Parameters
        ----------
        terms : array, shape (..., 5)
            Sine, cosine, years since the origin, frozen state and anomaly of the day.
        confidence : float

        Returns
        -------
        array, shape (...)
        """
        away = np.asarray(terms, dtype=float) - self.centre
        curve = np.maximum(np.einsum("...p,pq,...q->...", away, self.covariance, away), 0.0)
        within = self.residual_std**2 + self.level_variance + curve
        site_terms = np.concatenate([np.ones((*away.shape[:-1], 1)), away[..., :2] ** 2], axis=-1)
        between = (1 + 1 / max(self.n_sites, 1)) * (site_terms @ self.site_variance)
        total = within + between
        # Only the part between sites rests on few values.
        with np.errstate(divide="ignore", invalid="ignore"):
            freedom = np.where(between > 0, (self.n_sites - 1) * (total / between) ** 2, np.inf)
        return student_t.ppf(0.5 + confidence / 2, freedom) * np.sqrt(total)


def confidence_band(terms: ArrayLike, fit: PooledFit, active: ArrayLike) -> Band:
    """Derive a band from a fit's residuals.

    Parameters
    ----------
    terms : array, shape (site, day, 5)
        Columns of :data:`BAND_TERMS` on consecutive days.
    fit : PooledFit
        Its residual on the same days, and the offsets of the sites.
    active : array of bool, shape (5,)
        Terms the fit has.

    Returns
    -------
    Band
    """
    columns = np.asarray(terms, dtype=float)
    used = np.asarray(active, dtype=bool)
    valid = np.isfinite(fit.residual)
    n = valid.sum(axis=1)
    sites = np.flatnonzero(n)
    site_variance = np.zeros(3)
    residual = fit.residual
    if sites.size > 1:
        # A site's own cycle is no scatter of days: take it out before judging their memory.
        own = np.zeros((sites.size, 2))
        residual = residual.copy()
        for index, site in enumerate(sites):
            one = pooled_least_squares(residual[site : site + 1], columns[site, :, :2])
            own[index], residual[site] = one.slope, one.residual[0]
        site_variance[0] = fit.site_offset[sites].var(ddof=1)
        site_variance[1:] = own.var(axis=0, ddof=1)
    memory = residual_memory(residual, int(used.sum()) + sites.size)
    means = np.where(valid[..., None], columns, 0.0).sum(axis=1) / np.maximum(n, 1)[:, None]
    centred = (columns - means[:, None, :])[..., used]
    covariance = np.zeros((_N_TERMS, _N_TERMS))
    covariance[np.ix_(used, used)] = slope_covariance(centred, valid, memory)
    centre = np.where(used, means[sites].mean(axis=0), 0.0)
    level_variance = float(slope_covariance(valid[..., None].astype(float), valid, memory)[0, 0])
    return Band(
        memory.std,
        memory.persistence,
        level_variance,
        float(sites.size),
        site_variance,
        centre,
        covariance,
    )
