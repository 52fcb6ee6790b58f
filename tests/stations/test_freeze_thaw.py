"""Onsets by three consecutive days, against a plain loop."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from local_core.stations import SoilState, freeze_thaw, freeze_thaw_state, onsets


def state_by_loop(temperature, days):
    state, out = SoilState.UNKNOWN, []
    for index in range(len(temperature)):
        window = temperature[index : index + days]
        if len(window) == days and all(value < 0 for value in window):
            state = SoilState.FROZEN
        elif len(window) == days and all(value > 0 for value in window):
            state = SoilState.THAWED
        out.append(state)
    return out


@settings(deadline=None)
@given(
    temperature=st.lists(st.sampled_from([-2.0, -0.1, 0.0, 0.1, 2.0]), min_size=0, max_size=60),
    days=st.integers(1, 5),
)
def test_state_equals_a_plain_loop(temperature, days):
    state = freeze_thaw_state(temperature, consecutive_days=days)
    assert state.tolist() == state_by_loop(temperature, days)


def test_two_mild_days_do_not_thaw_the_winter():
    temperature = [1] * 5 + [-1] * 5 + [1, 1] + [-1] * 5 + [1] * 3
    state = freeze_thaw_state(temperature)
    assert (np.asarray(state) == 1).tolist() == [False] * 5 + [True] * 12 + [False] * 3


def test_short_gaps_carry_the_state_and_long_ones_lose_it():
    temperature = np.full(60, -3.0)
    temperature[10:15] = np.nan
    temperature[30:50] = np.nan
    state = freeze_thaw_state(temperature, longest_gap_days=10)
    assert (state[:40] == SoilState.FROZEN).all()
    assert (state[40:50] == SoilState.UNKNOWN).all()
    assert (state[50:] == SoilState.FROZEN).all()


def test_onsets_list_date_and_day_of_year_but_not_the_unknown_start():
    time = np.datetime64("2009-10-28", "ns") + np.arange(12) * np.timedelta64(1, "D")
    temperature = [1, 1, 1, 1, -1, -1, -1, -1, 2, 2, 2, 2]
    table = onsets(freeze_thaw_state(temperature), time)
    assert table["event"].tolist() == ["freezing", "thawing"]
    assert table["date"].dt.strftime("%Y-%m-%d").tolist() == ["2009-11-01", "2009-11-05"]
    assert table["day_of_year"].tolist() == [305, 309]


def test_chunks_do_not_matter():
    rng = np.random.default_rng(0)
    values = xr.DataArray(
        10 * np.sin(np.arange(400) / 58) + rng.normal(0, 3, (6, 400)), dims=("station", "time")
    )
    whole = freeze_thaw(values)
    chunked = freeze_thaw(values.chunk(station=2))
    np.testing.assert_array_equal(whole, chunked.compute())
    assert whole.attrs["flag_meanings"] == "unknown thawed frozen"


def test_rule_must_be_possible():
    with pytest.raises(ValueError, match="consecutive_days=0"):
        freeze_thaw_state([1.0], consecutive_days=0)
