"""Networks and series the tests of bias correction share."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import xarray as xr

from local_core.stations import LAYER_SETS, layered_stations
from local_core.synthetic.stations import SyntheticStations, synthetic_stations


@pytest.fixture(scope="session")
def network() -> SyntheticStations:
    """Eight years of nine stations with a planted difference."""
    return synthetic_stations(seed=11, n_years=8, stations_per_type=3)


@pytest.fixture(scope="session")
def observed(network: SyntheticStations) -> xr.Dataset:
    """The same stations as measured, on the layers of ERA5-Land."""
    stations = network.stations.assign_coords(elevation=("station", np.full(9, 4500.0)))
    return layered_stations(stations, LAYER_SETS["era5-land"])


@pytest.fixture
def series() -> Callable[..., xr.DataArray]:
    """Build a daily DataArray (..., time)."""

    def build(values, *, start: str = "2004-01-01", dims=None) -> xr.DataArray:
        values = np.asarray(values, dtype=float)
        time = np.datetime64(start, "ns") + np.arange(values.shape[-1]) * np.timedelta64(1, "D")
        dims = dims or (*[f"d{i}" for i in range(values.ndim - 1)], "time")
        return xr.DataArray(values, dims=dims, coords={"time": time})

    return build
