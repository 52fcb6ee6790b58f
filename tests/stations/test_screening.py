"""Each check finds its own fault and leaves the rest."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local_core.stations.screening import (
    ScreeningRules,
    flat_lines,
    near_identical_depths,
    out_of_range,
    spikes,
)

HOURS = np.datetime64("2010-07-01", "ns") + np.arange(24 * 60) * np.timedelta64(1, "h")


def test_range_excludes_zero_and_keeps_its_upper_end():
    assert out_of_range([-0.1, 0.0, 1e-3, 0.6, 0.61, np.nan], (0.0, 0.6)).tolist() == [
        True,
        True,
        False,
        False,
        True,
        False,
    ]


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("width", [1, 2])
def test_spikes_up_and_down_are_found_to_the_hour(sign, width):
    series = np.full(48, 0.3)
    series[20 : 20 + width] += sign * 0.15
    found = spikes(series, step_hours=1, height=0.1, longest_hours=2)
    assert np.flatnonzero(found).tolist() == list(range(20, 20 + width))


def test_rain_steps_and_long_pulses_are_no_spikes():
    rain = np.full(48, 0.2)
    rain[20:] += 0.15 * np.exp(-np.arange(28) / 30)
    assert not spikes(rain, step_hours=1, height=0.1, longest_hours=2).any()
    pulse = np.full(48, 0.2)
    pulse[20:23] += 0.2
    assert not spikes(pulse, step_hours=1, height=0.1, longest_hours=2).any()


def test_daily_values_are_not_checked_for_spikes():
    series = np.array([0.2, 0.5, 0.2])
    assert not spikes(series, step_hours=24, height=0.1, longest_hours=2).any()


@settings(deadline=None)
@given(shift=st.floats(-0.1, 0.1), seed=st.integers(0, 100))
def test_spikes_do_not_depend_on_the_level(shift, seed):
    rng = np.random.default_rng(seed)
    series = 0.3 + rng.choice([0.0, 0.3], 60, p=[0.8, 0.2])
    series[rng.integers(0, 60, 5)] = np.nan
    kwargs = {"step_hours": 1, "height": 0.1, "longest_hours": 2}
    np.testing.assert_array_equal(spikes(series, **kwargs), spikes(series + shift, **kwargs))


def test_stuck_sensor_is_found_through_short_gaps():
    rng = np.random.default_rng(0)
    series = 0.3 + rng.normal(0, 0.01, HOURS.size)
    series[240:960] = 0.25
    series[400:410] = np.nan
    found = flat_lines(HOURS, series, shortest_days=20)
    assert np.flatnonzero(found)[[0, -1]].tolist() == [240, 959]
    assert found.sum() == 710
    assert not flat_lines(HOURS, series, shortest_days=31).any()


def test_frozen_soil_may_be_flat_and_long_gaps_end_a_stretch():
    series = np.full(HOURS.size, 0.05)
    frozen = np.zeros(HOURS.size, dtype=bool)
    frozen[700:740] = True
    found = flat_lines(HOURS, series, shortest_days=29, exempt=frozen)
    assert found[:700].all()
    assert not found[700:740].any()
    series[300:340] = np.nan
    assert not flat_lines(HOURS[:700], series[:700], shortest_days=20).any()


@settings(deadline=None)
@given(st.integers(0, 200))
def test_flat_lines_equal_a_plain_loop(seed):
    rng = np.random.default_rng(seed)
    days = np.datetime64("2010-01-01", "ns") + np.arange(40) * np.timedelta64(1, "D")
    series = np.repeat(rng.choice([0.1, 0.2, 0.3], 20), 2)[:40].astype(float)
    expected = np.zeros(40, dtype=bool)
    start = 0
    for end in range(1, 41):
        if end == 40 or series[end] != series[start]:
            if end - 1 - start >= 4:
                expected[start:end] = True
            start = end
    np.testing.assert_array_equal(flat_lines(days, series, shortest_days=4), expected)


def test_near_identical_depths_go_together_and_only_while_they_are():
    rng = np.random.default_rng(1)
    upper = 0.3 + rng.normal(0, 0.02, 90)
    middle = 0.35 + rng.normal(0, 0.02, 90)
    middle[41:71] = upper[41:71] + 0.0005
    lower = 0.4 + rng.normal(0, 0.02, 90)
    found = near_identical_depths(
        np.stack([upper, middle, lower]), difference=0.001, shortest_days=30
    )
    assert found[:2, 41:71].all()
    assert found.sum() == 60
    exempt = np.ones((3, 90), dtype=bool)
    assert not near_identical_depths(
        np.stack([upper, middle, lower]), difference=0.001, shortest_days=30, exempt=exempt
    ).any()


def test_thresholds_that_make_no_sense_are_refused():
    with pytest.raises(ValueError, match="valid_range"):
        ScreeningRules(valid_range=(0.6, 0.0))
    with pytest.raises(ValueError, match="positive"):
        ScreeningRules(flat_days=0)
