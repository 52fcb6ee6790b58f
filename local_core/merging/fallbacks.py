"""What to do where collocation leaves an error variance unresolved.

The paper averages the products there. That gives a product of noise a third of the weight, and a
product so good that its estimated error variance came out just below zero no more than a third.
Three better answers are offered, tried in the order given; the arithmetic mean ends every chain.

``floor``
    A negative estimate is within its sampling error of zero. For a product of negligible error that
    sampling error is the product of the other two error standard deviations over the square root
    of n, and the variance is set to it.
``two_products``
    A product that is correlated with none of the others, and clearly less than they are with each
    other, is left out. Two remaining products are equally good as far as can be known (after
    rescaling to equal standard deviation their estimated error variances are equal), so each gets
    half of the weight.
``neighbours``
    On a map, the error *share* of the variance (fMSE) is taken from resolved pixels nearby; times
    the pixel's own variance it is an error variance.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from scipy import ndimage, special

from local_core.collocation.triplet_estimates import critical_correlation

__all__ = [
    "FALLBACKS",
    "Weighting",
    "equal_error_var",
    "floored_variances",
    "neighbour_shares",
    "unrelated_products",
]

FALLBACKS = ("floor", "two_products", "neighbours", "mean")


class Weighting(IntEnum):
    """Where the weights of a pixel come from."""

    NONE = 0
    ESTIMATED = 1
    FLOORED = 2
    TWO_PRODUCTS = 3
    NEIGHBOURS = 4
    MEAN = 5


def floored_variances(error_var: np.ndarray, n: np.ndarray) -> np.ndarray:
    """Replace negative error variances by their sampling error.

    Parameters
    ----------
    error_var : numpy.ndarray, shape (N, P)
        Signed error variances in one common space.
    n : numpy.ndarray, shape (P,)
        Joint samples.

    Returns
    -------
    numpy.ndarray, shape (N, P)
        NaN where fewer than two others are positive: then there is nothing to judge by.

    Notes
    -----
    The estimate is the mean of ``(x - y)(x - z)``, of variance
    ``2 s_x⁴ + s_x² (s_y² + s_z²) + s_y² s_z²`` for normal errors, which is ``s_y² s_z²`` for
    ``s_x = 0``. For more than three products the geometric mean of the others stands for
    ``s_y s_z``.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        positive = error_var > 0.0
        log = np.where(positive, np.log(np.where(positive, error_var, 1.0)), 0.0)
        floor = np.exp(log.sum(axis=0) / positive.sum(axis=0)) / np.sqrt(n)
        repaired = np.where(positive, error_var, floor)
    return np.where((positive.sum(axis=0) >= 2) & np.isfinite(floor), repaired, np.nan)


def unrelated_products(cov: np.ndarray, n: np.ndarray, alpha: float) -> np.ndarray:
    """Products that do not belong to the others.

    Such a product is positively and significantly correlated with none of them; and its strongest
    correlation is significantly below the strongest one of every product that is kept (Fisher's z,
    one-sided). Without the second condition three noisy products of a short record, whose
    correlations straddle the critical one by chance, would lose a good third of their information.

    Parameters
    ----------
    cov : numpy.ndarray, shape (N, N, P)
    n : numpy.ndarray, shape (P,)
    alpha : float
        Level of both tests.

    Returns
    -------
    numpy.ndarray of bool, shape (N, P)
    """
    n_products = cov.shape[0]
    strongest = np.full((n_products, n.size), -1.0)
    critical = critical_correlation(n, alpha) if alpha > 0.0 else np.zeros(n.size)
    with np.errstate(divide="ignore", invalid="ignore"):
        for i in range(n_products):
            for j in range(n_products):
                if i != j:
                    correlation = cov[i, j] / np.sqrt(cov[i, i] * cov[j, j])
                    strongest[i] = np.fmax(strongest[i], correlation)
        related = (strongest > 0.0) & (strongest >= critical)
        z = np.arctanh(np.clip(strongest, -0.999999, 0.999999))
        weakest_kept = np.where(related, z, np.inf).min(axis=0)
        significant = special.ndtri(1.0 - alpha) if alpha > 0.0 else 0.0
        apart = (weakest_kept - z) * np.sqrt(np.maximum(n - 3, 0) / 2.0) > significant
    return ~related & apart


def equal_error_var(cov: np.ndarray, used: np.ndarray) -> np.ndarray:
    """Common error variance of products that are weighted equally, from their differences.

    With independent errors in one space, ``var(x_i - x_j) = s_i² + s_j²``: the mean over pairs is
    twice the mean error variance, whatever its parts. It is never negative.

    Parameters
    ----------
    cov : numpy.ndarray, shape (N, N, P)
        Covariances in the common space.
    used : numpy.ndarray of bool, shape (N, P)

    Returns
    -------
    numpy.ndarray, shape (P,)
        NaN where fewer than two products are used.
    """
    n_products = cov.shape[0]
    total = np.zeros(cov.shape[2])
    count = np.zeros(cov.shape[2])
    for i in range(n_products):
        for j in range(i):
            pair = used[i] & used[j]
            difference = cov[i, i] + cov[j, j] - 2.0 * cov[i, j]
            total += np.where(pair, difference, 0.0)
            count += pair
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(count > 0, total / count / 2.0, np.nan)


def neighbour_shares(shares: np.ndarray, radius: float) -> np.ndarray:
    """Error shares of unresolved pixels from resolved ones around, by a Gaussian mean.

    Parameters
    ----------
    shares : numpy.ndarray, shape (N, y, x)
        fMSE, NaN where unresolved.
    radius : float
        Cells beyond which a pixel has no influence; the Gaussian's standard deviation is half of
        it.

    Returns
    -------
    numpy.ndarray, shape (N, y, x)
        Resolved values unchanged; NaN where nothing is resolved within the radius.
    """
    filled = shares.copy()
    options = {"sigma": radius / 2.0, "radius": int(radius), "mode": "constant"}
    for layer in filled:
        known = np.isfinite(layer)
        weight = ndimage.gaussian_filter(known.astype(np.float64), **options)
        total = ndimage.gaussian_filter(np.where(known, layer, 0.0), **options)
        with np.errstate(divide="ignore", invalid="ignore"):
            mean = total / weight
        layer[~known] = np.where(weight > 1e-12, mean, np.nan)[~known]
    return filled
