"""Missing samples: refused, filled by a stated rule, never silent."""

from __future__ import annotations

import numpy as np
import pytest

from local_core.vmd import VmdStatus, decompose
from local_core.vmd.gaps import fill_gaps

YEAR = 365.25


@pytest.fixture
def gappy(differences):
    series = differences(3, 1461, seed=20)
    series[1, 300:420] = np.nan
    return series


def test_gaps_are_refused_unless_a_policy_is_named(gappy):
    with pytest.raises(ValueError, match=r"1 of 3 series miss samples \(120 in all\)"):
        decompose(gappy)


@pytest.mark.parametrize("policy", ["interpolate", "harmonic"])
@pytest.mark.parametrize("backend", ["numpy", "numba"])
def test_filled_samples_are_nan_in_the_result(gappy, policy, backend):
    result = decompose(gappy, gaps=policy, backend=backend)
    missing = np.isnan(gappy)
    np.testing.assert_array_equal(np.isnan(result.residual), missing)
    for mode in range(5):
        np.testing.assert_array_equal(np.isnan(result.modes[:, mode]), missing)
    # A whole series in the same batch is untouched.
    alone = decompose(gappy[0], backend=backend)
    np.testing.assert_array_equal(result.modes[0], alone.modes)


@pytest.mark.parametrize("policy", ["interpolate", "harmonic"])
def test_result_is_that_of_the_filled_series(gappy, policy):
    valid = np.isfinite(gappy)
    filled = fill_gaps(gappy, valid=valid, policy=policy, dt_days=1.0)
    np.testing.assert_array_equal(filled[valid], gappy[valid])
    expected = decompose(filled)
    result = decompose(gappy, gaps=policy)
    known = np.broadcast_to(valid[:, None], result.modes.shape)
    np.testing.assert_array_equal(result.modes[known], expected.modes[known])


def test_interpolation_is_straight_inside_and_level_at_the_ends():
    series = np.array([[np.nan, 1.0, np.nan, np.nan, 4.0, 2.0, np.nan, np.nan]])
    filled = fill_gaps(series, valid=np.isfinite(series), policy="interpolate", dt_days=1.0)
    assert filled.tolist() == [[1.0, 1.0, 2.0, 3.0, 4.0, 2.0, 2.0, 2.0]]


@pytest.mark.parametrize("dt_days", [1.0, 8.0])
def test_harmonic_fill_restores_a_seasonal_cycle_in_yearly_gaps(dt_days):
    """Four frozen months each winter: the straight line misses what the fit finds."""
    days = np.arange(0, 6 * YEAR, dt_days)
    truth = -0.2 + 1e-5 * days + 0.05 * np.cos(2 * np.pi * days / YEAR)
    winter = (days % YEAR < 60) | (days % YEAR > YEAR - 60)
    series = np.where(winter, np.nan, truth)[None]
    valid = np.isfinite(series)
    off = {
        policy: np.abs(fill_gaps(series, valid=valid, policy=policy, dt_days=dt_days) - truth).max()
        for policy in ("interpolate", "harmonic")
    }
    assert off["harmonic"] < 0.003
    assert off["interpolate"] > 0.02


def test_harmonic_fill_is_interpolation_in_gaps_of_a_day(differences):
    truth = differences(1, 1461, seed=24)
    series = truth.copy()
    series[0, 5:-5:6] = np.nan
    valid = np.isfinite(series)
    straight, harmonic = (
        fill_gaps(series, valid=valid, policy=policy, dt_days=1.0)[~valid]
        for policy in ("interpolate", "harmonic")
    )
    # The departure fades by exp(-1/20), 5 %, over a day.
    scatter = (straight - truth[~valid]).std()
    assert np.abs(harmonic - straight).max() < 0.5 * scatter


def test_harmonic_fill_falls_back_to_interpolation_for_a_handful_of_samples():
    series = np.full((1, 60), np.nan)
    series[0, ::6] = np.arange(10.0)
    valid = np.isfinite(series)
    straight, harmonic = (
        fill_gaps(series, valid=valid, policy=policy, dt_days=1.0)
        for policy in ("interpolate", "harmonic")
    )
    np.testing.assert_array_equal(harmonic, straight)


def test_harmonic_fill_invents_no_cycle_outside_a_short_record():
    rng = np.random.default_rng(0)
    series = np.full((1, 3 * 365), np.nan)
    series[0, 400:480] = 0.2 + 0.01 * rng.standard_normal(80)
    filled = fill_gaps(series, valid=np.isfinite(series), policy="harmonic", dt_days=1.0)
    assert np.abs(filled - 0.2).max() < 0.1


def test_series_that_cannot_be_decomposed_get_a_status(differences):
    series = differences(4, 800, seed=21)
    series[1] = np.nan
    series[2, 100:] = np.nan
    result = decompose(series, gaps="interpolate")
    assert result.status.tolist() == [
        VmdStatus.OK,
        VmdStatus.NO_DATA,
        VmdStatus.TOO_FEW_VALID,
        VmdStatus.OK,
    ]
    assert np.isnan(result.modes[1:3]).all()
    assert np.isnan(result.residual[1:3]).all()
    assert np.isnan(result.center_periods[1:3]).all()
    assert not result.converged[1:3].any()
    np.testing.assert_array_equal(result.modes[3], decompose(series[3]).modes)


def test_a_sea_pixel_does_not_stop_a_map_whose_gaps_are_refused(differences):
    series = differences(2, 800, seed=22)
    series[0] = np.nan
    result = decompose(series)
    assert result.status.tolist() == [VmdStatus.NO_DATA, VmdStatus.OK]


def test_share_of_valid_samples_is_an_argument(differences):
    series = differences(1, 800, seed=23)
    series[0, 300:] = np.nan
    options = {"gaps": "harmonic", "init": "zero"}
    assert decompose(series, **options).status[0] == VmdStatus.TOO_FEW_VALID
    assert decompose(series, min_valid_fraction=0.3, **options).status[0] == VmdStatus.OK
