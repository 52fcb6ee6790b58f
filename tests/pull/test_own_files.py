"""Files of the user in the place of Earth Engine: the same steps, words and pixels."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyproj
import pytest
import rioxarray  # noqa: F401
import xarray as xr
from affine import Affine

from gee_sm import pull
from gee_sm.pull import PullStatus
from gee_sm.pull.writing import write

SINUSOIDAL = "+proj=sinu +lon_0=0 +x_0=0 +y_0=0 +R=6371007.181 +units=m +no_defs"
RAIN = Affine(0.05, 0, 90, 0, -0.05, 34)
PLACES = {"A": (90.06, 33.93), "off": (10.0, 10.0)}


@pytest.fixture
def rain(catalog, days_from):
    """CHIRPS on 70 days of 2019, three of them missing."""
    days = [day for i, day in enumerate(days_from("2019-01-01", 70)) if i not in (5, 40, 41)]
    values = np.random.default_rng(5).gamma(1, 3, (len(days), 4, 4)).astype("float32")
    catalog.add_series("UCSB-CHG/CHIRPS/DAILY", days, {"precipitation": values}, transform=RAIN)
    return catalog


@pytest.mark.parametrize("step", [None, "month", "16 days"])
def test_a_pulled_file_comes_back_as_it_was_pulled(rain, tmp_path, step):
    asked = {"start": "2019-01-01", "end": "2019-03-12", "step": step}
    region = (90, 33.8, 90.2, 34)
    with rain.connect():
        cube = pull.cube("chirps", region=region, **asked).compute()
        series = pull.stations("chirps", PLACES, **asked)
    write(cube, tmp_path / "rain.nc")
    again = pull.cube("chirps", region=region, file=tmp_path / "rain.nc").compute()
    at_places = pull.stations("chirps", PLACES, file=tmp_path / "rain.nc")
    for found, wanted in ((again, cube), (at_places, series)):
        for name in ("precipitation", "time", "time_bnds", "longitude", "latitude"):
            np.testing.assert_array_equal(found[name], wanted[name], err_msg=name)
        ours, theirs = found["precipitation"].attrs, wanted["precipitation"].attrs
        for name in ("units", "standard_name", "long_name"):
            assert ours[name] == theirs[name]
        assert ours.get("cell_methods") == theirs.get("cell_methods")
        assert found["precipitation"].dims == wanted["precipitation"].dims
    assert set(np.unique(at_places["status"][1])) <= {PullStatus.OUTSIDE_COVERAGE}
    # A file does not say why a value is missing.
    gaps = cube["status"] != PullStatus.OK
    np.testing.assert_array_equal(again["status"] == PullStatus.NO_VALID_VALUE, gaps)
    assert gaps.any() == (step is None)


def test_a_cube_of_a_file_keeps_its_reference_system(rain, tmp_path):
    with rain.connect():
        cube = pull.cube("chirps", "2019-01-01", "2019-01-05", region=(90, 33.8, 90.2, 34))
        write(cube, tmp_path / "rain.nc")
    again = pull.cube("chirps", region=(90, 33.8, 90.2, 34), file=tmp_path / "rain.nc")
    back = xr.load_dataset(write(again, tmp_path / "again.nc"), decode_coords="all")
    array = back["precipitation"]
    assert array.rio.crs.to_epsg() == 4326
    assert array.rio.transform().almost_equals(RAIN, 1e-9)
    assert back["x"].attrs["standard_name"] == "longitude"


def test_products_without_a_layout_of_their_own_are_read_as_they_were_pulled(
    catalog, days_from, tmp_path
):
    days = [days_from("2019-01-01", 40)[i] for i in (0, 16, 32)]
    ndvi = np.random.default_rng(8).integers(-1000, 9000, (3, 6, 6)).astype("int16")
    x, y = pyproj.Transformer.from_crs("EPSG:4326", SINUSOIDAL, always_xy=True).transform(91, 33)
    ones = np.ones_like(ndvi)
    catalog.add_series(
        "MODIS/061/MOD13A2",
        days,
        {"NDVI": ndvi, "EVI": ndvi, "SummaryQA": (0 * ndvi).astype("uint8"), "DayOfYear": ones},
        crs=SINUSOIDAL,
        transform=Affine(926.625433055833, 0, x, 0, -926.625433055833, y),
    )
    asked = {"bands": ["ndvi"]}
    place = {"A": (91.02, 32.98)}
    with catalog.connect():
        series = pull.stations("modis_ndvi", place, "2019-01-01", "2019-02-10", **asked)
        cube = pull.cube(
            "modis_ndvi", "2019-01-01", "2019-02-10", region=(91, 32.95, 91.05, 33), **asked
        )
        write(cube, tmp_path / "ndvi.nc")
    found = pull.stations("modis_ndvi", place, file=tmp_path / "ndvi.nc", **asked)
    # The composite of December that reaches into January has no image, and no day of its own here.
    np.testing.assert_array_equal(found["ndvi"], series["ndvi"])
    np.testing.assert_array_equal(found["time_bnds"], series["time_bnds"])


def test_days_of_nasas_gldas_files_are_the_composites_of_earth_engine(catalog, tmp_path):
    times = pd.date_range("2019-07-01", "2019-07-05", freq="3h")
    rng = np.random.default_rng(7)
    mass = rng.uniform(5, 45, (times.size, 3, 4)).astype("float32")
    rate = rng.uniform(0, 1e-3, mass.shape).astype("float32")
    unused = [f"SoilMoi{a}_{b}cm_inst" for a, b in ((10, 40), (40, 100), (100, 200))]
    unused += [f"SoilTMP{a}_{b}cm_inst" for a, b in ((0, 10), (10, 40), (40, 100), (100, 200))]
    catalog.add_series(
        "NASA/GLDAS/V021/NOAH/G025/T3H",
        [time.to_pydatetime() for time in times.tz_localize("UTC")],
        {"SoilMoi0_10cm_inst": mass, "Rainf_f_tavg": rate, **dict.fromkeys(unused, mass)},
        transform=Affine(0.25, 0, 90, 0, -0.25, 34),
    )
    dims = ("time", "lat", "lon")
    for day, at in times.to_series().groupby(times.floor("D")):
        i = times.get_indexer(at.index)
        xr.Dataset(
            {
                "SoilMoi0_10cm_inst": (dims, mass[i, ::-1], {"units": "kg m-2"}),
                "Rainf_f_tavg": (dims, rate[i, ::-1], {"units": "kg m-2 s-1"}),
            },
            {
                "time": times[i],
                "lat": 34 - 0.25 * (np.arange(3)[::-1] + 0.5),
                "lon": 90 + 0.25 * (np.arange(4) + 0.5),
            },
        ).to_netcdf(tmp_path / f"gldas_{day:%Y%m%d}.nc")
    asked = {
        "start": "2019-07-01",
        "end": "2019-07-05",
        "bands": ["soil_moisture_0_10cm", "precipitation"],
        "region": (90, 33.3, 91, 34),
    }
    own = {**asked, "file": tmp_path / "gldas_*.nc"}
    with catalog.connect():
        days = pull.cube("gldas", step="day", **asked).compute()
        steps = pull.cube("gldas", **asked).compute()
    write(steps, tmp_path / "pulled.nc")
    from_files = pull.cube("gldas", step="day", **own).compute()
    from_pulled = pull.cube("gldas", step="day", **{**own, "file": tmp_path / "pulled.nc"})
    for name in asked["bands"]:
        np.testing.assert_allclose(from_files[name], days[name], rtol=1e-6)
        assert from_files[name].attrs["cell_methods"] == days[name].attrs["cell_methods"]
        np.testing.assert_allclose(from_pulled[name][:3], days[name][:3], rtol=1e-6)
    # What was pulled for four days ends before the last three hours of rain are in.
    assert from_pulled["precipitation"][3].isnull().all()
    np.testing.assert_array_equal(from_files["time_bnds"], days["time_bnds"])
    as_pulled = pull.cube("gldas", **own)
    np.testing.assert_array_equal(as_pulled["time_bnds"], steps["time_bnds"])
    assert as_pulled["time"].attrs == steps["time"].attrs
    for name in asked["bands"]:
        np.testing.assert_allclose(as_pulled[name], steps[name], rtol=1e-6)
        assert as_pulled[name].attrs["cell_methods"] == steps[name].attrs["cell_methods"]
    with pytest.raises(ValueError, match="file's own time steps, or days; got the step 'month'"):
        pull.cube("gldas", step="month", **own)
