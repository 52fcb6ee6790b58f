"""Providers' files come out in the catalog's names and units, whatever their layout."""

from __future__ import annotations

import re
import warnings

import dask
import netCDF4
import numpy as np
import pandas as pd
import pyproj
import pytest
import rioxarray
import xarray as xr
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from local_core.gridded import LocalProductError, at_points, open_product

TIME = pd.date_range("2020-07-01", periods=2)


def test_cci_is_one_file_a_day_and_goes_by_its_flag(cci):
    folder, moisture, flags = cci
    found = open_product(f"{folder}/*.nc", "esa_cci_sm")
    assert found["soil_moisture"].dims == ("time", "y", "x")
    assert list(found.data_vars) == ["soil_moisture", "soil_moisture_uncertainty"]
    assert dask.is_dask_collection(found["soil_moisture"].data)
    kept = np.where(flags == 0, moisture, np.nan)
    np.testing.assert_array_equal(found["soil_moisture"], kept)
    np.testing.assert_array_equal(
        np.isnan(found["soil_moisture_uncertainty"]), (flags != 0) | np.isnan(moisture)
    )
    np.testing.assert_array_equal(
        found["time"], pd.date_range("2019-07-01", periods=3).to_numpy("datetime64[ns]")
    )
    everything = open_product(folder, "esa_cci_sm", quality="none", bands=["soil_moisture"])
    np.testing.assert_array_equal(everything["soil_moisture"], moisture)
    assert list(everything.data_vars) == ["soil_moisture"]
    assert everything.attrs["product"] == "esa_cci_sm"


def test_a_period_and_a_region_are_cut(cci):
    folder, moisture, _ = cci
    found = open_product(
        folder,
        "esa_cci_sm",
        quality="none",
        region=(91.0, 33.6, 91.2, 33.8),
        start="2019-07-02",
        end="2019-07-03",
    )
    # Pixels that touch the region: 33.875 reaches down to 33.75, 91.0 is an edge.
    assert found["y"].values.tolist() == [33.875, 33.625]
    assert found["x"].values.tolist() == [91.125]
    np.testing.assert_array_equal(found["soil_moisture"], moisture[1:2, 1:3, 1:2])


def test_hourly_era5_land_becomes_days_with_the_rain_that_fell_in_them(era5_land):
    folder, raw, hourly = era5_land
    found = open_product(folder, "era5_land").load()
    assert found["x"].values.tolist() == [-0.2, -0.1, 0.0, 0.1] or np.allclose(
        found["x"], [-0.2, -0.1, 0.0, 0.1], atol=1e-12
    )
    days = pd.date_range("2020-06-30", periods=4)
    np.testing.assert_array_equal(found["time"], days.to_numpy("datetime64[ns]"))
    time = pd.DatetimeIndex(raw["valid_time"].values)
    for i, day in enumerate(days):
        inside = time.floor("D") == day
        mean = raw["swvl1"].values[inside].mean(axis=0)
        np.testing.assert_allclose(found["soil_moisture_0_7cm"][i], mean, rtol=1e-6)
        # Hours that end within the day, the one that ends at midnight included.
        fell = (time > day) & (time <= day + pd.Timedelta(days=1))
        if fell.sum() == 24:
            rain = hourly[fell].sum(axis=0) * 1000
            np.testing.assert_allclose(found["precipitation"][i], rain, rtol=1e-6)
    # The last day has begun only.
    assert np.isnan(found["precipitation"][-1]).all()
    cut = open_product(folder, "era5_land", start="2020-07-01", end="2020-07-02").load()
    np.testing.assert_array_equal(cut["precipitation"], found["precipitation"][1:2])
    np.testing.assert_array_equal(cut["soil_moisture_0_7cm"], found["soil_moisture_0_7cm"][1:2])


def test_gldas_masses_become_volumes_and_its_rain_rate_three_hours_of_rain(tmp_path):
    dims = ("time", "lat", "lon")
    xr.Dataset(
        {
            "SoilMoi10_40cm_inst": (dims, np.full((2, 2, 2), 90.0), {"units": "kg m-2"}),
            "Rainf_f_tavg": (dims, np.full((2, 2, 2), 1e-4), {"units": "kg m-2 s-1"}),
        },
        {
            "time": pd.date_range("2020-07-01", periods=2, freq="3h"),
            "lat": [33, 34.0],
            "lon": [91.0, 92.0],
        },
    ).to_netcdf(tmp_path / "gldas.nc")
    found = open_product(tmp_path / "gldas.nc", "gldas")
    np.testing.assert_allclose(found["soil_moisture_10_40cm"], 0.3, rtol=1e-12)
    np.testing.assert_allclose(found["precipitation"], 1e-4 * 3 * 3600, rtol=1e-12)
    assert found.sizes["time"] == 2


@pytest.fixture
def three_days_of_gldas(tmp_path):
    """Rain of 1 mm from 21 to 24 UTC of 1 July, 2 mm from 0 to 3 of the next day, and moisture."""
    time = pd.date_range("2020-07-01", "2020-07-03T21:00", freq="3h")
    dims = ("time", "lat", "lon")
    moisture = np.broadcast_to(np.arange(time.size, dtype=float)[:, None, None], (time.size, 2, 2))
    rate = np.zeros((time.size, 2, 2))
    rate[time == "2020-07-02T00:00"] = 1 / 10_800
    rate[time == "2020-07-02T03:00"] = 2 / 10_800
    stored = xr.Dataset(
        {
            "SoilMoi0_10cm_inst": (dims, moisture, {"units": "kg m-2"}),
            "Rainf_f_tavg": (dims, rate, {"units": "kg m-2 s-1"}),
        },
        {"time": time, "lat": [33, 33.25], "lon": [91.0, 91.25]},
    )
    for day in range(3):
        stored.isel(time=slice(8 * day, 8 * day + 8)).to_netcdf(tmp_path / f"gldas{day}.nc")
    return tmp_path


def test_rain_of_gldas_is_of_the_three_hours_before_its_time(three_days_of_gldas):
    found = open_product(three_days_of_gldas, "gldas")
    bounds = found["time_bnds"].values
    np.testing.assert_array_equal(bounds[:, 1], found["time"])
    assert (np.diff(bounds) == np.timedelta64(3, "h")).all()
    assert found["time"].attrs["bounds"] == "time_bnds"
    assert found["precipitation"].attrs["cell_methods"] == "time: sum"
    assert found["soil_moisture_0_10cm"].attrs["cell_methods"] == "time: point"
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        found.to_netcdf(three_days_of_gldas / "as_read.netcdf")
    again = xr.load_dataset(three_days_of_gldas / "as_read.netcdf", decode_coords="all")
    xr.testing.assert_equal(again["time_bnds"], found["time_bnds"])
    site = {"station": ["S"], "latitude": [33.1], "longitude": [91.1]}
    for how in ({}, {"how": "footprint", "diameter_m": 20_000.0}):
        np.testing.assert_array_equal(at_points(found, site, **how)["time_bnds"], bounds)
    # The bounds are what CF says they are to xarray: steps that end within a day are its own.
    by_day = found["precipitation"].resample(time="D", closed="right", label="left").sum()
    by_day = by_day.sel(time=slice("2020-07-01", "2020-07-02"))
    np.testing.assert_allclose(by_day[:, 0, 0], [1.0, 2.0], rtol=1e-12)
    days = open_product(three_days_of_gldas, "gldas", step="day")
    np.testing.assert_allclose(days["precipitation"][:, 0, 0], [1.0, 2.0, np.nan], rtol=1e-12)
    moisture = [np.arange(8 * i, 8 * i + 8).mean() / 100 for i in range(3)]
    np.testing.assert_allclose(days["soil_moisture_0_10cm"][:, 0, 0], moisture, rtol=1e-12)
    assert days.attrs["step"] == "day"
    assert "time_bnds" not in days.coords
    assert days["soil_moisture_0_10cm"].attrs["cell_methods"] == "time: mean"
    cut = open_product(
        three_days_of_gldas, "gldas", step="day", start="2020-07-02", end="2020-07-03"
    )
    np.testing.assert_array_equal(cut["precipitation"], days["precipitation"][1:2])
    np.testing.assert_array_equal(cut["soil_moisture_0_10cm"], days["soil_moisture_0_10cm"][1:2])


def test_a_day_that_lacks_a_step_has_no_sum_of_rain(three_days_of_gldas):
    path = three_days_of_gldas / "gldas1.nc"
    kept = xr.load_dataset(path).drop_sel(time="2020-07-02T09:00")
    kept.to_netcdf(path)
    days = open_product(three_days_of_gldas, "gldas", step="day")
    np.testing.assert_allclose(days["precipitation"][:, 0, 0], [1.0, np.nan, np.nan], rtol=1e-12)
    assert np.isfinite(days["soil_moisture_0_10cm"]).all()


def test_steps_that_cannot_become_days(three_days_of_gldas, tmp_path):
    with pytest.raises(ValueError, match="step 'month' is unknown"):
        open_product(three_days_of_gldas, "gldas", step="month")
    months = open_product(three_days_of_gldas, "gldas", step="day").isel(time=[0])
    months.assign_attrs(step="month").to_netcdf(tmp_path / "month.nc")
    composites = open_product(tmp_path / "month.nc", "gldas")
    assert "time_bnds" not in composites.coords
    assert composites.attrs["step"] == "month"
    with pytest.raises(LocalProductError, match="gldas is there in steps of month"):
        open_product(tmp_path / "month.nc", "gldas", step="day")


def _rain_at(tmp_path, hours, mm, **attrs):
    """ERA5-Land's rain as the Climate Data Store gives it, at some hours of July 2020."""
    time = pd.DatetimeIndex([pd.Timestamp("2020-07-01") + pd.Timedelta(hours=h) for h in hours])
    values = np.broadcast_to(np.array(mm)[:, None, None] / 1000, (len(hours), 2, 2))
    xr.Dataset(
        {"tp": (("valid_time", "latitude", "longitude"), values, {"units": "m", **attrs})},
        {"valid_time": time, "latitude": [33.1, 33.0], "longitude": [91.0, 91.1]},
    ).to_netcdf(tmp_path / "tp.nc")
    found = open_product(tmp_path / "tp.nc", "era5_land")
    days = [str(day)[:10] for day in found["time"].values]
    return dict(zip(days, found["precipitation"].values[:, 0, 0].round(9).tolist(), strict=True))


def test_the_rain_of_era5_land_by_hand(tmp_path):
    # 1 July: 4 mm from 0 to 12 h, 2 mm until 24 h; 2 July: 1 mm until 12 h, 8 mm by 24 h.
    hours, mm = [0, 12, 24, 36, 48], [3.0, 4.0, 6.0, 1.0, 8.0]
    found = _rain_at(tmp_path, hours, mm)
    assert list(found.values())[:2] == [6.0, 8.0]
    assert np.isnan(found["2020-07-03"])
    # The Climate Data Store's own way to days: only the steps of 00 UTC, each the day before's sum.
    found = _rain_at(tmp_path, [0, 24, 48], [3.0, 6.0, 8.0])
    assert (found["2020-07-01"], found["2020-07-02"]) == (6.0, 8.0)
    assert np.isnan(found["2020-07-03"])
    # A step a day at another hour is no day's rain.
    assert np.isnan(list(_rain_at(tmp_path, [6, 30], [1.0, 2.0]).values())).all()
    # Sums that say they are sums are those of their own day.
    found = _rain_at(tmp_path, [0, 24], [6.0, 8.0], cell_methods="time: sum")
    assert found == {"2020-07-01": 6.0, "2020-07-02": 8.0}


def test_lprm_is_percent_lies_on_its_side_and_has_its_day_in_its_name(tmp_path, rng):
    for name in ("LPRM-AMSR2_L3_A_SOILM3_V001_20200702010203.nc4",):
        percent = rng.uniform(2, 60, (3, 2)).astype("float32")
        xr.Dataset(
            {"soil_moisture_c1": (("Longitude", "Latitude"), percent, {"units": "percent"})},
            {
                "Longitude": ("Longitude", [90.0, 90.25, 90.5], {"units": "degrees_east"}),
                "Latitude": ("Latitude", [33.0, 33.25], {"units": "degrees_north"}),
            },
        ).to_netcdf(tmp_path / name)
    found = open_product(tmp_path, "amsr2")
    assert found["time"].values.tolist() == [pd.Timestamp("2020-07-02").value]
    assert found["y"].values.tolist() == [33.25, 33.0]
    np.testing.assert_allclose(found["soil_moisture"][0], percent.T[::-1] / 100, rtol=1e-6)


def test_two_overpasses_of_one_day_are_averaged(tmp_path):
    for hour, value in ((1, 0.2), (13, 0.3)):
        xr.Dataset(
            {"smc": (("time", "y", "x"), np.full((1, 2, 2), value), {"units": "m3 m-3"})},
            {
                "time": [pd.Timestamp(2020, 7, 1, hour)],
                "y": ("y", [33.1, 33.0], {"units": "degrees_north"}),
                "x": ("x", [91.0, 91.1], {"units": "degrees_east"}),
            },
        ).to_netcdf(tmp_path / f"pass{hour}.nc")
    found = open_product(tmp_path, "amsr2")
    assert found["time"].values.tolist() == [pd.Timestamp("2020-07-01").value]
    np.testing.assert_allclose(found["soil_moisture"], 0.25)


def test_smap_granules_lie_on_ease_grid_2_and_go_by_the_bits_of_the_manual(smap_36km):
    path, stored = smap_36km
    found = open_product(path, "smap").load()
    assert found.sizes == {"time": 1, "y": 406, "x": 964}
    good = {}
    for half in ("am", "pm"):
        accepted = np.isin(stored[f"retrieval_qual_flag_{half}"], [0, 8, 10])
        good[half] = np.where(accepted, stored[f"soil_moisture_{half}"], np.nan)
        np.testing.assert_array_equal(found[f"soil_moisture_{half}"][0], good[half])
        for side in ("h", "v"):
            accepted = np.isin(stored[f"tb_qual_flag_{side}_{half}"], [0, 8, 10])
            expected = np.where(accepted, stored[f"tb_{side}_corrected_{half}"], np.nan)
            np.testing.assert_array_equal(found[f"tb_{side}_{half}"][0], expected)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        mean = np.nanmean([good["am"], good["pm"]], axis=0)
    np.testing.assert_allclose(found["soil_moisture"][0], mean, rtol=1e-6)
    # The corner as NSIDC states it for the 36 km grid.
    to_ground = pyproj.Transformer.from_crs(
        found["spatial_ref"].attrs["crs_wkt"], "EPSG:4326", always_xy=True
    )
    lon, lat = to_ground.transform(found["x"].values[0], found["y"].values[0])
    assert lat == pytest.approx(83.63197, abs=1e-5)
    assert lon == pytest.approx(-179.81328, abs=1e-5)
    only = open_product(path, "smap", bands=["soil_moisture"], quality="usable")
    assert list(only.data_vars) == ["soil_moisture"]
    lenient = np.nan_to_num(stored["soil_moisture_am"], nan=-1)
    has = lenient >= 0
    alone = has & np.isnan(stored["soil_moisture_pm"])
    np.testing.assert_array_equal(only["soil_moisture"].values[0][alone], lenient[alone])


def test_smap_granules_without_their_flags_are_refused(tmp_path):
    path = tmp_path / "SMAP_L3_SM_P_20200703_R19240_001.h5"
    with netCDF4.Dataset(path, "w") as file:
        for half in ("AM", "PM"):
            group = file.createGroup(f"Soil_Moisture_Retrieval_Data_{half}")
            group.createDimension("rows", 406)
            group.createDimension("columns", 964)
            group.createVariable("soil_moisture", "f4", ("rows", "columns"))
    with pytest.raises(LocalProductError, match="has no retrieval_qual_flag and no tb_qual"):
        open_product(path, "smap")
    with netCDF4.Dataset(tmp_path / "other.h5", "w") as file:
        file.createGroup("Geophysical_Data")
    with pytest.raises(LocalProductError, match="no group Soil_Moisture_Retrieval_Data_AM"):
        open_product(tmp_path / "other.h5", "smap")


def test_projected_files_keep_their_reference_system(tmp_path, rng):
    x, y = 500000 + 1000 * np.arange(5.0), 3650000 + 1000 * np.arange(4.0)
    data = xr.DataArray(
        rng.uniform(0.1, 0.4, (1, 4, 5)),
        coords={"time": TIME[:1], "northing": y, "easting": x},
        dims=("time", "northing", "easting"),
        attrs={"units": "m3/m3"},
        name="soil_moisture",
    ).rename(northing="y", easting="x")
    data = data.rio.write_crs("EPSG:32646").rename(y="northing", x="easting")
    data.to_dataset().to_netcdf(tmp_path / "utm.nc")
    found = open_product(tmp_path / "utm.nc", "smap_sentinel1")
    assert found["y"].values.tolist() == y[::-1].tolist()
    np.testing.assert_array_equal(found["soil_moisture"], data.values[:, ::-1])
    assert found["soil_moisture"].rio.crs.to_epsg() == 32646
    to_ground = pyproj.Transformer.from_crs("EPSG:32646", "EPSG:4326", always_xy=True)
    lon, lat = to_ground.transform(x[2], y[1])
    near = open_product(
        tmp_path / "utm.nc",
        "smap_sentinel1",
        region=(lon - 1e-5, lat - 1e-5, lon + 1e-5, lat + 1e-5),
    ).load()
    assert near["soil_moisture"].values.tolist() == [[[data.values[0, 1, 2]]]]


def test_attributes_tell_the_axes_before_names_do(tmp_path):
    # A trap: the dimension "x" runs north.
    xr.Dataset(
        {
            "sm": (("t", "x", "y"), [[[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]]], {"units": "m3 m-3"}),
            "flag": (("t", "x", "y"), np.zeros((1, 2, 3))),
        },
        {
            "t": ("t", TIME[:1], {"standard_name": "time"}),
            "x": ("x", [33.0, 34.0], {"standard_name": "latitude", "units": "degrees_north"}),
            "y": ("y", [90.0, 91.0, 92.0], {"standard_name": "longitude", "units": "degrees_east"}),
        },
    ).to_netcdf(tmp_path / "trap.nc")
    found = open_product(tmp_path / "trap.nc", "c3s_sm")
    assert found["y"].values.tolist() == [34.0, 33.0]
    np.testing.assert_array_equal(found["soil_moisture"], [[[0.4, 0.5, 0.6], [0.1, 0.2, 0.3]]])


@given(
    order=st.permutations(("time", "lat", "lon")),
    north_up=st.booleans(),
    east=st.sampled_from(["-180", "360"]),
    single=st.booleans(),
)
@settings(
    max_examples=24, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_the_layout_of_a_file_does_not_change_what_is_where(
    tmp_path_factory, order, north_up, east, single
):
    lat, lon = np.array([10.0, 10.5, 11.0]), np.array([-1.0, -0.5, 0.0, 0.5])
    value = (lat[:, None] / 100 + lon[None, :] / 100)[None] + np.array([0.1, 0.2])[:, None, None]
    data = xr.DataArray(value, {"time": TIME, "lat": lat, "lon": lon}, ("time", "lat", "lon"))
    if north_up:
        data = data.isel(lat=slice(None, None, -1))
    if east == "360":
        data = data.assign_coords(lon=data["lon"] % 360).sortby("lon")
    if single:
        data = data.assign_coords(lat=data["lat"].astype("f4"), lon=data["lon"].astype("f4"))
    path = tmp_path_factory.mktemp("layout") / "a.nc"
    data = data.transpose(*order).assign_attrs(units="m3 m-3")
    data.to_dataset(name="soil_moisture").to_netcdf(path)
    found = open_product(path, "amsr2")["soil_moisture"]
    assert found["y"].values.tolist() == [11.0, 10.5, 10.0]
    assert found["x"].values.tolist() == [-1.0, -0.5, 0.0, 0.5]
    np.testing.assert_array_equal(found, value[:, ::-1])


def test_what_was_written_is_read_again_under_its_name(cci, tmp_path):
    found = open_product(cci[0], "esa_cci_sm")
    found.to_netcdf(tmp_path / "again.nc")
    again = open_product(tmp_path / "again.nc", "esa_cci_sm")
    xr.testing.assert_equal(again.drop_vars("spatial_ref"), found.drop_vars("spatial_ref"))
    # A product without files of its own goes by the name that its file carries.
    other = found.rename(soil_moisture="ndvi")[["ndvi"]].assign_attrs(product="modis_ndvi")
    other["ndvi"].attrs["units"] = "1"
    other.to_netcdf(tmp_path / "ndvi.nc")
    ndvi = open_product(tmp_path / "ndvi.nc", "modis_ndvi", bands=["ndvi"])
    np.testing.assert_array_equal(ndvi["ndvi"], found["soil_moisture"])
    with pytest.raises(LocalProductError, match="holds the product 'modis_ndvi', not 'modis_lai'"):
        open_product(tmp_path / "ndvi.nc", "modis_lai")


def _one(tmp_path, name="sm", attrs=None, time=TIME[:1], **coords):
    y = coords.pop("y", ("y", [33.0, 34.0], {"units": "degrees_north"}))
    x = coords.pop("x", ("x", [90.0, 91.0], {"units": "degrees_east"}))
    attributes = {"units": "m3 m-3"} if attrs is None else attrs
    path = tmp_path / "one.nc"
    xr.Dataset(
        {name: (("time", "y", "x"), np.full((len(time), 2, 2), 0.2), attributes)},
        {"time": time, "y": y, "x": x, **coords},
    ).to_netcdf(path)
    return path


@pytest.mark.parametrize(
    ("options", "product", "message"),
    [
        ({"name": "moisture"}, "amsr2", "has the variables moisture; expected soil_moisture (as"),
        ({"name": "smc", "attrs": {"units": "dB"}}, "amsr2", "'smc' is in 'dB'; expected m3 m-3"),
        ({"name": "smc", "attrs": {}}, "amsr2", "states no units; expected m3 m-3"),
        (
            {"attrs": {"units": "percent", "long_name": "Percent of Saturation Soil Moisture"}},
            "c3s_sm",
            "share of saturation",
        ),
        ({}, "esa_cci_sm", "has no flag 'flag'"),
        (
            {"name": "smc", "y": ("y", [0.0, 1e5], {"units": "m"})},
            "amsr2",
            "no grid mapping, and y, x are not in degrees",
        ),
        ({"name": "smc", "time": TIME[[0, 0]]}, "era5_land", "has the variables smc; expected"),
    ],
)
def test_messages_say_what_was_found_and_expected(tmp_path, options, product, message):
    path = _one(tmp_path, **options)
    with pytest.raises(LocalProductError, match=re.escape(message)):
        open_product(path, product, quality="good" if product == "esa_cci_sm" else "none")


def test_files_that_do_not_fit_together_are_named(tmp_path, cci):
    folder, *_ = cci
    first = sorted(folder.glob("*.nc"))[0]
    with pytest.raises(LocalProductError, match="1 times are there twice, the first 2019-07-01"):
        open_product([first, first], "esa_cci_sm")
    shifted = xr.open_dataset(first).assign_coords(lon=[80.0, 80.25, 80.5])
    shifted["lon"].attrs["units"] = "degrees_east"
    shifted = shifted.assign_coords(time=pd.date_range("2019-08-01", periods=1))
    shifted.to_netcdf(tmp_path / "shifted.nc")
    with pytest.raises(LocalProductError, match="x differs between files"):
        open_product([first, tmp_path / "shifted.nc"], "esa_cci_sm")


def test_wrong_requests(tmp_path, cci):
    folder, *_ = cci
    with pytest.raises(LocalProductError, match="no such file or folder"):
        open_product(tmp_path / "absent*.nc", "esa_cci_sm")
    (tmp_path / "empty").mkdir()
    with pytest.raises(LocalProductError, match=r"holds no \*\.nc"):
        open_product(tmp_path / "empty", "esa_cci_sm")
    (tmp_path / "junk.nc").write_bytes(b"junk")
    with pytest.raises(LocalProductError, match="cannot be read as NetCDF or Zarr"):
        open_product(tmp_path / "junk.nc", "esa_cci_sm")
    with pytest.raises(LocalProductError, match="did you mean esa_cci_sm"):
        open_product(folder, "esa_cci")
    with pytest.raises(LocalProductError, match="no band 'sm'; choose from soil_moisture"):
        open_product(folder, "esa_cci_sm", bands=["sm"])
    with pytest.raises(LocalProductError, match="no time from 2018-01-01"):
        open_product(folder, "esa_cci_sm", start="2018-01-01", end="2018-02-01")
    with pytest.raises(LocalProductError, match="they do not meet"):
        open_product(folder, "esa_cci_sm", region=(0, 0, 1, 1))
    with pytest.raises(ValueError, match="west, south, east, north"):
        open_product(folder, "esa_cci_sm", region=(10, 0, 1, 1))
    with pytest.raises(ValueError, match="must end after it starts"):
        open_product(folder, "esa_cci_sm", start="2020-01-02", end="2020-01-01")
    with pytest.raises(ValueError, match="quality 'best' is unknown"):
        open_product(folder, "esa_cci_sm", quality="best")


def test_swaths_and_other_calendars_are_refused(tmp_path):
    swath = xr.Dataset(
        {"smc": (("time", "row", "col"), np.zeros((1, 2, 2)), {"units": "m3 m-3"})},
        {
            "time": TIME[:1],
            "lat": (("row", "col"), np.zeros((2, 2))),
            "lon": (("row", "col"), np.zeros((2, 2))),
        },
    )
    swath.to_netcdf(tmp_path / "swath.nc")
    with pytest.raises(LocalProductError, match=r"no y and no x coordinate .* are a swath"):
        open_product(tmp_path / "swath.nc", "amsr2")
    path = _one(
        tmp_path,
        "smc",
        time=xr.date_range("2020-07-01", periods=2, calendar="360_day", use_cftime=True),
    )
    with pytest.raises(LocalProductError, match="calendar '360_day'; expected standard"):
        open_product(path, "amsr2")


@pytest.mark.realdata
def test_a_real_gldas_granule(shared_data):
    folder = shared_data / "TUW-GEO__rs_data_readers-test-data/img2ts_test/netcdf/2016/001"
    found = open_product(folder, "gldas")
    assert found["time"].values.tolist() == [pd.Timestamp("2016-01-01T03:00").value]
    with netCDF4.Dataset(next(folder.glob("*.nc4"))) as file:
        for name, layer, mass in (
            ("soil_moisture_0_10cm", "SoilMoi0_10cm_inst", 100.0),
            ("soil_moisture_10_40cm", "SoilMoi10_40cm_inst", 300.0),
        ):
            expected = file[layer][0].filled(np.nan)[::-1] / mass
            np.testing.assert_allclose(found[name][0], expected, rtol=1e-6)
        np.testing.assert_array_equal(found["y"], file["lat"][:][::-1])
        # NASA's bounds are the ones given, and its states are of the moment there too.
        stored = netCDF4.num2date(file["time_bnds"][0], file["time"].units).tolist()
        assert [pd.Timestamp(str(moment)) for moment in stored] == [
            pd.Timestamp(moment) for moment in found["time_bnds"].values[0]
        ]
        told = file["SoilMoi0_10cm_inst"].cell_methods
        assert found["soil_moisture_0_10cm"].attrs["cell_methods"] == told
    with pytest.raises(LocalProductError, match="expected soil_moisture_40_100cm"):
        open_product(folder, "gldas", bands=["soil_moisture_40_100cm"])


@pytest.mark.realdata
def test_a_real_era5_land_file_on_its_native_grid(shared_data):
    path = shared_data / "ErikKusch__KrigR/inst/extdata/CentralNorway.nc"
    found = open_product(path, "era5_land", region=(5.0, 63.0, 6.0, 64.0))
    raw = rioxarray.open_rasterio(path, mask_and_scale=True)
    cut = raw.sel(x=slice(4.94, 6.06), y=slice(64.06, 62.94))
    np.testing.assert_array_equal(found["temperature_2m"], cut)
    np.testing.assert_allclose(found["x"], cut["x"], atol=1e-5)
    np.testing.assert_allclose(found["y"], cut["y"], atol=1e-5)
    assert found["temperature_2m"].attrs["units"] == "K"


def test_zarr_stores_are_products_too(cci, tmp_path):
    pytest.importorskip("zarr")
    found = open_product(cci[0], "esa_cci_sm")
    found.to_zarr(tmp_path / "cci.zarr")
    again = open_product(tmp_path / "cci.zarr", "esa_cci_sm")
    np.testing.assert_array_equal(again["soil_moisture"], found["soil_moisture"])
