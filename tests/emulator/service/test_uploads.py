"""Uploads from the folder that stands for a bucket."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ee
import numpy as np
import pyproj
import pytest
import rasterio
from affine import Affine

from gee_sm.emulator import ClientConnection, Emulator

ROOT = "projects/gee-sm-emulator/assets"
VALUES = np.arange(1, 1201, dtype=np.int16).reshape(30, 40)


@pytest.fixture
def bucket(emulator: Emulator) -> Path:
    """A bucket with a raster of two bands, a CSV and a GeoJSON file."""
    folder = emulator.exports / "gcs" / "bucket"
    folder.mkdir(parents=True)
    with rasterio.open(
        folder / "two.tif",
        "w",
        driver="GTiff",
        width=40,
        height=30,
        count=2,
        dtype="int16",
        crs="EPSG:32646",
        transform=Affine(10, 0, 400_000, 0, -10, 3_500_000),
        nodata=-1,
    ) as dataset:
        dataset.write(np.where(VALUES % 5 == 0, -1, VALUES), 1)
        dataset.write(VALUES * 2, 2)
    (folder / "points.csv").write_text(
        "name,lon,lat,depth\nA,91.5,31.5,5\nB,91.6,31.5,\nC,91.7,31.5,0.5\n"
    )
    (folder / "shapes.csv").write_text('id,wkt\n1,"POLYGON ((0 0, 1 0, 1 1, 0 0))"\n')
    (folder / "points.geojson").write_text(
        json.dumps(
            {
                "type": "FeatureCollection",
                "features": [
                    {
                        "type": "Feature",
                        "id": "first",
                        "geometry": {"type": "Point", "coordinates": [1, 2]},
                        "properties": {"a": 1},
                    }
                ],
            }
        )
    )
    (folder / "text.tif").write_text("no raster")
    return folder


def _ingested(started: dict[str, Any]) -> dict[str, Any]:
    """Wait for an upload and return its operation."""
    name = started["name"]
    until = time.monotonic() + 20
    while not (operation := ee.data.getOperation(name)).get("done"):
        assert time.monotonic() < until
        time.sleep(0.01)
    return operation


def _image(**manifest: Any) -> dict[str, Any]:
    tileset = {"id": "ts", "sources": [{"uris": ["gs://bucket/two.tif"]}]}
    manifest = {"name": f"{ROOT}/two", "tilesets": [tileset], **manifest}
    return _ingested(ee.data.startIngestion("request", manifest))


def test_image(connection: ClientConnection, bucket: Path, pixels: Callable[..., Any]) -> None:
    operation = _image(
        bands=[
            {"id": "second", "tilesetId": "ts", "tilesetBandIndex": 1},
            {"id": "first", "tilesetId": "ts", "tilesetBandIndex": 0, "pyramidingPolicy": "MODE"},
        ],
        missingData={"values": [20]},
        startTime="2021-06-01T00:00:00Z",
        properties={"source": "field"},
    )
    assert operation["metadata"]["state"] == "SUCCEEDED", operation
    assert operation["metadata"]["type"] == "INGEST_IMAGE"
    image = ee.Image(f"{ROOT}/two")
    found = pixels(image)
    assert found.dtype.names == ("second", "first")
    second = np.where(VALUES * 2 == 20, 0, VALUES * 2)
    np.testing.assert_array_equal(found["second"], second)
    np.testing.assert_array_equal(
        pixels(image.mask())["first"] > 0, (VALUES % 5 != 0) & (VALUES != 20)
    )
    asset = ee.data.getAsset(f"{ROOT}/two")
    assert asset["properties"] == {"source": "field"}
    assert asset["startTime"] == "2021-06-01T00:00:00.000000Z"
    assert [band["pyramidingPolicy"] for band in asset["bands"]] == ["MEAN", "MODE"]
    assert asset["bands"][0]["dataType"] == {
        "precision": "INT",
        "range": {"min": -32768, "max": 32767},
    }


def test_bands_are_named_in_the_services_way(connection: ClientConnection, bucket: Path) -> None:
    assert _image()["metadata"]["state"] == "SUCCEEDED"
    assert ee.Image(f"{ROOT}/two").bandNames().getInfo() == ["b1", "b2"]


@pytest.mark.parametrize(
    ("manifest", "words"),
    [
        ({"tilesets": [{"sources": [{"uris": ["gs://bucket/none.tif"]}]}]}, "does not exist"),
        ({"tilesets": [{"sources": [{"uris": ["gs://bucket/../../a.tif"]}]}]}, "does not exist"),
        ({"tilesets": [{"sources": [{"uris": ["/etc/passwd"]}]}]}, "expected gs://bucket/path"),
        ({"tilesets": [{"sources": [{"uris": ["gs://bucket/text.tif"]}]}]}, "not a raster"),
        ({"bands": [{"id": "x", "tilesetBandIndex": 9}]}, "there is no band 9"),
        ({"pyramidingPolicy": "BEST"}, "Invalid pyramiding policy 'BEST'"),
        ({"startTime": "yesterday"}, "Invalid time 'yesterday'"),
    ],
)
def test_bad_manifests_fail_the_task(
    connection: ClientConnection, bucket: Path, manifest: dict[str, Any], words: str
) -> None:
    operation = _image(**manifest)
    assert operation["metadata"]["state"] == "FAILED"
    assert words in operation["error"]["message"]
    assert ee.data.getInfo(f"{ROOT}/two") is None


def _table(source: dict[str, Any]) -> dict[str, Any]:
    manifest = {"name": f"{ROOT}/table", "sources": [source]}
    return _ingested(ee.data.startTableIngestion("request", manifest))


def test_csv(connection: ClientConnection, bucket: Path) -> None:
    operation = _table({"uris": ["gs://bucket/points.csv"]})
    assert operation["metadata"]["state"] == "SUCCEEDED", operation
    assert operation["metadata"]["type"] == "INGEST_TABLE"
    table = ee.FeatureCollection(f"{ROOT}/table")
    assert table.aggregate_array("name").getInfo() == ["A", "B", "C"]
    assert table.aggregate_array("depth").getInfo() == [5, 0.5]
    assert table.first().geometry().coordinates().getInfo() == [91.5, 31.5]


def test_wkt_and_geojson(connection: ClientConnection, bucket: Path) -> None:
    assert _table({"uris": ["gs://bucket/shapes.csv"]})["metadata"]["state"] == "SUCCEEDED"
    assert ee.FeatureCollection(f"{ROOT}/table").first().geometry().type().getInfo() == "Polygon"
    ee.data.deleteAsset(f"{ROOT}/table")
    manifest = {"name": f"{ROOT}/table", "sources": [{"uris": ["gs://bucket/points.geojson"]}]}
    operation = _ingested(ee.data.startTableIngestion("another", manifest))
    assert operation["metadata"]["state"] == "SUCCEEDED", operation
    assert ee.FeatureCollection(f"{ROOT}/table").first().get("a").getInfo() == 1
    assert ee.Feature(ee.FeatureCollection(f"{ROOT}/table").first()).id().getInfo() == "first"


def test_coordinates_of_another_system(connection: ClientConnection, bucket: Path) -> None:
    (bucket / "utm.csv").write_text("east,north\n400000,3500000\n")
    source = {"uris": ["gs://bucket/utm.csv"], "x_column": "east", "y_column": "north"}
    operation = _table({**source, "crs": "EPSG:32646"})
    assert operation["metadata"]["state"] == "SUCCEEDED", operation
    to_degrees = pyproj.Transformer.from_crs("EPSG:32646", "EPSG:4326", always_xy=True)
    np.testing.assert_allclose(
        ee.FeatureCollection(f"{ROOT}/table").first().geometry().coordinates().getInfo(),
        to_degrees.transform(400_000, 3_500_000),
    )


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ({"uris": ["gs://bucket/two.tif"]}, "expected .csv, .geojson, .shp or .zip"),
        ({"uris": ["gs://bucket/points.csv"], "xColumn": "east"}, "no column 'east'"),
        ({"uris": []}, "A table of 0 files"),
        (
            {"uris": ["gs://bucket/points.csv"], "primaryGeometryColumn": "name"},
            "is no geometry in GeoJSON or WKT",
        ),
        ({"uris": ["gs://bucket/points.csv"], "dateFormat": "YYYY"}, "'dateFormat' of a source"),
        ({"uris": ["gs://bucket/points.csv"], "crs": "EPSG:0"}, "Unknown coordinate system"),
    ],
)
def test_bad_tables_fail_the_task(
    connection: ClientConnection, bucket: Path, source: dict[str, Any], words: str
) -> None:
    operation = _table(source)
    assert operation["metadata"]["state"] == "FAILED"
    assert words in operation["error"]["message"]


def test_indices_of_digits_stay_text(connection: ClientConnection, bucket: Path) -> None:
    # As a table's own export writes them.
    rows = "system:index,n\n00000000000000000000,1\n00000000000000000001,2\n"
    (bucket / "exported.csv").write_text(rows)
    operation = _table({"uris": ["gs://bucket/exported.csv"]})
    assert operation["metadata"]["state"] == "SUCCEEDED", operation
    table = ee.FeatureCollection(f"{ROOT}/table")
    assert table.aggregate_array("system:index").getInfo() == [
        "00000000000000000000",
        "00000000000000000001",
    ]
