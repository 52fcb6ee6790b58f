from __future__ import annotations

import numpy as np
import pytest

from local_core.collocation import suggest_block_length
from local_core.collocation.block_length import optimal_block_length
from local_core.synthetic.products import simulate_products


def autoregression(phi: float, shape: tuple[int, int], seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    noise = rng.normal(size=shape) * np.sqrt(1 - phi**2)
    series = np.empty(shape)
    series[:, 0] = rng.normal(size=shape[0])
    for day in range(1, shape[1]):
        series[:, day] = phi * series[:, day - 1] + noise[:, day]
    return series


@pytest.mark.parametrize("phi", [0.3, 0.7])
@pytest.mark.parametrize("gaps", [0.0, 0.3])
def test_the_optimum_of_an_autoregression(phi, gaps):
    """For AR(1): sum |k| R(k) = 2 phi / (1 - phi)^2 and g(0) = (1 + phi) / (1 - phi)."""
    n = 6000
    series = autoregression(phi, (40, n), seed=1)
    valid = np.random.default_rng(2).random(series.shape) >= gaps
    slope, at_zero = 2 * phi / (1 - phi) ** 2, (1 + phi) / (1 - phi)
    theory = (1.5 * slope**2 / at_zero**2 * n * (1 - gaps)) ** (1 / 3)
    found = np.median(optimal_block_length(series, valid))
    assert found == pytest.approx(theory, rel=0.2)


def test_noise_needs_no_blocks_and_a_constant_has_none():
    series = np.random.default_rng(0).normal(size=(50, 2000))
    valid = np.ones(series.shape, dtype=bool)
    assert np.median(optimal_block_length(series, valid)) < 4
    assert np.isnan(optimal_block_length(np.ones((1, 100)), np.ones((1, 100), dtype=bool))).all()


def test_error_variances_need_the_memory_of_the_errors_only():
    """Persistent soil with independent errors: the truth cancels from the error variance."""
    options = {"n_times": 3000, "shape": (20,), "truth_autocorrelation": 0.97, "seed": 1}
    white = suggest_block_length(*simulate_products(**options).products)
    red = suggest_block_length(*simulate_products(**options, error_autocorrelation=0.9).products)
    assert float(white.error_var.median()) < 5
    assert float(red.error_var.median()) > 4 * float(white.error_var.median())
    assert float(white.signal_var.median()) > 40


def test_short_series_have_no_answer():
    sample = simulate_products(n_times=50, shape=(2,), seed=0)
    assert suggest_block_length(*sample.products).error_var.isnull().all()
