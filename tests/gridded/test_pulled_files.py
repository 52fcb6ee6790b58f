"""What a pull wrote is read again as if it came from Earth Engine."""

from __future__ import annotations

import numpy as np
import pytest

from gee_sm import pull
from gee_sm.emulator import connect_client
from local_core.gridded import LocalProductError, at_points, open_product

PERIOD = ("2019-07-01", "2019-08-01")
REGION = (92.0, 32.3, 92.3, 32.5)


@pytest.mark.parametrize(
    ("product", "band"),
    [
        ("smap", "soil_moisture"),
        ("era5_land", "soil_moisture_0_7cm"),
        ("modis_ndvi", "ndvi"),
    ],
)
def test_cubes_come_back(coarse_sample, tmp_path, product, band):
    places = {"S": (92.15, 32.4)}
    with connect_client(coarse_sample):
        cube = pull.cube(product, *PERIOD, region=REGION, bands=[band], cache=False).load()
        expected = pull.stations(product, places, *PERIOD, bands=[band], cache=False)
    cube.to_netcdf(tmp_path / "cube.nc")
    found = open_product(tmp_path / "cube.nc", product)
    np.testing.assert_array_equal(found[band], cube[band].transpose("time", "y", "x"))
    for axis in ("time", "y", "x"):
        np.testing.assert_array_equal(found[axis], cube[axis])
    series = at_points(found, {"station": ["S"], "latitude": [32.4], "longitude": [92.15]})
    np.testing.assert_array_equal(series[band], expected[band].transpose("station", "time"))
    with pytest.raises(LocalProductError, match="expected precipitation"):
        open_product(tmp_path / "cube.nc", "chirps")
