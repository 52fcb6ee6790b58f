"""Paired series with gaps, ties and memory, for the tests of scores."""

from __future__ import annotations

import numpy as np
import pytest


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20250324)


@pytest.fixture
def paired_with_gaps(rng) -> tuple[np.ndarray, np.ndarray]:
    """40 pairs of soil-moisture-like series of 500 days, 30 % gaps, rounded so that ties occur."""
    truth = rng.uniform(0.05, 0.45, (40, 500))
    estimate = np.round(0.8 * truth + 0.05 + rng.normal(0, 0.04, truth.shape), 2)
    reference = np.round(truth, 2)
    estimate[rng.random(truth.shape) < 0.2] = np.nan
    reference[rng.random(truth.shape) < 0.1] = np.nan
    return estimate, reference


@pytest.fixture
def autoregressive():
    """Factory of AR(1) series with unit variance, shape (series, time)."""

    def make(rng, n_series, length, memory):
        noise = rng.normal(size=(n_series, length)) * np.sqrt(1 - memory**2)
        out = np.empty_like(noise)
        out[:, 0] = noise[:, 0] / np.sqrt(1 - memory**2)
        for t in range(1, length):
            out[:, t] = memory * out[:, t - 1] + noise[:, t]
        return out

    return make
