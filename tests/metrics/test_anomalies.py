"""Anomalies equal pytesmo's, on regular, irregular and gappy series."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from pytesmo.time_series.anomaly import calc_anomaly, calc_climatology
from pytesmo.time_series.filtering import moving_average as peer_moving_average

from local_core.metrics import anomaly, climatology, moving_average


@pytest.fixture
def daily(rng) -> pd.Series:
    """Six years of days with a season, events and 15 % gaps."""
    time = pd.date_range("2012-01-01", "2017-12-31")
    season = 0.1 * np.sin(2 * np.pi * time.day_of_year.to_numpy() / 365.25)
    values = 0.25 + season + rng.normal(0, 0.03, len(time))
    values[rng.random(len(time)) < 0.15] = np.nan
    values[400:470] = np.nan
    return pd.Series(values, time)


@pytest.fixture
def irregular(rng) -> pd.Series:
    """Overpasses at random times, as of a scatterometer."""
    hours = np.sort(rng.choice(3 * 365 * 24, 1200, replace=False))
    minutes = pd.to_timedelta(rng.integers(0, 60, 1200), unit="min")
    time = pd.Timestamp("2015-03-01") + pd.to_timedelta(hours, unit="h") + minutes
    return pd.Series(rng.uniform(0, 100, 1200), time)


@pytest.mark.parametrize("fill", [False, True])
@pytest.mark.parametrize(("window", "min_obs"), [(35, 1), (5, 3), (10.3, 4)])
@pytest.mark.parametrize("kind", ["daily", "irregular"])
def test_moving_average_equals_pytesmo(kind, window, min_obs, fill, request):
    series = request.getfixturevalue(kind)
    expected = peer_moving_average(series, window_size=window, fillna=fill, min_obs=min_obs)
    ours = moving_average(
        series.to_numpy(), series.index, window_days=window, min_obs=min_obs, fill_gaps=fill
    )
    np.testing.assert_allclose(ours, expected.to_numpy(), rtol=1e-10)


@pytest.mark.parametrize("kind", ["daily", "irregular"])
def test_moving_window_anomaly_equals_pytesmo(kind, request):
    series = request.getfixturevalue(kind)
    pd.testing.assert_series_equal(
        anomaly(series), calc_anomaly(series, window_size=35), rtol=1e-9, atol=1e-12
    )


@pytest.mark.parametrize("median", [False, True])
@pytest.mark.parametrize("kind", ["daily", "irregular"])
def test_climatology_equals_pytesmo(kind, median, request):
    series = request.getfixturevalue(kind)
    expected = calc_climatology(series, median=median)
    ours = climatology(series.to_numpy(), series.index, statistic="median" if median else "mean")
    np.testing.assert_allclose(ours, expected.to_numpy(), rtol=1e-10)


def test_climatology_anomaly_equals_pytesmo_counting_leap_years_alike(daily):
    expected = calc_anomaly(daily, climatology=calc_climatology(daily), respect_leap_years=False)
    ours = anomaly(daily, method="climatology")
    np.testing.assert_allclose(ours.to_numpy(), expected.to_numpy(), rtol=1e-9, atol=1e-12)


def test_reference_period_limits_the_climatology(daily):
    expected = calc_anomaly(
        daily,
        climatology=calc_climatology(daily["2013":"2014"]),
        respect_leap_years=False,
    )
    ours = anomaly(daily, method="climatology", reference_period=("2013-01-01", "2014-12-31"))
    np.testing.assert_allclose(ours.to_numpy(), expected.to_numpy(), rtol=1e-9, atol=1e-12)


def test_dataarray_keeps_dims_attributes_and_chunks(daily):
    series = xr.DataArray(
        np.stack([daily.to_numpy(), daily.to_numpy() * 2], axis=1),
        dims=("time", "station"),
        coords={"time": daily.index.values, "station": ["a", "b"]},
        attrs={"units": "m3 m-3"},
        name="sm",
    )
    for method in ("moving_window", "climatology"):
        whole = anomaly(series, method=method)
        assert whole.dims == series.dims
        assert whole.name == "sm"
        assert whole.attrs["units"] == "m3 m-3"
        np.testing.assert_allclose(whole[:, 0], anomaly(daily, method=method), atol=1e-14)
        chunked = anomaly(series.chunk(time=100, station=1), method=method)
        assert chunked.chunks is not None
        xr.testing.assert_allclose(chunked.compute(), whole)


@given(st.floats(-50, 50), st.floats(0.1, 10))
@settings(max_examples=25, deadline=None)
def test_anomalies_ignore_shifts_and_follow_scales(shift, scale):
    rng = np.random.default_rng(3)
    time = np.arange("2015-01-01", "2018-01-01", dtype="datetime64[D]")
    values = rng.normal(size=time.size)
    for method in ("moving_window", "climatology"):
        before = anomaly(values, time=time, method=method)
        after = anomaly(scale * values + shift, time=time, method=method)
        np.testing.assert_allclose(after, scale * before, atol=1e-9)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: anomaly(np.zeros(3)), "pass time="),
        (lambda: anomaly(np.zeros(3), time=np.zeros(3, "datetime64[D]")), "increase"),
        (lambda: anomaly(np.zeros(3), time=np.arange(2).astype("datetime64[D]")), "need 3 times"),
        (lambda: anomaly(np.zeros(3), method="trend"), "moving_window"),
        (
            lambda: anomaly(
                np.zeros(3),
                time=np.arange(3).astype("datetime64[D]"),
                method="climatology",
                reference_period=("2000-01-01", "2000-12-31"),
            ),
            "no value between",
        ),
        (lambda: anomaly(xr.DataArray(np.zeros(3), dims="x")), "no dimension 'time'"),
        (
            lambda: climatology(np.zeros(3), np.arange(3).astype("datetime64[D]"), statistic="sum"),
            "mean",
        ),
    ],
)
def test_bad_input_says_what_to_do(call, message):
    with pytest.raises(ValueError, match=message):
        call()
