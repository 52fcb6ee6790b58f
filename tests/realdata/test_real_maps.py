"""Real scenes through the same command: only the arithmetic is judged.

WorldCereal's square kilometre is Belgium, a land without frozen winters: January against July says
nothing of its soil moisture, but every number of the map can be recomputed from the file.
"""

from __future__ import annotations

import json

import numpy as np
import pytest
import rasterio
import xarray as xr
from click.testing import CliRunner

from gee_sm.cli.map import command

pytestmark = pytest.mark.realdata

COEFFICIENTS = (0.0143, 0.186, 0.164, 0.052)


@pytest.fixture(scope="module", params=["robust", "li2025"])
def mapped(request, worldcereal_catalog, tmp_path_factory):
    out = tmp_path_factory.mktemp("belgium") / request.param
    arguments = ["--emulator", worldcereal_catalog, "--orbit", "A", "--recipe", request.param]
    result = CliRunner().invoke(
        command, [str(a) for a in (*arguments, "--out", out, "--scale", 10, "--quiet")]
    )
    assert result.exit_code == 0, result.output
    return out


def test_real_scenes_go_through(mapped, worldcereal):
    path = mapped / f"SM_{worldcereal.YEAR}_A.tif"
    with rasterio.open(path) as dataset:
        assert dataset.crs.to_epsg() == 32631
        assert dataset.res == (10, 10)
        moisture = dataset.read(1)
    assert np.isfinite(moisture).mean() > 0.2
    report = json.loads((mapped / "report.json").read_text())
    scenes = report["maps"][0]["scenes"]
    assert sum(scenes["thaw"].values()) == 2
    assert sum(scenes["freeze"].values()) >= 1
    assert "truth" not in report


def test_the_map_is_equation_7_of_the_file(worldcereal, worldcereal_file, worldcereal_catalog):
    """Without filter and masks the map is plain arithmetic, done here on the file itself."""
    import dataclasses

    import ee

    from gee_sm.emulator import connect_client
    from gee_sm.retrieval.product import soil_moisture_image
    from gee_sm.retrieval.recipes import LI2025

    plain = dataclasses.replace(
        LI2025,
        name="plain",
        threshold="none",
        speckle_filter=False,
        slope_model="none",
        angle_slope_ascending=None,
        layover_buffer_m=0.0,
        mask_negative_difference=False,
        water_ndwi=None,
        excluded_classes=(),
    )
    connect_client(worldcereal_catalog)
    root = json.loads((worldcereal_catalog / "catalog.json").read_text())
    image = soil_moisture_image(
        region=ee.Geometry.Rectangle(root["gee_sm:region"], None, False),
        year=worldcereal.YEAR,
        orbit="A",
        recipe=plain,
        scale_m=10,
    )
    cube = xr.open_dataset(worldcereal_file).load()
    x, y = cube["x"].values, cube["y"].values
    grid = {
        "dimensions": {"width": 100, "height": 100},
        "affineTransform": {
            "scaleX": 10, "shearX": 0, "translateX": float(x[0] - 5),
            "shearY": 0, "scaleY": -10, "translateY": float(y[0] + 5),
        },
        "crsCode": "EPSG:32631",
    }  # fmt: skip
    request = image.select("soil_moisture").unmask(-9, False)
    found = ee.data.computePixels(
        {"expression": request, "fileFormat": "NUMPY_NDARRAY", "grid": grid}
    )["soil_moisture"]

    months = cube["t"].dt.month.values
    power = worldcereal.power_of(cube["S1-SIGMA0-VV"].values)
    db = 10 * np.log10(power)

    def index(first: str, second: str, step: int) -> np.ndarray:
        a, b = (cube[f"S2-L2A-{code}"].values[step].astype(float) for code in (first, second))
        bad = (a == 65535) | (b == 65535)
        return np.where(bad, np.nan, (a - b) / np.where(a + b == 0, 1, a + b))

    summer = [i for i, month in enumerate(months) if month in (7, 8)]
    winter = [i for i, month in enumerate(months) if month in (1, 2)]
    freeze = np.nanmean(db[winter], axis=0)
    a, b, c, d = COEFFICIENTS
    retrieved = [
        a * (db[i] - freeze) + b * index("B08", "B04", i) + c * index("B08", "B11", i) + d
        for i in summer
    ]
    expected = np.mean(retrieved, axis=0)
    inside = (found != -9) & np.isfinite(expected)
    inside[:10] = inside[-10:] = inside[:, :10] = inside[:, -10:] = False
    assert inside.sum() > 3000
    np.testing.assert_allclose(found[inside], expected[inside], atol=2e-6)


def test_a_real_scene_through_the_refined_lee_filter(shared_data, tmp_path):
    import importlib.util
    from pathlib import Path

    import ee

    from gee_sm.emulator import connect_client
    from gee_sm.emulator.catalog import CatalogWriter
    from gee_sm.sentinel1.refined_lee import refined_lee

    spec = importlib.util.spec_from_file_location(
        "refined_lee_twin_of_real_scenes",
        Path(__file__).parents[1] / "sentinel1" / "refined_lee_twin.py",
    )
    twin = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(twin)

    (path,) = (shared_data / "johntruckenbrodt__pyroSAR").rglob("*_db.tif")
    with rasterio.open(path) as dataset:
        decibel = dataset.read(1, masked=True)
        transform, crs = dataset.transform, f"EPSG:{dataset.crs.to_epsg()}"
    power = np.where(decibel.mask, np.nan, 10 ** (decibel.filled(0).astype(float) / 10))
    with CatalogWriter(tmp_path / "catalog", title="pyroSAR scene") as writer:
        writer.add_image(
            "REAL/SCENE",
            bands={"VV": power.astype(np.float32)},
            crs=crs,
            transform=transform,
            nodata=np.nan,
        )
    stored = power.astype(np.float32).astype(float)
    connect_client(tmp_path / "catalog")
    filtered = refined_lee(ee.Image("REAL/SCENE").select("VV"))
    height, width = stored.shape
    found = ee.data.computePixels(
        {
            "expression": filtered.toDouble().unmask(-9, False),
            "fileFormat": "NUMPY_NDARRAY",
            "grid": {
                "dimensions": {"width": width, "height": height},
                "affineTransform": {
                    "scaleX": transform.a, "shearX": 0, "translateX": transform.c,
                    "shearY": 0, "scaleY": transform.e, "translateY": transform.f,
                },
                "crsCode": crs,
            },
        }
    )["VV"]  # fmt: skip
    expected = twin.refined_lee_twin(stored, np.isfinite(stored))
    np.testing.assert_array_equal(found == -9, np.isnan(expected))
    good = np.isfinite(expected)
    assert good.sum() > 40_000
    np.testing.assert_allclose(found[good], expected[good], rtol=1e-6)
    assert found[good].mean() == pytest.approx(stored[good].mean(), rel=0.05)
