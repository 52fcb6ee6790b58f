"""Collections that the service computes from stored ones."""

from __future__ import annotations

from datetime import UTC, datetime

import ee
import numpy as np
import pytest
from affine import Affine

from gee_sm.emulator import connect_client
from gee_sm.emulator.catalog import CatalogWriter


@pytest.fixture
def sentinel1(tmp_path):
    power = np.array([[0.1, 0.01], [1.0, -0.001]], np.float32)
    with CatalogWriter(tmp_path / "s1", title="s1") as writer:
        writer.add_image(
            "COPERNICUS/S1_GRD_FLOAT",
            "scene",
            bands={"VV": power, "angle": np.full((2, 2), 38, np.float32)},
            crs="EPSG:32646",
            transform=Affine(10, 0, 500_000, 0, -10, 3_600_000),
            nodata=np.nan,
            time_start=datetime(2020, 7, 1, tzinfo=UTC),
        )
    with connect_client(tmp_path / "s1"):
        yield power


def test_decibels_come_from_power_and_the_angle_stays(sentinel1):
    image = ee.ImageCollection("COPERNICUS/S1_GRD").first()
    info = image.getInfo()
    assert info["id"] == "COPERNICUS/S1_GRD/scene"
    assert [band["id"] for band in info["bands"]] == ["VV", "angle"]
    region = ee.Geometry.Rectangle([500_000, 3_599_980, 500_020, 3_600_000], "EPSG:32646", False)
    found = image.sampleRectangle(region, defaultValue=-99).getInfo()["properties"]
    np.testing.assert_allclose(found["VV"], [[-10, -20], [0, -99]], atol=1e-6)
    np.testing.assert_array_equal(found["angle"], np.full((2, 2), 38))
    assert ee.Image("COPERNICUS/S1_GRD/scene").bandNames().getInfo() == ["VV", "angle"]
