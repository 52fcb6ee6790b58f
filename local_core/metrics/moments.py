"""Means, variances and covariance of paired series, gaps deleted jointly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: A series whose standard deviation is below this share of its mean is constant to rounding.
CONSTANT_TOLERANCE = 1e-13


@dataclass(frozen=True)
class PairMoments:
    """Moments of ``(series, time)`` blocks over time; variances have ``ddof=0``.

    Attributes
    ----------
    n : ndarray of int, shape (series,)
        Pairs in which both values are finite.
    mean_x, mean_y : ndarray of float, shape (series,)
        Means over those pairs, NaN where ``n`` is 0.
    var_x, var_y, cov, var_d : ndarray of float, shape (series,)
        Population variances of x, y and of the difference x - y, and the covariance.
    constant_x, constant_y : ndarray of bool, shape (series,)
        Whether the series varies by no more than rounding.
    valid : ndarray of bool, shape (series, time)
        The joint mask.
    x, y : ndarray of float, shape (series, time)
        The series minus their means, zero where not valid.
    """

    n: NDArray[np.int64]
    mean_x: NDArray[np.float64]
    mean_y: NDArray[np.float64]
    var_x: NDArray[np.float64]
    var_y: NDArray[np.float64]
    cov: NDArray[np.float64]
    var_d: NDArray[np.float64]
    constant_x: NDArray[np.bool_]
    constant_y: NDArray[np.bool_]
    valid: NDArray[np.bool_]
    x: NDArray[np.float64]
    y: NDArray[np.float64]


def pair_moments(x: NDArray[np.floating], y: NDArray[np.floating]) -> PairMoments:
    """Compute the moments of paired series over the last axis.

    Two passes (means first), so that a large offset costs no digits.

    Parameters
    ----------
    x, y : ndarray, shape (series, time)
        Values; a pair counts when both are finite.

    Returns
    -------
    PairMoments
        Means, variances, covariance, counts and the centred series.

    Examples
    --------
    >>> import numpy as np
    >>> m = pair_moments(np.array([[1.0, 2.0, np.nan, 6.0]]), np.array([[0.0, 1.0, 5.0, 2.0]]))
    >>> int(m.n[0]), float(m.mean_x[0]), float(m.mean_y[0])
    (3, 3.0, 1.0)
    """
    x = np.asarray(x, dtype=np.float64)
    y = np.asarray(y, dtype=np.float64)
    valid = np.isfinite(x)
    valid &= np.isfinite(y)
    n = valid.sum(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        inv_n = 1.0 / n
        x0, mean_x = _centred(x, valid, inv_n)
        y0, mean_y = _centred(y, valid, inv_n)
        var_x = np.einsum("ij,ij->i", x0, x0) * inv_n
        var_y = np.einsum("ij,ij->i", y0, y0) * inv_n
        cov = np.einsum("ij,ij->i", x0, y0) * inv_n
        d0 = x0 - y0
        var_d = np.einsum("ij,ij->i", d0, d0) * inv_n
        constant_x = np.sqrt(var_x) <= CONSTANT_TOLERANCE * np.abs(mean_x)
        constant_y = np.sqrt(var_y) <= CONSTANT_TOLERANCE * np.abs(mean_y)
    return PairMoments(
        n=n,
        mean_x=mean_x,
        mean_y=mean_y,
        var_x=var_x,
        var_y=var_y,
        cov=cov,
        var_d=var_d,
        constant_x=constant_x,
        constant_y=constant_y,
        valid=valid,
        x=x0,
        y=y0,
    )


def _centred(
    values: NDArray[np.float64], valid: NDArray[np.bool_], inv_n: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the valid values minus their mean (zero elsewhere), and the mean (NaN if none)."""
    centred = np.where(valid, values, 0.0)
    mean = centred.sum(axis=-1) * inv_n
    centred -= mean[:, None]
    # A second pass removes what rounding left of the mean when the offset is large.
    centred[~valid] = 0.0
    rest = centred.sum(axis=-1) * inv_n
    centred -= np.where(valid, rest[:, None], 0.0)
    return centred, mean + rest
