"""The linear retrieval as a scikit-learn estimator that knows how sure its coefficients are."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils.validation import check_is_fitted

from local_core.calibration.coefficients import RetrievalCoefficients
from local_core.calibration.normal_equations import summed_by_group
from local_core.calibration.samples import checked_samples


class LinearRetrieval(RegressorMixin, BaseEstimator):
    """Least-squares fit of eq. 7 with the covariance of its coefficients.

    Parameters
    ----------
    covariance : {"clustered", "classical"}
        How the covariance is estimated when ``groups`` are given to :meth:`fit`. "classical"
        counts every sample as independent; "clustered" (Liang & Zeger 1986, with the usual factor
        ``G / (G - 1) * (n - 1) / (n - k - 1)``) only the groups, because the errors of one station
        are alike. Without groups the classical one is used.

    Attributes
    ----------
    coef_ : ndarray, shape (k,)
        Slopes.
    intercept_ : float
        Constant.
    covariance_ : ndarray, shape (k + 1, k + 1)
        Covariance of the slopes and, last, the constant.
    residual_std_ : float
        Standard deviation of the residuals, divisor ``n - k - 1``.
    r2_ : float
        Coefficient of determination on the samples of the fit.
    n_samples_ : int
        Samples in the fit.
    feature_names_in_ : ndarray of str
        Names of the predictors.

    References
    ----------
    Li et al. (2025), eq. 7.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=(200, 3))
    >>> y = x @ [0.015, 0.2, 0.1] + 0.05 + rng.normal(0, 0.02, 200)
    >>> fit = LinearRetrieval().fit(x, y)
    >>> fit.coef_.round(2).tolist(), round(fit.residual_std_, 2)
    ([0.01, 0.2, 0.1], 0.02)
    """

    def __init__(self, *, covariance: Literal["clustered", "classical"] = "clustered") -> None:
        self.covariance = covariance

    def fit(self, X: ArrayLike, y: ArrayLike, groups: ArrayLike | None = None) -> LinearRetrieval:
        """Fit to samples.

        Parameters
        ----------
        X : array_like, shape (n, k)
            Predictors without gaps; for eq. 7 backscatter difference (dB), NDVI, NDMI.
        y : array_like, shape (n,)
            In situ soil moisture, m3 m-3.
        groups : array_like, shape (n,), optional
            Stations.

        Returns
        -------
        LinearRetrieval
            Itself.

        Raises
        ------
        ValueError
            If the samples do not determine the coefficients.
        """
        if self.covariance not in ("clustered", "classical"):
            raise ValueError(
                f"covariance must be 'clustered' or 'classical', got {self.covariance!r}"
            )
        samples = checked_samples(X, y, groups=groups)
        n, k = samples.x.shape
        columns = samples.standardised
        design, target = columns[:, :-1], columns[:, -1]
        inverse = np.linalg.inv(design.T @ design)
        fitted = inverse @ (design.T @ target)
        residuals = target - design @ fitted
        sse = float(residuals @ residuals)
        freedom = n - k - 1
        if samples.groups is not None and self.covariance == "clustered":
            n_groups = len(samples.group_labels)
            if n_groups <= k + 1:
                raise ValueError(
                    f"{n_groups} groups are too few for a clustered covariance of {k + 1} "
                    "coefficients: use covariance='classical'"
                )
            gradients = summed_by_group(design * residuals[:, None], samples.groups, n_groups)
            factor = n_groups / (n_groups - 1) * (n - 1) / freedom
            standardised = factor * inverse @ (gradients.T @ gradients) @ inverse
        else:
            standardised = inverse * sse / freedom
        values = samples.in_units(fitted)
        spread = samples.to_units
        self.coef_ = values[:-1]
        self.intercept_ = float(values[-1])
        self.covariance_ = spread @ standardised @ spread.T
        self.residual_std_ = float(np.sqrt(sse / freedom) * samples.spread[-1])
        self.r2_ = 1.0 - sse / n
        self.n_samples_ = n
        self.n_features_in_ = k
        self.feature_names_in_ = np.array(samples.names, dtype=object)
        return self

    def predict(
        self, X: ArrayLike, *, return_std: bool = False
    ) -> NDArray[np.float64] | tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Soil moisture for rows of predictors, and optionally its standard error.

        Parameters
        ----------
        X : array_like, shape (..., k)
            Predictors.
        return_std : bool
            Also return the standard error, residual included.

        Returns
        -------
        ndarray or tuple of ndarray
            Soil moisture, m3 m-3; with ``return_std`` a pair.
        """
        coefficients = self.to_coefficients()
        if return_std:
            return coefficients.predict(X), coefficients.prediction_std(X)
        return coefficients.predict(X)

    def to_coefficients(
        self,
        *,
        residual_std: float | None = None,
        orbit: str | None = None,
        source: str = "",
        details: dict[str, Any] | None = None,
    ) -> RetrievalCoefficients:
        """What a map needs: coefficients, covariance and residual.

        Parameters
        ----------
        residual_std : float, optional
            Replaces the fit's own residual, for example by the RMSE at stations left out.
        orbit : str, optional
            ``"ascending"`` or ``"descending"``.
        source : str
            Where the samples came from.
        details : dict, optional
            Anything else to keep in the file.

        Returns
        -------
        RetrievalCoefficients
            Ready to be written.
        """
        check_is_fitted(self)
        return RetrievalCoefficients(
            values=np.array([*self.coef_, self.intercept_]),
            covariance=(self.covariance_ + self.covariance_.T) / 2.0,
            residual_std=self.residual_std_ if residual_std is None else residual_std,
            predictors=tuple(str(name) for name in self.feature_names_in_),
            orbit=orbit,
            source=source,
            n_samples=self.n_samples_,
            details=details or {},
        )
