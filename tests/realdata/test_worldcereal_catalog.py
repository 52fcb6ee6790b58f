"""The real square kilometre in the catalog, against the file it came from."""

from __future__ import annotations

import numpy as np
import pystac
import pytest
import rasterio
import xarray as xr
from pyproj import Transformer

pytestmark = pytest.mark.realdata


@pytest.fixture(scope="module")
def cube(worldcereal_file):
    with xr.open_dataset(worldcereal_file) as opened:
        return opened.load()


@pytest.fixture(scope="module")
def root(worldcereal_catalog):
    return pystac.Catalog.from_file(str(worldcereal_catalog / "catalog.json"))


def test_every_month_is_there(root):
    for asset in ("COPERNICUS/S1_GRD_FLOAT", "COPERNICUS/S2_SR_HARMONIZED"):
        names = sorted(item.id for item in root.get_child(asset).get_items())
        assert names[0] == "20201101"
        assert names[-1] == "20211001"
        assert len(names) == 12
    for found in [root, *root.get_children(), *root.get_items(recursive=True)]:
        # pystac carries the core schemas; those of the extensions are on the web only.
        found.stac_extensions = []
        assert found.validate()


def test_power_is_the_stated_decibel(worldcereal_catalog, cube):
    dn = cube["S1-SIGMA0-VV"].sel(t="2021-07-01").values.astype(float)
    with rasterio.open(worldcereal_catalog / "COPERNICUS__S1_GRD_FLOAT/20210701/VV.tif") as file:
        power = file.read(1)
    np.testing.assert_allclose(10 * np.log10(power), 20 * np.log10(dn) - 83, atol=1e-5)
    assert -11 < 10 * np.log10(power).mean() < -8


def test_optical_bands_keep_their_numbers_and_gaps(worldcereal_catalog, cube):
    folder = worldcereal_catalog / "COPERNICUS__S2_SR_HARMONIZED"
    with rasterio.open(folder / "20210801/B8.tif") as file:
        np.testing.assert_array_equal(file.read(1), cube["S2-L2A-B08"].sel(t="2021-08-01"))
    for month in ("20201201", "20210101"):
        with rasterio.open(folder / month / "B8.tif") as file:
            assert not file.dataset_mask().any()
        with rasterio.open(folder / month / "SCL.tif") as file:
            assert not file.dataset_mask().any()


def test_pixels_are_where_the_file_has_them(worldcereal_catalog, cube):
    with rasterio.open(worldcereal_catalog / "USGS__SRTMGL1_003/SRTMGL1_003/elevation.tif") as file:
        assert file.xy(0, 0) == (cube["x"][0], cube["y"][0])
        assert file.xy(99, 99) == (cube["x"][-1], cube["y"][-1])
        assert 140 < file.read(1).min() < file.read(1).max() < 175


def test_the_region_lies_inside(root, cube):
    to_metres = Transformer.from_crs(4326, 32631, always_xy=True)
    west, south, east, north = root.extra_fields["gee_sm:region"]
    x, y = to_metres.transform([west, east, west, east], [south, south, north, north])
    assert cube["x"].values.min() < min(x) < max(x) < cube["x"].values.max()
    assert cube["y"].values.min() < min(y) < max(y) < cube["y"].values.max()
    assert max(x) - min(x) > 600
