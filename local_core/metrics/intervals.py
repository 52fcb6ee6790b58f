"""Confidence intervals in closed form.

They hold for normal errors; ``n`` may be an effective sample size. Where pytesmo has an interval,
the formula is the same one (Gilleland 2010; Bonett & Wright 2000 for the rank correlation).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special, stats

Interval = tuple[NDArray[np.float64], NDArray[np.float64]]


def pearson_interval(r: ArrayLike, n: ArrayLike, *, confidence: float = 0.95) -> Interval:
    """Interval of Pearson's r by Fisher's z transform.

    Parameters
    ----------
    r : array_like
        Correlations.
    n : array_like
        (Effective) numbers of pairs; NaN is returned where it is 3 or less.
    confidence : float
        Coverage, between 0 and 1.

    Returns
    -------
    lower, upper : ndarray
        Bounds of the interval.

    Examples
    --------
    >>> lower, upper = pearson_interval(0.8, 100)
    >>> round(float(lower), 3), round(float(upper), 3)
    (0.716, 0.861)
    """
    return _fisher(np.asarray(r, float), np.asarray(n, float), 1.0, confidence)


def spearman_interval(rho: ArrayLike, n: ArrayLike, *, confidence: float = 0.95) -> Interval:
    """Interval of Spearman's rho (Bonett & Wright 2000); parameters as :func:`pearson_interval`."""
    rho = np.asarray(rho, float)
    return _fisher(rho, np.asarray(n, float), np.sqrt(1.0 + rho**2 / 2.0), confidence)


def mean_interval(
    mean: ArrayLike, variance: ArrayLike, n: ArrayLike, *, confidence: float = 0.95
) -> Interval:
    """Student interval of a mean: for the bias, and approximately for the mean absolute error.

    Parameters
    ----------
    mean, variance : array_like
        Mean and population variance (``ddof=0``) of what was averaged.
    n : array_like
        (Effective) numbers of values; NaN is returned where it is 1 or less.
    confidence : float
        Coverage, between 0 and 1.

    Returns
    -------
    lower, upper : ndarray
        Bounds of the interval.
    """
    mean, variance, n = (np.asarray(v, float) for v in (mean, variance, n))
    with np.errstate(invalid="ignore", divide="ignore"):
        n = np.where(n > 1.0, n, np.nan)
        half = special.stdtrit(n - 1.0, 0.5 + confidence / 2.0) * np.sqrt(variance / (n - 1.0))
    return mean - half, mean + half


def ubrmse_interval(ubrmse: ArrayLike, n: ArrayLike, *, confidence: float = 0.95) -> Interval:
    """Interval of the unbiased RMSE: ``n ubrmse**2 / sigma**2`` follows chi-square(n - 1).

    Parameters
    ----------
    ubrmse : array_like
        Scores with divisor n.
    n : array_like
        (Effective) numbers of pairs; NaN is returned where it is 1 or less.
    confidence : float
        Coverage, between 0 and 1.

    Returns
    -------
    lower, upper : ndarray
        Bounds of the interval.
    """
    ubrmse, n = np.asarray(ubrmse, float), np.asarray(n, float)
    return _chi_square(ubrmse, n, np.where(n > 1.0, n - 1.0, np.nan), confidence)


def rmse_interval(
    rmse: ArrayLike, bias: ArrayLike, n: ArrayLike, *, confidence: float = 0.95
) -> Interval:
    """Interval of the RMSE when the errors have a bias.

    ``n mse / sigma**2`` is noncentral chi-square; Patnaik's (1949) central chi-square of equal mean
    and variance has ``n (1 + k)**2 / (1 + 2k)`` degrees of freedom, ``k = bias**2 / ubrmse**2``. It
    is exact without bias and tends to the interval of the mean when bias is all there is.

    Parameters
    ----------
    rmse, bias : array_like
        Scores with divisor n.
    n : array_like
        (Effective) numbers of pairs.
    confidence : float
        Coverage, between 0 and 1.

    Returns
    -------
    lower, upper : ndarray
        Bounds of the interval; both equal ``rmse`` where the difference is constant.
    """
    rmse, bias, n = (np.asarray(v, float) for v in (rmse, bias, n))
    with np.errstate(invalid="ignore", divide="ignore"):
        variance = np.maximum(rmse**2 - bias**2, 0.0)
        k = bias**2 / variance
        freedom = n * (1.0 + k) ** 2 / (1.0 + 2.0 * k)
        lower, upper = _chi_square(rmse, freedom, np.where(n > 1.0, freedom, np.nan), confidence)
    exact = (variance == 0.0) | np.isinf(freedom)
    return np.where(exact, rmse, lower), np.where(exact, rmse, upper)


def _fisher(
    r: NDArray[np.float64],
    n: NDArray[np.float64],
    widening: float | NDArray[np.float64],
    confidence: float,
) -> Interval:
    with np.errstate(invalid="ignore", divide="ignore"):
        half = special.ndtri(0.5 + confidence / 2.0) * widening / np.sqrt(n - 3.0)
        half = np.where(n > 3.0, half, np.nan)
        z = np.arctanh(r)
        return np.tanh(z - half), np.tanh(z + half)


def _chi_square(
    root: NDArray[np.float64], n: ArrayLike, freedom: NDArray[np.float64], confidence: float
) -> Interval:
    tail = (1.0 - confidence) / 2.0
    with np.errstate(invalid="ignore", divide="ignore"):
        lower = root * np.sqrt(n / stats.chi2.isf(tail, freedom))
        upper = root * np.sqrt(n / stats.chi2.ppf(tail, freedom))
    return lower, upper
