"""Intervals hold what they promise: coverage over many series whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from local_core.metrics import scores
from local_core.metrics.effective_sample_size import lag_one_autocorrelation

N_SERIES = 1500
#: Two-sided bounds of a 95 % coverage counted in N_SERIES trials, at four standard deviations.
SAMPLING = 4 * np.sqrt(0.95 * 0.05 / N_SERIES)

BIAS, SD, R = 0.03, 0.04, 0.8


def normal_pairs(rng, n, draw):
    """Pairs with known r, bias and error: x = y + BIAS + error, error independent of x + y."""
    # With equal variances and correlation R, var(x - y) = 2 var (1 - R) = SD**2.
    scale = SD / np.sqrt(2 * (1 - R))
    a, b = draw(rng, N_SERIES, n), draw(rng, N_SERIES, n)
    x = scale * (np.sqrt((1 + R) / 2) * a + np.sqrt((1 - R) / 2) * b)
    y = scale * (np.sqrt((1 + R) / 2) * a - np.sqrt((1 - R) / 2) * b)
    return x + BIAS, y


TRUTH = {
    "r": R,
    "bias": BIAS,
    "ubrmse": SD,
    "rmse": np.hypot(BIAS, SD),
    "mae": float(stats.foldnorm.mean(BIAS / SD, scale=SD)),
    "spearman_r": 6 / np.pi * np.arcsin(R / 2),
}


def coverage(result, name):
    inside = (result[f"{name}_lower"] <= TRUTH[name]) & (TRUTH[name] <= result[f"{name}_upper"])
    return inside.mean()


@pytest.mark.parametrize("name", TRUTH)
@pytest.mark.parametrize("n", [30, 200])
def test_closed_forms_cover_independent_pairs(name, n, rng):
    x, y = normal_pairs(rng, n, lambda g, s, m: g.normal(size=(s, m)))
    result = scores(x, y, interval="analytic", metrics=[name])
    # The mean absolute error's interval and Spearman's are approximate: one point of allowance.
    allowance = 0.012 if name in ("mae", "spearman_r") else 0.0
    assert abs(coverage(result, name) - 0.95) < SAMPLING + allowance


@pytest.mark.parametrize("name", ["r", "bias", "ubrmse", "rmse"])
def test_memory_ruins_plain_intervals_and_the_effective_sample_size_mends_them(
    name, rng, autoregressive
):
    x, y = normal_pairs(rng, 400, lambda g, s, m: autoregressive(g, s, m, 0.85))
    plain = scores(x, y, interval="analytic", metrics=[name])
    mended = scores(x, y, interval="analytic", metrics=[name], autocorrelation="ar1")
    assert coverage(plain, name) < 0.80
    assert 0.93 - SAMPLING < coverage(mended, name) < 0.99


@pytest.mark.parametrize("name", ["r", "bias", "rmse", "mae", "slope"])
def test_block_bootstrap_is_far_better_than_days_one_by_one(name, rng, autoregressive):
    truth = TRUTH.get(name, R)
    x, y = normal_pairs(rng, 400, lambda g, s, m: autoregressive(g, s, m, 0.85))
    x, y = x[:300], y[:300]

    def covered(block_length):
        result = scores(
            x,
            y,
            interval="bootstrap",
            metrics=[name],
            n_boot=300,
            block_length=block_length,
        )
        return ((result[f"{name}_lower"] <= truth) & (truth <= result[f"{name}_upper"])).mean()

    single, blocks = covered(1), covered("auto")
    assert single < 0.82
    # Block bootstraps stay somewhat short of 95 % at 400 days with this memory; see the docs.
    assert blocks > 0.84
    assert blocks > single + 0.1


def test_drawing_stations_covers_what_drawing_samples_does_not(rng):
    n_stations, per_station, trials = 25, 40, 300
    station = np.repeat(np.arange(n_stations), per_station)
    hit = {"station": 0, "sample": 0}
    for trial in range(trials):
        station_bias = rng.normal(0.0, 0.05, n_stations)
        y = rng.uniform(0.1, 0.4, station.size)
        x = y + 0.02 + station_bias[station] + rng.normal(0, 0.02, station.size)
        for kind, options in (("station", {"groups": station}), ("sample", {"block_length": 1})):
            result = scores(
                x, y, interval="bootstrap", n_boot=200, metrics=["bias"], seed=trial, **options
            )
            hit[kind] += result["bias_lower"] <= 0.02 <= result["bias_upper"]
    assert hit["sample"] / trials < 0.5
    assert hit["station"] / trials > 0.87


def test_lag_one_autocorrelation_is_nearly_unbiased_with_gaps(rng, autoregressive):
    x = autoregressive(rng, 400, 300, 0.8)
    valid = rng.random(x.shape) > 0.2
    n = valid.sum(axis=1, keepdims=True)
    centred = np.where(valid, x, 0.0)
    centred = np.where(valid, centred - centred.sum(axis=1, keepdims=True) / n, 0.0)
    estimate = lag_one_autocorrelation(centred, valid)
    assert estimate.mean() == pytest.approx(0.8, abs=4 * estimate.std() / 20 + 0.005)


def test_perfect_agreement_gives_closed_intervals(rng):
    y = rng.uniform(0.1, 0.4, 50)
    result = scores(y, y, interval="analytic")
    for name in ("r", "bias", "rmse", "ubrmse", "mae"):
        assert result[f"{name}_lower"] == pytest.approx(result[name], abs=1e-12)
        assert result[f"{name}_upper"] == pytest.approx(result[name], abs=1e-12)
    shifted = scores(y + 0.25, y, interval="analytic")
    assert shifted["rmse_lower"] == pytest.approx(0.25)
    assert shifted["rmse_upper"] == pytest.approx(0.25)
