"""What the six covariances of three products say about their errors: eqs. 5-10 of TC-LSTM 2022.

All functions take covariances with the two product axes first, ``(3, 3, ...)``, and work on any
trailing shape, so the same formulae serve the estimate itself and its bootstrap replicates.

Notes
-----
With ``x_i = alpha_i + beta_i T + e_i`` and independent errors, the signal share of the variance of
product i is ``s_i = C_ij C_ik / C_jk`` (eqs. 6 and 7). What is left of ``C_ii`` is the error
variance, whose square root is eq. 8. It is signed: sampling noise or a violated assumption can make
it negative, and nothing here hides that.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from local_core.collocation.status import CollocationStatus

__all__ = [
    "TripletEstimates",
    "correlated_pair_covariance",
    "critical_correlation",
    "triplet_estimates",
    "triplet_status",
]


@dataclass(frozen=True)
class TripletEstimates:
    """Signed estimates, product axis first.

    Attributes
    ----------
    signal_var : numpy.ndarray, shape (3, ...)
        Variance of the truth as the product sees it, ``beta_i² var(T)``, in the product's units².
    error_var : numpy.ndarray, shape (3, ...)
        Signed error variance in the product's own units².
    gain : numpy.ndarray, shape (3, ...)
        Factor that brings a product to the scale of the reference (1 for the reference itself).
    """

    signal_var: np.ndarray
    error_var: np.ndarray
    gain: np.ndarray


def triplet_estimates(cov: np.ndarray, *, reference: int = 0) -> TripletEstimates:
    """Signal variance, signed error variance and gain from the covariances of three products.

    Parameters
    ----------
    cov : numpy.ndarray, shape (3, 3, ...)
        Covariances; only the diagonal and the upper triangle are read.
    reference : int, default 0
        Product whose scale the gains refer to.

    Returns
    -------
    TripletEstimates

    Examples
    --------
    Truth with variance 4, gains 1, 2 and 0.5, error variances 1, 2 and 3:

    >>> import numpy as np
    >>> g = np.array([1.0, 2.0, 0.5])
    >>> cov = 4.0 * np.outer(g, g) + np.diag([1.0, 2.0, 3.0])
    >>> found = triplet_estimates(cov)
    >>> found.error_var.tolist(), found.gain.tolist()
    ([1.0, 2.0, 3.0], [1.0, 0.5, 2.0])
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        c01, c02, c12 = cov[0, 1], cov[0, 2], cov[1, 2]
        signal = np.stack((c01 * c02 / c12, c01 * c12 / c02, c02 * c12 / c01))
        error = np.stack([cov[i, i] - signal[i] for i in range(3)])
        gain = np.ones_like(signal)
        for product in range(3):
            if product != reference:
                third = next(k for k in range(3) if k not in (product, reference))
                gain[product] = _pair(cov, reference, third) / _pair(cov, product, third)
    return TripletEstimates(signal, error, gain)


def correlated_pair_covariance(
    cov: np.ndarray, pair: tuple[int, int], correlation: float
) -> np.ndarray:
    """Error covariance of two products whose error *correlation* is known, by the exact solution.

    Two land models driven by the same weather have correlated errors, and ``C_ij`` then holds the
    error covariance besides the signal. The covariance follows from the correlation and the error
    variances, which in turn follow from ``C_ij`` less that covariance: with both products brought
    to one scale this loop is the quadratic ``(1 - r²) k² - r² (A + B) k - r² A B = 0``, where ``A``
    and ``B`` are the uncorrected error variances. It has one root of the sign of ``r``, except
    where a positive correlation has pushed one of ``A`` and ``B`` below zero (the correlation
    exceeds the ratio of the smaller to the larger error): then the data are compatible with two,
    and the smaller correction is returned. Near that point the estimate is ill-conditioned.

    Parameters
    ----------
    cov : numpy.ndarray, shape (3, 3, ...)
        Covariances of the three products.
    pair : (int, int)
        The two products with correlated errors; the third is independent of both.
    correlation : float
        Their error correlation, between -1 and 1, both excluded.

    Returns
    -------
    numpy.ndarray, shape (...)
        Error covariance in the product of the two units: subtract it from ``cov[i, j]``. NaN where
        no error covariance of that correlation is compatible with the data.

    Raises
    ------
    ValueError
        If the correlation is not inside (-1, 1).
    """
    if not -1.0 < correlation < 1.0:
        raise ValueError(
            f"an error correlation must lie between -1 and 1 (both excluded), got {correlation}"
        )
    i, j = pair
    if correlation == 0.0:
        return np.zeros_like(cov[i, j])
    k = next(index for index in range(3) if index not in pair)
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = _pair(cov, i, k) / _pair(cov, j, k)
        a = cov[i, i] - scale * _pair(cov, i, j)
        b = scale**2 * cov[j, j] - scale * _pair(cov, i, j)
        r2 = correlation**2
        root = np.sqrt((r2 * (a + b)) ** 2 + 4.0 * (1.0 - r2) * r2 * a * b)
        upper_root = (correlation * scale > 0.0) & (a * b >= 0.0)
        common = (r2 * (a + b) + np.where(upper_root, root, -root)) / (2.0 * (1.0 - r2))
        common = np.where((a + common >= 0.0) & (b + common >= 0.0), common, np.nan)
        return common / scale


def critical_correlation(n: np.ndarray, alpha: float) -> np.ndarray:
    """Smallest correlation of ``n`` independent samples that is significant, two-sided t test.

    Parameters
    ----------
    n : numpy.ndarray of int
        Sample sizes.
    alpha : float
        Significance level.

    Returns
    -------
    numpy.ndarray
        Between 0 and 1; 1 where ``n`` is below 3.
    """
    sizes, inverse = np.unique(n, return_inverse=True)
    dof = np.maximum(sizes - 2, 1)
    t = special.stdtrit(dof, 1.0 - alpha / 2.0)
    critical = np.where(sizes > 2, t / np.sqrt(dof + t**2), 1.0)
    return critical[inverse].reshape(np.shape(n))


def triplet_status(
    cov: np.ndarray,
    error_var: np.ndarray,
    n: np.ndarray,
    *,
    min_samples: int,
    alpha: float,
) -> np.ndarray:
    """Status code of each product; the most fundamental failure wins.

    Parameters
    ----------
    cov : numpy.ndarray, shape (N, N, P)
    error_var : numpy.ndarray, shape (N, P)
        Signed error variances.
    n : numpy.ndarray of int, shape (P,)
    min_samples : int
        Fewer joint samples than this are too few.
    alpha : float
        Level of the two-sided test of every pairwise correlation; 0 switches the test off.

    Returns
    -------
    numpy.ndarray of int8, shape (N, P)
        Codes of :class:`~local_core.collocation.CollocationStatus`.
    """
    n_products = cov.shape[0]
    status = np.zeros((n_products, n.size), dtype=np.int8)
    with np.errstate(invalid="ignore", divide="ignore"):
        # Written so that it holds for NaN: no error covariance fitted a given correlation.
        status[~(error_var >= 0.0)] = CollocationStatus.NEGATIVE_VARIANCE
        positive = np.ones(n.size, dtype=bool)
        significant = np.ones(n.size, dtype=bool)
        critical = critical_correlation(n, alpha) if alpha > 0.0 else np.zeros(n.size)
        for i in range(n_products):
            for j in range(i + 1, n_products):
                correlation = cov[i, j] / np.sqrt(cov[i, i] * cov[j, j])
                positive &= cov[i, j] > 0.0
                # A constant series has no correlation: NaN compares as not significant.
                significant &= np.abs(correlation) >= critical
    status[:, ~positive] = CollocationStatus.NON_POSITIVE_COVARIANCE
    status[:, ~significant] = CollocationStatus.NOT_SIGNIFICANT
    status[:, n < min_samples] = CollocationStatus.TOO_FEW_SAMPLES
    return status


def _pair(cov: np.ndarray, i: int, j: int) -> np.ndarray:
    """Covariance of two different products from the upper triangle."""
    return cov[min(i, j), max(i, j)]
