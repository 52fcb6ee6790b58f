"""Three years, twelve places, six products: through xee, at points, and from the files by hand."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pyproj
import pytest
import rasterio

import gee_sm
from gee_sm import pull

REGION = (92.1, 32.35, 92.6, 32.75)
START, END = "2019-01-01", "2022-01-01"
SINUSOIDAL = "+proj=sinu +lon_0=0 +x_0=0 +y_0=0 +R=6371007.181 +units=m +no_defs"
PRODUCTS = {
    "smap": "soil_moisture",
    "era5_land": "soil_moisture_0_7cm",
    "gldas": "soil_moisture_0_10cm",
    "chirps": "precipitation",
    "modis_lst": "lst_day",
    "modis_ndvi": "ndvi",
}
STEPS = {"gldas": 8768, "modis_ndvi": 70}
FOLDERS = {
    "smap": "NASA__SMAP__SPL3SMP_E__005",
    "era5_land": "ECMWF__ERA5_LAND__DAILY_AGGR",
    "gldas": "NASA__GLDAS__V021__NOAH__G025__T3H",
    "chirps": "UCSB-CHG__CHIRPS__DAILY",
    "modis_lst": "MODIS__061__MOD11A1",
    "modis_ndvi": "MODIS__061__MOD13A2",
}


@pytest.fixture(scope="module")
def places():
    """Twelve places within the region."""
    rng = np.random.default_rng(12)
    west, south, east, north = REGION
    return pd.DataFrame(
        {
            "station": [f"S{i:02d}" for i in range(12)],
            "longitude": rng.uniform(west, east, 12),
            "latitude": rng.uniform(south, north, 12),
        }
    )


def _by_hand(folder, bands, places):
    """Stored numbers at places over time, read by rasterio from the files alone."""
    found, times = {band: [] for band in bands}, []
    for item_file in sorted(folder.glob("*/item.json")):
        listed = json.loads(item_file.read_text())["properties"]["gee:series"]
        times += listed["system:time_start"]
        for band in bands:
            with rasterio.open(item_file.parent / f"{band}.tif") as file:
                x, y = places["longitude"].to_numpy(), places["latitude"].to_numpy()
                if not file.crs.is_geographic:
                    to_grid = pyproj.Transformer.from_crs("EPSG:4326", SINUSOIDAL, always_xy=True)
                    x, y = to_grid.transform(x, y)
                stored = np.ma.stack(list(file.sample(zip(x, y), masked=True)))
                found[band].append(stored.astype("float64").filled(np.nan))
    order = np.argsort(times)
    index = pd.to_datetime(np.array(times)[order], unit="ms")
    return index, {band: np.concatenate(parts, axis=1)[:, order] for band, parts in found.items()}


def _expected(product, folder, places):
    if product == "smap":
        names = [f"{n}_{h}" for h in ("am", "pm") for n in ("soil_moisture", "retrieval_qual_flag")]
        times, stored = _by_hand(folder, names, places)
        halves = [
            np.where(stored[f"retrieval_qual_flag_{h}"] == 0, stored[f"soil_moisture_{h}"], np.nan)
            for h in ("am", "pm")
        ]
        count = np.isfinite(halves).sum(axis=0)
        sums = np.nansum(halves, axis=0)
        return times, np.where(count > 0, sums / np.maximum(count, 1), np.nan)
    if product == "era5_land":
        times, stored = _by_hand(folder, ["volumetric_soil_water_layer_1"], places)
        return times, stored["volumetric_soil_water_layer_1"]
    if product == "gldas":
        times, stored = _by_hand(folder, ["SoilMoi0_10cm_inst"], places)
        return times, stored["SoilMoi0_10cm_inst"] / 100.0  # kg m-2 in 0.1 m
    if product == "chirps":
        times, stored = _by_hand(folder, ["precipitation"], places)
        return times, stored["precipitation"]
    if product == "modis_lst":
        times, stored = _by_hand(folder, ["LST_Day_1km", "QC_Day"], places)
        temperature, word = stored["LST_Day_1km"], stored["QC_Day"]
        good = (temperature >= 7500) & (np.nan_to_num(word, nan=3).astype(int) & 3 == 0)
        return times, np.where(good, temperature * 0.02, np.nan)
    times, stored = _by_hand(folder, ["NDVI", "SummaryQA"], places)
    good = np.nan_to_num(stored["SummaryQA"], nan=3).astype(int) & 3 == 0
    return times, np.where(good, stored["NDVI"] * 0.0001, np.nan)


@pytest.mark.slow
@pytest.mark.parametrize("product", PRODUCTS)
def test_three_ways_to_the_same_series(product, coarse_sample, places, own_cache):
    band = PRODUCTS[product]
    asked = {"bands": [band], "cache": False}
    with gee_sm.connect(emulator=coarse_sample):
        series = pull.stations(product, places, START, END, **asked)
        cube = pull.cube(product, START, END, region=REGION, **asked).compute()
    assert series.sizes["station"] == 12
    # Composites of 16 days that reach in from December 2018 make 70 of 69.
    assert series.sizes["time"] == STEPS.get(product, 1096)
    # Through xee: the cube at the stations' pixels, found by the pixels' own coordinates.
    to_grid = pyproj.Transformer.from_crs(
        "EPSG:4326", cube["spatial_ref"].attrs["crs_wkt"], always_xy=True
    )
    x, y = to_grid.transform(series["pixel_longitude"], series["pixel_latitude"])
    columns = np.abs(cube["x"].values[None] - np.array(x)[:, None]).argmin(axis=1)
    rows = np.abs(cube["y"].values[None] - np.array(y)[:, None]).argmin(axis=1)
    for name in (band, "status"):
        np.testing.assert_array_equal(series[name].values, cube[name].values[:, rows, columns].T)
    # By hand: rasterio on the sample's files, and the product's rules in numpy.
    times, expected = _expected(product, coarse_sample / FOLDERS[product], places)
    frame = pd.DataFrame(expected.T, index=times).reindex(series["time"].values)
    np.testing.assert_allclose(series[band].values, frame.to_numpy().T, rtol=2e-6, atol=1e-9)
    assert np.isfinite(series[band].values).mean() > 0.2
