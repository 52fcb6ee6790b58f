from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from local_core.merging.time_windows import time_windows


def dates(start: str, n: int) -> xr.DataArray:
    return xr.DataArray(pd.date_range(start, periods=n), dims="time")


def test_seasons_and_months_are_those_of_the_calendar():
    time = dates("2015-12-01", 366)
    seasons = time_windows("season", time, 366)
    labels = np.array(seasons.labels)[seasons.index_of(time, 366)]
    assert labels[0] == "DJF"
    assert labels[np.flatnonzero(time == np.datetime64("2016-03-01"))[0]] == "MAM"
    assert labels[np.flatnonzero(time == np.datetime64("2016-08-31"))[0]] == "JJA"
    assert labels[-1] == "SON"
    months = time_windows("month", time, 366)
    index = months.index_of(time, 366)
    assert [months.labels[index[0]], months.labels[index[31]]] == ["12", "01"]


def test_windows_of_days_and_the_rest():
    time = dates("2016-01-01", 250)
    windows = time_windows(100, time, 250)
    assert windows.labels == ["2016-01-01", "2016-04-10", "2016-07-19"]
    index = windows.index_of(time, 250)
    assert np.bincount(index).tolist() == [100, 100, 50]
    short = time_windows(100, dates("2016-01-01", 240), 240)
    assert np.bincount(short.index_of(dates("2016-01-01", 240), 240)).tolist() == [100, 140]


def test_other_dates_get_the_nearest_window():
    windows = time_windows(100, dates("2016-01-01", 300), 300)
    assert set(windows.index_of(dates("2015-01-01", 10), 10)) == {0}
    assert set(windows.index_of(dates("2020-01-01", 10), 10)) == {2}


def test_gaps_in_the_dates_do_not_move_the_windows():
    time = dates("2016-01-01", 200)[np.r_[0:10, 150:200]]
    windows = time_windows(100, time, 60)
    assert windows.index_of(time, 60).tolist() == [0] * 10 + [1] * 50


def test_no_window_and_no_dates():
    assert time_windows(None, None, 5).index_of(None, 5).tolist() == [0] * 5
    samples = time_windows(3, None, 7)
    assert samples.index_of(None, 7).tolist() == [0, 0, 0, 1, 1, 1, 1]


@pytest.mark.parametrize("window", ["week", 0, -5, 1.5, True])
def test_bad_windows_are_named(window):
    with pytest.raises(ValueError, match="must be 'season', 'month'"):
        time_windows(window, dates("2016-01-01", 10), 10)


def test_seasons_need_dates():
    with pytest.raises(ValueError, match="needs a time coordinate"):
        time_windows("month", xr.DataArray(np.arange(10), dims="time"), 10)
