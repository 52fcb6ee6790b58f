"""Series at places equal the numbers that were stored, whatever is awkward about them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pyproj
import pytest
import xarray as xr
from affine import Affine

from gee_sm import pull
from gee_sm.pull import PullStatus


def _daily(stored, quality="good"):
    """The product's daily moisture by hand: the mean of the passes that are there and good."""
    halves = []
    for half in ("am", "pm"):
        values = stored[f"soil_moisture_{half}"].astype("float64")
        bad = stored[f"retrieval_qual_flag_{half}"] != 0
        halves.append(np.where(bad & (quality == "good"), np.nan, values))
    both = np.stack(halves)
    count = np.isfinite(both).sum(axis=0)
    return np.where(count > 0, np.nansum(both, axis=0) / np.maximum(count, 1), np.nan)


def test_values_are_the_stored_ones(catalog, days_from, smap_centre):
    days = days_from("2019-01-01", 20)
    stored = catalog.add_smap(days)
    pixels = {"A": (0, 0), "B": (3, 4), "C": (7, 5)}
    points = {name: smap_centre(*pixel) for name, pixel in pixels.items()}
    with catalog.connect():
        found = pull.stations("smap", points, "2019-01-01", "2019-01-21", bands=["soil_moisture"])
    expected = _daily(stored)
    assert found["soil_moisture"].dims == ("station", "time")
    for name, (column, row) in pixels.items():
        np.testing.assert_allclose(
            found["soil_moisture"].sel(station=name), expected[:, row, column], rtol=1e-6
        )
    np.testing.assert_allclose(found["distance_km"], 0, atol=1e-6)


def test_the_status_tells_the_rule_from_the_gap(catalog, days_from, smap_centre):
    stored = catalog.add_smap(days_from("2019-01-01", 20))
    with catalog.connect():
        found = pull.stations(
            "smap",
            {"A": smap_centre(2, 2)},
            "2018-12-31",
            "2019-01-21",
            bands=["soil_moisture_am"],
        )
    values = stored["soil_moisture_am"][:, 2, 2]
    flagged = stored["retrieval_qual_flag_am"][:, 2, 2] != 0
    expected = np.where(
        np.isnan(values),
        PullStatus.NO_STORED_VALUE,
        np.where(flagged, PullStatus.REMOVED_BY_QUALITY_RULE, PullStatus.OK),
    )
    assert set(expected) == {0, 2, 3}, "the draw must hold all three"
    status = found["status"].sel(station="A").values
    assert status[0] == PullStatus.NO_IMAGE
    np.testing.assert_array_equal(status[1:], expected)
    np.testing.assert_array_equal(np.isfinite(found["soil_moisture_am"][0, 1:]), expected == 0)


def test_bands_of_one_image_have_masks_of_their_own(catalog, days_from, smap_centre):
    stored = catalog.add_smap(days_from("2019-01-01", 30))
    bands = ["soil_moisture_am", "soil_moisture_pm"]
    with catalog.connect():
        found = pull.stations(
            "smap", {"A": smap_centre(1, 3)}, "2019-01-01", "2019-01-31", bands=bands
        ).sel(station="A")
    there = []
    for half in ("am", "pm"):
        values = stored[f"soil_moisture_{half}"][:, 3, 1]
        good = np.isfinite(values) & (stored[f"retrieval_qual_flag_{half}"][:, 3, 1] == 0)
        np.testing.assert_array_equal(
            found[f"soil_moisture_{half}"], np.where(good, values, np.nan).astype("float32")
        )
        there.append(good)
    both, one = np.logical_and(*there), np.logical_xor(*there)
    assert one.any()
    np.testing.assert_array_equal(found["status"] == PullStatus.OK, both)
    np.testing.assert_array_equal(found["status"] == PullStatus.SOME_BANDS_MISSING, one)


def test_missing_days_stay_on_the_time_axis(catalog, days_from, smap_centre):
    days = [day for i, day in enumerate(days_from("2019-01-01", 10)) if i not in (3, 4, 8)]
    stored = catalog.add_smap(days, swath=False)
    with catalog.connect():
        found = pull.stations(
            "smap",
            {"A": smap_centre(0, 0)},
            "2019-01-01",
            "2019-01-11",
            bands=["soil_moisture_am"],
            quality="none",
        )
    series = found["soil_moisture_am"].sel(station="A")
    assert series.sizes["time"] == 10
    kept = [i for i in range(10) if i not in (3, 4, 8)]
    np.testing.assert_array_equal(series[kept], stored["soil_moisture_am"][:, 0, 0])
    np.testing.assert_array_equal(np.flatnonzero(np.isnan(series)), [3, 4, 8])
    np.testing.assert_array_equal(found["status"].values[0, [3, 4, 8]], PullStatus.NO_IMAGE)
    bounds = found["time_bnds"].values
    np.testing.assert_array_equal(bounds[1:, 0], bounds[:-1, 1])


@pytest.mark.parametrize("hour", [0, 12, 23])
def test_a_day_is_the_utc_day_an_image_starts_on(catalog, days_from, smap_centre, hour):
    # Over 90 E the morning pass is at 0 h UTC: a day counted by local time would be another.
    stored = catalog.add_smap(days_from("2019-01-01", 3), hour=hour, swath=False)
    with catalog.connect():
        found = pull.stations(
            "smap",
            {"A": smap_centre(0, 0)},
            "2019-01-01",
            "2019-01-04",
            bands=["soil_moisture_am"],
            quality="none",
        )
    np.testing.assert_array_equal(found["soil_moisture_am"][0], stored["soil_moisture_am"][:, 0, 0])
    assert str(found["time"].values[0]) == "2019-01-01T00:00:00.000000000"


def test_a_period_ends_before_its_last_midnight(catalog, days_from, smap_centre):
    catalog.add_smap(days_from("2019-01-01", 5))
    with catalog.connect():
        found = pull.stations("smap", {"A": smap_centre(0, 0)}, "2019-01-02", "2019-01-04")
    days = found["time"].values.astype("datetime64[D]").astype(str).tolist()
    assert days == ["2019-01-02", "2019-01-03"]


def test_two_versions_join_to_one_series(catalog, days_from, smap_centre):
    old = catalog.add_smap(days_from("2023-12-01", 6), swath=False)
    new = catalog.add_smap(days_from("2023-12-02", 6), version="006", swath=False)
    with catalog.connect():
        found = pull.stations(
            "smap",
            {"A": smap_centre(2, 1)},
            "2023-12-01",
            "2023-12-08",
            bands=["soil_moisture_am"],
            quality="none",
        )
    # Version 6 begins on 4 December, though both have days of the other's time.
    expected = np.concatenate(
        [old["soil_moisture_am"][:3, 1, 2], new["soil_moisture_am"][2:, 1, 2]]
    )
    np.testing.assert_array_equal(found["soil_moisture_am"][0], expected)
    assert found.attrs["source"] == "NASA/SMAP/SPL3SMP_E/005, NASA/SMAP/SPL3SMP_E/006"


def _user_tile(catalog, index, time, values, west):
    catalog.add_image(
        "projects/mine/assets/amsr2",
        index,
        bands={"soil_moisture": np.asarray(values, "float32")},
        crs="EPSG:4326",
        transform=Affine(0.1, 0, west, 0, -0.1, 34.0),
        time_start=time,
    )


def test_overlapping_tiles_of_one_day_give_one_value(catalog):
    day = datetime(2019, 1, 1, tzinfo=UTC)
    first = [[0.10, 0.11, 0.12, 0.13]]
    second = [[0.20, np.nan, 0.22, 0.23]]
    # The later of two tiles counts where it has a value; they share the columns 2 and 3.
    _user_tile(catalog, "a", day, first, 90.0)
    _user_tile(catalog, "b", day + timedelta(hours=2), second, 90.2)
    _user_tile(catalog, "c", day + timedelta(days=1), first, 90.0)
    points = {str(i): (90.05 + 0.1 * i, 33.95) for i in range(7)}
    with catalog.connect():
        found = pull.stations(
            "amsr2", points, "2019-01-01", "2019-01-03", asset="projects/mine/assets/amsr2"
        )
    moisture = found["soil_moisture"].values
    np.testing.assert_allclose(
        moisture[:6, 0], np.float32([0.10, 0.11, 0.20, 0.13, 0.22, 0.23]), rtol=1e-7
    )
    np.testing.assert_allclose(moisture[:4, 1], np.float32(first[0]), rtol=1e-7)
    assert np.isnan(moisture[4:, 1]).all()
    assert found["status"].values[6].tolist() == [PullStatus.OUTSIDE_COVERAGE] * 2
    assert found["status"].values[5].tolist() == [PullStatus.OK, PullStatus.NO_STORED_VALUE]


def test_of_a_day_delivered_twice_the_last_good_value_counts(catalog, days_from, smap_centre):
    days = days_from("2019-01-01", 25)
    first, second = (catalog.add_smap(days, shape=(2, 2), hour=hour) for hour in (0, 12))
    asked = {"bands": ["soil_moisture_am"]}
    with catalog.connect():
        found = pull.stations(
            "smap", {"A": smap_centre(1, 0)}, "2019-01-01", "2019-01-26", **asked
        ).sel(station="A")
        cube = pull.cube(
            "smap", "2019-01-01", "2019-01-26", region=(90.1, 33.95, 90.15, 34), **asked
        ).compute()
    values, flags = (
        np.stack([stored[name][:, 0, 1] for stored in (first, second)])
        for name in ("soil_moisture_am", "retrieval_qual_flag_am")
    )
    good = np.isfinite(values) & (flags == 0)
    expected = np.where(good[1], values[1], np.where(good[0], values[0], np.nan))
    reason = np.where(
        np.isfinite(values).any(axis=0),
        PullStatus.REMOVED_BY_QUALITY_RULE,
        PullStatus.NO_STORED_VALUE,
    )
    status = np.where(good.any(axis=0), PullStatus.OK, reason)
    assert (good[0] & ~good[1] & np.isfinite(values[1])).any(), "a bad value over a good one"
    assert set(status) == {0, 2, 3}
    for name, wanted in (("soil_moisture_am", expected), ("status", status)):
        np.testing.assert_array_equal(found[name], wanted)
        np.testing.assert_array_equal(cube[name][:, 0, 0], wanted)


def test_places_outside_or_nowhere_have_a_status(catalog, days_from, smap_centre):
    catalog.add_smap(days_from("2019-01-01", 3), swath=False)
    points = {
        "here": smap_centre(0, 0),
        "far": (10.0, 10.0),
        "unknown": (np.nan, np.nan),
        "just off": (89.9999, 33.9),
    }
    with catalog.connect():
        found = pull.stations(
            "smap", points, "2019-01-01", "2019-01-04", bands=["tb_h_am"], quality="none"
        )
    outside, nowhere = PullStatus.OUTSIDE_COVERAGE, PullStatus.NO_COORDINATES
    assert found["status"].values[:, 0].tolist() == [0, outside, nowhere, outside]
    assert np.isnan(found["tb_h_am"].values[1:]).all()
    assert np.isnan(found["distance_km"].values[1:]).all()


def test_a_border_belongs_to_the_pixel_to_the_east_and_south(catalog, days_from, smap_centre):
    stored = catalog.add_smap(days_from("2019-01-01", 1), swath=False)
    points = {
        # Borders of pixels of 0.08 degrees are no round binary numbers.
        "corner": (90.0 + 3 * 0.08, 34.0 - 2 * 0.08),
        "side": (90.0 + 3 * 0.08, 34.0 - 2.5 * 0.08),
        "same pixel": smap_centre(3, 2),
        "other turn": (90.0 + 3 * 0.08 - 360, 34.0 - 2.5 * 0.08),
    }
    with catalog.connect():
        found = pull.stations(
            "smap", points, "2019-01-01", "2019-01-02", bands=["soil_moisture_am"], quality="none"
        )
    expected = stored["soil_moisture_am"][0, 2, 3]
    np.testing.assert_array_equal(found["soil_moisture_am"].values[:, 0], [expected] * 4)
    distance = pyproj.Geod(ellps="WGS84").inv(*points["corner"], *smap_centre(3, 2))[2] / 1000
    assert float(found["distance_km"][0]) == pytest.approx(distance)


def test_a_footprint_is_the_mean_weighted_by_area(catalog, days_from, smap_centre):
    stored = catalog.add_smap(days_from("2019-01-01", 2), shape=(12, 12))
    longitude, latitude = smap_centre(5, 6)
    place = (longitude + 0.013, latitude - 0.021)
    diameter = 30_000.0
    with catalog.connect():
        found = pull.stations(
            "smap",
            {"A": place},
            "2019-01-01",
            "2019-01-03",
            bands=["soil_moisture_am"],
            quality="none",
            how="footprint",
            footprint_m=diameter,
        )
    # The oracle counts tiny squares by their distance on the ellipsoid.
    parts = 60
    offsets = (np.arange(12 * parts) + 0.5) / parts
    lon = 90.0 + offsets * 0.08
    lat = 34.0 - offsets * 0.08
    lon2, lat2 = np.meshgrid(lon, lat)
    geod = pyproj.Geod(ellps="WGS84")
    shape = lon2.shape
    away = geod.inv(np.full(shape, place[0]), np.full(shape, place[1]), lon2, lat2)[2].reshape(
        shape
    )
    area = np.where(away <= diameter / 2, np.cos(np.radians(lat2)), 0.0)
    weight = area.reshape(12, parts, 12, parts).sum(axis=(1, 3))
    for i in range(2):
        values = stored["soil_moisture_am"][i]
        valid = np.isfinite(values)
        mean = (weight * np.where(valid, values, 0)).sum() / weight[valid].sum()
        assert float(found["soil_moisture_am"][0, i]) == pytest.approx(mean, abs=2e-4)
        share = weight[valid].sum() / weight.sum()
        assert 0 < share < 1
        assert float(found["valid_share"][0, i]) == pytest.approx(share, abs=2e-3)
    assert int(found["footprint_pixels"][0]) == pytest.approx((weight > 0).sum(), abs=2)


def test_a_footprint_smaller_than_a_pixel_is_refused(catalog, days_from, smap_centre):
    catalog.add_smap(days_from("2019-01-01", 1))
    with catalog.connect(), pytest.raises(ValueError, match="smaller than the product's pixels"):
        pull.stations(
            "smap",
            {"A": smap_centre(3, 3)},
            "2019-01-01",
            "2019-01-02",
            how="footprint",
            footprint_m=1000,
        )


def test_a_file_comes_back_as_it_was_pulled(catalog, days_from, smap_centre, tmp_path):
    catalog.add_smap(days_from("2019-01-01", 8))
    points = {"A": smap_centre(0, 0), "B": smap_centre(3, 2)}
    from gee_sm.pull.writing import write

    with catalog.connect():
        found = pull.stations("smap", points, "2019-01-01", "2019-01-09", bands=["soil_moisture"])
    back = xr.load_dataset(write(found, tmp_path / "a.nc"))
    xr.testing.assert_equal(back.drop_vars("station"), found.drop_vars("station"))
    assert list(back.data_vars) == ["soil_moisture"]
    assert back["soil_moisture"].encoding["_FillValue"] > 9e36
    zarr = xr.open_zarr(write(found, tmp_path / "a.zarr"), consolidated=False).load()
    xr.testing.assert_equal(zarr.drop_vars("station"), found.drop_vars("station"))
    assert back["status"].attrs["flag_meanings"].split()[0] == "ok"
    assert back["soil_moisture"].attrs["units"] == "m3 m-3"
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_a_footprint_of_a_local_file_is_that_of_a_pull(catalog, days_from, tmp_path):
    from gee_sm.pull.writing import write
    from local_core.gridded import at_points, open_product

    catalog.add_smap(days_from("2019-01-01", 3), shape=(20, 20))
    rng = np.random.default_rng(9)
    points = {
        f"P{i}": place for i, place in enumerate(rng.uniform((90.4, 32.8), (91.2, 33.6), (5, 2)))
    }
    period = {"start": "2019-01-01", "end": "2019-01-04", "bands": ["soil_moisture"]}
    with catalog.connect():
        pulled = pull.stations("smap", points, how="footprint", footprint_m=40_000.0, **period)
        write(pull.cube("smap", region=(90, 32, 92, 34), **period), tmp_path / "smap.nc")
    places = {"station": list(points), "longitude": [p[0] for p in points.values()],
              "latitude": [p[1] for p in points.values()]}  # fmt: skip
    of_file = at_points(
        open_product(tmp_path / "smap.nc", "smap"), places, "footprint", diameter_m=40_000.0
    )
    assert np.isfinite(pulled["soil_moisture"]).all()
    np.testing.assert_allclose(of_file["soil_moisture"], pulled["soil_moisture"], rtol=3e-7)
