"""Stations with known errors, as the station files and tables a user has."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from local_core.validation import StationSeries

NETWORKS = {"N1": "Naqu", "N2": "Naqu", "N3": "Naqu", "M1": "Maqu", "M2": "Maqu", "M3": "Maqu"}
BIAS = {"Naqu": 0.05, "Maqu": -0.03}


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(34)


@pytest.fixture
def days() -> pd.DatetimeIndex:
    return pd.date_range("2019-01-01", "2020-12-31")


@pytest.fixture
def station_file(rng, days, tmp_path):
    """NetCDF in the form of ``gee-sm stations``: (station, depth, time), 10 % gaps."""
    names = [f"{network}/{name}" for name, network in NETWORKS.items()]
    season = 0.1 * np.sin(2 * np.pi * (days.day_of_year.to_numpy() - 100) / 365)
    moisture = 0.25 + season + rng.normal(0, 0.03, (6, 2, days.size))
    moisture[rng.random(moisture.shape) < 0.1] = np.nan
    frozen = np.broadcast_to((days.month.to_numpy() < 4).astype(np.int8), moisture.shape)
    dataset = xr.Dataset(
        {
            "soil_moisture": (("station", "depth", "time"), moisture, {"units": "m3 m-3"}),
            "frozen": (
                ("station", "depth", "time"),
                frozen,
                {"flag_values": np.int8([-1, 0, 1]), "flag_meanings": "unknown thawed frozen"},
            ),
        },
        coords={
            "station": names,
            "depth": [0.05, 0.2],
            "time": days,
            "network": ("station", list(NETWORKS.values())),
            "land_cover": ("station", ["meadow", "steppe", "", "meadow", "meadow", "steppe"]),
            "latitude": ("station", 31.0 + 0.3 * np.arange(6)),
            "longitude": ("station", 91.0 + 0.3 * np.arange(6)),
        },
    )
    path = tmp_path / "stations.nc"
    dataset.to_netcdf(path)
    return path


@pytest.fixture
def estimate_file(station_file, rng, tmp_path):
    """CSV of estimates at the stations, their bias known by network, under short names."""
    dataset = xr.load_dataset(station_file)
    rows = []
    for name in dataset["station"].values:
        series = dataset["soil_moisture"].sel(station=name).isel(depth=0).to_series().dropna()
        network, short = str(name).split("/")
        noisy = series + BIAS[network] + rng.normal(0, 0.02, len(series))
        rows.append(pd.DataFrame({"station": short, "date": series.index, "sm": noisy.to_numpy()}))
    path = tmp_path / "estimate.csv"
    pd.concat(rows).to_csv(path, index=False)
    return path


@pytest.fixture
def grid_file(station_file, days, tmp_path):
    """Gridded estimate whose value at each pixel tells which pixel it is."""
    latitude, longitude = np.arange(34.0, 30.0, -0.25), np.arange(90.0, 94.0, 0.25)
    pixel = np.arange(latitude.size * longitude.size).reshape(latitude.size, longitude.size)
    values = np.broadcast_to(pixel, (days.size, *pixel.shape)).astype(np.float32)
    grid = xr.Dataset(
        {"swvl1": (("time", "lat", "lon"), values)},
        coords={"time": days, "lat": latitude, "lon": longitude},
    )
    path = tmp_path / "grid.nc"
    grid.to_netcdf(path)
    return path


@pytest.fixture
def station_series(rng, days):
    """Factory of a StationSeries from a dict of arrays."""

    def make(values, **sites):
        series = {name: pd.Series(v, days[: len(v)]) for name, v in values.items()}
        frame = pd.DataFrame(sites, index=pd.Index(list(values), name="station"))
        return StationSeries(series, frame)

    return make
