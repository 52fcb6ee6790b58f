"""Least-squares weights and the error of what they give: eqs. 11-17 of TC-LSTM 2022.

For independent errors eqs. 15-17 are inverse-variance weights, ``w_i ∝ 1 / sigma_i²``, for any
number of products. With correlated errors the minimum of ``wᵀ Sigma w`` under ``sum w = 1``
(eqs. 12-13 with the cross terms that eq. 13 leaves out) is the best linear unbiased estimator,
``w = Sigma⁻¹ 1 / (1ᵀ Sigma⁻¹ 1)``. A weight can then be negative: a poor product that shares its
error with a good one is used to subtract that error.

Notes
-----
A slip of the paper: eqs. 11 and 12 average values and so presume one space, but the variances of
eq. 8 are in each product's own dynamic range. A product that sees half the amplitude of the truth
has half the error standard deviation at the same quality, and is weighted four times too much.
Products are therefore rescaled first (:mod:`local_core.merging.rescaling`) and the variances taken
in that common space; ``rescaling="none"`` of the merger keeps the paper's literal variant.
"""

from __future__ import annotations

import numpy as np

__all__ = ["blue_weights", "inverse_variance_weights", "merged_error_var"]

# Smallest variance relative to the mean one: an exact zero (a covariance matrix on the boundary of
# the positive definite ones) would make the weights infinite.
_SMALLEST = 1e-9


def inverse_variance_weights(error_var: np.ndarray) -> np.ndarray:
    """Weights of products with independent errors (eqs. 15-17).

    Parameters
    ----------
    error_var : numpy.ndarray, shape (N, ...)
        Error variances in one common space; infinite for a product that is not to be used.

    Returns
    -------
    numpy.ndarray, shape (N, ...)
        Adds to 1 over the first axis; NaN where a variance is negative or NaN or none is finite.

    Examples
    --------
    >>> import numpy as np
    >>> inverse_variance_weights(np.array([1.0, 2.0, 2.0])).tolist()
    [0.5, 0.25, 0.25]
    """
    error_var = np.asarray(error_var, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        precision = 1.0 / _above_zero(error_var)
        return precision / precision.sum(axis=0)


def blue_weights(error_covariance: np.ndarray) -> np.ndarray:
    """Weights of products with correlated errors: the best linear unbiased estimator.

    Parameters
    ----------
    error_covariance : numpy.ndarray, shape (N, N, ...)
        Positive definite error covariance matrices in one common space. An infinite variance
        excludes a product.

    Returns
    -------
    numpy.ndarray, shape (N, ...)
        Adds to 1 over the first axis; NaN where the matrix has no inverse.

    Examples
    --------
    >>> import numpy as np
    >>> matrix = np.array([[1.0, 0.5, 0.0], [0.5, 1.0, 0.0], [0.0, 0.0, 1.0]])
    >>> blue_weights(matrix).round(3).tolist()
    [0.286, 0.286, 0.429]
    """
    matrix = np.asarray(error_covariance, dtype=np.float64)
    n_products = matrix.shape[0]
    diagonal = np.arange(n_products)
    variance = _above_zero(matrix[diagonal, diagonal])
    flat = np.moveaxis(matrix.reshape(n_products, n_products, -1), -1, 0).copy()
    flat[:, diagonal, diagonal] = variance.reshape(n_products, -1).T
    weights = np.full((flat.shape[0], n_products), np.nan)
    usable = np.isfinite(flat[:, diagonal, diagonal])
    # Pixels that use the same products are solved together.
    for used in np.unique(usable, axis=0):
        members = np.flatnonzero((usable == used).all(axis=1))
        excluded = flat[members][:, ~used][:, :, diagonal[~used]]
        known = ~np.isnan(np.einsum("pii->pi", excluded)).any(axis=1)
        members = members[known]
        if not used.any() or members.size == 0:
            continue
        part = flat[members][:, used][:, :, used]
        # A matrix that cannot be inverted must not stop the others.
        regular = np.isfinite(part).all(axis=(1, 2))
        regular[regular] = np.linalg.matrix_rank(part[regular], hermitian=True) == used.sum()
        precision = np.linalg.solve(part[regular], np.ones((int(regular.sum()), used.sum(), 1)))
        rows = np.zeros((precision.shape[0], n_products))
        rows[:, used] = precision[:, :, 0] / precision[:, :, 0].sum(axis=1, keepdims=True)
        weights[members[regular]] = rows
    return weights.T.reshape(variance.shape)


def merged_error_var(weights: np.ndarray, error_covariance: np.ndarray) -> np.ndarray:
    """Error variance of the weighted mean (eq. 13, with the cross terms).

    Parameters
    ----------
    weights : numpy.ndarray, shape (N, ...)
    error_covariance : numpy.ndarray, shape (N, N, ...)
        An infinite variance counts as zero where its weight is zero.

    Returns
    -------
    numpy.ndarray, shape (...)
    """
    matrix = np.where(np.isinf(error_covariance), 0.0, error_covariance)
    return np.einsum("i...,ij...,j...->...", weights, matrix, weights)


def _above_zero(variance: np.ndarray) -> np.ndarray:
    """Variances with exact zeros lifted, negative ones as NaN."""
    with np.errstate(invalid="ignore"):
        finite = np.where(np.isfinite(variance), variance, np.nan)
        count = np.maximum(np.isfinite(variance).sum(axis=0), 1)
        mean = np.nansum(finite, axis=0) / count
        lifted = np.maximum(variance, _SMALLEST * mean)
        return np.where(variance >= 0.0, lifted, np.nan)
