"""The same pull on Google's servers; run with ``GEE_SM_PROJECT`` set and credentials stored."""

from __future__ import annotations

import os

import numpy as np
import pytest

import gee_sm
from gee_sm import pull

PLACES = {"Naqu": (92.0, 31.4), "Maqu": (102.1, 33.9), "Ali": (80.1, 32.5)}

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(not os.environ.get("GEE_SM_PROJECT"), reason="GEE_SM_PROJECT is not set"),
]


@pytest.mark.parametrize(
    ("product", "band"), [("smap", "soil_moisture"), ("era5_land", "soil_moisture_0_7cm")]
)
def test_series_and_cube_agree_on_google(product, band):
    asked = {"bands": [band], "cache": False}
    gee_sm.connect(os.environ["GEE_SM_PROJECT"])
    series = pull.stations(product, PLACES, "2019-07-01", "2019-08-01", **asked)
    assert series.sizes == {"station": 3, "time": 31, "nv": 2}
    assert series[band].notnull().mean() > 0.2
    for name, (longitude, latitude) in PLACES.items():
        region = (longitude - 0.2, latitude - 0.2, longitude + 0.2, latitude + 0.2)
        cube = pull.cube(product, "2019-07-01", "2019-08-01", region=region, **asked).compute()
        one = series.sel(station=name)
        at = cube.sel(x=one["pixel_longitude"], y=one["pixel_latitude"], method="nearest")
        np.testing.assert_array_equal(one[band], at[band])
        np.testing.assert_array_equal(one["status"], at["status"])
