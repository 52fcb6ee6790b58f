"""Products of one place with a known truth: what collocation and merging are tested on.

The truth is a seasonal cycle plus a first-order autoregression, which is about what daily soil
moisture does between rains. A product sees it through a gain and an offset and adds an error that
may be autocorrelated and correlated with the errors of other products; then days are lost.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import xarray as xr
from scipy import signal

__all__ = ["simulate_products"]


def simulate_products(
    *,
    n_times: int = 1826,
    shape: tuple[int, ...] = (),
    gain: Sequence[float] = (1.0, 0.8, 1.2),
    offset: Sequence[float] = (0.0, 0.05, -0.03),
    error_std: Sequence[float] = (0.02, 0.03, 0.04),
    error_correlation: np.ndarray | None = None,
    error_autocorrelation: float | Sequence[float] = 0.0,
    seasonal_error: float = 0.0,
    truth_mean: float = 0.25,
    truth_std: float = 0.04,
    truth_autocorrelation: float = 0.95,
    seasonal_amplitude: float = 0.06,
    gap_fraction: float | Sequence[float] = 0.0,
    gap_length: int = 1,
    start: str = "2016-01-01",
    names: Sequence[str] | None = None,
    seed: int | np.random.Generator = 0,
) -> xr.Dataset:
    """Make a truth and N products of it.

    Parameters
    ----------
    n_times : int, default 1826
        Days.
    shape : tuple of int, default ()
        Leading shape: independent pixels. Two dimensions are called ``y`` and ``x``, one
        ``station``, more ``dim_0`` and so on.
    gain, offset, error_std : sequence of N float
        ``product = offset + gain * truth + error``; the error standard deviation is in the
        product's own units (m3 m-3 for products with gain 1).
    error_correlation : numpy.ndarray, shape (N, N), optional
        Correlation of the errors of the same day; identity by default.
    error_autocorrelation : float or sequence of N float, default 0
        Lag-one autocorrelation of the errors.
    seasonal_error : float, default 0
        Relative amplitude of a yearly cycle of the error standard deviation, alternately in phase
        and in antiphase from product to product, with the mean square kept: 0.5 makes errors half
        as large again in one season and half as large in the other. Below 1.
    truth_mean, truth_std, truth_autocorrelation : float
        Of the autoregressive part of the truth, m3 m-3 and lag one.
    seasonal_amplitude : float, default 0.06
        Amplitude of the yearly sine of the truth, m3 m-3.
    gap_fraction : float or sequence of N float, default 0
        Share of days lost per product.
    gap_length : int, default 1
        Mean length in days of a gap (1: single days; more: geometrically distributed).
    start : str, default "2016-01-01"
    names : sequence of str, optional
        ``product_0`` and so on by default.
    seed : int or numpy.random.Generator, default 0

    Returns
    -------
    xarray.Dataset
        ``truth`` (..., time); ``products`` (product, ..., time); and the parameters over
        ``product``: ``gain``, ``offset``, ``error_std``, ``error_var``, ``error_autocorrelation``,
        ``gap_fraction``, with ``error_covariance`` over ``product`` and ``product_b``.

    Raises
    ------
    ValueError
        If sequences differ in length, or no process has the correlations asked for.

    Examples
    --------
    >>> sample = simulate_products(n_times=365, shape=(4,), seed=1)
    >>> dict(sample.products.sizes)
    {'product': 3, 'station': 4, 'time': 365}
    """
    rng = np.random.default_rng(seed)
    n_products = len(error_std)
    gains, offsets, stds, phis, gaps = (
        _per_product(values, n_products, name)
        for values, name in (
            (gain, "gain"),
            (offset, "offset"),
            (error_std, "error_std"),
            (error_autocorrelation, "error_autocorrelation"),
            (gap_fraction, "gap_fraction"),
        )
    )
    if (stds < 0).any() or (np.abs(phis) >= 1).any() or (gaps < 0).any() or (gaps >= 1).any():
        raise ValueError(
            "error_std must not be negative, error_autocorrelation must lie in (-1, 1) and "
            f"gap_fraction in [0, 1), got {stds}, {phis}, {gaps}"
        )
    if not 0.0 <= seasonal_error < 1.0:
        raise ValueError(f"seasonal_error must lie in [0, 1), got {seasonal_error}")
    correlation = np.eye(n_products) if error_correlation is None else np.array(error_correlation)
    if correlation.shape != (n_products, n_products):
        raise ValueError(
            f"error_correlation must be of shape {(n_products, n_products)}, "
            f"got {correlation.shape}"
        )
    time = pd.date_range(start, periods=n_times, freq="D").as_unit("ns")
    year = 2.0 * np.pi * np.arange(n_times) / 365.25

    truth = _autoregression(rng, np.array([truth_autocorrelation]), np.eye(1), shape, n_times)[0]
    truth = truth_mean + truth_std * truth + seasonal_amplitude * np.sin(year)
    errors = _autoregression(rng, phis, correlation, shape, n_times)
    sign = np.where(np.arange(n_products) % 2 == 0, 1.0, -1.0).reshape(-1, *[1] * (len(shape) + 1))
    cycle = (1.0 + seasonal_error * sign * np.cos(year)) / np.sqrt(1.0 + seasonal_error**2 / 2.0)
    column = (slice(None), *[None] * (len(shape) + 1))
    products = offsets[column] + gains[column] * truth + stds[column] * cycle * errors
    for index, fraction in enumerate(gaps):
        if fraction > 0.0:
            products[index][_gaps(rng, fraction, gap_length, (*shape, n_times))] = np.nan

    known = {1: ("station",), 2: ("y", "x")}
    grid = known.get(len(shape), tuple(f"dim_{i}" for i in range(len(shape))))
    labels = list(names) if names is not None else [f"product_{i}" for i in range(n_products)]
    per_product = {
        "gain": gains,
        "offset": offsets,
        "error_std": stds,
        "error_var": stds**2,
        "error_autocorrelation": phis,
        "gap_fraction": gaps,
    }
    sample = xr.Dataset(
        {
            "truth": ((*grid, "time"), truth, {"units": "m3 m-3"}),
            "products": (("product", *grid, "time"), products, {"units": "m3 m-3"}),
            **{name: ("product", values) for name, values in per_product.items()},
            "error_covariance": (("product", "product_b"), correlation * np.outer(stds, stds)),
        },
        coords={
            "time": time,
            "product": np.array(labels, dtype=object),
            "product_b": np.array(labels, dtype=object),
            **{dim: np.arange(size) for dim, size in zip(grid, shape)},
        },
    )
    sample.attrs["seed"] = str(seed)
    return sample


def _per_product(values: float | Sequence[float], n_products: int, name: str) -> np.ndarray:
    """One value per product, from one for all or from a sequence."""
    array = np.asarray(values, dtype=np.float64)
    if array.ndim == 0:
        return np.full(n_products, float(array))
    if array.shape != (n_products,):
        raise ValueError(
            f"{name} must have one value for each of the {n_products} products of error_std, "
            f"got {array.tolist()}"
        )
    return array


def _autoregression(
    rng: np.random.Generator,
    phi: np.ndarray,
    correlation: np.ndarray,
    shape: tuple[int, ...],
    n_times: int,
) -> np.ndarray:
    """Stationary AR(1) series of unit variance and given cross-correlation, (N, ..., time)."""
    n_series = phi.size
    # A vector AR(1) with diagonal phi has the stationary covariance Q_ij / (1 - phi_i phi_j).
    innovation = correlation * (1.0 - np.outer(phi, phi))
    eigenvalues, vectors = np.linalg.eigh(innovation)
    if eigenvalues[0] < -1e-12 or not np.allclose(np.diag(correlation), 1.0):
        raise ValueError(
            "no stationary errors have this error_correlation together with this "
            f"error_autocorrelation: {correlation.tolist()}, {phi.tolist()}"
        )
    root = vectors * np.sqrt(np.maximum(eigenvalues, 0.0))
    noise = np.tensordot(root, rng.standard_normal((n_series, *shape, n_times)), axes=1)
    eigenvalues, vectors = np.linalg.eigh(correlation)
    root = vectors * np.sqrt(np.maximum(eigenvalues, 0.0))
    initial = np.tensordot(root, rng.standard_normal((n_series, *shape, 1)), axes=1)
    series = np.empty_like(noise)
    for index in range(n_series):
        series[index] = signal.lfilter(
            [1.0], [1.0, -phi[index]], noise[index], axis=-1, zi=phi[index] * initial[index]
        )[0]
    return series


def _gaps(
    rng: np.random.Generator, fraction: float, length: int, shape: tuple[int, ...]
) -> np.ndarray:
    """Two-state Markov chain: lost days in runs of a mean length, with a given share."""
    if length <= 1:
        return rng.random(shape) < fraction
    leave = 1.0 / length
    enter = leave * fraction / (1.0 - fraction)
    lost = np.empty(shape, dtype=bool)
    lost[..., 0] = rng.random(shape[:-1]) < fraction
    draws = rng.random(shape)
    for day in range(1, shape[-1]):
        before = lost[..., day - 1]
        lost[..., day] = np.where(before, draws[..., day] >= leave, draws[..., day] < enter)
    return lost
