"""Products of hours, days, 8 and 16 days, months and years on their right times."""

from __future__ import annotations

import datetime as dt
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from affine import Affine

from gee_sm import pull
from gee_sm.catalog.products import product
from gee_sm.pull.summary import summary
from gee_sm.pull.time_axis import composite_axis, native_axis


def _days(axis):
    return [str(day)[:10] for day in axis.starts], [str(day)[:10] for day in axis.bounds[:, 1]]


def _ms(*days):
    return np.array([np.datetime64(day, "ms").astype(np.int64) for day in days])


def test_composites_of_16_days_start_anew_each_year_and_reach_over_its_end():
    axis = native_axis(
        product("modis_ndvi"), dt.date(2019, 12, 30), dt.date(2020, 1, 20), _ms("2019-12-19")
    )
    starts, ends = _days(axis)
    assert starts == ["2019-12-19", "2020-01-01", "2020-01-17"]
    assert ends == ["2020-01-04", "2020-01-17", "2020-02-02"]


def test_composites_of_aqua_start_8_days_later():
    axis = native_axis(
        product("modis_ndvi_aqua"),
        dt.date(2020, 1, 1),
        dt.date(2020, 2, 1),
        _ms("2020-01-09", "2020-01-25"),
    )
    assert _days(axis)[0] == ["2019-12-27", "2020-01-09", "2020-01-25"]


def test_composites_of_8_days_are_cut_at_the_end_of_the_year():
    axis = native_axis(
        product("modis_lst_8day"), dt.date(2019, 12, 25), dt.date(2020, 1, 9), _ms("2020-01-01")
    )
    starts, ends = _days(axis)
    assert starts == ["2019-12-19", "2019-12-27", "2020-01-01"]
    assert ends == ["2019-12-27", "2020-01-01", "2020-01-09"]


def test_months_and_years_follow_the_calendar():
    months = native_axis(
        product("modis_ndvi_monthly"), dt.date(2020, 1, 15), dt.date(2020, 3, 1), _ms()
    )
    assert _days(months) == (["2020-01-01", "2020-02-01"], ["2020-02-01", "2020-03-01"])
    years = native_axis(
        product("modis_land_cover"), dt.date(2019, 6, 1), dt.date(2021, 1, 1), _ms()
    )
    assert _days(years)[0] == ["2019-01-01", "2020-01-01"]


def test_hours_are_steps_of_a_day():
    axis = native_axis(product("gldas"), dt.date(2020, 2, 28), dt.date(2020, 3, 1), _ms())
    assert len(axis) == 16
    hours = np.diff(axis.starts).astype("timedelta64[h]").astype(int)
    assert set(hours) == {3}


def test_an_image_belongs_to_the_step_it_starts_in():
    axis = native_axis(product("smap"), dt.date(2020, 1, 1), dt.date(2020, 1, 3), _ms())
    times = _ms("2019-12-31T23:59", "2020-01-01", "2020-01-01T23:59", "2020-01-02T12", "2020-01-03")
    assert axis.steps_of(times).tolist() == [-1, 0, 0, 1, -1]


def test_composite_periods_are_whole():
    axis = composite_axis(dt.date(2020, 1, 15), dt.date(2020, 3, 2), "month")
    assert _days(axis)[0] == ["2020-01-01", "2020-02-01", "2020-03-01"]


@pytest.fixture(scope="module")
def gldas_values():
    """Stored kg m-2 of five weeks of 3-hourly images, one pixel."""
    times = pd.date_range("2019-01-01", "2019-02-05", freq="3h", inclusive="left", tz="UTC")
    return times, np.random.default_rng(3).uniform(5, 45, (len(times), 1, 1)).astype("float32")


def test_days_of_3_hourly_images(catalog, gldas_values):
    times, moisture = gldas_values
    names = [
        *(f"SoilMoi{a}_{b}cm_inst" for a, b in ((0, 10), (10, 40), (40, 100), (100, 200))),
        *(f"SoilTMP{a}_{b}cm_inst" for a, b in ((0, 10), (10, 40), (40, 100), (100, 200))),
        "Rainf_f_tavg",
    ]
    catalog.add_series(
        "NASA/GLDAS/V021/NOAH/G025/T3H",
        [time.to_pydatetime() for time in times],
        dict.fromkeys(names, moisture),
        transform=Affine(0.25, 0, 90, 0, -0.25, 34),
    )
    points = {"A": (90.1, 33.9)}
    asked = {"bands": ["soil_moisture_0_10cm", "precipitation"], "cache": False}
    with catalog.connect():
        own = pull.stations("gldas", points, "2019-01-01", "2019-02-05", **asked)
        daily = pull.stations("gldas", points, "2019-01-01", "2019-02-01", step="day", **asked)
    # kg m-2 of a layer of 0.1 m.
    expected = moisture[:, 0, 0] / 100
    assert own.sizes["time"] == 35 * 8
    np.testing.assert_allclose(own["soil_moisture_0_10cm"][0], expected, rtol=1e-6)
    series = pd.Series(expected.astype("float64"), times.tz_localize(None))
    by_day = series["2019-01":"2019-01"].resample("1D").mean()
    np.testing.assert_allclose(daily["soil_moisture_0_10cm"][0], by_day, rtol=1e-6)
    assert (daily["soil_moisture_0_10cm_count"] == 8).all()
    np.testing.assert_array_equal(daily["time"], by_day.index)
    # Rain of the three hours before: the day's last is in the first image of the next.
    rate = pd.Series(moisture[:, 0, 0].astype("float64") * 3 * 3600, times.tz_localize(None))
    rate.index -= pd.Timedelta(hours=3)
    rain = rate["2019-01":"2019-01"].resample("1D").sum()
    np.testing.assert_allclose(daily["precipitation"][0], rain, rtol=1e-6)
    # One pair of bounds is true of both: rain is their sum, moisture of the moment they end at.
    assert own["precipitation"].attrs["cell_methods"] == "time: sum area: point"
    assert own["soil_moisture_0_10cm"].attrs["cell_methods"] == "time: point area: point"
    three_hours = np.timedelta64(3, "h")
    bounds = own["time_bnds"].values
    np.testing.assert_array_equal(bounds[:, 1], own["time"])
    np.testing.assert_array_equal(bounds[:, 0], own["time"].values - three_hours)
    within = (bounds[:, 0] >= daily["time_bnds"].values[3, 0]) & (
        bounds[:, 1] <= daily["time_bnds"].values[3, 1]
    )
    fell = own["precipitation"][0, within].sum()
    np.testing.assert_allclose(daily["precipitation"][0, 3], fell, rtol=1e-6)
    assert daily["precipitation"].attrs["cell_methods"] == "time: sum area: point"
    assert daily["soil_moisture_0_10cm"].attrs["cell_methods"] == "time: mean area: point"
    assert summary(own)[1] == "  2019-01-01 to 2019-02-05 (end exclusive), UTC"


def test_monthly_sums_say_how_many_days_they_rest_on(catalog):
    start = datetime(2019, 1, 1, tzinfo=UTC)
    days = [start + timedelta(days=i) for i in range(59) if i not in (5, 6)]
    rain = np.random.default_rng(5).gamma(1, 3, (len(days), 2, 2)).astype("float32")
    catalog.add_series(
        "UCSB-CHG/CHIRPS/DAILY",
        days,
        {"precipitation": rain},
        transform=Affine(0.05, 0, 90, 0, -0.05, 34),
    )
    with catalog.connect():
        found = pull.stations(
            "chirps", {"A": (90.02, 33.98)}, "2019-01-01", "2019-04-01", step="month"
        )
    january = np.array([day.month == 1 for day in days])
    sums = [rain[january, 0, 0].sum(), rain[~january, 0, 0].sum()]
    np.testing.assert_allclose(found["precipitation"][0, :2], sums, rtol=1e-5)
    assert found["precipitation_count"].values[0].tolist() == [29, 28, 0]
    assert found["status"].values[0].tolist() == [0, 0, pull.PullStatus.NO_IMAGE]
    assert found["precipitation"].attrs["cell_methods"] == "time: sum area: point"
