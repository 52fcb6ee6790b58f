"""Static layers, assimilated soil moisture and the user's own assets, pixel by pixel."""

from __future__ import annotations

import datetime as dt

import ee
import numpy as np
import pytest

from gee_sm.catalog import PRODUCTS, collection, product
from gee_sm.catalog.land_cover import WORLDCOVER_2020, land_cover

NAN = np.nan
DAY = ("2020-07-01", "2020-07-02")


def _same(found, expected):
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6)


def test_soilgrids_stores_g_per_kg_in_an_asset_for_each_fraction(row):
    layers = ("0-5", "5-15", "15-30", "30-60", "60-100", "100-200")
    shares = {"sand": 431, "silt": 342, "clay": 227}
    for fraction, share in shares.items():
        bands = {
            f"{fraction}_{layer}cm_mean": [share + 10 * i, -32768] for i, layer in enumerate(layers)
        }
        row.add(f"projects/soilgrids-isric/{fraction}_mean", None, "int16", **bands)
    row.connect()
    image = collection("soilgrids_texture", *DAY).first()
    found = row.read(image, 2)
    assert list(found) == list(product("soilgrids_texture").band_names)
    for fraction, share in shares.items():
        for i, layer in enumerate(layers):
            name = f"{fraction}_{layer.replace('-', '_')}cm"
            _same(found[name], [(share + 10 * i) / 10, NAN])
            assert image.get(f"unit_{name}").getInfo() == "%"
    total = sum(found[f"{fraction}_0_5cm"][0] for fraction in shares)
    assert total == pytest.approx(100)


def test_world_cover_is_a_map_of_codes_that_belongs_to_any_period(row):
    codes = [10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 100]
    row.add("ESA/WorldCover/v200", "2021-01-01", "uint8", Map=codes)
    row.add("ESA/WorldCover/v100", "2020-01-01", "uint8", Map=[60] * 11)
    row.connect()
    for period in (DAY, ("2015-01-01", "2016-01-01")):
        found = collection("land_cover", *period)
        assert found.size().getInfo() == 1
        _same(row.read(found.first(), 11)["land_cover"], codes)
    assert product("land_cover").variable("land_cover").kind == "class"
    # The map of 2020 is a product of its own, asked for by name.
    _same(row.read(land_cover(WORLDCOVER_2020), 11)["land_cover"], [60] * 11)


def test_gtopo30_slopes_to_the_south(synthetic):
    # 2 m in 10 m, falling to the south.
    heights = np.tile(5000.0 - 2 * np.arange(60.0)[:, None], (1, 60)).astype("float32")
    synthetic.add("USGS/GTOPO30", None, {"elevation": heights})
    synthetic.connect()
    found = synthetic.read(collection("terrain_1km", *DAY).first(), size=60)
    _same(found["elevation"][:3, 0], [5000, 4998, 4996])
    inner = (slice(2, -2), slice(2, -2))
    np.testing.assert_allclose(found["slope"][inner], np.degrees(np.arctan(0.2)), atol=1e-3)
    np.testing.assert_allclose(found["aspect"][inner], 180, atol=1e-3)


def test_smap_l4_is_three_hourly_and_masks_what_cannot_be(row):
    for hour, surface in (("01:30", 0.25), ("04:30", 0.27)):
        row.add(
            "NASA/SMAP/SPL4SMGP/008",
            f"2020-07-01T{hour}:00",
            sm_surface=[surface, -9999.0, 0.95],
            sm_rootzone=[0.31, 0.31, 0.31],
            sm_profile=[0.33, 0.33, 0.33],
            soil_temp_layer1=[280.5, 100.0, 280.5],
        )
    row.connect()
    images = collection("smap_l4", *DAY).sort("system:time_start")
    assert images.size().getInfo() == 2
    first = images.first()
    found = row.read(first, 3)
    _same(found["soil_moisture_0_5cm"], [0.25, NAN, NAN])
    _same(found["soil_moisture_0_100cm"], [0.31] * 3)
    _same(found["soil_moisture_profile"], [0.33] * 3)
    _same(found["soil_temperature_layer_1"], [280.5, NAN, 280.5])
    length = first.getNumber("system:time_end").subtract(first.getNumber("system:time_start"))
    assert length.getInfo() == 3 * 3_600_000
    assert first.get("source").getInfo() == "NASA/SMAP/SPL4SMGP/008"


@pytest.mark.parametrize("half", ["day", "night"])
def test_gap_free_temperature_of_both_halves(row, half):
    asset = f"projects/sat-io/open-datasets/gap-filled-lst/gf_{half}_1km"
    for day in ("2020-02-28", "2020-03-01"):
        row.add(asset, day, "int16", b1=[-123, 0, 215])
    row.connect()
    name = f"gap_free_lst_{half}"
    found = collection(name, "2020-02-28", "2020-03-02")
    assert found.size().getInfo() == 2
    _same(row.read(found.first(), 3)[f"lst_{half}"], [260.85, 273.15, 294.65])
    # The series has no 29 February.
    assert collection(name, "2020-02-29", "2020-03-01").size().getInfo() == 0


@pytest.mark.parametrize(
    ("name", "asset"),
    [
        ("chirps_v3", "UCSB-CHC/CHIRPS/V3/DAILY_SAT"),
        ("chirps_v3_era5", "UCSB-CHC/CHIRPS/V3/DAILY_RNL"),
    ],
)
def test_both_daily_kinds_of_chirps_3(row, name, asset):
    row.add(asset, "2020-07-01", precipitation=[0.0, 12.5, -9999.0, 1500.0])
    row.connect()
    found = collection(name, *DAY).first()
    # The catalog's 1444.34 mm is an estimate of what occurs, not a limit.
    _same(row.read(found, 4)["precipitation"], [0.0, 12.5, NAN, 1500.0])
    assert found.get("unit_precipitation").getInfo() == "mm"


@pytest.mark.parametrize(
    ("name", "asset_id", "quality_dtype"),
    [
        ("modis_ndvi_aqua", "MODIS/061/MYD13A2", "uint8"),
        ("modis_ndvi_250m", "MODIS/061/MOD13Q1", "uint16"),
    ],
)
def test_the_other_vegetation_indices(row, name, asset_id, quality_dtype):
    row.add(
        asset_id,
        "2020-06-25",
        "int16",
        NDVI=[4321, 4321, -3000],
        EVI=[2345, 2345, 2345],
        DayOfYear=[180, 181, 182],
        SummaryQA=([0, 3, 0], quality_dtype),
    )
    row.connect()
    found = row.read(collection(name, *DAY).first(), 3)
    _same(found["ndvi"], [0.4321, NAN, NAN])
    _same(found["evi"], [0.2345, NAN, 0.2345])
    _same(found["day_of_year"], [180, NAN, 182])


OWN = [n for n, p in PRODUCTS.items() if p.user_supplied and p.band_names == ("soil_moisture",)]


@pytest.mark.parametrize("name", OWN)
def test_own_assets_of_soil_moisture(row, name):
    row.add("users/me/own", "2012-07-03", soil_moisture=[0.21, -0.1, 1.2])
    row.connect()
    found = collection(name, "2012-07-03", "2012-07-04", asset="users/me/own")
    _same(row.read(found.first(), 3)["soil_moisture"], [0.21, NAN, NAN])


@pytest.mark.parametrize(("name", "day"), [("rfsm", "2016-03-01"), ("zheng_2023", "1999-12-31")])
def test_own_assets_keep_what_lies_beyond_the_dates_their_providers_state(row, name, day):
    first = dt.date.fromisoformat(day)
    after = first + dt.timedelta(days=1)
    assert not product(name).sources[0].covers(first, after)
    row.add("users/me/own", day, soil_moisture=[0.21])
    row.connect()
    assert collection(name, first, after, asset="users/me/own").size().getInfo() == 1


def test_own_assets_of_all_weather_temperature(row):
    row.add("users/me/lst", "2014-07-01", lst_day=[301.5, 0.0], lst_night=[281.25, 281.25])
    row.connect()
    found = collection("all_weather_lst", "2014-07-01", "2014-07-02", asset="users/me/lst").first()
    pixels = row.read(ee.Image(found), 2)
    _same(pixels["lst_day"], [301.5, NAN])
    _same(pixels["lst_night"], [281.25, 281.25])
