"""Daily means against pandas, and the status that explains a missing day."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local_core.stations.daily_means import daily_means
from local_core.stations.status import Status

DAYS = np.datetime64("2010-07-01") + np.arange(5)
HOURS = np.datetime64("2010-07-01T00", "ns") + np.arange(120) * np.timedelta64(1, "h")


@settings(deadline=None)
@given(seed=st.integers(0, 1000), min_share=st.sampled_from([0.05, 0.5, 0.9, 1.0]))
def test_means_equal_pandas(seed, min_share):
    rng = np.random.default_rng(seed)
    value = rng.uniform(0.1, 0.5, 120)
    value[rng.random(120) < rng.random()] = np.nan
    series = daily_means(HOURS, value, DAYS, step_hours=1, min_share=min_share)
    frame = pd.Series(value, pd.DatetimeIndex(HOURS)).resample("D")
    expected = frame.mean().where(frame.count() >= max(1, min_share * 24))
    np.testing.assert_allclose(series.mean, expected.to_numpy(), rtol=1e-13)
    np.testing.assert_array_equal(series.n_valid, frame.count().to_numpy())
    np.testing.assert_array_equal(series.status == Status.VALID, np.isfinite(series.mean))


def test_a_day_without_mean_says_the_commonest_reason():
    status = np.zeros(120, dtype=int)
    status[24:48] = Status.SPIKE
    status[24:40] = Status.QUALITY_FLAG
    status[48:66] = Status.NOT_RECORDED
    status[72:96] = Status.NOT_RECORDED
    value = np.where(status == Status.NOT_RECORDED, np.nan, 0.3)
    series = daily_means(HOURS, value, DAYS, status=status, step_hours=1)
    assert series.status.tolist() == [
        Status.VALID,
        Status.QUALITY_FLAG,
        Status.TOO_FEW_VALUES,
        Status.NOT_RECORDED,
        Status.VALID,
    ]


def test_values_outside_the_days_and_daily_steps():
    days = np.datetime64("2010-06-30") + np.arange(2)
    daily = daily_means(
        np.array(["2010-06-29", "2010-06-30", "2010-07-01"], dtype="datetime64[ns]"),
        [9.0, 0.2, 0.3],
        days,
        step_hours=24,
    )
    np.testing.assert_array_equal(daily.mean, [0.2, 0.3])
    single = daily_means(HOURS[:1], [0.4], DAYS[:1], step_hours=float("nan"))
    assert single.mean.tolist() == [0.4]


@pytest.mark.parametrize("min_share", [0.0, 1.5, -1])
def test_share_must_be_a_share(min_share):
    with pytest.raises(ValueError, match="min_share"):
        daily_means(HOURS, np.ones(120), DAYS, step_hours=1, min_share=min_share)
