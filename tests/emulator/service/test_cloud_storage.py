"""Files in the folder that stands for Cloud Storage, read by expressions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import ee
import numpy as np
import pytest
import rasterio
from affine import Affine

from gee_sm.emulator import Emulator, connect_client

GRID = Affine(30, 0, 500_000, 0, -30, 3_600_000)


@pytest.fixture
def bucket(tmp_path: Path) -> Iterator[Path]:
    """The folder of one bucket, which the client's emulator reads."""
    folder = tmp_path / "exports" / "gcs" / "my-bucket"
    folder.mkdir(parents=True)
    with Emulator(exports=tmp_path / "exports") as emulator, connect_client(emulator):
        yield folder


def test_a_geotiff_is_an_image(bucket: Path):
    values = np.random.default_rng(1).normal(size=(2, 12, 20)).astype(np.float32)
    values[0, 3, 4] = -9999
    options = {"driver": "GTiff", "width": 20, "height": 12, "count": 2, "dtype": "float32"}
    with rasterio.open(
        bucket / "scene.tif", "w", crs="EPSG:32646", transform=GRID, nodata=-9999, **options
    ) as file:
        file.write(values)
        file.descriptions = ("red", None)
    image = ee.Image.loadGeoTIFF("gs://my-bucket/scene.tif")
    assert image.bandNames().getInfo() == ["red", "b2"]
    assert image.projection().getInfo()["crs"] == "EPSG:32646"
    found = ee.data.computePixels(
        {
            "expression": image.unmask(-1),
            "fileFormat": "NUMPY_NDARRAY",
            "grid": {
                "dimensions": {"width": 20, "height": 12},
                "affineTransform": {
                    "scaleX": 30,
                    "scaleY": -30,
                    "translateX": 500_000,
                    "translateY": 3_600_000,
                },
                "crsCode": "EPSG:32646",
            },
        }
    )
    np.testing.assert_array_equal(found["b2"], values[1])
    np.testing.assert_array_equal(found["red"], np.where(values[0] == -9999, -1, values[0]))
    assert image.reduceRegion(ee.Reducer.count(), scale=30).getInfo() == {"red": 239, "b2": 240}


def test_a_blob_is_text(bucket: Path):
    (bucket / "notes.txt").write_text("field capacity: 0.31 m³ m⁻³", encoding="utf-8")
    blob = ee.Blob("gs://my-bucket/notes.txt")
    assert blob.string().getInfo() == "field capacity: 0.31 m³ m⁻³"
    assert blob.url().getInfo() == "gs://my-bucket/notes.txt"
    (bucket / "old.txt").write_bytes("Boden für".encode("latin-1"))
    assert ee.Blob("gs://my-bucket/old.txt").string("latin-1").getInfo() == "Boden für"
    with pytest.raises(ee.EEException, match="not text in utf-8: byte 7 does not fit"):
        ee.Blob("gs://my-bucket/old.txt").string().getInfo()


@pytest.mark.parametrize(
    ("uri", "message"),
    [
        ("gs://my-bucket/none.tif", "does not exist"),
        ("gs://my-bucket/../../secret.tif", "does not exist"),
        ("/etc/hosts", "expected gs://bucket/path"),
        ("https://somewhere.invalid/a.tif", "expected gs://bucket/path"),
    ],
)
def test_nothing_outside_of_the_bucket_is_read(bucket: Path, uri: str, message: str):
    (bucket.parents[1] / "secret.tif").write_text("secret")
    with pytest.raises(ee.EEException, match=message):
        ee.Image.loadGeoTIFF(uri).bandNames().getInfo()


def test_what_is_no_raster_is_refused(bucket: Path):
    (bucket / "text.tif").write_text("no raster")
    with pytest.raises(ee.EEException, match="not a raster"):
        ee.Image.loadGeoTIFF("gs://my-bucket/text.tif").bandNames().getInfo()
