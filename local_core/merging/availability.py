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
# The temporaries of so many series of ten years of days stay in the cache.
_PIXELS_AT_ONCE = 8


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
    gain: np.ndarray,
    offset: np.ndarray,
    error_covariance: np.ndarray,
    window_index: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Bring series into one space and average them.

    Parameters
    ----------
    products : sequence of N numpy.ndarray, each of shape (P, time)
    gain, offset : numpy.ndarray, shape (N, P)
        ``common = gain * product + offset``.
    error_covariance : numpy.ndarray, shape (window, N, N, P)
        In the common space.
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
    n_patterns = 2**n_products
    merged = np.empty((n_pixels, n_times))
    error_var = np.empty((n_pixels, n_times))
    source = np.empty((n_pixels, n_times), dtype=np.uint8)
    tables = [weights_by_pattern(matrix) for matrix in error_covariance]
    # Over (pixel, window, pattern), so that one number addresses a row of the tables.
    weights = np.stack([table for table, _ in tables], axis=1).transpose(3, 1, 0, 2)
    variances = np.stack([table for _, table in tables], axis=1).transpose(2, 1, 0)
    excluded = np.isinf(error_covariance[:, range(n_products), range(n_products)]).any(axis=0)
    start_of_window = n_patterns * np.asarray(window_index, dtype=np.int32)
    rows = len(tables) * n_patterns
    for start in range(0, n_pixels, _PIXELS_AT_ONCE):
        part = slice(start, min(start + _PIXELS_AT_ONCE, n_pixels))
        lookup = [np.ascontiguousarray(weights[part, ..., k]).ravel() for k in range(n_products)]
        pattern = np.zeros(merged[part].shape, dtype=np.uint8)
        total = np.zeros(pattern.shape)
        there = []
        for k, product in enumerate(products):
            finite = np.isfinite(product[part]) & ~excluded[k, part, None]
            pattern |= finite.astype(np.uint8) << np.uint8(k)
            there.append(finite)
        address = pattern + start_of_window
        address += rows * np.arange(pattern.shape[0], dtype=np.int32)[:, None]
        for k, product in enumerate(products):
            value = gain[k, part, None] * product[part] + offset[k, part, None]
            value *= lookup[k].take(address)
            np.add(total, value, out=total, where=there[k])
        error_var[part] = np.ascontiguousarray(variances[part]).ravel().take(address)
        usable = np.isfinite(lookup[0].take(address))
        merged[part] = np.where(usable, total, np.nan)
        source[part] = np.where(usable, pattern, np.uint8(0))
    return merged, error_var, source
