"""Cubes through xee: the stored numbers, lazily, on their grid, and equal to series at places."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor

import dask
import ee
import numpy as np
import pandas as pd
import pyproj
import pytest
import rioxarray  # noqa: F401
import xarray as xr
from affine import Affine

from gee_sm import pull
from gee_sm.pull import PullStatus
from gee_sm.pull.pixel_grid import OutsideCoverageError
from gee_sm.pull.writing import write

SINUSOIDAL = "+proj=sinu +lon_0=0 +x_0=0 +y_0=0 +R=6371007.181 +units=m +no_defs"
MODIS_PIXEL = 926.625433055833


def test_a_cube_holds_the_stored_pixels_of_the_region(catalog, days_from):
    stored = catalog.add_smap(days_from("2019-01-01", 12))
    with catalog.connect():
        cube = pull.cube(
            "smap",
            "2019-01-01",
            "2019-01-14",
            region=(90.1, 33.7, 90.4, 33.9),
            bands=["soil_moisture_am"],
            quality="none",
        )
        assert cube["soil_moisture_am"].chunks is not None
        found = cube.compute()
    # Columns 1 to 4 and rows 1 to 3 are touched by the region.
    expected = stored["soil_moisture_am"][:, 1:4, 1:5]
    assert found["soil_moisture_am"].dims == ("time", "y", "x")
    np.testing.assert_array_equal(found["soil_moisture_am"][:12], expected)
    np.testing.assert_array_equal(
        found["status"][:12], np.where(np.isnan(expected), PullStatus.NO_STORED_VALUE, 0)
    )
    assert (found["status"][12] == PullStatus.NO_IMAGE).all()
    np.testing.assert_allclose(found["x"], 90.12 + 0.08 * np.arange(4))
    np.testing.assert_allclose(found["y"], 33.88 - 0.08 * np.arange(3))


def test_a_cube_is_read_block_by_block_and_only_where_it_is_needed(catalog, days_from):
    catalog.add_smap(days_from("2019-01-01", 12))
    with catalog.connect() as connection:
        calls = _counted(connection)
        cube = pull.cube(
            "smap",
            "2019-01-01",
            "2019-01-13",
            region=(90, 33.6, 90.6, 34),
            quality="none",
            bands=["soil_moisture_am", "soil_moisture_pm"],
            chunks={"time": 4},
            cache=False,
        )
        assert calls["projects.image.computePixels"] == 0
        cube["soil_moisture_am"].isel(time=slice(4, 6), x=0).compute()
        assert calls["projects.image.computePixels"] == 1
        cube.compute()
    assert calls["projects.image.computePixels"] == 1 + 2 * 3


def test_the_same_cube_again_asks_nothing(catalog, days_from):
    catalog.add_smap(days_from("2019-01-01", 12))
    asked = {"region": (90, 33.6, 90.6, 34), "bands": ["soil_moisture"]}
    with catalog.connect() as connection:
        calls = _counted(connection)
        first = pull.cube("smap", "2019-01-01", "2019-01-13", **asked).compute()
        before = dict(calls)
        second = pull.cube("smap", "2019-01-01", "2019-01-13", **asked).compute()
    xr.testing.assert_equal(first, second)
    assert calls == before


def test_series_and_cube_agree_at_every_pixel(catalog, days_from, smap_centre):
    catalog.add_smap(days_from("2019-01-01", 12), shape=(6, 8))
    points = {f"{c}-{r}": smap_centre(c, r) for c in range(8) for r in range(6)}
    bands = ["soil_moisture", "soil_moisture_pm"]
    with catalog.connect():
        series = pull.stations("smap", points, "2019-01-01", "2019-01-15", bands=bands)
        cube = pull.cube(
            "smap", "2019-01-01", "2019-01-15", region=(90, 33.52, 90.64, 34), bands=bands
        ).compute()
    for name in (*bands, "status"):
        flat = cube[name].transpose("x", "y", "time").values.reshape(48, 14)
        np.testing.assert_array_equal(series[name], flat)


def test_fast_time_slicing_would_lose_what_is_mapped(catalog, days_from):
    """The trap that client_calls keeps shut: xee loads stored images by id and skips the map."""
    stored = catalog.add_smap(days_from("2019-01-01", 3), shape=(2, 2), swath=False)
    with catalog.connect():
        images = ee.ImageCollection("NASA/SMAP/SPL3SMP_E/005").select("soil_moisture_am")
        doubled = images.map(
            lambda image: image.multiply(2).copyProperties(image, image.propertyNames())
        )
        grid = {
            "crs": "EPSG:4326",
            "crs_transform": (0.08, 0, 90, 0, -0.08, 34.0),
            "shape_2d": (2, 2),
        }
        fast = xr.open_dataset(doubled, engine="ee", fast_time_slicing=True, **grid)
        slow = xr.open_dataset(doubled, engine="ee", **grid)
        once, twice = stored["soil_moisture_am"], 2 * stored["soil_moisture_am"]
        np.testing.assert_array_equal(slow["soil_moisture_am"].values, twice)
        fast_values = fast["soil_moisture_am"].values
        assert np.array_equal(fast_values, once), "xee has changed: is the trap gone?"
        cube = pull.cube(
            "smap",
            "2019-01-01",
            "2019-01-04",
            region=(90, 33.84, 90.16, 34),
            bands=["soil_moisture"],
        )
        # The daily mean exists only because of the map.
        assert np.isfinite(cube["soil_moisture"].values).any()


def _modis(catalog, days, shape=(12, 14)):
    to_grid = pyproj.Transformer.from_crs("EPSG:4326", SINUSOIDAL, always_xy=True)
    x, y = to_grid.transform(91.0, 33.0)
    west = np.floor(x / MODIS_PIXEL) * MODIS_PIXEL
    north = np.ceil(y / MODIS_PIXEL) * MODIS_PIXEL
    rng = np.random.default_rng(8)
    stored = {
        "NDVI": rng.integers(-1000, 9000, (len(days), *shape)).astype("int16"),
        "EVI": rng.integers(-1000, 9000, (len(days), *shape)).astype("int16"),
        "SummaryQA": rng.integers(0, 4, (len(days), *shape)).astype("uint8"),
        "DayOfYear": np.ones((len(days), *shape), "int16"),
    }
    catalog.add_series(
        "MODIS/061/MOD13A2",
        days,
        stored,
        crs=SINUSOIDAL,
        transform=Affine(MODIS_PIXEL, 0, west, 0, -MODIS_PIXEL, north),
    )
    return stored, west, north


def test_a_cube_on_the_sinusoidal_grid_is_readable_by_rioxarray(catalog, days_from, tmp_path):
    days = [days_from("2019-01-01", 40)[i] for i in (0, 16, 32)]
    stored, west, north = _modis(catalog, days)
    with catalog.connect():
        cube = pull.cube(
            "modis_ndvi",
            "2019-01-01",
            "2019-02-10",
            region=(91.0, 32.9, 91.12, 33.0),
            bands=["ndvi"],
        )
        back = xr.open_dataset(write(cube, tmp_path / "ndvi.nc"), decode_coords="all")
    good = stored["SummaryQA"] == 0
    expected = np.where(good, stored["NDVI"] * 0.0001, np.nan)
    # The composite of the year before, which reaches into this one, has no image.
    array = back["ndvi"].load()[1:]
    left = round((array.rio.bounds()[0] - west) / MODIS_PIXEL)
    top = round((north - array.rio.bounds()[3]) / MODIS_PIXEL)
    height, width = array.shape[1:]
    np.testing.assert_allclose(
        array, expected[:, top : top + height, left : left + width], rtol=1e-6
    )
    assert pyproj.CRS(array.rio.crs).to_dict()["proj"] == "sinu"
    assert array.rio.resolution() == pytest.approx((MODIS_PIXEL, -MODIS_PIXEL))
    # Longitude and latitude of each pixel, by another way.
    lon, lat = pyproj.Transformer.from_crs(SINUSOIDAL, "EPSG:4326", always_xy=True).transform(
        *np.meshgrid(array["x"], array["y"])
    )
    np.testing.assert_allclose(back["longitude"], lon)
    np.testing.assert_allclose(back["latitude"], lat)
    assert str(back["time_bnds"].values[1, 1])[:10] == "2019-01-17"


def test_another_grid_is_the_mean_of_the_pixels_under_it(catalog, days_from):
    days = days_from("2019-01-01", 2)
    rain = np.random.default_rng(4).gamma(1, 3, (2, 10, 10)).astype("float32")
    rain[0, 0, 0] = np.nan
    catalog.add_series(
        "UCSB-CHG/CHIRPS/DAILY",
        days,
        {"precipitation": rain},
        transform=Affine(0.05, 0, 90, 0, -0.05, 34),
    )
    with catalog.connect():
        found = pull.cube(
            "chirps",
            "2019-01-01",
            "2019-01-04",
            region=(90, 33.5, 90.5, 34),
            grid="0.25 degrees",
        ).compute()
    blocks = rain.reshape(2, 2, 5, 2, 5)
    np.testing.assert_allclose(
        found["precipitation"][:2], np.nanmean(blocks, axis=(2, 4)), rtol=1e-5
    )
    assert (found["status"][2] == PullStatus.NO_IMAGE).all()


def test_composites_fill_a_cube(catalog, days_from):
    rain = np.random.default_rng(4).gamma(1, 3, (40, 3, 3)).astype("float32")
    catalog.add_series(
        "UCSB-CHG/CHIRPS/DAILY",
        days_from("2019-01-01", 40),
        {"precipitation": rain},
        transform=Affine(0.05, 0, 90, 0, -0.05, 34),
    )
    with catalog.connect():
        found = pull.cube(
            "chirps", "2019-01-01", "2019-03-01", region=(90, 33.85, 90.15, 34), step="month"
        ).compute()
    np.testing.assert_allclose(found["precipitation"][0], rain[:31].sum(axis=0), rtol=1e-5)
    np.testing.assert_allclose(found["precipitation"][1], rain[31:].sum(axis=0), rtol=1e-5)
    assert found["precipitation_count"].values[:, 0, 0].tolist() == [31, 9]


def test_what_does_not_change_has_no_time(catalog):
    heights = np.arange(20, dtype="float32").reshape(4, 5) * 10 + 4000
    catalog.add_image(
        "USGS/SRTMGL1_003",
        None,
        bands={"elevation": heights},
        crs="EPSG:4326",
        transform=Affine(0.001, 0, 90, 0, -0.001, 34),
    )
    with catalog.connect():
        cube = pull.cube("terrain", region=(90, 33.996, 90.005, 34), bands=["elevation"]).compute()
        series = pull.stations(
            "terrain", {"A": (90.0025, 33.9985), "off": (80, 30)}, bands=["elevation"]
        )
    assert cube["elevation"].dims == ("y", "x")
    np.testing.assert_array_equal(cube["elevation"], heights)
    assert series["elevation"].dims == ("station",)
    np.testing.assert_array_equal(series["elevation"], [heights[1, 2], np.nan])
    assert series["status"].values.tolist() == [0, PullStatus.OUTSIDE_COVERAGE]


def test_a_region_beside_the_product_is_an_error_that_says_where_it_is(catalog, days_from):
    catalog.add_smap(days_from("2019-01-01", 2))
    with catalog.connect(), pytest.raises(OutsideCoverageError, match=r"covers 90\.04 to 90\.60 E"):
        pull.cube("smap", "2019-01-01", "2019-01-03", region=(10, 10, 11, 11))


def test_a_region_larger_than_the_product_is_cut_to_it(catalog, days_from):
    catalog.add_smap(days_from("2019-01-01", 1))
    with catalog.connect():
        cube = pull.cube("smap", "2019-01-01", "2019-01-02", region=(-180, -90, 180, 90))
    assert (cube.sizes["y"], cube.sizes["x"]) == (6, 8)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"region": (91, 33, 90, 34)}, "west, south, east, north"),
        ({"grid": "1 degree"}, "0.25 degrees"),
        ({"bands": ["soil"]}, "has no band 'soil'"),
        ({"step": "week"}, "8 days"),
        ({"quality": "best"}, "'usable'"),
        ({"end": "2018-01-01"}, "must end after it starts"),
        ({"chunks": {"lat": 3}}, "time, y and x"),
    ],
)
def test_bad_requests_say_what_is_wrong(catalog, days_from, wrong, told):
    catalog.add_smap(days_from("2019-01-01", 1))
    options = {"end": "2019-01-02", "region": (90, 33.6, 90.6, 34), **wrong}
    with catalog.connect(), pytest.raises((ValueError, KeyError), match=told):
        pull.cube("smap", "2019-01-01", options.pop("end"), **options)


def test_a_lazy_cube_of_years_is_written_as_it_is(catalog, days_from, tmp_path):
    """Blocks end with the years: Zarr wants them of one size."""
    rain = catalog.add_rain(days_from("2019-12-01", 240), shape=(2, 3))
    with catalog.connect():
        cube = pull.cube("chirps", "2019-12-01", "2020-07-28", region=(90, 33.84, 90.24, 34))
        assert cube["precipitation"].chunks[0] == (31, 183, 26)
        paths = [
            write(cube, tmp_path / f"rain.{suffix}") for suffix in ("nc", "zarr", "csv", "parquet")
        ]
    stored = [xr.open_dataset(paths[0]), xr.open_zarr(paths[1], consolidated=False)]
    for back in stored:
        np.testing.assert_array_equal(back["precipitation"], rain)
        np.testing.assert_array_equal(back["time_bnds"], cube["time_bnds"])
        np.testing.assert_array_equal(back["status"], 0)
    for table in (pd.read_csv(paths[2]), pd.read_parquet(paths[3])):
        np.testing.assert_array_equal(table["precipitation"].astype("float32"), rain.ravel())


def _counted(connection):
    """Count the emulator's calls by name, as they come."""
    from collections import Counter

    calls = Counter()
    faults = connection.emulator.faults
    original = faults.for_request

    def counting(call):
        calls[call] += 1
        return original(call)

    faults.for_request = counting
    return calls


def test_cubes_computed_together_keep_apart(catalog, days_from, tmp_path):
    """Dask takes two arrays of one name for one: blocks and catalogs belong to the name."""
    catalog.add_smap(days_from("2019-01-01", 12))
    other = type(catalog)(tmp_path / "other")
    other.rng = np.random.default_rng(77)
    other.add_smap(days_from("2019-01-01", 12))
    asked = {"region": (90, 33.52, 90.64, 34), "bands": ["soil_moisture_am"], "cache": False}
    period = ("2019-01-01", "2019-01-13")
    cubes, alone = [], []
    for source, chunks in ((catalog, {"time": 4}), (catalog, {"time": 5, "x": 3}), (other, None)):
        with source.connect():
            cubes.append(pull.cube("smap", *period, chunks=chunks, **asked)["soil_moisture_am"])
            alone.append(cubes[-1].compute())
    assert not alone[0].equals(alone[2])
    names = [cube.data.name for cube in cubes]
    assert len(set(names)) == 3
    with catalog.connect():
        together = dask.compute(*(cube.data for cube in cubes[:2]))
        np.testing.assert_array_equal((cubes[0] - cubes[1]).max(), 0)
    for found in together:
        np.testing.assert_array_equal(found, alone[0])


def test_a_cube_is_computed_by_processes_that_connect_themselves(catalog, days_from):
    stored = catalog.add_smap(days_from("2019-01-01", 12))
    with catalog.connect():
        cube = pull.cube(
            "smap", "2019-01-01", "2019-01-13", region=(90, 33.52, 90.64, 34),
            bands=["soil_moisture_am"], quality="none", chunks={"time": 6}, cache=False,
        )["soil_moisture_am"]  # fmt: skip
        # Spawned, as workers of a cluster: nothing of this process is there but what is sent.
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
            found = cube.compute(scheduler="processes", pool=pool)
    np.testing.assert_array_equal(found, stored["soil_moisture_am"])
