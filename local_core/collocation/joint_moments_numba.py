"""The numba engine of :mod:`local_core.collocation.joint_moments`: one pass over memory.

A pixel's series are brought into the cache once; the mask, the shifted values and the products are
then formed there. ``fastmath`` allows the compiler to reorder the sums (so that it can vectorise
them) but not to assume that NaN is absent. The kernel holds no lock, so dask's threads run it side
by side, and it starts no threads of its own.
"""

from __future__ import annotations

import numba
import numpy as np

__all__ = ["block_moments"]

_REORDER = {"reassoc", "contract", "nsz", "arcp"}


@numba.njit(nogil=True, cache=True, fastmath=_REORDER, error_model="numpy")
def _kernel(
    block: tuple[np.ndarray, ...],
    accepted: np.ndarray,
    use_accepted: bool,
    ddof: int,
    n_out: np.ndarray,
    mean: np.ndarray,
    cov: np.ndarray,
) -> None:
    n_products = len(block)
    n_pixels, n_times = block[0].shape
    shifted = np.empty((n_products, n_times))
    valid = np.empty(n_times, np.bool_)
    sums = np.empty(n_products)
    for pixel in range(n_pixels):
        for time in range(n_times):
            valid[time] = True
        if use_accepted:
            for time in range(n_times):
                valid[time] = accepted[pixel, time]
        for index in range(n_products):
            row = block[index][pixel]
            for time in range(n_times):
                # x - x is 0 for finite values and NaN for NaN and infinities.
                valid[time] &= (row[time] - row[time]) == 0
        n = 0
        for time in range(n_times):
            n += valid[time]
        n_out[pixel] = n
        if n == 0:
            continue
        first = 0
        while not valid[first]:
            first += 1
        for index in range(n_products):
            row = block[index][pixel]
            shift = np.float64(row[first])
            series = shifted[index]
            total = 0.0
            for time in range(n_times):
                value = np.float64(row[time]) - shift if valid[time] else 0.0
                series[time] = value
                total += value
            sums[index] = total
            mean[index, pixel] = shift + total / n
        if n <= ddof:
            continue
        for i in range(n_products):
            for j in range(i, n_products):
                a = shifted[i]
                b = shifted[j]
                total = 0.0
                for time in range(n_times):
                    total += a[time] * b[time]
                value = (total - sums[i] * sums[j] / n) / (n - ddof)
                cov[i, j, pixel] = value
                cov[j, i, pixel] = value


def block_moments(
    block: tuple[np.ndarray, ...], accepted: np.ndarray | None, ddof: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Moments of one block of pixels, as the numpy engine returns them.

    Parameters
    ----------
    block : tuple of N numpy.ndarray, each (P, time), C-contiguous, of one dtype
    accepted : numpy.ndarray of bool, shape (P, time), or None
    ddof : int

    Returns
    -------
    n : numpy.ndarray of int64, shape (P,)
    mean : numpy.ndarray, shape (N, P)
    cov : numpy.ndarray, shape (N, N, P)
    """
    n_products, n_pixels = len(block), block[0].shape[0]
    n = np.zeros(n_pixels, dtype=np.int64)
    mean = np.full((n_products, n_pixels), np.nan)
    cov = np.full((n_products, n_products, n_pixels), np.nan)
    mask = np.empty((0, 0), dtype=np.bool_) if accepted is None else accepted
    # numba types read-only and writable arrays apart, and cannot loop over a tuple of both.
    block = tuple(_read_only(product) for product in block)
    mask = _read_only(mask)
    _kernel(block, mask, accepted is not None, ddof, n, mean, cov)
    return n, mean, cov


def _read_only(array: np.ndarray) -> np.ndarray:
    view = array.view()
    view.flags.writeable = False
    return view
