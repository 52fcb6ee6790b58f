"""Shapefiles and TFRecord: written for readers that nobody here wrote, and read back as uploads."""

from __future__ import annotations

import io
import struct
import time
import warnings
import zipfile
from typing import Any
from xml.etree import ElementTree

import ee
import numpy as np
import pyproj
import pytest
import requests
import shapefile
import shapely
import shapely.geometry
from ee import batch

from gee_sm.emulator import ClientConnection, Emulator
from gee_sm.emulator.service.encoders.shapefile import shapefile_parts
from gee_sm.emulator.service.encoders.tables import table_files
from gee_sm.emulator.values.feature import Feature

ROOT = "projects/gee-sm-emulator/assets"


def _finished(task: batch.Task) -> dict[str, Any]:
    task.start()
    until = time.monotonic() + 30
    while task.active():
        assert time.monotonic() < until
        time.sleep(0.01)
    return task.status()


def _uploaded(uris: list[str], **source: Any) -> dict[str, Any]:
    manifest = {"name": f"{ROOT}/table", "sources": [{"uris": uris, **source}]}
    name = ee.data.startTableIngestion(str(time.monotonic_ns()), manifest)["name"]
    until = time.monotonic() + 20
    while not (operation := ee.data.getOperation(name)).get("done"):
        assert time.monotonic() < until
        time.sleep(0.01)
    return operation


def _polygons() -> ee.FeatureCollection:
    ring = [[91, 31], [92, 31], [92, 32], [91, 32], [91, 31]]
    hole = [[91.4, 31.4], [91.4, 31.6], [91.6, 31.6], [91.6, 31.4], [91.4, 31.4]]
    other = [[[93, 31], [94, 31], [94, 32], [93, 31]]]
    return ee.FeatureCollection(
        [
            ee.Feature(ee.Geometry.Polygon([ring, hole], None, False), {"a": 1, "t": "größer"}),
            ee.Feature(ee.Geometry.MultiPolygon([[ring], other], None, False), {"a": 2.5}),
        ]
    )


# -- shapefiles --------------------------------------------------------------------------------


def _points_of(shp: bytes) -> list[tuple[float, float]]:
    """Read a file of points as ESRI's description has it: header of 100 bytes, records of 28."""
    code, length = struct.unpack(">i20xi", shp[:28])
    version, kind = struct.unpack("<ii", shp[28:36])
    assert (code, length * 2, version, kind) == (9994, len(shp), 1000, 1)
    found = []
    for number, start in enumerate(range(100, len(shp), 28), start=1):
        assert struct.unpack(">ii", shp[start : start + 8]) == (number, 10)
        kind, x, y = struct.unpack("<idd", shp[start + 8 : start + 28])
        assert kind == 1
        found.append((x, y))
    return found


def _rows_of(dbf: bytes) -> list[dict[str, str]]:
    """Read a dBASE III table: 32 bytes of header, 32 a column, then rows of fixed width."""
    count, header, width = struct.unpack("<4xIHH", dbf[:12])
    columns = []
    for start in range(32, header - 1, 32):
        name, kind, size = struct.unpack("<11sc4xB15x", dbf[start : start + 32])
        columns.append((name.rstrip(b"\0").decode(), kind.decode(), size))
    rows = []
    for start in range(header, header + count * width, width):
        position, row = start + 1, {}
        for name, kind, size in columns:
            row[f"{name}:{kind}"] = dbf[position : position + size].decode().strip()
            position += size
        rows.append(row)
    return rows


def test_shapefile_of_points(connection: ClientConnection, emulator: Emulator) -> None:
    table = ee.FeatureCollection("TEST/POINTS").filter(ee.Filter.lt("number", 3))
    status = _finished(batch.Export.table.toDrive(table, "stations", fileFormat="SHP"))
    assert status["state"] == "COMPLETED", status
    folder = emulator.exports / "drive"
    assert sorted(path.suffix for path in folder.iterdir()) == [
        ".cpg",
        ".dbf",
        ".prj",
        ".shp",
        ".shx",
    ]
    np.testing.assert_allclose(
        _points_of((folder / "stations.shp").read_bytes()),
        [(91.0, 31.6), (91.01, 31.6), (91.02, 31.6)],
        rtol=1e-15,
    )
    rows = _rows_of((folder / "stations.dbf").read_bytes())
    assert [(r["name:C"], int(r["number:N"]), float(r["value:F"])) for r in rows] == [
        ("station, 0", 0, 0.0),
        ("station, 1", 1, 0.25),
        ("station, 2", 2, 0.5),
    ]
    crs = pyproj.CRS.from_wkt((folder / "stations.prj").read_text())
    assert crs.equals("EPSG:4326", ignore_axis_order=True)


def test_shapefile_comes_back_as_an_asset(connection: ClientConnection, emulator: Emulator) -> None:
    export = batch.Export.table.toCloudStorage(
        _polygons(), bucket="bucket", fileNamePrefix="in/shapes", fileFormat="SHP"
    )
    assert _finished(export)["state"] == "COMPLETED"
    folder = emulator.exports / "gcs" / "bucket" / "in"
    with shapefile.Reader(str(folder / "shapes.shp")) as reader:
        assert reader.shapeTypeName == "POLYGON"
        assert [len(shape.parts) for shape in reader.shapes()] == [2, 2]
    uris = [f"gs://bucket/in/shapes{suffix}" for suffix in (".shp", ".dbf", ".shx", ".prj")]
    operation = _uploaded(uris)
    assert operation["metadata"]["state"] == "SUCCEEDED", operation
    loaded = ee.FeatureCollection(f"{ROOT}/table")
    assert loaded.aggregate_array("a").getInfo() == [1, 2.5]
    assert loaded.aggregate_array("t").getInfo() == ["größer", ""]
    for found, expected in zip(loaded.getInfo()["features"], _polygons().getInfo()["features"]):
        # Where a ring starts and which way it turns is the format's to say.
        shapes = [shapely.geometry.shape(f["geometry"]) for f in (found, expected)]
        assert shapes[0].equals(shapes[1])


def test_shapefile_download_and_upload_of_an_archive(
    served: ClientConnection, emulator: Emulator
) -> None:
    url = ee.FeatureCollection("TEST/POINTS").getDownloadURL("SHP", ["number"], "points")
    answer = requests.get(url, timeout=30)
    assert answer.headers["content-disposition"] == 'attachment; filename="points.zip"'
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert len(_points_of(archive.read("points.shp"))) == 25
        assert set(_rows_of(archive.read("points.dbf"))[0]) == {"number:N"}
    bucket = emulator.exports / "gcs" / "bucket"
    bucket.mkdir(parents=True)
    (bucket / "points.zip").write_bytes(answer.content)
    assert _uploaded(["gs://bucket/points.zip"])["metadata"]["state"] == "SUCCEEDED"
    assert ee.FeatureCollection(f"{ROOT}/table").aggregate_sum("number").getInfo() == 300


def test_projected_shapefile_is_uploaded_in_degrees(
    connection: ClientConnection, emulator: Emulator
) -> None:
    bucket = emulator.exports / "gcs" / "bucket"
    bucket.mkdir(parents=True)
    with shapefile.Writer(str(bucket / "utm.shp"), shapeType=shapefile.POINT) as writer:
        writer.field("when", "D")
        writer.point(400_000, 3_500_000)
        writer.record("20200102")
    (bucket / "utm.prj").write_text(pyproj.CRS("EPSG:32646").to_wkt("WKT1_ESRI"))
    assert _uploaded(["gs://bucket/utm.shp"])["metadata"]["state"] == "SUCCEEDED"
    first = ee.FeatureCollection(f"{ROOT}/table").first()
    to_degrees = pyproj.Transformer.from_crs("EPSG:32646", "EPSG:4326", always_xy=True)
    np.testing.assert_allclose(
        first.geometry().coordinates().getInfo(), to_degrees.transform(400_000, 3_500_000)
    )
    assert first.get("when").getInfo() == "2020-01-02"


@pytest.mark.parametrize(
    ("features", "words"),
    [
        (
            lambda: [
                ee.Feature(ee.Geometry.Point([1, 2])),
                ee.Feature(ee.Geometry.LineString([[1, 2], [3, 4]])),
            ],
            "holds geometries of one type, and the table has points and lines",
        ),
        (
            lambda: [ee.Feature(None, {"soil_moisture_a": 1, "soil_moisture_b": 2})],
            "'soil_moisture_a' and 'soil_moisture_b' have one name in a shapefile: 'soil_moist'",
        ),
    ],
)
def test_what_a_shapefile_cannot_hold(
    connection: ClientConnection, features: Any, words: str
) -> None:
    table = ee.FeatureCollection(features())
    status = _finished(batch.Export.table.toDrive(table, "x", fileFormat="SHP"))
    assert status["state"] == "FAILED"
    assert words in status["error_message"]


@pytest.mark.parametrize(
    ("name", "body", "words"),
    [
        ("x.shp", b"no shapefile", "no shapefile"),
        ("x.zip", b"no archive", "no shapefile"),
    ],
)
def test_damaged_shapefiles_fail_the_upload(
    connection: ClientConnection, emulator: Emulator, name: str, body: bytes, words: str
) -> None:
    bucket = emulator.exports / "gcs" / "bucket"
    bucket.mkdir(parents=True)
    (bucket / name).write_bytes(body)
    operation = _uploaded([f"gs://bucket/{name}"])
    assert operation["metadata"]["state"] == "FAILED"
    assert words in operation["error"]["message"]


def test_numbers_in_a_shapefile_are_not_cut() -> None:
    doubles = [1.5, 1 / 3, -1 / 3 * 1e-9, 1e-20, 123456789.123456789, -1e22, 1e25, -1e300, 5e-324]
    doubles += [-2.2250738585072014e-308, 0.1 + 0.2]
    integers = [10**18 - 1, -(10**17) + 1, 0] + [7] * (len(doubles) - 3)
    large = [10**18 - 1, -(10**18) + 1, 10**20] + [7] * (len(doubles) - 3)
    rows = [
        {
            "geometry": {"type": "Point", "coordinates": [0, 0]},
            "properties": {"double": d, "integer": i, "large": n, "text": f"a{'b ' * 200}"},
        }
        for d, i, n in zip(doubles, integers, large, strict=True)
    ]
    rows.append({"geometry": None, "properties": {"double": None, "integer": None}})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        parts = shapefile_parts(rows)
    files = {name: io.BytesIO(parts[name]) for name in ("shp", "shx", "dbf")}
    with shapefile.Reader(**files, encoding="utf-8") as reader:
        kinds = {field[0]: tuple(field[1:]) for field in reader.fields[-4:]}
        read = [record.as_dict() for record in reader.records()]
    assert {name: kind[0] for name, kind in kinds.items()} == {
        "double": "F",
        "integer": "N",
        "large": "F",
        "text": "C",
    }
    assert [row["double"] for row in read] == [*doubles, None]
    assert [row["integer"] for row in read] == [*integers, None]
    assert [row["large"] for row in read] == [*map(float, large), None]
    assert read[0]["text"] == ("a" + "b " * 200)[:254].rstrip()


def test_kml_of_characters_that_xml_does_not_have() -> None:
    point = Feature(None, {"name": "a\0b\x1b\ufffe\ud800<\U0001f600", "system:index": "0"})
    (body,) = table_files([point], "KML").values()
    (value,) = ElementTree.fromstring(body).iter("{http://www.opengis.net/kml/2.2}value")
    assert value.text == "a\ufffdb\ufffd\ufffd\ufffd<\U0001f600"
