"""The default settings: the year in IMF4, the trend in IMF5, and a warning otherwise."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from local_core.vmd import (
    ANNUAL_TREND,
    LITERATURE,
    ModePeriodWarning,
    annual_mode_found,
    decompose,
)

YEAR = 365.25


def planted(n_series: int, n_years: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Series with a known year and trend under red noise of a third of the amplitude."""
    rng = np.random.default_rng(seed)
    days = np.arange(round(n_years * YEAR))
    phase = rng.uniform(0, 2 * np.pi, (n_series, 1))
    annual = 0.05 * np.cos(2 * np.pi * days / YEAR + phase)
    trend = -0.2 + rng.uniform(-0.004, 0.004, (n_series, 1)) * (days / YEAR)
    noise = np.zeros_like(annual)
    white = rng.standard_normal(annual.shape)
    for day in range(1, days.size):
        noise[:, day] = 0.9 * noise[:, day - 1] + np.sqrt(1 - 0.81) * white[:, day]
    return annual + trend + 0.015 * noise, annual, trend


def test_defaults_are_the_named_preset(differences):
    series = differences(2, 1461, seed=50)
    np.testing.assert_array_equal(decompose(series).modes, decompose(series, **ANNUAL_TREND).modes)


@pytest.mark.parametrize("backend", ["numpy", "numba"])
def test_planted_year_and_trend_come_back(backend):
    series, annual, trend = planted(12, 8, seed=51)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = decompose(series, backend=backend)
    assert result.annual_mode_found.all()
    assert (result.center_periods[:, 4] == np.inf).all()
    inner = slice(200, -200)
    for row in range(12):
        match = np.corrcoef(result.modes[row, 3, inner], annual[row, inner])[0, 1]
        assert match > 0.95
        off = result.modes[row, 4, inner] - trend[row, inner]
        assert np.sqrt(np.mean(off**2)) < 0.012


def test_warns_when_the_year_is_not_there():
    rng = np.random.default_rng(53)
    noise = rng.standard_normal((3, 2000))
    with pytest.warns(ModePeriodWarning, match=r"IMF4 is not annual in \d of 3 series"):
        decompose(noise)


def test_does_not_warn_where_no_name_was_claimed():
    noise = np.random.default_rng(53).standard_normal((3, 2000))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        decompose(noise, init="uniform")
        decompose(noise, init=[np.inf, 365.0, 100.0, 50.0, 10.0])
        decompose(np.full((2, 2000), np.nan))


@pytest.mark.parametrize(
    ("period", "found"), [(299.0, False), (300.0, True), (430.0, True), (431.0, False)]
)
def test_range_of_a_year(period, found):
    assert annual_mode_found([10.0, period, np.inf]) == found


def test_one_mode_is_never_annual():
    assert not annual_mode_found([365.0])


@pytest.mark.realdata
def test_year_and_trend_part_on_observed_differences(observed_differences):
    """ESA CCI minus GLDAS at seven places in Australia, 17 years, a quarter of the days missing."""
    options = {"gaps": "harmonic"}
    result = decompose(observed_differences, **options)
    assert result.annual_mode_found.all()
    literature = decompose(observed_differences, **LITERATURE, **options)
    assert not literature.annual_mode_found.any()
    # The fitted amplitude is near that of the harmonic fitted to the differences themselves.
    days = np.arange(observed_differences.shape[-1])
    sine = np.stack([np.sin(2 * np.pi * days / YEAR), np.cos(2 * np.pi * days / YEAR)], axis=-1)
    whole = np.column_stack([sine, days, np.ones(days.size)])
    for row, series in enumerate(observed_differences):
        known = np.isfinite(series)
        direct = np.linalg.lstsq(whole[known], series[known])[0][:2]
        by_mode = np.linalg.lstsq(sine[known], result.modes[row, 3, known])[0]
        ratio = np.hypot(*by_mode) / np.hypot(*direct)
        assert 0.75 < ratio < 1.25
