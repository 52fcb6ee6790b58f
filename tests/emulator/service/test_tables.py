"""Tables: pages, downloads and lists."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from xml.etree import ElementTree

import ee
import pytest
import requests

from gee_sm.emulator import ClientConnection, Emulator, Limits, connect_client


def test_pages_add_up(connection: ClientConnection) -> None:
    table = ee.FeatureCollection("TEST/POINTS")
    numbers, token = [], None
    for expected in (10, 10, 5):
        request = {"expression": table, "pageSize": 10}
        if token:
            request["pageToken"] = token
        page = ee.data.computeFeatures(request)
        assert page["type"] == "FeatureCollection"
        assert len(page["features"]) == expected
        numbers += [feature["properties"]["number"] for feature in page["features"]]
        token = page.get("nextPageToken")
    assert token is None
    assert numbers == list(range(25))


def test_data_frame(connection: ClientConnection) -> None:
    frame = ee.data.computeFeatures(
        {"expression": ee.FeatureCollection("TEST/POINTS"), "fileFormat": "PANDAS_DATAFRAME"}
    )
    assert list(frame["number"]) == list(range(25))
    assert frame["geo"][3] == {"type": "Point", "coordinates": [91.03, 31.6]}


def test_list_features_filters(connection: ClientConnection) -> None:
    region = json.dumps(
        {
            "type": "Polygon",
            "coordinates": [[[90.995, 31], [91.045, 31], [91.045, 32], [90.995, 32], [90.995, 31]]],
        }
    )
    found = ee.data.listFeatures({"assetId": "TEST/POINTS", "region": region})
    assert [f["properties"]["number"] for f in found["features"]] == [0, 1, 2, 3, 4]
    found = ee.data.listFeatures(
        {
            "assetId": "TEST/POINTS",
            "filter": 'number >= 20 AND (number < 22 OR name = "station, 24")',
        }
    )
    assert [f["properties"]["number"] for f in found["features"]] == [20, 21, 24]
    with pytest.raises(ee.EEException, match="Invalid filter"):
        ee.data.listFeatures({"assetId": "TEST/POINTS", "filter": "number >"})
    with pytest.raises(ee.EEException, match="not a table"):
        ee.data.listFeatures({"assetId": "TEST/SINGLE"})


def test_page_sizes_and_tokens_are_checked(connection: ClientConnection) -> None:
    table = ee.FeatureCollection("TEST/POINTS")
    for wrong in ({"pageToken": "x"}, {"pageToken": "ZnJvbTotMQ"}, {"pageSize": -1}):
        with pytest.raises(ee.EEException, match="Invalid page"):
            ee.data.computeFeatures({"expression": table, **wrong})


def test_page_size_has_a_maximum(catalog_folder: object) -> None:
    with (
        Emulator(catalog_folder, limits=Limits(page_size_maximum=7, page_size=5)) as emulator,  # type: ignore[arg-type]
        connect_client(emulator),
    ):
        table = ee.FeatureCollection("TEST/POINTS")
        assert len(ee.data.computeFeatures({"expression": table})["features"]) == 5
        page = ee.data.computeFeatures({"expression": table, "pageSize": 20})
        assert len(page["features"]) == 7


def test_csv_download(served: ClientConnection) -> None:
    url = ee.FeatureCollection("TEST/POINTS").getDownloadURL("csv")
    rows = list(csv.reader(io.StringIO(requests.get(url, timeout=30).text)))
    assert rows[0] == ["system:index", "name", "number", "value", ".geo"]
    assert rows[4][1:4] == ["station, 3", "3", "0.75"]
    assert json.loads(rows[4][4]) == {"type": "Point", "coordinates": [91.03, 31.6]}
    url = ee.FeatureCollection("TEST/POINTS").getDownloadURL("csv", ["value", "name"], "mine")
    answer = requests.get(url, timeout=30)
    assert answer.headers["content-disposition"] == 'attachment; filename="mine.csv"'
    assert answer.text.splitlines()[:2] == ["value,name", '0.0,"station, 0"']


def test_geojson_kml_and_kmz_downloads(served: ClientConnection) -> None:
    table = ee.FeatureCollection("TEST/POINTS").filter(ee.Filter.lt("number", 2))
    json_answer = requests.get(table.getDownloadURL("geojson"), timeout=30).json()
    assert [f["properties"]["number"] for f in json_answer["features"]] == [0, 1]
    kml = requests.get(table.getDownloadURL("kml"), timeout=30).content
    names = {"k": "http://www.opengis.net/kml/2.2"}
    placemarks = ElementTree.fromstring(kml).findall(".//k:Placemark", names)
    assert [p.findtext(".//k:coordinates", namespaces=names) for p in placemarks] == [
        "91.0,31.6",
        "91.01,31.6",
    ]
    kmz = requests.get(table.getDownloadURL("kmz"), timeout=30).content
    assert zipfile.ZipFile(io.BytesIO(kmz)).read("doc.kml") == kml
    with pytest.raises(ee.EEException, match="not available in the emulator"):
        table.getDownloadURL("xlsx")


def test_pages_of_images(connection: ClientConnection) -> None:
    collection = ee.ImageCollection("TEST/IMAGES")
    first = ee.data.computeImages({"expression": collection, "pageSize": 2})
    rest = ee.data.computeImages(
        {"expression": collection, "pageSize": 2, "pageToken": first["nextPageToken"]}
    )
    names = [image["id"][-1] for page in (first, rest) for image in page["images"]]
    assert names == ["0", "1", "2"]
    assert "nextPageToken" not in rest


def test_compute_images(connection: ClientConnection) -> None:
    answer = ee.data.computeImages({"expression": ee.ImageCollection("TEST/IMAGES")})
    images = answer["images"]
    assert [image["id"] for image in images] == [f"TEST/IMAGES/scene_{i}" for i in range(3)]
    assert images[1]["startTime"] == "2020-01-02T12:00:00.000000Z"
    assert images[1]["properties"]["CLOUDS"] == 10
    assert [band["id"] for band in images[1]["bands"]] == ["counts", "ratio"]


def test_json_is_geojson(served: ClientConnection) -> None:
    url = ee.FeatureCollection("TEST/POINTS").getDownloadURL("json")
    answer = requests.get(url, timeout=20)
    assert answer.json()["type"] == "FeatureCollection"
    assert len(answer.json()["features"]) == 25


def test_a_long_query_is_sent_as_a_form(connection: ClientConnection) -> None:
    # The client does so with any GET of more than 2,048 characters.
    corners = [[90 + i / 1000, 31] for i in range(300)] + [[91.055, 31], [91.055, 32], [90, 32]]
    region = {"type": "Polygon", "coordinates": [[*corners, corners[0]]]}
    found = ee.data.listFeatures({"assetId": "TEST/POINTS", "region": json.dumps(region)})
    assert [feature["properties"]["number"] for feature in found["features"]] == list(range(6))
    names = " OR ".join(f'name = "station, {i}é"' for i in range(200))
    found = ee.data.listFeatures({"assetId": "TEST/POINTS", "filter": f"number = 3 OR {names}"})
    assert len(found["features"]) == 1
