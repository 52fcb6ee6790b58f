"""A real Sentinel-1 scene (southern France, 2015, terrain-normalised sigma0 in dB, 20 m)."""

from __future__ import annotations

import ee
import numpy as np
import pytest
import rasterio

from gee_sm.emulator.catalog import CatalogWriter
from gee_sm.emulator.client import connect_client
from gee_sm.sentinel1.decibel import to_decibel, to_power
from gee_sm.sentinel1.refined_lee import refined_lee

FILE = "johntruckenbrodt__pyroSAR/tests/data/S1A__IW___A_20150309T173017_VV_grd_mli_geo_norm_db.tif"
ASSET = "projects/test/assets/real_scene"


@pytest.mark.realdata
def test_graph_equals_twin_on_a_real_scene(shared_data, tmp_path, twin):
    file = shared_data / FILE
    if not file.exists():
        pytest.skip(f"{file} is absent")
    with rasterio.open(file) as source:
        decibel = source.read(1, masked=True).filled(np.nan)
        crs, grid = source.crs, source.transform
    with CatalogWriter(tmp_path / "catalog", title="a real scene") as catalog:
        catalog.add_image(ASSET, bands={"VV": decibel}, crs=crs, transform=grid)
    connect_client(tmp_path / "catalog")

    filtered = to_decibel(refined_lee(to_power(ee.Image(ASSET))))
    masked = -9999.0
    found = ee.data.computePixels(
        {
            "expression": filtered.unmask(masked, False),
            "fileFormat": "NUMPY_NDARRAY",
            "grid": {
                "dimensions": {"width": decibel.shape[1], "height": decibel.shape[0]},
                "affineTransform": {
                    "scaleX": grid.a,
                    "shearX": 0,
                    "translateX": grid.c,
                    "shearY": 0,
                    "scaleY": grid.e,
                    "translateY": grid.f,
                },
                "crsCode": f"EPSG:{crs.to_epsg()}",
            },
        }
    )["VV"]
    found = np.where(found == masked, np.nan, found)

    valid = np.isfinite(decibel)
    assert valid.mean() > 0.3
    power = np.where(valid, 10 ** (decibel.astype(float) / 10), 0)
    wanted = 10 * np.log10(twin.refined_lee_twin(power, valid))
    np.testing.assert_array_equal(np.isfinite(found), valid)
    np.testing.assert_allclose(found[valid], wanted[valid], atol=1e-8)
    # The filter's own promise, on real speckle: the mean stays, neighbours differ less.
    mean_before, mean_after = power[valid].mean(), np.mean(10 ** (found[valid] / 10))
    assert 10 * np.log10(mean_after / mean_before) == pytest.approx(0, abs=0.2)
    assert np.nanstd(np.diff(found, axis=1)) < 0.7 * np.nanstd(np.diff(decibel, axis=1))
