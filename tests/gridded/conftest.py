"""Files as the providers lay them out, small and with known numbers."""

from __future__ import annotations

import netCDF4
import numpy as np
import pandas as pd
import pytest
import xarray as xr

LAT = np.array([34.125, 33.875, 33.625, 33.375])
LON = np.array([90.875, 91.125, 91.375])


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(11)


@pytest.fixture
def cci(tmp_path, rng):
    """ESA CCI, one file a day: stored numbers and flags by day, and their folder."""
    moisture = rng.uniform(0.05, 0.5, (3, 4, 3)).astype("float32")
    flags = rng.choice([0, 0, 1, 2, 127], (3, 4, 3)).astype("int8")
    for i, day in enumerate(pd.date_range("2019-07-01", periods=3)):
        path = tmp_path / "cci" / f"ESACCI-SOILMOISTURE-L3S-SSMV-COMBINED-{day:%Y%m%d}000000.nc"
        path.parent.mkdir(exist_ok=True)
        dims = ("time", "lat", "lon")
        stored = moisture[i : i + 1].copy()
        stored[0, 0, 0] = -9999.0
        data = xr.Dataset(
            {
                "sm": (dims, stored, {"units": "m3 m-3", "long_name": "Volumetric Soil Moisture"}),
                "sm_uncertainty": (dims, stored * 0.1, {"units": "m3 m-3"}),
                "flag": (dims, flags[i : i + 1], {"long_name": "Flag"}),
                "t0": (dims, np.full((1, 4, 3), 18000.0), {"units": "days"}),
            },
            {
                "time": ("time", [(day - pd.Timestamp("1970-01-01")).days]),
                "lat": ("lat", LAT.astype("float32"), {"units": "degrees_north"}),
                "lon": ("lon", LON.astype("float32"), {"units": "degrees_east"}),
            },
        )
        data["time"].attrs["units"] = "days since 1970-01-01 00:00:00 UTC"
        data["sm"].encoding["_FillValue"] = np.float32(-9999.0)
        data["flag"].encoding["_FillValue"] = np.int8(127)
        data.to_netcdf(path)
    moisture[:, 0, 0] = np.nan
    return path.parent, moisture, flags


@pytest.fixture
def era5_land(tmp_path, rng):
    """ERA5-Land by the hour, in a file a month: the whole as one Dataset, and its folder."""
    time = pd.date_range("2020-06-30T00:00", "2020-07-03T00:00", freq="h")
    shape = (time.size, 3, 4)
    hourly = rng.exponential(0.001, shape)
    # An hour's amount ends at its stamp; the sum starts anew after 00 UTC.
    total = np.empty(shape)
    for i, moment in enumerate(time):
        total[i] = hourly[i] + (0 if moment.hour == 1 or i == 0 else total[i - 1])
    dims = ("valid_time", "latitude", "longitude")
    data = xr.Dataset(
        {
            "swvl1": (dims, rng.uniform(0.1, 0.4, shape), {"units": "m**3 m**-3"}),
            "stl1": (dims, rng.uniform(270, 290, shape), {"units": "K"}),
            "tp": (dims, total, {"units": "m"}),
        },
        {
            "valid_time": time,
            "latitude": ("latitude", [33.2, 33.1, 33.0], {"units": "degrees_north"}),
            "longitude": ("longitude", [359.8, 359.9, 0.0, 0.1], {"units": "degrees_east"}),
            "number": 0,
            "expver": ("valid_time", np.full(time.size, "0001")),
        },
    )
    folder = tmp_path / "era5"
    folder.mkdir()
    june = time < "2020-07-01"
    data.isel(valid_time=june).to_netcdf(folder / "june.nc")
    data.isel(valid_time=~june).to_netcdf(folder / "july.nc")
    return folder, data, hourly


@pytest.fixture
def smap_36km(tmp_path, rng):
    """A day of SPL3SMP as NSIDC distributes it, global: arrays by name, and the file."""
    shape = (406, 964)
    path = tmp_path / "SMAP_L3_SM_P_20200703_R19240_001.h5"
    arrays = {}
    with netCDF4.Dataset(path, "w") as file:
        for half, suffix in (("AM", ""), ("PM", "_pm")):
            group = file.createGroup(f"Soil_Moisture_Retrieval_Data_{half}")
            group.createDimension("rows", shape[0])
            group.createDimension("columns", shape[1])
            group.createDimension("classes", 3)
            cover = group.createVariable(
                f"landcover_class{suffix}", "u1", ("rows", "columns", "classes")
            )
            cover[:] = 10
            for name, low, high in (
                ("soil_moisture", 0.02, 0.5),
                ("tb_h_corrected", 180, 280),
                ("tb_v_corrected", 200, 290),
                ("vegetation_water_content", 0, 5),
            ):
                values = rng.uniform(low, high, shape).astype("float32")
                values[rng.random(shape) < 0.2] = -9999.0
                stored = group.createVariable(
                    f"{name}{suffix}", "f4", ("rows", "columns"), fill_value=-9999.0
                )
                stored[:] = values
                arrays[f"{name}_{half.lower()}"] = np.where(values == -9999, np.nan, values)
            for name in ("retrieval_qual_flag", "tb_qual_flag_h", "tb_qual_flag_v"):
                # 8 and 10: recommended, with other bits set; 1, 7: not recommended.
                words = rng.choice([0, 8, 10, 1, 7, 65534], shape).astype("uint16")
                stored = group.createVariable(
                    f"{name}{suffix}", "u2", ("rows", "columns"), fill_value=65534
                )
                stored[:] = words
                arrays[f"{name}_{half.lower()}"] = words
    return path, arrays
