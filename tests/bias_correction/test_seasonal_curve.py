"""Least squares over sites, memory of residuals and the covariance of coefficients."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local_core.bias_correction.seasonal_curve import (
    ResidualMemory,
    annual_anomaly,
    pooled_least_squares,
    residual_memory,
    seasonal_columns,
    slope_covariance,
)
from local_core.synthetic.freezing_soil import red_noise


@settings(deadline=None)
@given(seed=st.integers(0, 10_000), n_sites=st.integers(1, 4))
def test_pooled_fit_equals_least_squares_with_a_dummy_per_site(seed, n_sites):
    rng = np.random.default_rng(seed)
    columns = seasonal_columns(np.arange(0, 1500, 5), trend=True)
    y = rng.normal(size=(n_sites, columns.shape[0]))
    y[rng.random(y.shape) < 0.4] = np.nan
    fit = pooled_least_squares(y, columns)
    site, day = np.nonzero(np.isfinite(y))
    design = np.concatenate([columns[day], np.eye(n_sites)[site]], axis=1)
    expected = np.linalg.lstsq(design, y[site, day], rcond=None)[0]
    np.testing.assert_allclose(fit.slope, expected[:3], atol=1e-9)
    np.testing.assert_allclose(fit.site_offset, expected[3:], atol=1e-9)
    assert fit.offset == pytest.approx(expected[3:].mean(), abs=1e-9)
    residual = y[site, day] - design @ expected
    np.testing.assert_allclose(fit.residual[site, day], residual, atol=1e-9)


def test_levels_of_sites_in_different_years_are_no_trend():
    days = np.arange(3650)
    y = np.full((2, days.size), np.nan)
    y[0, :1500], y[1, 2000:] = -0.1, -0.3
    fit = pooled_least_squares(y, seasonal_columns(days, trend=True))
    np.testing.assert_allclose(fit.slope, 0.0, atol=1e-12)
    assert fit.offset == pytest.approx(-0.2)
    stacked = pooled_least_squares(np.nansum(y, axis=0)[None], seasonal_columns(days, trend=True))
    assert abs(stacked.slope[2]) > 0.01


def test_anomaly_is_what_an_own_harmonic_fit_leaves():
    rng = np.random.default_rng(3)
    days = np.arange(1000.0)
    values = 0.3 + 0.1 * np.sin(2 * np.pi * days / 365.25 + 1) + rng.normal(0, 0.02, (3, 1000))
    values[1, rng.random(1000) < 0.5] = np.nan
    anomaly = annual_anomaly(values, days)
    for row in range(3):
        known = np.isfinite(values[row])
        design = np.c_[seasonal_columns(days, trend=False), np.ones(1000)][known]
        expected = (
            values[row, known] - design @ np.linalg.lstsq(design, values[row, known], rcond=None)[0]
        )
        np.testing.assert_allclose(anomaly[row, known], expected, atol=1e-12)
    np.testing.assert_array_equal(np.isnan(anomaly), np.isnan(values))


@pytest.mark.parametrize("memory_days", [3.0, 20.0])
def test_memory_of_red_noise_is_found_through_gaps(memory_days):
    rng = np.random.default_rng(8)
    noise = red_noise((1, 20_000), memory_days=memory_days, sd=0.05, rng=rng)
    noise[:, rng.random(20_000) < 0.2] = np.nan
    memory = residual_memory(noise, 4)
    assert memory.persistence == pytest.approx(np.exp(-1 / memory_days), abs=0.02)
    assert memory.std == pytest.approx(0.05, rel=0.1)


def test_covariance_equals_the_dense_formula():
    rng = np.random.default_rng(0)
    days = np.arange(400.0)
    columns = seasonal_columns(days, trend=True)[None]
    valid = rng.random((1, 400)) < 0.7
    memory = ResidualMemory(std=0.03, persistence=0.9)
    found = slope_covariance(columns, valid, memory)
    x = columns[0][valid[0]]
    omega = 0.03**2 * 0.9 ** np.abs(days[valid[0]][:, None] - days[valid[0]][None, :])
    inverse = np.linalg.inv(x.T @ x)
    np.testing.assert_allclose(found, inverse @ x.T @ omega @ x @ inverse, rtol=1e-9)
