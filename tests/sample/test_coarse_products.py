"""The coarse products: client against rasterio, errors against the parameters in the folder.

Tolerances are sampling errors: of N values whose errors are correlated, N_eff = N**2 / sum of
correlations are worth independent ones, a mean has the variance s**2 / N_eff, and a variance
2 * s**4 / N_eff. Limits are 4 standard deviations.
"""

from __future__ import annotations

import json
from datetime import datetime

import ee
import numpy as np
import pytest
import rasterio
from rasterio.warp import Resampling, reproject, transform
from scipy import ndimage

from gee_sm import catalog, sample
from gee_sm.emulator import connect_client
from gee_sm.sample.moisture_products import era5_errors, gldas_errors
from gee_sm.sample.region import Grid
from gee_sm.sample.truth_cube import wide_truth_of
from gee_sm.sample.wide_region import ERA5_GRID, GLDAS_GRID, MODIS_GRID, SMAP_GRID, TRUTH_GRID
from local_core.collocation import triple_collocation

POINT = (92.77, 32.18)
NEAR = (92.07, 32.52)
SERIES = {
    "NASA/SMAP/SPL3SMP_E/005": 1096 - 33,
    "ECMWF/ERA5_LAND/DAILY_AGGR": 1096,
    "NASA/GLDAS/V021/NOAH/G025/T3H": 8768,
    "UCSB-CHG/CHIRPS/DAILY": 1096,
    "MODIS/061/MOD11A1": 1096,
    "MODIS/061/MOD13A2": 69,
    "MODIS/061/MOD09A1": 48,
    "MODIS/061/MCD43A3": 48,
    "MODIS/061/MOD15A2H": 48,
    "MODIS/061/MCD12Q1": 3,
}
BANDS_OF_THE_CATALOG = [*SERIES, "OpenLandMap/SOL/SOL_SAND-WFRACTION_USDA-3A1A1A_M/v02"]


def folder_of(path, asset_id):
    return path / asset_id.replace("/", "__")


def years(path, asset_id, band, names=("2019", "2020", "2021")):
    """All images of a band by rasterio, NaN where masked, with their days."""
    found, days = [], []
    for name in names:
        item = folder_of(path, asset_id) / name
        with rasterio.open(item / f"{band}.tif") as file:
            values = file.read(masked=True)
        found.append(values.astype("f4").filled(np.nan))
        series = json.loads((item / "item.json").read_text())["properties"]["gee:series"]
        days.append(np.array(series["system:time_start"], "datetime64[ms]"))
    return np.concatenate(found), np.concatenate(days)


def aggregated(cube, grid: Grid):
    """Area average by GDAL of a cube on the truth's grid."""
    out = np.full((cube.shape[0], *grid.shape), np.nan, "f4")
    reproject(
        np.asarray(cube, "f4"),
        out,
        src_transform=TRUTH_GRID.transform,
        src_crs=TRUTH_GRID.crs,
        dst_transform=grid.transform,
        dst_crs=rasterio.CRS.from_user_input(grid.crs),
        resampling=Resampling.average,
        dst_nodata=np.nan,
    )
    return out


def worth(grid: Grid, smoothing_km: float, days: int, memory_days: float) -> float:
    """Independent values behind the pixels and days of a correlated error."""
    latitude = float(grid.y.mean())
    x = 111.2 * np.cos(np.radians(latitude)) * grid.x[0]
    y = 111.2 * grid.y[:, 0]
    gx = np.exp(-np.square(np.subtract.outer(x, x) / (2 * smoothing_km)))
    gy = np.exp(-np.square(np.subtract.outer(y, y) / (2 * smoothing_km)))
    # Of variances the correlation counts squared; the larger sum is the safer.
    in_space = x.size * y.size / (gx.mean() * gy.mean() * x.size * y.size)
    if memory_days == 0:
        return in_space * days
    lag = np.abs(np.subtract.outer(np.arange(days), np.arange(days)))
    return in_space * days**2 / np.exp(-lag / memory_days).sum()


@pytest.fixture(scope="module")
def errors(coarse_sample):
    return sample.wide_parameters_of(coarse_sample)["soil_moisture_products"]


@pytest.mark.parametrize("asset_id", SERIES)
def test_the_client_reads_what_rasterio_reads(coarse_sample, asset_id):
    point = NEAR if asset_id in ("MODIS/061/MOD09A1", "MODIS/061/MCD43A3") else POINT
    point = NEAR if asset_id == "MODIS/061/MOD15A2H" else point
    item = sorted(folder_of(coarse_sample, asset_id).glob("*/item.json"))[1]
    about = json.loads(item.read_text())
    series = about["properties"].get("gee:series", {"system:index": [about["id"]]})
    number = len(series["system:index"]) // 2
    with connect_client(coarse_sample):
        images = ee.ImageCollection(asset_id)
        assert images.size().getInfo() == SERIES[asset_id]
        image = ee.Image(f"{asset_id}/{series['system:index'][number]}")
        found = image.reduceRegion("first", ee.Geometry.Point(point), 100).getInfo()
        start = image.get("system:time_start").getInfo()
    if "system:time_start" in series:
        assert start == series["system:time_start"][number]
    seen = 0
    for band in about["assets"]:
        with rasterio.open(item.parent / f"{band}.tif") as file:
            x, y = transform("EPSG:4326", file.crs, [point[0]], [point[1]])
            row, column = file.index(x[0], y[0])
            value = file.read(number + 1, masked=True)[row, column]
        if value is np.ma.masked or (value.dtype.kind == "f" and np.isnan(value)):
            assert found[band] is None
        else:
            assert found[band] == pytest.approx(float(value))
            seen += 1
    assert seen > 0


@pytest.mark.parametrize("asset_id", BANDS_OF_THE_CATALOG)
def test_it_has_the_bands_that_our_catalog_decodes(coarse_sample, asset_id):
    item = next(iter(sorted(folder_of(coarse_sample, asset_id).glob("*/item.json"))))
    stored = json.loads(item.read_text())["assets"]
    assert set(catalog.dataset(asset_id).band_names) <= set(stored)


def test_modis_is_on_its_own_grid(coarse_sample):
    with connect_client(coarse_sample):
        found = ee.Image("MODIS/061/MOD11A1/2020_07_01").select(0).projection().getInfo()
    assert found["crs"] == "SR-ORG:6974"
    size = found["transform"][0]
    assert size == pytest.approx(926.625433055, abs=1e-6)
    # Pixel edges lie on the lattice of the global tiles.
    assert (found["transform"][2] + 20015109.354) / size == pytest.approx(
        round((found["transform"][2] + 20015109.354) / size), abs=1e-5
    )


def test_smap_misses_the_truth_by_what_is_stated(coarse_sample, errors):
    """Against the truth smoothed here over GDAL's area averages."""
    about = errors["smap"]
    values, moments = years(coarse_sample, "NASA/SMAP/SPL3SMP_E/005", "soil_moisture_am")
    flags, _ = years(coarse_sample, "NASA/SMAP/SPL3SMP_E/005", "retrieval_qual_flag_am")
    summer = (moments >= np.datetime64("2020-07-01")) & (moments < np.datetime64("2020-09-01"))
    times = moments[summer] + np.timedelta64(23 * 60 + 50, "m")
    truth = aggregated(sample.truth_cube(coarse_sample, times), SMAP_GRID)
    sigma = [about["footprint_km"] / (111.2 * 0.08 * f) for f in (1, np.cos(np.radians(32.5)))]
    seen = ndimage.gaussian_filter(truth, sigma, axes=(1, 2), mode="nearest")
    error = values[summer] - about["offset"][0] - about["gain"] * seen
    error = error[flags[summer] == 0]
    share = error.size / values[summer].size
    worth_of = worth(SMAP_GRID, about["smoothing_km"], 62, 0) * share
    std = about["error_std"][0]
    assert abs(error.mean()) < 4 * std / np.sqrt(worth_of)
    assert error.var() == pytest.approx(std**2, abs=4 * np.sqrt(2 / worth_of) * std**2)


@pytest.mark.parametrize("layer", [0, 2])
def test_era5_land_is_wet_and_flat_by_what_is_stated(coarse_sample, errors, layer):
    """Offset, gain, and the share of the season, by least squares on the truth's parts."""
    about = errors["era5_land"]
    values, moments = years(
        coarse_sample, "ECMWF/ERA5_LAND/DAILY_AGGR", f"volumetric_soil_water_layer_{layer + 1}"
    )
    every = slice(None, None, 8)
    depth = tuple(about["depths_cm"][layer])
    times = moments[every] + np.timedelta64(12, "h")
    cube = sample.truth_cube(coarse_sample, times, quantity="total_water", depth=depth)
    truth = aggregated(cube, ERA5_GRID)
    whole = wide_truth_of(coarse_sample)
    response = aggregated(whole.ground.response[None], ERA5_GRID)[0]
    season = whole.season_series(times, depth)[:, None, None] * response
    columns = np.stack([np.ones(truth.size), truth.ravel(), season.ravel()], axis=1)
    (offset, gain, less), residual, *_ = np.linalg.lstsq(columns, values[every].ravel())
    std = about["error_std"][layer]
    independent = worth(ERA5_GRID, about["smoothing_km"], times.size, about["memory_days"] / 8)
    spread = std / np.sqrt(independent)
    assert gain == pytest.approx(about["gain"], abs=4 * spread / truth.std())
    assert -less / gain == pytest.approx(
        1 - about["season_kept"], abs=4 * spread / season.std() / gain
    )
    assert offset == pytest.approx(about["offset"][layer], abs=4 * spread / truth.std())
    assert residual[0] / truth.size == pytest.approx(
        std**2, abs=4 * np.sqrt(2 / independent) * std**2
    )


def test_gldas_holds_kilograms_in_layers(coarse_sample, errors):
    about = errors["gldas"]
    months = ("2020_07", "2020_08")
    values, moments = years(
        coarse_sample, "NASA/GLDAS/V021/NOAH/G025/T3H", "SoilMoi10_40cm_inst", months
    )
    cube = sample.truth_cube(coarse_sample, moments[::8], quantity="total_water", depth=(10, 40))
    truth = aggregated(cube, GLDAS_GRID)
    error = values[::8] / 300 - about["offset"][1] - about["gain"] * truth
    # The season is flattened by a fifth: in July and August that is a constant and a slow drift.
    error -= error.mean(axis=(1, 2), keepdims=True)
    std = about["error_std"][1]
    independent = worth(GLDAS_GRID, about["smoothing_km"], moments.size // 8, about["memory_days"])
    within = 1 - 1 / worth(GLDAS_GRID, about["smoothing_km"], 1, 0)
    assert error.var() == pytest.approx(std**2 * within, abs=4 * np.sqrt(2 / independent) * std**2)


def test_the_errors_of_the_reanalyses_are_correlated_as_stated(coarse_sample, errors):
    stated = sample.wide_parameters_of(coarse_sample)["error_correlation"]["era5_land and gldas"]
    one, other = era5_errors(1, 1096, 0), gldas_errors(1, 1096, 0)[4::8]
    rows = np.floor((34 - ERA5_GRID.y[:, 0]) / 0.25).astype(int)
    columns = np.floor((ERA5_GRID.x[0] - 91) / 0.25).astype(int)
    other = other[:, rows[:, None], columns]
    found = np.corrcoef(one.ravel(), other.ravel())[0, 1]
    independent = worth(GLDAS_GRID, errors["gldas"]["smoothing_km"], 1096, 6.0)
    assert found == pytest.approx(stated, abs=4 / np.sqrt(independent))


def test_triple_collocation_finds_what_it_should(coarse_sample, errors):
    """Its own intervals hold the error variances that follow from signals and stated errors."""
    rng = np.random.default_rng(5)
    points = rng.uniform(91.4, 93.6, 24), rng.uniform(31.4, 33.6, 24)
    smap, days = years(coarse_sample, "NASA/SMAP/SPL3SMP_E/005", "soil_moisture_am")
    flags, _ = years(coarse_sample, "NASA/SMAP/SPL3SMP_E/005", "retrieval_qual_flag_am")
    smap[flags != 0] = np.nan
    era5, all_days = years(
        coarse_sample, "ECMWF/ERA5_LAND/DAILY_AGGR", "volumetric_soil_water_layer_1"
    )
    months = [f"{year}_{month:02d}" for year in (2019, 2020, 2021) for month in range(1, 13)]
    gldas, _ = years(coarse_sample, "NASA/GLDAS/V021/NOAH/G025/T3H", "SoilMoi0_10cm_inst", months)
    gldas = gldas.reshape(-1, 8, *GLDAS_GRID.shape).mean(axis=1) / 100
    kept = np.isin(all_days, days)
    series = []
    for values, grid in ((smap, SMAP_GRID), (era5[kept], ERA5_GRID), (gldas[kept], GLDAS_GRID)):
        inverse = ~grid.transform
        columns = (inverse.a * points[0] + inverse.c).astype(int)
        rows = (inverse.e * points[1] + inverse.f).astype(int)
        series.append(values[:, rows, columns].T.astype(float))
    expected = sample.expected_collocation(
        coarse_sample, days.astype("datetime64[D]"), *points, used=np.isfinite(series[0])
    )["expected_error_variance"].to_numpy()
    found = triple_collocation(*series, bootstrap=200, block_length=12, random_state=1)
    low, high = (found[f"error_var_own_ci_{end}"].to_numpy() for end in ("lower", "upper"))
    inside = (low <= expected) & (expected <= high)
    # Nominally 95 %; block bootstraps of some 300 days fall short of that by a few percent.
    assert inside.mean() > 0.85


def test_surface_temperature_tells_of_moisture_as_stated(coarse_sample):
    """Multiple regression of good July values on moisture, greenness and annual temperature."""
    about = sample.wide_parameters_of(coarse_sample)["modis_lst"]
    with rasterio.open(folder_of(coarse_sample, "MODIS/061/MOD11A1") / "2020/LST_Day_1km.tif") as f:
        numbers = list(range(183, 214))
        lst = f.read(numbers).astype("f4") * 0.02
    with rasterio.open(folder_of(coarse_sample, "MODIS/061/MOD11A1") / "2020/QC_Day.tif") as f:
        quality = f.read(numbers)
    assert set(np.unique(quality)) <= {0, 2, 65, 129, 255}
    assert (lst[quality == 2] == 0).all()
    assert (lst[quality == 0] > 270).all()
    times = np.arange("2020-07-01T04:20", "2020-08-01T04:20", 24 * 60, dtype="datetime64[m]")
    moisture = aggregated(sample.truth_cube(coarse_sample, times), MODIS_GRID)
    truth = wide_truth_of(coarse_sample)
    green, height = aggregated(np.stack([truth.ground.ndvi, truth.ground.elevation]), MODIS_GRID)
    good = (quality == 0) & np.isfinite(moisture)
    fields = [lst, moisture, *(np.broadcast_to(f, lst.shape) for f in (green, height))]
    # Each day about its mean over some 12 km: weather and air are smooth over that.
    anomalies = [_detrended(field, good)[good] for field in fields]
    slopes, *_ = np.linalg.lstsq(np.stack(anomalies[1:], axis=1), anomalies[0])
    # GDAL's average and ours differ at single pixels, which dilutes slopes by some percent.
    assert slopes[0] == pytest.approx(about["moisture_k_per_m3_m3_in_summer"]["Day"], rel=0.1)
    assert slopes[1] == pytest.approx(about["shade_k_per_ndvi"]["Day"], rel=0.25)
    assert slopes[2] == pytest.approx(-0.006, rel=0.25)


def _detrended(field, good, size=13):
    weight = good.astype("f4")
    total = ndimage.uniform_filter(np.where(good, field, 0), (0, size, size))
    count = ndimage.uniform_filter(weight, (0, size, size))
    return field - total / np.maximum(count, 1e-6)


def test_greenness_is_the_truths_on_its_day(coarse_sample):
    about = sample.wide_parameters_of(coarse_sample)["modis_ndvi"]
    values, moments = years(coarse_sample, "MODIS/061/MOD13A2", "NDVI", ["2020"])
    quality, _ = years(coarse_sample, "MODIS/061/MOD13A2", "SummaryQA", ["2020"])
    day, _ = years(coarse_sample, "MODIS/061/MOD13A2", "DayOfYear", ["2020"])
    number = int(np.flatnonzero(moments == np.datetime64("2020-07-11"))[0])
    start = datetime(2020, 7, 11).timetuple().tm_yday
    inside = np.isfinite(day[number])
    assert day[number][inside].min() >= start
    assert day[number][inside].max() <= start + 15
    times = np.datetime64("2020-07-11T12") + 24 * np.arange(16)
    cube = sample.truth_cube(coarse_sample, times, quantity="ndvi", grid=MODIS_GRID).to_numpy()
    pick = np.nan_to_num(day[number] - start).astype(int)
    truth = np.take_along_axis(cube, pick[None], axis=0)[0]
    good = (quality[number] == 0) & np.isfinite(truth)
    error = (values[number] * 1e-4 - truth)[good]
    # Stored values are 100 digital numbers apart.
    stored = (0.01**2) / 12
    assert error.mean() == pytest.approx(0, abs=0.001)
    assert error.var() == pytest.approx(about["ndvi_std"] ** 2 + stored, rel=0.05)
    cloudy = (quality[number] == 3) & np.isfinite(truth)
    if cloudy.sum() > 100:
        ratio = (values[number] * 1e-4)[cloudy].mean() / truth[cloudy].mean()
        assert ratio == pytest.approx(about["ndvi_times"]["cloudy"], abs=0.02)


def test_rain_is_right_on_average(coarse_sample):
    values, moments = years(coarse_sample, "UCSB-CHG/CHIRPS/DAILY", "precipitation", ["2020"])
    cube = sample.truth_cube(coarse_sample, moments[::5], quantity="precipitation")
    grid = Grid("EPSG:4326", rasterio.Affine(0.05, 0, 91, 0, -0.05, 34), (60, 60))
    truth = aggregated(cube, grid)
    found = values[::5]
    # What falls below the threshold is not seen; on the days above it, factors have mean 1.
    wet = truth > 2
    assert found[wet].mean() == pytest.approx(truth[wet].mean(), rel=0.1)
    assert (found[truth < 0.4] > 0).mean() < 0.05


def test_rain_of_gldas_is_stamped_at_the_end_of_its_three_hours(coarse_sample):
    """Sums over the images of 03 to 24 h are the day's rain."""
    rates, moments = years(
        coarse_sample, "NASA/GLDAS/V021/NOAH/G025/T3H", "Rainf_f_tavg", ["2020_07", "2020_08"]
    )
    steps = rates * 3 * 3600
    days = moments[:-8:8]
    found = steps[1:-7].reshape(-1, 8, *GLDAS_GRID.shape).sum(axis=1)
    assert (days == days.astype("datetime64[D]")).all()
    cube = sample.truth_cube(coarse_sample, days, quantity="precipitation")
    truth = aggregated(cube, GLDAS_GRID)
    # On a dry day no step has rain; rounding of eight rates makes less than 0.03 mm.
    dry = truth < 0.001
    assert dry.sum() > 500
    assert found[dry].max() < 0.03
    about = sample.wide_parameters_of(coarse_sample)["reanalyses"]["gldas"]
    wet = truth > 1
    # Factors of one day are smooth over 30 km: some 60 days and 36 places that differ.
    ratio = np.log(found[wet] / truth[wet])
    spread = about["rain_log_spread"]
    expected = np.log(about["rain_factor"]) - spread**2 / 2
    assert ratio.mean() == pytest.approx(expected, abs=4 * spread / np.sqrt(60 * 9))
    # Summed by stamp, a quarter of the days would lose half their rain: 0.58.
    assert ratio.std() == pytest.approx(spread, rel=0.1)


def test_a_part_of_the_whole_is_the_same(coarse_sample, tmp_path):
    """Same seed, same bytes, whatever else is written; another seed, another sample."""
    small = {"parts": ["coarse"], "products": ["chirps"], "coarse_years": [2020]}
    again = sample.write(tmp_path / "again", **small)
    other = sample.write(tmp_path / "other", seed=2, **small)
    name = "UCSB-CHG__CHIRPS__DAILY/2020/precipitation.tif"
    assert (again / name).read_bytes() == (coarse_sample / name).read_bytes()
    assert (other / name).read_bytes() != (coarse_sample / name).read_bytes()


def test_size(coarse_sample, folder):
    def size(path):
        return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())

    assert size(coarse_sample) + size(folder) < 150e6


def test_an_interrupted_product_leaves_nothing(tmp_path, monkeypatch):
    def stop(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr("gee_sm.sample.rain_product.rounded", stop)
    with pytest.raises(KeyboardInterrupt):
        sample.write(tmp_path / "s", parts=["coarse"], products=["chirps"], coarse_years=[2020])
    assert list(tmp_path.iterdir()) == []
