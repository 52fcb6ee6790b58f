"""Composites of the sample through Earth Engine's client against xarray on the sample's files.

Both sides start from the same GeoTIFFs. One goes through the catalog, the composites and the
emulator; the other is read by rioxarray and computed here (tests/composites/stored_files.py), in
double precision. Earth Engine keeps decoded products and composites in single precision: results
may differ by its rounding, 6e-8 of a value, once for the inputs and once for the result.
"""

from __future__ import annotations

import itertools

import ee
import numpy as np
import overlap_means as overlap
import pandas as pd
import pyproj
import pytest
import stored_files as files
import xarray as xr

from gee_sm.catalog import collection
from gee_sm.catalog.product import Variable
from gee_sm.composites.broadband_albedo import broadband_albedo
from gee_sm.composites.fractional_cover import fractional_cover
from gee_sm.composites.land_surface_temperature import elevation_corrected, mean_temperature
from gee_sm.composites.soil_evaporative_efficiency import evaporative_efficiency, soil_temperature
from gee_sm.composites.target_grid import GRIDS, to_grid
from gee_sm.composites.temporal import composite, composites
from gee_sm.composites.water_indices import water_indices
from gee_sm.emulator import connect_client

SINGLE = 2.5e-7
"""Relative rounding of single precision, twice for the inputs' part and the result's."""

DAY = np.timedelta64(1, "D")
SMALL = (slice(3, 9), slice(2, 8))
MODIS = (slice(200, 224), slice(380, 410))
HALF_KM = (slice(100, 124), slice(150, 180))
_MASKED = -9999.0


@pytest.fixture(scope="module")
def sample(coarse_sample):
    """The sample's folder, served through the official client."""
    with connect_client(coarse_sample):
        yield coarse_sample


def seen(image: ee.Image, like: xr.Dataset) -> dict[str, np.ndarray]:
    """Pixels of an image on the grid of a Dataset, NaN where masked."""
    a, b, c, d, e, f = like.attrs["transform"]
    pixels = ee.data.computePixels(
        {
            "expression": image.toDouble().unmask(_MASKED, False),
            "fileFormat": "NUMPY_NDARRAY",
            "grid": {
                "dimensions": {"width": like.sizes["x"], "height": like.sizes["y"]},
                "affineTransform": {
                    "scaleX": a,
                    "shearX": b,
                    "translateX": c,
                    "shearY": d,
                    "scaleY": e,
                    "translateY": f,
                },
                "crsWkt": like.attrs["crs"],
            },
        }
    )
    return {
        name: np.where(pixels[name] == _MASKED, np.nan, pixels[name].astype(float))
        for name in pixels.dtype.names
    }


def nth(images: ee.ImageCollection, index: int) -> ee.Image:
    return ee.Image(images.toList(1000).get(index))


def agree(found: np.ndarray, expected: xr.DataArray, atol: float = 1e-9) -> None:
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected.values, rtol=SINGLE, atol=atol)


# States and totals of daily and sub-daily images ----------------------------------------------


def test_a_day_of_eight_gldas_steps(sample):
    data = files.stored(
        sample,
        "NASA/GLDAS/V021/NOAH/G025/T3H",
        "2019-07-10",
        "2019-07-13",
        ["SoilMoi0_10cm_inst", "SoilMoi40_100cm_inst", "Rainf_f_tavg"],
    )
    names = ["soil_moisture_0_10cm", "soil_moisture_40_100cm", "precipitation"]
    found = composites("gldas", "2019-07-10", "2019-07-12", step="day", bands=names)
    for index, day in enumerate(("2019-07-10", "2019-07-11")):
        pixels = seen(nth(found, index), data)
        steps = data.sel(time=day)
        assert steps.sizes["time"] == 8
        agree(pixels["soil_moisture_0_10cm"], files.moisture_of_gldas(steps, 0, 10).mean("time"))
        deep = files.moisture_of_gldas(steps, 40, 100).mean("time")
        agree(pixels["soil_moisture_40_100cm"], deep)
        # A rate is of the three hours before its stamp.
        before = data["time"] - np.timedelta64(3, "h")
        rain = files.rain_of_gldas(data).assign_coords(time=before).sel(time=day)
        assert (rain.max("time") > 0).any()
        agree(pixels["precipitation"], rain.sum("time"))
        assert (pixels["precipitation_count"] == 8).all()


def test_the_last_day_of_gldas_lacks_the_rain_of_its_last_three_hours(sample):
    names = ["soil_moisture_0_10cm", "precipitation"]
    found = composites("gldas", "2021-12-31", "2022-01-02", step="day", bands=names)
    data = files.stored(
        sample, "NASA/GLDAS/V021/NOAH/G025/T3H", "2021-12-31", "2022-01-01", ["Rainf_f_tavg"]
    )
    last, after = (seen(nth(found, index), data) for index in (0, 1))
    assert (last["soil_moisture_0_10cm_count"] == 8).all()
    assert (last["precipitation_count"] == 7).all()
    agree(last["precipitation"], files.rain_of_gldas(data.isel(time=slice(1, 8))).sum("time"))
    assert (after["precipitation_count"] == 0).all()


def test_days_and_months_of_smap_around_its_outage(sample):
    bands = [f"{n}_{h}" for n in ("soil_moisture", "retrieval_qual_flag") for h in ("am", "pm")]
    data = files.stored(sample, "NASA/SMAP/SPL3SMP_E/005", "2019-06-01", "2019-08-01", bands, SMALL)
    daily = files.soil_moisture_of_smap(data)
    monthly = composites("smap", "2019-06-01", "2019-08-01", step="month", bands=["soil_moisture"])
    for index, month in enumerate(("2019-06", "2019-07")):
        pixels = seen(nth(monthly, index), data)
        agree(pixels["soil_moisture"], daily.sel(time=month).mean("time"))
        count = daily.sel(time=month).count("time")
        np.testing.assert_array_equal(pixels["soil_moisture_count"], count)
    # The satellite was silent: days without an image are masked, with a count of 0.
    days = pd.DatetimeIndex(data["time"].values)
    gap = [str(day.date()) for day in pd.date_range("2019-06-01", "2019-07-31") if day not in days]
    assert gap
    for day in (gap[0], str(days[4].date())):
        after = str((pd.Timestamp(day) + pd.Timedelta(days=1)).date())
        image = composites("smap", day, after, step="day", bands=["soil_moisture"]).first()
        pixels = seen(image, data)
        if day in gap:
            assert np.isnan(pixels["soil_moisture"]).all()
            assert (pixels["soil_moisture_count"] == 0).all()
            assert image.get("count").getInfo() == 0
        else:
            agree(pixels["soil_moisture"], daily.sel(time=day))


def test_16_days_and_months_of_rain(sample):
    data = files.stored(
        sample, "UCSB-CHG/CHIRPS/DAILY", "2019-06-01", "2019-10-01", ["precipitation"], SMALL
    )
    rain = data["precipitation"].where(lambda r: r >= 0)
    sixteen = composites("chirps", "2019-06-10", "2019-07-12", step="16 days")
    starts = sixteen.aggregate_array("system:time_start").getInfo()
    ends = sixteen.aggregate_array("system:time_end").getInfo()
    assert [pd.Timestamp(s, unit="ms").dayofyear % 16 for s in starts] == [1, 1]
    for index, (start, end) in enumerate(zip(starts, ends, strict=True)):
        first, last = (np.datetime64(moment, "ms") for moment in (start, end))
        inside = rain.isel(time=(rain["time"].values >= first) & (rain["time"].values < last))
        assert inside.sizes["time"] == 16
        pixels = seen(nth(sixteen, index), data)
        agree(pixels["precipitation"], inside.sum("time"))
    monthly = composites("chirps", "2019-06-01", "2019-09-01", step="month")
    expected = rain.resample(time="MS").sum()
    for index in range(3):
        agree(seen(nth(monthly, index), data)["precipitation"], expected[index])


def test_a_season_of_era5_land(sample):
    bands = ["volumetric_soil_water_layer_1", "soil_temperature_level_4", "total_precipitation_sum"]
    data = files.stored(
        sample, "ECMWF/ERA5_LAND/DAILY_AGGR", "2019-12-01", "2020-06-01", bands, SMALL
    )
    names = ["soil_moisture_0_7cm", "soil_temperature_100_289cm", "precipitation"]
    found = composites("era5_land", "2020-01-15", "2020-04-01", step="season", bands=names)
    assert found.size().getInfo() == 2
    seasons = data.resample(time="QS-DEC")
    means = seasons.mean()
    rain = files.rain_of_era5_land(data).resample(time="QS-DEC").sum()
    # December to February, the leap day included, and March to May.
    assert seasons.count()["soil_temperature_level_4"][0, 0, 0] == 91
    for index in range(2):
        pixels = seen(nth(found, index), data)
        agree(pixels["soil_moisture_0_7cm"], means["volumetric_soil_water_layer_1"][index])
        agree(pixels["soil_temperature_100_289cm"], means["soil_temperature_level_4"][index])
        agree(pixels["precipitation"], rain[index])


# MODIS ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def temperature(sample):
    """Stored LST, day and night, over the turn of the year."""
    bands = [n for h in ("Day", "Night") for n in (f"LST_{h}_1km", f"QC_{h}")]
    return files.stored(sample, "MODIS/061/MOD11A1", "2019-12-19", "2020-01-17", bands, MODIS)


def _clearest_day(temperature: xr.Dataset) -> tuple[str, str]:
    """The day on which most pixels have a day and a night temperature, and the day after."""
    halves = [files.land_surface_temperature(temperature, half) for half in ("Day", "Night")]
    clear = (halves[0] + halves[1]).notnull().sum(["y", "x"])
    best = pd.Timestamp(temperature["time"].values[int(clear.argmax())])
    return str(best.date()), str((best + pd.Timedelta(days=1)).date())


def test_8_days_of_temperature_over_the_turn_of_the_year(temperature):
    found = composites(
        "modis_lst", "2019-12-20", "2020-01-10", step="8 days", bands=["lst_day", "lst_night"]
    )
    starts = [
        pd.Timestamp(ms, unit="ms") for ms in found.aggregate_array("system:time_start").getInfo()
    ]
    assert [str(s.date()) for s in starts] == [
        "2019-12-19",
        "2019-12-27",
        "2020-01-01",
        "2020-01-09",
    ]
    edges = [*starts, pd.Timestamp("2020-01-17")]
    valid = 0
    for index, (start, end) in enumerate(itertools.pairwise(edges)):
        inside = temperature.sel(time=slice(start, end - pd.Timedelta(days=1)))
        assert inside.sizes["time"] == (end - start).days
        pixels = seen(nth(found, index), temperature)
        for half in ("Day", "Night"):
            kelvin = files.land_surface_temperature(inside, half)
            agree(pixels[f"lst_{half.lower()}"], kelvin.mean("time"))
            count = kelvin.count("time")
            np.testing.assert_array_equal(pixels[f"lst_{half.lower()}_count"], count)
            valid += int(count.sum())
    assert valid > 1000


NDVI = ["NDVI", "EVI", "SummaryQA", "DayOfYear"]


@pytest.mark.parametrize("by_day_of_year", [True, False])
def test_months_of_16_day_greenness(sample, by_day_of_year):
    data = files.stored(sample, "MODIS/061/MOD13A2", "2019-11-15", "2020-02-01", NDVI, MODIS)
    found = composites(
        "modis_ndvi",
        "2019-12-01",
        "2020-02-01",
        step="month",
        bands=["ndvi", "evi"],
        by_day_of_year=by_day_of_year,
    )
    start = data["time"]
    new_year = start.values.astype("datetime64[Y]")
    own = (start.values.astype("datetime64[D]") - new_year.astype("datetime64[D]")) / DAY + 1
    for index, (first, last) in enumerate(
        (("2019-12-01", "2020-01-01"), ("2020-01-01", "2020-02-01"))
    ):
        from_day, to_day = np.datetime64(first), np.datetime64(last)
        if by_day_of_year:
            # A number below the composite's own first day is a day of the next year.
            year = xr.DataArray(
                new_year.astype("datetime64[D]").astype(int), dims="time", coords={"time": start}
            )
            length = xr.DataArray(
                ((new_year + 1).astype("datetime64[D]") - new_year.astype("datetime64[D]")) / DAY,
                dims="time",
                coords={"time": start},
            )
            later = data["DayOfYear"] < xr.DataArray(own, dims="time", coords={"time": start})
            day = year + data["DayOfYear"] - 1 + length * later
            weight = ((day >= from_day.astype(int)) & (day < to_day.astype(int))).astype(float)
        else:
            end = start.values.astype("datetime64[D]") + 16 * DAY
            shared = (
                np.minimum(end, to_day) - np.maximum(start.values.astype("datetime64[D]"), from_day)
            ) / DAY
            weight = xr.DataArray(np.clip(shared, 0, None), dims="time", coords={"time": start})
        pixels = seen(nth(found, index), data)
        for name in ("NDVI", "EVI"):
            value = files.vegetation_index(data, name)
            weights = weight.where(value.notnull(), 0)
            total = weights.sum("time")
            mean = (value.fillna(0) * weights).sum("time") / total.where(total > 0)
            agree(pixels[name.lower()], mean)
            np.testing.assert_array_equal(
                pixels[f"{name.lower()}_count"], (weights > 0).sum("time")
            )
        assert np.isfinite(pixels["ndvi"]).sum() > 30


def test_the_usual_quality_of_a_year_is_its_mode(sample):
    data = files.stored(sample, "MODIS/061/MOD13A2", "2019-01-01", "2020-01-01", NDVI, MODIS)
    rank = data["SummaryQA"]
    images = (
        ee.ImageCollection("MODIS/061/MOD13A2")
        .filterDate("2019-01-01", "2020-01-01")
        .select(["SummaryQA"], ["rank"])
    )
    start, end = (ee.Date(day).millis() for day in ("2019-01-01", "2020-01-01"))
    variables = [Variable("rank", "class", "class")]
    pixels = seen(composite(images, start, end, variables=variables), data)
    votes = xr.concat([(rank == code).sum("time") for code in range(4)], "code")
    order = np.sort(votes.values, axis=0)
    decided = order[-1] > order[-2]
    assert decided.mean() > 0.5
    expected = votes.argmax("code").values.astype(float)
    np.testing.assert_array_equal(pixels["rank"][decided], expected[decided])
    np.testing.assert_array_equal(pixels["rank_count"], rank.count("time"))


# Predictors -----------------------------------------------------------------------------------


def test_mean_temperature_and_cover_and_evaporative_efficiency(sample, temperature):
    start, end = _clearest_day(temperature)
    day = temperature.sel(time=slice(start, start))
    kelvin = {half: files.land_surface_temperature(day, half)[0] for half in ("Day", "Night")}
    image = collection("modis_lst", start, end).first()
    mean = mean_temperature(image.select("lst_day"), image.select("lst_night"))
    expected = (kelvin["Day"] + kelvin["Night"]) / 2
    agree(seen(mean, temperature)["lst_mean"], expected)
    assert expected.notnull().sum() > 100
    # Elevation: the coldest pixels stand in for the highest. Any map will do for the arithmetic.
    height = image.select("lst_day").multiply(-20).add(10_000)
    above = image.select("lst_night").multiply(-20).add(9_000)
    found = elevation_corrected(image.select("lst_day"), height, above)
    difference = (10_000 - 20 * kelvin["Day"]) - (9_000 - 20 * kelvin["Night"])
    agree(seen(found, temperature)["lst_day"], kelvin["Day"] + 0.006 * difference)
    # Cover from greenness of the same days, Qu et al. (2021), eqs. 1 and 2.
    data = files.stored(sample, "MODIS/061/MOD13A2", "2019-12-19", "2019-12-20", NDVI, MODIS)
    ndvi = files.vegetation_index(data, "NDVI")[0]
    share = (((ndvi - 0.05) / 0.85).clip(0, 1) ** 2).rename("share")
    green = collection("modis_ndvi", "2019-12-19", "2019-12-20").first().select("ndvi")
    cover = fractional_cover(green)
    agree(seen(cover, temperature)["fractional_cover"], share)
    soil = soil_temperature(image.select("lst_day"), cover, ee.Image.constant(275.0))
    ground = (kelvin["Day"] - share * 275) / (1 - share)
    agree(seen(soil, temperature)["soil_surface_temperature"], ground.where(share <= 0.9))
    wet, dry = 270.0, 290.0
    found = evaporative_efficiency(soil, ee.Image.constant(dry), ee.Image.constant(wet))
    expected = ((dry - ground) / (dry - wet)).clip(0, 1).where(share <= 0.9)
    # A difference of two numbers near 280: single precision of one is 1e-6 of the other.
    agree(seen(found, temperature)["soil_evaporative_efficiency"], expected, atol=4e-6)


@pytest.fixture(scope="module")
def reflectance(sample):
    """Stored reflectance of one 8-day composite."""
    bands = [f"sur_refl_b{i:02d}" for i in range(1, 8)]
    return files.stored(
        sample, "MODIS/061/MOD09A1", "2019-07-04", "2019-07-05", [*bands, "StateQA"], HALF_KM
    )


def test_water_indices_and_albedo_of_reflectance(reflectance):
    r = {i: files.surface_reflectance(reflectance, i).clip(min=0)[0] for i in range(1, 8)}
    moment = pd.Timestamp(reflectance["time"].values[0])
    day, after = str(moment.date()), str((moment + pd.Timedelta(days=1)).date())
    image = collection("modis_reflectance", day, after).first()
    pixels = seen(water_indices(image), reflectance)
    agree(pixels["ndwi"], (r[4] - r[2]) / (r[4] + r[2]), atol=1e-6)
    agree(pixels["lswi"], (r[2] - r[6]) / (r[2] + r[6]), atol=1e-6)
    agree(pixels["nsdsi"], ((r[6] - r[7]) / r[6]).where(r[6] > 0), atol=1e-6)
    weights = {1: 0.160, 2: 0.291, 3: 0.243, 4: 0.116, 5: 0.112, 7: 0.081}
    raw = {i: files.surface_reflectance(reflectance, i)[0] for i in weights}
    broad = (sum(w * raw[i] for i, w in weights.items()) - 0.0015).clip(0, 1)
    agree(seen(broadband_albedo(image), reflectance)["albedo_shortwave"], broad, atol=1e-7)
    assert broad.notnull().sum() > 100


def test_months_of_reflectance_by_the_day_it_was_seen_on(sample):
    bands = ["sur_refl_b02", "StateQA", "DayOfYear"]
    data = files.stored(sample, "MODIS/061/MOD09A1", "2019-06-18", "2019-09-01", bands, HALF_KM)
    found = composites(
        "modis_reflectance", "2019-07-01", "2019-09-01", step="month", bands=["reflectance_b2"]
    )
    for index, (first, last) in enumerate(((182, 212), (213, 243))):
        inside = (data["DayOfYear"] >= first) & (data["DayOfYear"] <= last)
        value = files.surface_reflectance(data, 2).where(inside)
        assert value.notnull().sum() > 1000
        pixels = seen(nth(found, index), data)
        agree(pixels["reflectance_b2"], value.mean("time"))
        np.testing.assert_array_equal(pixels["reflectance_b2_count"], value.count("time"))


def test_a_month_of_albedo(sample):
    names = [
        f"{name}_{band}"
        for band in ("Band7", "shortwave")
        for name in ("Albedo_WSA", "BRDF_Albedo_Band_Mandatory_Quality")
    ]
    data = files.stored(sample, "MODIS/061/MCD43A3", "2019-07-01", "2019-08-01", names, HALF_KM)
    ours = {"albedo_white_sky_band7": "Band7", "albedo_white_sky_shortwave": "shortwave"}
    found = composites("modis_albedo", "2019-07-01", "2019-08-01", step="month", bands=list(ours))
    pixels = seen(found.first(), data)
    for name, band in ours.items():
        value = files.albedo(data, "WSA", band)
        assert value.notnull().sum() > 1000
        agree(pixels[name], value.mean("time"))
        np.testing.assert_array_equal(pixels[f"{name}_count"], value.count("time"))


def test_months_of_leaf_area_by_the_days_they_share(sample):
    names = ["Lai_500m", "FparLai_QC"]
    data = files.stored(sample, "MODIS/061/MOD15A2H", "2019-06-18", "2019-09-01", names, HALF_KM)
    value = files.leaf_area(data)
    starts = data["time"].values.astype("datetime64[D]")
    found = composites("modis_lai", "2019-07-01", "2019-09-01", step="month", bands=["lai"])
    for index, month in enumerate(("2019-07", "2019-08")):
        first = np.datetime64(f"{month}-01")
        last = (np.datetime64(month) + 1).astype("datetime64[D]")
        shared = np.clip(
            (np.minimum(starts + 8 * DAY, last) - np.maximum(starts, first)) / DAY, 0, 8
        )
        weight = xr.DataArray(shared, dims="time", coords={"time": data["time"]})
        # 26 June to 3 July and 28 July to 4 August have days in two months.
        assert set(shared) > {0.0, 8.0}
        pixels = seen(nth(found, index), data)
        agree(pixels["lai"], value.weighted(weight).mean("time"))
        np.testing.assert_array_equal(
            pixels["lai_count"], (value.notnull() & (weight > 0)).sum("time")
        )


def test_the_usual_land_cover_of_three_years(sample):
    window = (slice(300, 330), slice(600, 640))
    data = files.stored(
        sample, "MODIS/061/MCD12Q1", "2019-01-01", "2022-01-01", ["LC_Type1"], window
    )
    cover = data["LC_Type1"].where(lambda c: (c >= 1) & (c <= 17))
    images = collection("modis_land_cover", "2019-01-01", "2022-01-01")
    start, end = (ee.Date(day).millis() for day in ("2019-01-01", "2022-01-01"))
    variables = [Variable("land_cover", "class", "class")]
    pixels = seen(composite(images, start, end, variables=variables), data)
    votes = xr.concat([(cover == code).sum("time") for code in range(1, 18)], "code")
    order = np.sort(votes.values, axis=0)
    decided = order[-1] > order[-2]
    assert decided.mean() > 0.5
    usual = votes.argmax("code").values + 1.0
    np.testing.assert_array_equal(pixels["land_cover"][decided], usual[decided])
    np.testing.assert_array_equal(pixels["land_cover_count"], cover.count("time"))


# Other grids ----------------------------------------------------------------------------------


def on_grid(image: ee.Image, grid: dict) -> dict[str, np.ndarray]:
    shape = xr.Dataset(coords={"x": grid["x"][:-1], "y": grid["y"][:-1]})
    wkt = pyproj.CRS.from_user_input(grid["crs"]).to_wkt("WKT1_GDAL")
    return seen(image, shape.assign_attrs(crs=wkt, transform=grid["transform"]))


@pytest.mark.parametrize(
    ("name", "grid"),
    [
        ("0.25 degrees", overlap.QUARTER_DEGREE),
        ("0.36 degrees", overlap.CMG_036),
        ("EASE-2 36 km", overlap.EASE2_36KM),
    ],
)
@pytest.mark.parametrize(
    ("product", "asset_id", "scale_m", "ours"),
    [
        ("chirps", "UCSB-CHG/CHIRPS/DAILY", 5566.0, "precipitation"),
        ("era5_land", "ECMWF/ERA5_LAND/DAILY_AGGR", 11132.0, "soil_moisture_0_7cm"),
        ("smap", "NASA/SMAP/SPL3SMP_E/005", 9000.0, "soil_moisture"),
    ],
)
def test_upright_pixels_on_the_coarse_grids(sample, name, grid, product, asset_id, scale_m, ours):
    coarse = overlap.target(grid, 91.4, 31.4, 93.6, 33.6)
    bands = {
        "chirps": ["precipitation"],
        "era5_land": ["volumetric_soil_water_layer_1"],
        "smap": [
            f"{n}_{h}" for n in ("soil_moisture", "retrieval_qual_flag") for h in ("am", "pm")
        ],
    }[product]
    data = files.stored(sample, asset_id, "2019-06-03", "2019-06-04", bands)
    value = files.soil_moisture_of_smap(data) if product == "smap" else data[bands[0]]
    image = collection(product, "2019-06-03", "2019-06-04", bands=[ours]).first()
    found = on_grid(to_grid(image, GRIDS[name], native_scale_m=scale_m), coarse)[ours]
    expected = overlap.upright_means(value[0], coarse)
    assert np.isfinite(expected).sum() > 10
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-7)


def test_rain_of_a_month_in_blocks_of_five(sample):
    data = files.stored(
        sample, "UCSB-CHG/CHIRPS/DAILY", "2019-07-01", "2019-08-01", ["precipitation"]
    )
    coarse = overlap.target(overlap.QUARTER_DEGREE, 91.0, 31.0, 94.0, 34.0)
    july = composites("chirps", "2019-07-01", "2019-08-01", step="month").first()
    image = to_grid(july.select("precipitation"), GRIDS["0.25 degrees"], native_scale_m=5566.0)
    blocks = data["precipitation"].sum("time").coarsen(x=5, y=5).mean()
    agree(on_grid(image, coarse)["precipitation"], blocks)


def test_nearest_temperature_on_the_1_km_target_grid(temperature):
    middle = (float(temperature["x"].mean()), float(temperature["y"].mean()))
    to_degrees = pyproj.Transformer.from_crs(temperature.attrs["crs"], "EPSG:4326", always_xy=True)
    lon, lat = to_degrees.transform(*middle)
    grid = overlap.target(overlap.ONE_KM, lon - 0.1, lat - 0.08, lon + 0.1, lat + 0.08)
    start, end = _clearest_day(temperature)
    image = collection("modis_lst", start, end).first().select("lst_day")
    fine = to_grid(image, GRIDS["0.01 degrees"], native_scale_m=926.625, method="nearest")
    found = on_grid(fine, grid)
    kelvin = files.land_surface_temperature(temperature.sel(time=slice(start, start)), "Day")[0]
    expected, inside = overlap.nearest(kelvin, temperature.attrs["crs"], grid)
    assert np.isfinite(expected[inside]).sum() > 100
    np.testing.assert_allclose(found["lst_day"][inside], expected[inside], rtol=SINGLE)


@pytest.mark.parametrize(
    ("name", "grid", "bounds"),
    [
        ("0.01 degrees", overlap.ONE_KM, (92.0, 32.5, 92.08, 32.56)),
        ("0.25 degrees", overlap.QUARTER_DEGREE, (91.9, 31.9, 93.1, 33.1)),
        ("0.36 degrees", overlap.CMG_036, (91.7, 31.6, 93.3, 33.2)),
        ("EASE-2 36 km", overlap.EASE2_36KM, (91.8, 31.8, 93.2, 33.2)),
    ],
)
def test_greenness_of_the_slanted_sinusoidal_grid(sample, name, grid, bounds):
    data = files.stored(
        sample, "MODIS/061/MOD13A2", "2019-07-12", "2019-07-13", ["NDVI", "SummaryQA"]
    )
    coarse = overlap.target(grid, *bounds)
    ndvi = files.vegetation_index(data, "NDVI")[0]
    image = collection("modis_ndvi", "2019-07-12", "2019-07-13").first().select("ndvi")
    found = on_grid(to_grid(image, GRIDS[name], native_scale_m=926.625), coarse)["ndvi"]
    # The emulator draws straight sides between the corners; coordinates are rounded to 1e-6 pixel.
    straight = overlap.slanted_means(ndvi, data.attrs["crs"], coarse, per_side=1)
    assert np.isfinite(straight).sum() >= 9
    np.testing.assert_allclose(found, straight, rtol=2e-6)
    # What the bend of the sides would change is small beside any error of NDVI.
    bent = overlap.slanted_means(ndvi, data.attrs["crs"], coarse, per_side=8)
    np.testing.assert_allclose(found, bent, atol=5e-4)


def test_temperature_as_at_the_mean_height_of_its_quarter_degree(sample):
    west, south = 92.5, 32.25
    start, end = "2019-12-19", "2019-12-20"
    fine = overlap.target(
        overlap.ONE_KM, west - 1e-6, south - 1e-6, west + 0.250001, south + 0.250001
    )
    lst = collection("modis_lst", start, end).first().select("lst_day")
    height = collection("terrain", start, end).first().select("elevation")
    on_fine, on_coarse = GRIDS["0.01 degrees"], GRIDS["0.25 degrees"]
    found = on_grid(
        elevation_corrected(
            to_grid(lst, on_fine, native_scale_m=926.625, method="nearest"),
            to_grid(height, on_fine, native_scale_m=30),
            to_grid(height, on_coarse, native_scale_m=30),
        ),
        fine,
    )["lst_day"]
    # SRTM lies on whole arc-seconds: 36 of them are a fine pixel, 900 a coarse one.
    row, column = round((34 - south - 0.25) * 3600), round((west - 91) * 3600)
    window = (slice(row, row + 900), slice(column, column + 900))
    terrain = files.stored(
        sample, "USGS/SRTMGL1_003", "1960-01-01", "2020-01-01", ["elevation"], window
    )
    metres = terrain["elevation"][0]
    blocks = metres.coarsen(x=36, y=36).mean().values
    stored = files.stored(sample, "MODIS/061/MOD11A1", start, end, ["LST_Day_1km", "QC_Day"])
    kelvin = files.land_surface_temperature(stored, "Day")[0]
    nearest, inside = overlap.nearest(kelvin, stored.attrs["crs"], fine)
    assert inside.all()
    assert np.isfinite(nearest).sum() > 50
    expected = nearest + 0.006 * (blocks - float(metres.mean()))
    np.testing.assert_allclose(found, expected, rtol=1e-6)
