"""Gains, error variances and fallbacks of a merger, on maps of joint moments.

Arrays have the product axes first and the pixels, flattened, last.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from local_core.collocation.extended_collocation import extended_estimates
from local_core.collocation.status import CollocationStatus
from local_core.collocation.three_cornered_hat import hat_covariance
from local_core.collocation.triplet_estimates import (
    correlated_pair_covariance,
    triplet_estimates,
    triplet_status,
)
from local_core.merging.fallbacks import (
    Weighting,
    equal_error_var,
    floored_variances,
    neighbour_shares,
    unrelated_products,
)
from local_core.merging.rescaling import mean_std_gain

__all__ = ["ErrorModel"]


@dataclass(frozen=True)
class ErrorModel:
    """The settings of a merger that decide how errors are found.

    Attributes
    ----------
    method : {"tc", "extended", "tch", "mean"}
    rescaling : {"tc", "mean_std", "none"}
    reference : int
    fallback : tuple of str
        In order, ending with ``"mean"``.
    neighbour_radius : float
    min_samples : int
    alpha : float
    known_pair : (int, int) or None
        Two products with a known error correlation.
    known_correlation : float
    correlated : tuple of (int, int)
        Pairs whose error covariance is estimated.
    """

    method: str
    rescaling: str
    reference: int
    fallback: tuple[str, ...]
    neighbour_radius: float
    min_samples: int
    alpha: float
    known_pair: tuple[int, int] | None
    known_correlation: float
    correlated: tuple[tuple[int, int], ...]

    def gain(self, cov: np.ndarray, n: np.ndarray) -> np.ndarray:
        """Factor from every product to the space of the reference.

        Where collocation does not give a gain (an unresolved pixel) standard deviations are
        matched; where there are too few joint samples even for that it is 1.

        Parameters
        ----------
        cov : numpy.ndarray, shape (N, N, P)
        n : numpy.ndarray, shape (P,)

        Returns
        -------
        numpy.ndarray, shape (N, P)
        """
        n_products = cov.shape[0]
        diagonal = np.arange(n_products)
        if self.rescaling == "none":
            return np.ones((n_products, n.size))
        gain = mean_std_gain(cov[diagonal, diagonal], self.reference)
        if self.rescaling == "tc":
            signal_gain, error_var = self._signal_gain(cov)
            status = triplet_status(
                cov, error_var, n, min_samples=self.min_samples, alpha=self.alpha
            )
            # A negative error variance of one product leaves the gains as they are.
            trusted = np.isin(status, (CollocationStatus.OK, CollocationStatus.NEGATIVE_VARIANCE))
            usable = (trusted & np.isfinite(signal_gain) & (signal_gain > 0.0)).all(axis=0)
            gain = np.where(usable, signal_gain, gain)
        return np.where((n >= self.min_samples) & np.isfinite(gain), gain, 1.0)

    def errors(self, common: np.ndarray, n: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Error covariance as estimated, signed, and status, before any fallback.

        Parameters
        ----------
        common : numpy.ndarray, shape (N, N, P)
            Covariances of the products in the common space.
        n : numpy.ndarray, shape (P,)

        Returns
        -------
        error_covariance : numpy.ndarray, shape (N, N, P)
        status : numpy.ndarray of int8, shape (N, P)
        """
        n_products = common.shape[0]
        diagonal = np.arange(n_products)
        error = np.zeros_like(common)
        if self.method == "tch":
            matrix, code = hat_covariance(common)
            # The hat is not told which errors are correlated; it spreads what it cannot explain.
            # Its variances are used, its off-diagonal elements are not.
            error[diagonal, diagonal] = matrix[diagonal, diagonal]
            code[n < self.min_samples] = CollocationStatus.TOO_FEW_SAMPLES
            return error, np.broadcast_to(code, (n_products, n.size)).copy()
        if self.method == "mean":
            error[diagonal, diagonal] = np.nan
            code = np.where(
                n < self.min_samples, CollocationStatus.TOO_FEW_SAMPLES, CollocationStatus.OK
            )
            return error, np.broadcast_to(code, (n_products, n.size)).astype(np.int8)
        if self.method == "extended":
            _, error = extended_estimates(common, correlated=self.correlated)
        else:
            adjusted, shared = self._without_common_error(common)
            error[diagonal, diagonal] = triplet_estimates(adjusted).error_var
            if self.known_pair is not None:
                i, j = self.known_pair
                error[i, j] = error[j, i] = shared
        status = triplet_status(
            common,
            error[diagonal, diagonal],
            n,
            min_samples=self.min_samples,
            alpha=self.alpha,
        )
        return error, status

    def resolve(
        self,
        error: np.ndarray,
        status: np.ndarray,
        common: np.ndarray,
        n: np.ndarray,
        shape: tuple[int, ...],
    ) -> tuple[np.ndarray, np.ndarray]:
        """Apply the fallbacks where the variances are not resolved.

        Parameters
        ----------
        error, status : numpy.ndarray
            From :meth:`errors`.
        common : numpy.ndarray, shape (N, N, P)
        n : numpy.ndarray, shape (P,)
        shape : tuple of int
            The grid that P flattens.

        Returns
        -------
        error : numpy.ndarray, shape (N, N, P)
            Usable everywhere: positive variances, infinite for a product that is left out, NaN
            where nothing is known about the errors (products are then averaged).
        weighting : numpy.ndarray of int8, shape (P,)
        """
        n_products = common.shape[0]
        diagonal = np.arange(n_products)
        error = error.copy()
        usable = np.isin(status, (CollocationStatus.OK, CollocationStatus.CONSTRAINT_ACTIVE))
        with np.errstate(invalid="ignore"):
            resolved = usable.all(axis=0) & (error[diagonal, diagonal] > 0.0).all(axis=0)
        resolved &= _is_positive_definite(error)
        weighting = np.where(resolved, Weighting.ESTIMATED, Weighting.NONE).astype(np.int8)
        enough = n >= self.min_samples
        only_negative = np.isin(
            status, (CollocationStatus.OK, CollocationStatus.NEGATIVE_VARIANCE)
        ).all(axis=0)
        for step in self.fallback:
            open_pixels = weighting == Weighting.NONE
            if not open_pixels.any():
                break
            if step == "floor":
                repaired = floored_variances(error[diagonal, diagonal], n)
                chosen = open_pixels & only_negative & np.isfinite(repaired).all(axis=0)
                self._set_variances(error, repaired, chosen)
                weighting[chosen] = Weighting.FLOORED
            elif step == "two_products":
                unrelated = unrelated_products(common, n, self.alpha)
                count = n_products - unrelated.sum(axis=0)
                chosen = open_pixels & enough & (count >= 2) & (count < n_products)
                level = equal_error_var(common, ~unrelated)
                self._set_variances(error, np.where(unrelated, np.inf, level), chosen)
                weighting[chosen] = Weighting.TWO_PRODUCTS
            elif step == "neighbours":
                variance = common[diagonal, diagonal]
                with np.errstate(divide="ignore", invalid="ignore"):
                    shares = np.where(resolved, error[diagonal, diagonal] / variance, np.nan)
                filled = neighbour_shares(shares.reshape(n_products, *shape), self.neighbour_radius)
                repaired = filled.reshape(n_products, -1) * variance
                with np.errstate(invalid="ignore"):
                    chosen = open_pixels & enough & (repaired > 0.0).all(axis=0)
                self._set_variances(error, repaired, chosen)
                weighting[chosen] = Weighting.NEIGHBOURS
            else:
                everything = np.ones((n_products, n.size), dtype=bool)
                level = np.where(enough, equal_error_var(common, everything), np.nan)
                self._set_variances(error, np.where(everything, level, np.nan), open_pixels)
                weighting[open_pixels] = Weighting.MEAN
        return error, weighting

    def refine(
        self,
        error: np.ndarray,
        weighting: np.ndarray,
        common: np.ndarray,
        n: np.ndarray,
    ) -> np.ndarray:
        """Error covariance of one window of time.

        In the common space the products share one gain, so their variances follow from differences
        (the classical hat), which does not need the small covariances of a short season as divisors
        as collocation would. Correlations stay those of the record.

        Parameters
        ----------
        error : numpy.ndarray, shape (N, N, P)
            Of the whole record, after the fallbacks.
        weighting : numpy.ndarray, shape (P,)
        common : numpy.ndarray, shape (N, N, P)
            Covariances within the window, in the common space.
        n : numpy.ndarray, shape (P,)
            Joint samples of the window.

        Returns
        -------
        numpy.ndarray, shape (N, N, P)
            That of the record where the window has too few samples or does not resolve it.
        """
        diagonal = np.arange(common.shape[0])
        off_diagonal = common.sum(axis=1) - common[diagonal, diagonal]
        n_products = common.shape[0]
        half = off_diagonal.sum(axis=0) / (2.0 * (n_products - 1))
        signal = 2.0 * (off_diagonal - half) / (n_products - 2)
        variance = floored_variances(common[diagonal, diagonal] - signal, n)
        chosen = (
            np.isin(weighting, (Weighting.ESTIMATED, Weighting.FLOORED))
            & (n >= self.min_samples)
            & np.isfinite(variance).all(axis=0)
        )
        refined = error.copy()
        with np.errstate(invalid="ignore"):
            ratio = np.sqrt(variance / error[diagonal, diagonal])
        scaled = error * ratio[:, None] * ratio[None, :]
        refined[:, :, chosen] = scaled[:, :, chosen]
        return refined

    def _signal_gain(self, cov: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Gain and error variances by collocation."""
        diagonal = np.arange(cov.shape[0])
        if self.method == "extended":
            signal, error = extended_estimates(cov, correlated=self.correlated)
            with np.errstate(divide="ignore", invalid="ignore"):
                return np.sqrt(signal[self.reference] / signal), error[diagonal, diagonal]
        found = triplet_estimates(self._without_common_error(cov)[0], reference=self.reference)
        return found.gain, found.error_var

    def _without_common_error(self, cov: np.ndarray) -> tuple[np.ndarray, np.ndarray | float]:
        """Covariances less the error covariance of the known pair, and that covariance."""
        if self.known_pair is None:
            return cov, 0.0
        i, j = self.known_pair
        shared = correlated_pair_covariance(cov, (i, j), self.known_correlation)
        adjusted = cov.copy()
        adjusted[i, j] -= shared
        adjusted[j, i] -= shared
        return adjusted, shared

    @staticmethod
    def _set_variances(error: np.ndarray, variance: np.ndarray, chosen: np.ndarray) -> None:
        """Make the matrices of chosen pixels diagonal."""
        n_products = error.shape[0]
        error[:, :, chosen] = 0.0
        for k in range(n_products):
            error[k, k, chosen] = variance[k, chosen]


def _is_positive_definite(matrix: np.ndarray) -> np.ndarray:
    """Whether matrices (N, N, P) with finite elements are positive definite."""
    finite = np.isfinite(matrix).all(axis=(0, 1))
    result = np.zeros(matrix.shape[2], dtype=bool)
    if finite.any():
        eigenvalues = np.linalg.eigvalsh(np.moveaxis(matrix[:, :, finite], -1, 0))
        result[finite] = eigenvalues[:, 0] > 0.0
    return result
