"""Weighted means of products that are not all there every day.

A product missing on a day must not take its weight with it: the weights are those of the least-
squares problem of the products that are there. With N products there are 2^N - 1 such problems per
pixel, solved once; a day then looks up the weights of its pattern. The pattern, as a bit mask, is
also the record of which products a merged value is made of.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from local_core.merging.least_squares_weights import blue_weights, merged_error_var

__all__ = ["LARGEST_N_PRODUCTS", "merge_available", "weights_by_pattern"]

LARGEST_N_PRODUCTS = 8


def weights_by_pattern(error_covariance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weights and error variance for every set of available products.

    Parameters
    ----------
    error_covariance : numpy.ndarray, shape (N, N, P)
        In one common space; an infinite variance excludes a product for good.

    Returns
    -------
    weights : numpy.ndarray, shape (2**N, N, P)
        Bit i of the first index says whether product i is available. NaN for sets that hold no
        usable product.
    error_var : numpy.ndarray, shape (2**N, P)
    """
    n_products, _, n_pixels = error_covariance.shape
    weights = np.full((2**n_products, n_products, n_pixels), np.nan)
    error_var = np.full((2**n_products, n_pixels), np.nan)
    for pattern in range(1, 2**n_products):
        missing = [k for k in range(n_products) if not pattern >> k & 1]
        matrix = error_covariance.copy()
        matrix[missing, missing] = np.inf
        weights[pattern] = blue_weights(matrix)
        error_var[pattern] = merged_error_var(weights[pattern], matrix)
    return weights, error_var


def merge_available(
    products: Sequence[np.ndarray],
    error_covariance: np.ndarray,
    window_index: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Merge series that are already in one space.

    Parameters
    ----------
    products : sequence of N numpy.ndarray, each of shape (P, time)
    error_covariance : numpy.ndarray, shape (window, N, N, P)
    window_index : numpy.ndarray of int, shape (time,)
        Window of every date.

    Returns
    -------
    merged : numpy.ndarray, shape (P, time)
    error_var : numpy.ndarray, shape (P, time)
    source : numpy.ndarray of uint8, shape (P, time)
        Bit i is set where product i took part.
    """
    n_products = len(products)
    n_pixels, n_times = products[0].shape
    merged = np.full((n_pixels, n_times), np.nan)
    error_var = np.full((n_pixels, n_times), np.nan)
    source = np.zeros((n_pixels, n_times), dtype=np.uint8)
    for window in np.unique(window_index):
        days = np.flatnonzero(window_index == window)
        weights, variance = weights_by_pattern(error_covariance[window])
        excluded = np.isinf(error_covariance[window][range(n_products), range(n_products)])
        values = [product[:, days] for product in products]
        pattern = np.zeros((n_pixels, days.size), dtype=np.int64)
        for k, value in enumerate(values):
            pattern |= (np.isfinite(value) & ~excluded[k][:, None]).astype(np.int64) << k
        total = np.zeros((n_pixels, days.size))
        for k, value in enumerate(values):
            weight = np.take_along_axis(weights[:, k].T, pattern, axis=1)
            total += np.where(pattern >> k & 1, weight * value, 0.0)
        variance = np.take_along_axis(variance.T, pattern, axis=1)
        usable = np.isfinite(np.take_along_axis(weights[:, 0].T, pattern, axis=1))
        merged[:, days] = np.where(usable, total, np.nan)
        error_var[:, days] = np.where(usable, variance, np.nan)
        source[:, days] = np.where(usable, pattern, 0)
    return merged, error_var, source
