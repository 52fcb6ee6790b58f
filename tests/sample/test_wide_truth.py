"""The truth of the wide region: against the scenes' truth, scipy, GDAL and its own parameters."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest
import rasterio
from rasterio.warp import Resampling, reproject
from scipy import stats

from gee_sm import sample
from gee_sm.sample.region import scene_grid
from gee_sm.sample.truth_cube import wide_truth_of
from gee_sm.sample.wide_region import ERA5_GRID, MODIS_GRID, TRUTH_GRID, WIDE_BOUNDS, PixelMean
from gee_sm.sample.wide_truth import WideTruth, depth_memory_days
from local_core.synthetic.freezing_soil import liquid_water

SUMMER = np.arange("2020-06-15T12", "2020-08-31T12", 24, dtype="datetime64[h]")
YEARS = np.arange("2019-01-01T12", "2022-01-01T12", 24, dtype="datetime64[h]")


@pytest.fixture(scope="module")
def truth():
    return WideTruth.of_seed(1)


def test_in_the_scenes_it_is_the_scenes_truth(truth, ground):
    """A 1 km pixel inside the scenes against the mean of its 100 x 100 pixels of 10 m."""
    grid, t = scene_grid(), TRUTH_GRID.transform
    column = round((grid.transform.c - t.c) / 1000) + 4
    row = round((t.f - grid.transform.f) / 1000) + 3
    part = grid.window(slice(300, 400), slice(400, 500))
    places = ground.at(part.x, part.y)
    for day in (5, 23, 48):
        moment = np.datetime64("2020-07-01T12", "ns") + np.timedelta64(day, "D")
        expected = ground.soil_moisture(places, datetime.fromisoformat(str(moment)[:19] + "+00:00"))
        found = truth.soil_moisture(moment[None])[0, row, column]
        # 25 points stand for 10,000, of a field whose shortest length is 250 m.
        assert found == pytest.approx(expected.mean(), abs=0.003)


def test_soil_stays_between_dry_and_saturated(truth):
    for start in range(0, YEARS.size, 60):
        total = truth.total_water(YEARS[start : start + 3])
        assert total.min() > 0.03
        assert total.max() < 0.45


def test_the_folder_holds_the_truth(truth, coarse_sample):
    loaded = wide_truth_of(coarse_sample)
    times = YEARS[::97]
    for depth in (0.0, 5.0, (28, 100)):
        np.testing.assert_allclose(
            loaded.soil_moisture(times, depth), truth.soil_moisture(times, depth), atol=1e-12
        )


def test_rain_fills_the_soil_by_the_stated_bucket(coarse_sample):
    """The anomaly that rain leaves obeys the equation in the parameters of the folder."""
    weather, about = (
        wide_truth_of(coarse_sample).weather,
        sample.wide_parameters_of(coarse_sample)["weather"],
    )
    summer = (weather.day >= np.datetime64("2020-06-01")) & (
        weather.day < np.datetime64("2020-09-30")
    )
    now = np.flatnonzero(summer)
    loss, capacity = about["loss_per_day"]["summer"], about["capacity_mm"]
    level = weather.common + weather.rain_anomaly
    change = level[:, now + 1] - level[:, now]
    expected = weather.rain[:, now] / capacity - loss * (level[:, now] - about["driest_anomaly"])
    # A step of a day loses some of the rain of the same day: (1 - exp(-loss)) / loss.
    slope = stats.linregress(expected.ravel(), change.ravel())
    assert slope.slope == pytest.approx((1 - np.exp(-loss)) / loss, abs=0.01)
    assert slope.rvalue > 0.99


def test_wet_days_are_days_of_rain(truth):
    day = SUMMER.astype("datetime64[D]")
    rain = truth.rain(day)[:, 40, 40]
    midnight = np.append(day, day[-1] + 1).astype("datetime64[ns]")
    change = np.diff(truth.total_water(midnight)[:, 40, 40])
    assert change[rain > 5].min() > 0
    assert change[rain < 0.1].max() < 0


def test_water_freezes_as_local_core_says(truth):
    times = YEARS[[10, 100, 300, 330]]
    expected = liquid_water(truth.total_water(times, 10.0), truth.soil_temperature(times, 10.0))
    np.testing.assert_allclose(truth.soil_moisture(times, 10.0), expected, rtol=1e-9)


def test_the_ground_is_frozen_when_sentinel_1_says_so(truth):
    """January and February are the freeze season of the scenes, July and August the thaw."""
    winter = truth.soil_moisture(np.arange("2020-01-01T12", "2020-02-28", 240, "datetime64[h]"))
    assert winter.max() < 0.06
    assert truth.soil_temperature(SUMMER[16:]).min() > 0


def test_deep_soil_is_an_exponential_filter_of_the_surface(truth):
    memory = depth_memory_days(0.4)
    surface = truth.weather.rain_anomaly[4]
    expected = np.empty_like(surface)
    state = surface[: 3 * 365].mean()
    for k, value in enumerate(surface):
        state += (value - state) * (1 - np.exp(-1 / memory))
        expected[k] = state
    number = (SUMMER.astype("datetime64[D]") - truth.weather.day[0]).astype(int)
    found = truth.moisture_series(SUMMER.astype("datetime64[D]"), 40.0)[4 + 4]
    np.testing.assert_allclose(found, expected[number], atol=1e-12)


def test_depth_damps_and_delays(truth):
    spread = [truth.moisture_series(YEARS, d)[2:].std(axis=1).mean() for d in (0, 10, 40, 100)]
    assert spread == sorted(spread, reverse=True)
    day = [int(truth.season_series(YEARS[:365], d).argmax()) for d in (0.0, 10.0, 40.0, 100.0)]
    assert day == sorted(day)
    assert day[-1] > day[0] + 30


def test_a_pixel_is_the_mean_over_its_area(truth):
    """Against GDAL's area average of the same map, which weighs cells in its own way."""
    field = truth.ground.mean.astype("f4")
    for grid, limit in ((ERA5_GRID, 0.0008), (MODIS_GRID, 0.012)):
        expected = np.full(grid.shape, np.nan, "f4")
        reproject(
            field,
            expected,
            src_transform=TRUTH_GRID.transform,
            src_crs=TRUTH_GRID.crs,
            dst_transform=grid.transform,
            dst_crs=rasterio.CRS.from_user_input(grid.crs),
            resampling=Resampling.average,
            dst_nodata=np.nan,
        )
        there = np.isfinite(expected)
        difference = (PixelMean(grid)(field) - expected)[there]
        assert abs(difference.mean()) < 1e-4
        assert difference.std() < limit


def test_three_vegetation_types(truth):
    west, south, east, north = WIDE_BOUNDS
    assert (west, south, east, north) == (91.0, 31.0, 94.0, 34.0)
    share = np.bincount(truth.vegetation.ravel(), minlength=4) / truth.vegetation.size
    assert share[0] == 0
    assert (share[1:] > 0.1).all()
    green = [truth.ground.ndvi[truth.vegetation == k].mean() for k in (1, 2, 3)]
    assert green == sorted(green)


def test_cubes_and_series_agree(coarse_sample):
    cube = sample.truth_cube(coarse_sample, SUMMER[:5], depth=(0, 7))
    series = sample.truth_series(coarse_sample, SUMMER[:5], [92.31], [32.87], depth=(0, 7))
    assert cube.units == series.units == "m3 m-3"
    x, y = rasterio.warp.transform("EPSG:4326", cube.crs, [92.31], [32.87])
    nearest = cube.sel(x=x[0], y=y[0], method="nearest")
    np.testing.assert_allclose(series[0], nearest, atol=1e-12)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"quantity": "snow"}, "quantity must be one of soil_moisture"),
        ({"depth": -1.0}, "a depth is in cm from the surface down"),
        ({"depth": (10, 5)}, r"a layer is \(top, bottom\) in cm"),
        ({"times": ["1999-01-01"]}, "the truth runs from 2014-01-01"),
    ],
)
def test_what_it_does_not_know_is_named(coarse_sample, options, message):
    with pytest.raises(ValueError, match=message):
        sample.truth_cube(coarse_sample, **{"times": ["2020-07-01"], **options})


def test_a_point_outside_is_named(coarse_sample):
    with pytest.raises(ValueError, match=r"point 1 at 100\.0 E, 30\.0 N lies outside"):
        sample.truth_series(coarse_sample, ["2020-07-01"], [92, 100], [32, 30])


def test_scenes_alone_have_no_coarse_truth(folder):
    with pytest.raises(sample.TruthError, match="without --only scenes"):
        sample.truth_cube(folder, ["2020-07-01"])
