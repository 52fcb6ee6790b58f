"""Pairs in time: equal to pytesmo's on real and random series, and right by brute force."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pytesmo.temporal_matching import temporal_collocation

from local_core.metrics import scores
from local_core.validation import SeriesOptions, collocate_time, read_series


@pytest.fixture
def overpasses(rng) -> pd.Series:
    # Seven seconds off the minute: no overpass is as near to one hour as to the next.
    seconds = 60 * np.sort(rng.choice(200 * 1440, 300, replace=False)) + 7
    return pd.Series(
        rng.uniform(0, 1, 300), pd.Timestamp("2017-01-01") + pd.to_timedelta(seconds, "s")
    )


@pytest.fixture
def hourly(rng) -> pd.Series:
    time = pd.date_range("2017-01-01", periods=200 * 24, freq="h")
    series = pd.Series(rng.uniform(0, 1, time.size), time)
    series[rng.random(time.size) < 0.3] = np.nan
    series.iloc[1000:1200] = np.nan
    return series


@pytest.mark.parametrize("method", ["nearest", "mean"])
@pytest.mark.parametrize("window_hours", [0.25, 1.0, 12.0])
def test_equal_to_pytesmo(method, window_hours, overpasses, hourly):
    window = pd.Timedelta(hours=window_hours)
    ours = collocate_time(overpasses, hourly, window=window, method=method)
    theirs = temporal_collocation(
        overpasses, hourly.dropna().to_frame("sm"), window, method=method, dropna=True
    )["sm"].dropna()
    pd.testing.assert_index_equal(ours.index, theirs.index, check_names=False)
    np.testing.assert_allclose(ours["reference"], theirs.to_numpy(), rtol=1e-12)
    np.testing.assert_array_equal(ours["estimate"], overpasses[theirs.index])


@given(
    st.lists(st.integers(0, 300), min_size=1, max_size=25),
    st.lists(st.integers(0, 300), min_size=1, max_size=25),
    st.integers(0, 60),
    st.booleans(),
)
@settings(deadline=None)
def test_every_pair_is_the_nearest_within_the_window(estimate_min, reference_min, window, once):
    origin = pd.Timestamp("2020-07-01")
    estimate = pd.Series(
        np.arange(len(estimate_min), dtype=float), origin + pd.to_timedelta(estimate_min, "min")
    )
    reference = pd.Series(
        np.arange(len(reference_min), dtype=float), origin + pd.to_timedelta(reference_min, "min")
    )
    pairs = collocate_time(estimate, reference, window=f"{window}min", each_reference_once=once)
    distances = np.abs(np.subtract.outer(np.unique(estimate_min), np.unique(reference_min)))
    near = distances.min(axis=1) <= window
    if once:
        used = distances.argmin(axis=1)[near]
        assert len(pairs) == len(np.unique(used))
        assert pairs["reference"].is_unique
    else:
        assert len(pairs) == near.sum()
    offsets = pairs["offset_hours"] * 60
    expected = distances.min(axis=1)[near]
    if not once:
        np.testing.assert_allclose(offsets.abs(), expected, atol=1e-9)
    assert (offsets.abs() <= window + 1e-9).all()


def test_time_zones_are_brought_to_utc():
    estimate = pd.Series([0.2], pd.to_datetime(["2020-07-01 20:00+08:00"]))
    reference = pd.Series([0.3], pd.to_datetime(["2020-07-01 12:00"]))
    assert collocate_time(estimate, reference, window="1min")["offset_hours"].tolist() == [0.0]


def test_nothing_in_common_gives_no_pairs(hourly):
    empty = pd.Series(np.nan, hourly.index)
    assert collocate_time(hourly, empty).empty
    assert collocate_time(empty, hourly).empty
    assert collocate_time(hourly, empty, method="mean").empty


def test_bad_input_says_what_to_do(hourly):
    with pytest.raises(ValueError, match="DatetimeIndex"):
        collocate_time(pd.Series([1.0]), hourly)
    with pytest.raises(ValueError, match="'nearest' or 'mean'"):
        collocate_time(hourly, hourly, method="linear")
    with pytest.raises(ValueError, match="such as"):
        collocate_time(hourly, hourly, window="-1h")
    for unitless in (3, 1.5, "3", "1.5"):
        with pytest.raises(ValueError, match="must be a time such as"):
            collocate_time(hourly, hourly, window=unitless)


@pytest.mark.realdata
def test_ascat_against_hourly_station(shared_data):
    folder = shared_data / "TUW-GEO__pytesmo/tests/test_validation_framework"
    ascat = read_series(folder / "ASCAT.csv", SeriesOptions(variable="sm"))
    ismn = read_series(folder / "ISMN.csv", SeriesOptions(variable="soil_moisture"))
    estimate, reference = next(iter(ascat.series.values())), next(iter(ismn.series.values()))
    assert (len(estimate), len(reference)) == (4761, 8755)
    ours = collocate_time(estimate, reference, window="1h")
    theirs = temporal_collocation(
        estimate[~estimate.index.duplicated()].dropna(),
        reference.to_frame("sm"),
        pd.Timedelta("1h"),
        dropna=True,
    )["sm"].dropna()
    # Overpasses halfway between two hours may go to either in pytesmo's tree.
    np.testing.assert_array_equal(ours.index, theirs.index)
    halfway = np.isclose(ours["offset_hours"].abs(), 0.5, atol=1e-6)
    np.testing.assert_array_equal(ours["reference"][~halfway], theirs.to_numpy()[~halfway])
    result = scores(ours["estimate"], ours["reference"])
    assert result["n"] == len(ours) > 500
    assert result["r"] == pytest.approx(np.corrcoef(ours["estimate"], ours["reference"])[0, 1])
