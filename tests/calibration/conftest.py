"""Samples like those of Li et al. (2025), with known coefficients and station effects."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest

TRUTH = np.array([0.0148, 0.186, 0.158, 0.054])


class StationSamples(NamedTuple):
    x: np.ndarray
    y: np.ndarray
    station: np.ndarray


def draw_samples(rng, n=800, n_stations=40, noise=0.05, station_noise=0.03) -> StationSamples:
    """Backscatter difference, NDVI and NDMI of stations that differ in cover, and soil moisture."""
    station = rng.integers(0, n_stations, n)
    ndvi = np.clip(rng.uniform(0.1, 0.7, n_stations)[station] + rng.normal(0, 0.05, n), 0, 0.9)
    ndmi = 0.6 * ndvi - 0.2 + rng.normal(0, 0.05, n)
    delta = rng.gamma(4.0, 1.2, n)
    x = np.column_stack([delta, ndvi, ndmi])
    effect = rng.normal(0, station_noise, n_stations)[station]
    y = x @ TRUTH[:3] + TRUTH[3] + effect + rng.normal(0, noise, n)
    return StationSamples(x, y, station)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(2105)


@pytest.fixture
def samples(rng) -> StationSamples:
    return draw_samples(rng)


@pytest.fixture
def truth() -> np.ndarray:
    return TRUTH


@pytest.fixture
def make_samples():
    return draw_samples
