"""Exports of map tiles and of classifiers."""

from __future__ import annotations

import io
import time
from typing import Any

import ee
import numpy as np
import pyproj
import pytest
from ee import batch
from PIL import Image as Picture

from gee_sm.emulator import ClientConnection, Emulator
from gee_sm.emulator.service.web_map import tile_grid

ASSET = "projects/gee-sm-emulator/assets"


def _finished(task: batch.Task) -> dict[str, Any]:
    task.start()
    until = time.monotonic() + 60
    while task.active():
        assert time.monotonic() < until
        time.sleep(0.01)
    return task.status()


def test_map_tiles(connection: ClientConnection, emulator: Emulator) -> None:
    """The files are the tiles that the map shows, and they cover what the image covers."""
    image = ee.Image("TEST/SINGLE").visualize(min=0, max=6, palette=["0000FF", "FF0000"])
    status = _finished(
        batch.Export.map.toCloudStorage(
            image, "tiles", bucket="bucket", path="maps/thaw", minZoom=14, maxZoom=16
        )
    )
    assert status["state"] == "COMPLETED", status
    assert status["task_type"] == "EXPORT_TILES"
    folder = emulator.exports / "gcs" / "bucket" / "maps" / "thaw"
    assert status["destination_uris"] == [folder.resolve().as_uri()]
    shown = image.getMapId()["tile_fetcher"]
    # The corners, and points between them, by pyproj and the formula of web maps.
    x, y = np.meshgrid(np.linspace(400_000, 400_400, 41), np.linspace(3_499_700, 3_500_000, 31))
    lon, lat = pyproj.Transformer.from_crs("EPSG:32646", "EPSG:4326", always_xy=True).transform(
        x, y
    )
    for zoom in (14, 15, 16):
        columns = ((lon + 180) / 360 * 2**zoom).astype(int)
        rows = ((1 - np.arcsinh(np.tan(np.radians(lat))) / np.pi) / 2 * 2**zoom).astype(int)
        expected = {(c, r) for c, r in zip(columns.ravel().tolist(), rows.ravel().tolist())}
        written = {
            (int(path.parent.name), int(path.name)) for path in (folder / str(zoom)).glob("*/*")
        }
        assert written == expected
        for column, row in written:
            body = (folder / str(zoom) / str(column) / str(row)).read_bytes()
            assert body == shown.fetch_tile(column, row, zoom)
    assert sorted(path.name for path in folder.iterdir()) == ["14", "15", "16"]


def test_zoom_of_a_scale_and_empty_tiles(connection: ClientConnection, emulator: Emulator) -> None:
    def written(name: str, image: ee.Image, **options: Any) -> list[str]:
        export = batch.Export.map.toCloudStorage(image, name, bucket="bucket", **options)
        status = _finished(export)
        assert status["state"] == "COMPLETED", status
        folder = emulator.exports / "gcs" / "bucket" / name
        return sorted(str(path.relative_to(folder)) for path in folder.glob("*/*/*"))

    image = ee.Image("TEST/SINGLE").visualize(min=0, max=6)
    # A pixel of zoom 13 is 156543 / 2**13 = 19.1 m wide.
    assert max(written("scaled", image, scale=20, minZoom=12))[:2] == "13"
    assert len(written("jpeg", image, fileFormat="jpeg", maxZoom=0)) == 1
    picture = Picture.open(emulator.exports / "gcs" / "bucket" / "jpeg" / "0" / "0" / "0")
    assert picture.format == "JPEG"
    wide = image.clip(ee.Geometry.Rectangle([91.9, 31.6, 91.99, 31.65], None, False))
    options = {"minZoom": 15, "maxZoom": 15}
    region = {"region": ee.Geometry.Rectangle([91.9, 31.6, 91.99, 31.65], None, False)}
    everything = written("everything", wide, **options, **region)
    filled = written("filled", wide, **options, **region, skipEmptyTiles=True)
    assert set(filled) < set(everything)
    for name in set(everything) - set(filled):
        body = (emulator.exports / "gcs" / "bucket" / "everything" / name).read_bytes()
        assert not np.asarray(Picture.open(io.BytesIO(body)).convert("RGBA"))[..., 3].any()


@pytest.mark.parametrize(
    ("image", "options", "words"),
    [
        (lambda: ee.Image(1), {"maxZoom": 1}, "Unable to export unbounded image."),
        (lambda: ee.Image("TEST/SINGLE"), {"minZoom": 5, "maxZoom": 4}, "Invalid zoom levels 5"),
        (lambda: ee.Image("TEST/SINGLE"), {"maxZoom": 40}, "expected 0 to 24"),
        (
            lambda: ee.Image(1).clip(ee.Geometry.Rectangle([0, 0, 90, 60])),
            {"maxZoom": 20},
            "Export too large",
        ),
    ],
)
def test_tiles_that_cannot_be_made(
    connection: ClientConnection, image: Any, options: dict[str, Any], words: str
) -> None:
    export = batch.Export.map.toCloudStorage(image(), "x", bucket="bucket", **options)
    status = _finished(export)
    assert status["state"] == "FAILED"
    assert words in status["error_message"]


def test_tile_grid_is_the_one_of_the_map() -> None:
    """The four tiles of zoom 1 meet at the origin."""
    for x in (0, 1):
        for y in (0, 1):
            west, south, east, north = tile_grid(1, x, y).bounds()
            edge = 20037508.342789244
            assert (west, east) == pytest.approx(((x - 1) * edge, x * edge), abs=1e-6)
            assert (south, north) == pytest.approx((-y * edge, (1 - y) * edge), abs=1e-6)


# -- classifiers -------------------------------------------------------------------------------


def _lessons() -> ee.FeatureCollection:
    rng = np.random.default_rng(1)
    rows = [(float(a), float(b), int(a + b > 1)) for a, b in rng.random((60, 2))]
    return ee.FeatureCollection([ee.Feature(None, {"a": a, "b": b, "c": c}) for a, b, c in rows])


@pytest.mark.parametrize(
    "untrained",
    [
        lambda: ee.Classifier.smileRandomForest(20, seed=3),
        lambda: ee.Classifier.smileRandomForest(20, seed=3).setOutputMode("PROBABILITY"),
        lambda: ee.Classifier.smileGradientTreeBoost(20).setOutputMode("REGRESSION"),
        lambda: ee.Classifier.libsvm(kernelType="RBF", gamma=0.5, cost=10),
        lambda: ee.Classifier.smileKNN(3),
        lambda: ee.Classifier.minimumDistance(),
    ],
)
def test_classifiers_are_loaded_as_they_were(connection: ClientConnection, untrained: Any) -> None:
    trained = untrained().train(_lessons(), "c", ["a", "b"])
    export = batch.Export.classifier.toAsset(trained, "taught", f"{ASSET}/taught")
    status = _finished(export)
    assert status["state"] == "COMPLETED", status
    assert status["task_type"] == "EXPORT_CLASSIFIER"
    assert ee.data.getAsset(f"{ASSET}/taught")["type"] == "CLASSIFIER"
    loaded = ee.Classifier.load(f"{ASSET}/taught")
    answers = [
        _lessons().classify(one, "said").aggregate_array("said").getInfo()
        for one in (trained, loaded)
    ]
    assert answers[0] == answers[1]
    assert len(set(answers[0])) > 1
    assert loaded.schema().getInfo() == ["a", "b"]
    assert loaded.mode().getInfo() == trained.mode().getInfo()
    ee.data.copyAsset(f"{ASSET}/taught", f"{ASSET}/again")
    ee.data.deleteAsset(f"{ASSET}/taught")
    again = _lessons().classify(ee.Classifier.load(f"{ASSET}/again"), "said")
    assert again.aggregate_array("said").getInfo() == answers[0]


def test_what_is_no_trained_classifier(connection: ClientConnection) -> None:
    def failed(value: Any) -> str:
        status = _finished(batch.Export.classifier.toAsset(value, "x", f"{ASSET}/x"))
        assert status["state"] == "FAILED"
        return status["error_message"]

    assert "has not been trained" in failed(ee.Classifier.smileCart())
    assert "Expected a classifier" in failed(ee.Image(1))
    with pytest.raises(ee.EEException, match=r"Classifier asset '.*/x' not found"):
        ee.Classifier.load(f"{ASSET}/x").mode().getInfo()
