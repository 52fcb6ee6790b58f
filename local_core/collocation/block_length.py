"""How long the blocks of a block bootstrap should be, from the data (Politis and White 2004).

To first order the estimated error variance of product x is the mean of ``(x - y)(x - z)`` over the
calibrated triplets: **the truth cancels**. Its interval needs blocks as long as the memory of the
*errors*, not of soil moisture; with independent errors single days will do, however persistent the
soil. The signal variance is the mean of ``xy + xz - yz``, where the truth stays, so correlations
and SNR need blocks as long as the memory of soil moisture itself.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr

from local_core.collocation.bootstrap import FEWEST_BLOCKS
from local_core.collocation.joint_moments import joint_moments, joint_samples
from local_core.collocation.product_stack import stack_products
from local_core.collocation.triplet_estimates import triplet_estimates

__all__ = ["optimal_block_length", "suggest_block_length"]


def suggest_block_length(
    x: np.ndarray | xr.DataArray,
    y: np.ndarray | xr.DataArray,
    z: np.ndarray | xr.DataArray,
    *,
    dim: str = "time",
    names: Sequence[str] | None = None,
    min_samples: int = 100,
) -> xr.Dataset:
    """Block lengths that suit the autocorrelation of one triplet, series by series.

    Parameters
    ----------
    x, y, z, dim, names
        As in :func:`~local_core.collocation.triple_collocation`. Gaps are left out of the sums of
        the autocovariances.
    min_samples : int, default 100
        Fewer joint samples give NaN.

    Returns
    -------
    xarray.Dataset
        ``error_var`` and ``signal_var`` over ``product`` and the other dimensions: block lengths in
        samples for intervals of the error variance, and of ``r``, ``fmse`` and ``snr_db``. Take one
        number for a region, such as the median, and pass it as ``block_length``.

    Examples
    --------
    >>> from local_core.synthetic.products import simulate_products
    >>> sample = simulate_products(n_times=4000, error_autocorrelation=0.9, seed=3)
    >>> lengths = suggest_block_length(*sample.products)
    >>> bool((lengths.error_var > 10).all())
    True
    """
    stack = stack_products((x, y, z), dim=dim, names=names)

    def kernel(*products: np.ndarray) -> dict[str, np.ndarray]:
        moments = joint_moments(products)
        gain = triplet_estimates(moments.cov).gain
        valid = joint_samples(products)
        scaled = [
            np.where(valid, g[:, None] * (p - m[:, None]), 0.0)
            for p, g, m in zip(products, gain, moments.mean)
        ]
        found: dict[str, list[np.ndarray]] = {"error_var": [], "signal_var": []}
        for i, (j, k) in enumerate(((1, 2), (0, 2), (0, 1))):
            a, b, c = scaled[i], scaled[j], scaled[k]
            found["error_var"].append(optimal_block_length((a - b) * (a - c), valid))
            found["signal_var"].append(optimal_block_length(a * b + a * c - b * c, valid))
        few = moments.n < min_samples
        return {name: np.where(few, np.nan, np.stack(rows)) for name, rows in found.items()}

    outputs = dict.fromkeys(("error_var", "signal_var"), (("product",), np.float64))
    result = stack.apply(kernel, outputs, {"product": 3})
    for array in result.data_vars.values():
        array.attrs = {"long_name": "block length for the circular block bootstrap", "units": "1"}
    return result.assign_coords(product=np.array(stack.names, dtype=object))


def optimal_block_length(series: np.ndarray, valid: np.ndarray) -> np.ndarray:
    """Block length that minimises the mean square error of the variance of a mean.

    The rule of Politis and White (2004) for the circular block bootstrap, with the correction of
    Patton, Politis and White (2009), on series with gaps.

    Parameters
    ----------
    series : numpy.ndarray, shape (P, time)
        The values whose mean is of interest.
    valid : numpy.ndarray of bool, shape (P, time)
        Where they are known.

    Returns
    -------
    numpy.ndarray, shape (P,)
        Between 1 and the smaller of three times the square root and a third of the number of
        samples; NaN for a series without variance.
    """
    n_times = series.shape[-1]
    n = valid.sum(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(valid, series, 0.0).sum(axis=-1) / n
        centred = np.where(valid, series - mean[:, None], 0.0)
        size = 2 * n_times
        spectrum = np.abs(np.fft.rfft(centred, size)) ** 2
        pairs = np.abs(np.fft.rfft(valid.astype(np.float64), size)) ** 2
        products = np.fft.irfft(spectrum, size)[:, :n_times]
        counts = np.round(np.fft.irfft(pairs, size)[:, :n_times])
        # The divisor n of the complete series, corrected for the pairs lost to gaps.
        lags = np.arange(n_times)
        covariance = np.where(counts > 0, products / counts, 0.0) * (1.0 - lags / n_times)
        correlation = covariance / covariance[:, :1]
    lengths = np.full(series.shape[0], np.nan)
    for row in range(series.shape[0]):
        if n[row] >= FEWEST_BLOCKS and covariance[row, 0] > 0.0:
            lengths[row] = _politis_white(covariance[row], correlation[row], int(n[row]))
    return lengths


def _politis_white(covariance: np.ndarray, correlation: np.ndarray, n: int) -> float:
    """The plug-in rule for one series, from its autocovariances."""
    negligible = 2.0 * np.sqrt(np.log10(n) / n)
    in_a_row = max(5, int(np.sqrt(np.log10(n))))
    largest = min(int(np.ceil(np.sqrt(n))) + in_a_row, correlation.size - in_a_row - 1)
    last = largest
    for lag in range(max(largest, 0)):
        if (np.abs(correlation[lag + 1 : lag + 1 + in_a_row]) < negligible).all():
            last = lag
            break
    bandwidth = min(2 * max(last, 1), correlation.size - 1)
    lags = np.arange(1, bandwidth + 1)
    # Flat-top window: 1 up to half the bandwidth, then falling to 0.
    window = np.minimum(1.0, 2.0 * (1.0 - lags / bandwidth))
    terms = window * covariance[lags]
    slope = 2.0 * (lags * terms).sum()
    at_zero = covariance[0] + 2.0 * terms.sum()
    if at_zero <= 0.0:
        return 1.0
    length = (2.0 * slope**2 / (4.0 / 3.0 * at_zero**2)) ** (1.0 / 3.0) * n ** (1.0 / 3.0)
    longest = min(np.ceil(3.0 * np.sqrt(n)), n / FEWEST_BLOCKS)
    return float(np.clip(length, 1.0, longest))
