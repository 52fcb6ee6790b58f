"""The client's batch module against tasks that run in the background."""

from __future__ import annotations

import csv
import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ee
import numpy as np
import pytest
import rasterio
from ee import batch

from gee_sm.emulator import ClientConnection, Emulator, Limits, connect_client
from gee_sm.emulator.service.task import Task
from gee_sm.emulator.service.tasks import TaskQueue

BOX = [400_000, 3_499_700, 400_400, 3_500_000]
ASSET = "projects/gee-sm-emulator/assets"


def _region() -> ee.Geometry:
    return ee.Geometry.Rectangle(BOX, "EPSG:32646", False)


def _finished(task: batch.Task, seconds: float = 30) -> dict[str, Any]:
    """Start a task and return its status when it is over."""
    task.start()
    until = time.monotonic() + seconds
    while task.active():
        assert time.monotonic() < until, task.status()
        time.sleep(0.02)
    return task.status()


def _valid_cog(path: Path) -> bool:
    with rasterio.open(path) as dataset:
        return dataset.tags(ns="IMAGE_STRUCTURE").get("LAYOUT") == "COG"


def test_image_to_drive(
    connection: ClientConnection, emulator: Emulator, stored: dict[str, Any]
) -> None:
    image = ee.Image("TEST/IMAGES/scene_1").select("ratio")
    status = _finished(
        batch.Export.image.toDrive(
            image,
            description="a_map",
            folder="maps",
            fileNamePrefix="SM_2020_A",
            region=_region(),
            scale=10,
            crs="EPSG:32646",
            formatOptions={"cloudOptimized": True},
        )
    )
    assert status["state"] == "COMPLETED"
    assert status["task_type"] == "EXPORT_IMAGE"
    assert status["description"] == "a_map"
    assert status["start_timestamp_ms"] >= status["creation_timestamp_ms"]
    path = emulator.exports / "drive" / "maps" / "SM_2020_A.tif"
    assert status["destination_uris"] == [path.parent.resolve().as_uri()]
    assert _valid_cog(path)
    with rasterio.open(path) as dataset:
        assert dataset.descriptions == ("ratio",)
        np.testing.assert_array_equal(dataset.read(1), stored["ratio"](1))
        assert dataset.bounds == tuple(BOX)
    assert [p.name for p in path.parent.iterdir()] == ["SM_2020_A.tif"]


def test_image_to_bucket_in_parts(
    connection: ClientConnection, emulator: Emulator, stored: dict[str, Any]
) -> None:
    status = _finished(
        batch.Export.image.toCloudStorage(
            ee.Image("TEST/SINGLE").resample("bicubic").toByte(),
            description="parts",
            bucket="my-bucket",
            fileNamePrefix="2020/a/part",
            region=ee.Geometry.Rectangle(
                [400_000, 3_495_000, 404_000, 3_500_000], "EPSG:32646", False
            ),
            scale=10,
            crs="EPSG:32646",
            fileDimensions=256,
        )
    )
    assert status["state"] == "COMPLETED", status
    folder = emulator.exports / "gcs" / "my-bucket" / "2020" / "a"
    assert sorted(path.name for path in folder.iterdir()) == [
        "part-0000000000-0000000000.tif",
        "part-0000000000-0000000256.tif",
        "part-0000000256-0000000000.tif",
        "part-0000000256-0000000256.tif",
    ]
    with rasterio.open(folder / "part-0000000256-0000000256.tif") as dataset:
        assert dataset.shape == (244, 144)
        assert dataset.transform.c == 402_560


def test_asset_is_loaded_again(
    connection: ClientConnection, pixels: Callable[..., Any], stored: dict[str, Any]
) -> None:
    image = ee.Image("TEST/IMAGES/scene_2").set({"season": "thaw", "n": 3, "nothing": {"a": 1}})
    status = _finished(
        batch.Export.image.toAsset(
            image,
            description="to_asset",
            assetId=f"{ASSET}/scene_copy",
            region=_region(),
            scale=10,
            crs="EPSG:32646",
            pyramidingPolicy={".default": "mode", "ratio": "mean"},
        )
    )
    assert status["state"] == "COMPLETED", status
    loaded = ee.Image(f"{ASSET}/scene_copy")
    found = pixels(loaded)
    assert found.dtype == np.dtype([("counts", "<u2"), ("ratio", "<f4")])
    np.testing.assert_array_equal(found["counts"], stored["counts"](2))
    np.testing.assert_array_equal(pixels(loaded.mask())["counts"], stored["counts"](2) > 0)
    np.testing.assert_array_equal(found["ratio"], np.nan_to_num(stored["ratio"](2)))
    asset = ee.data.getAsset(f"{ASSET}/scene_copy")
    assert asset["type"] == "IMAGE"
    assert asset["properties"] == {"CLOUDS": 20, "PASS": "A", "season": "thaw", "n": 3}
    assert [band["pyramidingPolicy"] for band in asset["bands"]] == ["MODE", "MEAN"]
    assert asset["bands"][0]["grid"]["dimensions"] == {"width": 40, "height": 30}


def test_asset_is_overwritten_only_when_asked(
    connection: ClientConnection, pixels: Callable[..., Any]
) -> None:
    def export(value: int, **options: Any) -> dict[str, Any]:
        return _finished(
            batch.Export.image.toAsset(
                ee.Image(value).rename("v").toByte(),
                assetId=f"{ASSET}/constant",
                region=_region(),
                scale=10,
                crs="EPSG:32646",
                **options,
            )
        )

    assert export(1)["state"] == "COMPLETED"
    refused = export(2)
    assert refused["state"] == "FAILED"
    assert "Cannot overwrite asset" in refused["error_message"]
    assert (pixels(ee.Image(f"{ASSET}/constant"))["v"] == 1).all()
    assert export(3, overwrite=True)["state"] == "COMPLETED"
    assert (pixels(ee.Image(f"{ASSET}/constant"))["v"] == 3).all()


def test_images_of_a_made_collection(connection: ClientConnection) -> None:
    ee.data.createAsset({"type": "IMAGE_COLLECTION"}, f"{ASSET}/series")
    for year in (2019, 2020):
        status = _finished(
            batch.Export.image.toAsset(
                ee.Image(year).rename("year").set("system:time_start", year),
                assetId=f"{ASSET}/series/y{year}",
                region=_region(),
                scale=10,
                crs="EPSG:32646",
            )
        )
        assert status["state"] == "COMPLETED", status
    series = ee.ImageCollection(f"{ASSET}/series")
    assert series.aggregate_array("system:time_start").getInfo() == [2019, 2020]
    assert series.aggregate_array("system:index").getInfo() == ["y2019", "y2020"]
    assert len(ee.data.listAssets(f"{ASSET}/series")["assets"]) == 2


def test_table_to_drive_and_asset(connection: ClientConnection, emulator: Emulator) -> None:
    table = ee.FeatureCollection("TEST/POINTS").filter(ee.Filter.lt("number", 3))
    status = _finished(
        batch.Export.table.toDrive(table, description="stations", selectors=["number", "name"])
    )
    assert status["state"] == "COMPLETED"
    assert status["task_type"] == "EXPORT_FEATURES"
    with (emulator.exports / "drive" / "stations.csv").open(newline="") as file:
        assert list(csv.reader(file)) == [
            ["number", "name"],
            ["0", "station, 0"],
            ["1", "station, 1"],
            ["2", "station, 2"],
        ]
    status = _finished(
        batch.Export.table.toCloudStorage(
            table, bucket="bucket", fileNamePrefix="t/points", fileFormat="GeoJSON"
        )
    )
    assert status["state"] == "COMPLETED"
    features = json.loads((emulator.exports / "gcs/bucket/t/points.geojson").read_text())[
        "features"
    ]
    assert [f["geometry"]["coordinates"][0] for f in features] == [91.0, 91.01, 91.02]
    assert (
        _finished(batch.Export.table.toAsset(table, assetId=f"{ASSET}/t"))["state"] == "COMPLETED"
    )
    loaded = ee.FeatureCollection(f"{ASSET}/t")
    assert loaded.aggregate_array("name").getInfo() == ["station, 0", "station, 1", "station, 2"]


def test_geometries_of_a_stored_table_are_the_same(connection: ClientConnection) -> None:
    ring = [[91, 31], [95, 31], [95, 35], [91, 35], [91, 31]]
    utm = [[400_000, 3_400_000], [700_000, 3_400_000], [700_000, 3_500_000]]
    table = ee.FeatureCollection(
        [
            ee.Feature(ee.Geometry.Polygon([ring], None, True), {"n": 0}),
            ee.Feature(ee.Geometry.Polygon([ring], None, False), {"n": 1}),
            ee.Feature(ee.Geometry.Polygon([utm], "EPSG:32646", False), {"n": 2}),
            ee.Feature(None, {"n": 3}),
        ]
    )
    status = _finished(batch.Export.table.toAsset(table, assetId=f"{ASSET}/shapes"))
    assert status["state"] == "COMPLETED", status

    def areas(collection: ee.FeatureCollection) -> list[float]:
        return [
            ee.Feature(collection.filter(ee.Filter.eq("n", n)).first()).area(1).getInfo()
            for n in range(3)
        ]

    loaded = ee.FeatureCollection(f"{ASSET}/shapes")
    found = areas(loaded)
    assert found == areas(table)
    assert found[0] != found[1]  # great circles and parallels enclose different areas
    assert loaded.getInfo()["features"][3]["geometry"] is None


@pytest.mark.parametrize(
    ("image", "options", "words"),
    [
        (lambda: ee.Image(1), {}, "Unable to export unbounded image."),
        (
            lambda: ee.Image(1).toByte().addBands(ee.Image(1).toInt16()),
            {"region": True},
            "Exported bands must have compatible data types; found inconsistent types: "
            "Byte and Int16.",
        ),
        (
            lambda: ee.Image("TEST/SINGLE"),
            {"region": True, "maxPixels": 100},
            "Export too large: specified 1200 pixels (max: 100). Specify higher maxPixels value "
            "if you intend to export a large area.",
        ),
        (
            lambda: ee.Image("TEST/SINGLE"),
            {"region": True, "fileDimensions": 300},
            "Invalid fileDimensions (300x300): must be a multiple of shardSize (256).",
        ),
        (
            lambda: ee.Image("TEST/NOTHING"),
            {"region": True},
            "Image.load: Image asset 'TEST/NOTHING' not found (does not exist or caller does not "
            "have access).",
        ),
    ],
)
def test_failures_are_told_in_the_services_words(
    connection: ClientConnection,
    emulator: Emulator,
    image: Callable[[], ee.Image],
    options: dict[str, Any],
    words: str,
) -> None:
    if options.get("region"):
        options = {**options, "region": _region(), "scale": 10, "crs": "EPSG:32646"}
    status = _finished(batch.Export.image.toDrive(image(), description="fails", **options))
    assert status["state"] == "FAILED"
    assert status["error_message"] == words
    drive = emulator.exports / "drive"
    assert not drive.exists() or not any(drive.iterdir())


def test_lists_and_waits(connection: ClientConnection) -> None:
    tasks = [
        batch.Export.table.toDrive(ee.FeatureCollection("TEST/POINTS"), description=f"t{i}")
        for i in range(3)
    ]
    for task in tasks:
        _finished(task)
    assert [t.config["description"] for t in batch.Task.list()[:3]] == ["t2", "t1", "t0"]
    assert {t.state for t in batch.Task.list()} == {"COMPLETED"}
    operation = ee.data.getOperation(tasks[0].operation_name)
    assert operation["done"] is True
    assert operation["metadata"]["progress"] == 1.0
    assert ee.data.listOperations("projects/another-project") == []
    with pytest.raises(ee.EEException, match="was not found"):
        ee.data.getOperation("projects/gee-sm-emulator/operations/NOTHING")


def test_operations_are_waited_for_and_paged(emulator: Emulator, post: Callable[..., Any]) -> None:
    gate = threading.Event()
    task = emulator.tasks.submit("projects/p", "EXPORT_IMAGE", _blocking(gate))
    others = [emulator.tasks.submit("projects/p", "X", lambda task: []) for _ in range(4)]
    waiting = json.loads(post(f"/v1/{task.name}:wait", {"timeout": "0.05s"}).body)
    assert "done" not in waiting
    gate.set()
    assert json.loads(post(f"/v1/{task.name}:wait", {"timeout": "20s"}).body)["done"] is True
    assert post(f"/v1/{task.name}:wait", {"timeout": "soon"}).status == 400
    names, token = [], ""
    while True:
        path = "/v1/projects/p/operations"
        page = json.loads(post(path, method="GET", pageSize="2", pageToken=token).body)
        names += [operation["name"] for operation in page["operations"]]
        token = page.get("nextPageToken", "")
        if not token:
            break
    assert names == [other.name for other in others[::-1]] + [task.name]


def test_same_request_id_is_the_same_task(
    connection: ClientConnection, post: Callable[..., Any]
) -> None:
    expression = json.loads(ee.FeatureCollection("TEST/POINTS").serialize(for_cloud_api=True))
    document = {
        "expression": expression,
        "fileExportOptions": {"fileFormat": "CSV", "driveDestination": {"filenamePrefix": "x"}},
        "requestId": "once",
    }
    path = "/v1/projects/gee-sm-emulator/table:export"
    names = {json.loads(post(path, document).body)["name"] for _ in range(3)}
    assert len(names) == 1
    other = json.loads(post(path, {**document, "requestId": "twice"}).body)["name"]
    assert other not in names


def _blocking(gate: threading.Event) -> Callable[[Task], list[str]]:
    def work(task: Task) -> list[str]:
        while not gate.wait(0.005):
            task.advance(0.5)
        return []

    return work


def test_cancel_running_and_waiting(emulator: Emulator, connection: ClientConnection) -> None:
    gate = threading.Event()
    project = "projects/gee-sm-emulator"
    running = [emulator.tasks.submit(project, "EXPORT_IMAGE", _blocking(gate)) for _ in range(2)]
    waiting = emulator.tasks.submit(project, "EXPORT_IMAGE", _blocking(gate))
    until = time.monotonic() + 10
    while any(task.progress == 0 for task in running):
        assert time.monotonic() < until
        time.sleep(0.01)
    operation = ee.data.getOperation(waiting.name)
    assert operation["metadata"]["state"] == "PENDING"
    assert operation["metadata"]["startTime"] == "1970-01-01T00:00:00.000000Z"
    ee.data.cancelOperation(waiting.name)
    assert ee.data.getOperation(waiting.name)["metadata"]["state"] == "CANCELLED"
    ee.data.cancelOperation(running[0].name)
    assert running[0].finished.wait(10)
    operation = ee.data.getOperation(running[0].name)
    assert operation["metadata"]["state"] == "CANCELLED"
    assert operation["error"] == {"code": 1, "message": "Cancelled."}
    gate.set()
    assert running[1].finished.wait(10)
    assert ee.data.getOperation(running[1].name)["metadata"]["state"] == "SUCCEEDED"
    ee.data.cancelOperation(running[1].name)
    assert ee.data.getOperation(running[1].name)["metadata"]["state"] == "SUCCEEDED"


def test_higher_priority_goes_first() -> None:
    queue = TaskQueue(Limits(concurrent_tasks=1))
    gate, order = threading.Event(), []

    def note(name: str) -> Callable[[Task], list[str]]:
        return lambda task: order.append(name) or []

    first = queue.submit("projects/p", "EXPORT_IMAGE", _blocking(gate))
    while first.state == "PENDING":
        time.sleep(0.005)
    tasks = [
        queue.submit("projects/p", "EXPORT_IMAGE", note(name), priority=priority)
        for name, priority in (
            ("low", 1),
            ("usual", None),
            ("high", {"value": 9999}),
            ("late", 100),
        )
    ]
    gate.set()
    assert all(task.finished.wait(10) for task in tasks)
    assert order == ["high", "usual", "late", "low"]
    queue.close()


def test_queue_is_bounded(catalog_folder: Path, tmp_path: Path, impatient: None) -> None:
    limits = Limits(pending_tasks=2, concurrent_tasks=1)
    gate = threading.Event()
    with (
        Emulator(catalog_folder, exports=tmp_path, limits=limits) as emulator,
        connect_client(emulator),
    ):
        ee.data.setMaxRetries(0)
        running = emulator.tasks.submit("projects/gee-sm-emulator", "X", _blocking(gate))
        while running.state == "PENDING":
            time.sleep(0.005)
        table = ee.FeatureCollection("TEST/POINTS")
        for _ in range(2):
            batch.Export.table.toDrive(table).start()
        with pytest.raises(ee.EEException, match=r"Too many tasks already in the queue \(2\)"):
            batch.Export.table.toDrive(table).start()
        gate.set()


def test_full_disk_fails_the_task_and_leaves_nothing(
    connection: ClientConnection, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gee_sm.emulator.service.encoders import geotiff_writer

    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(geotiff_writer.os, "replace", full)
    status = _finished(
        batch.Export.image.toDrive(
            ee.Image("TEST/SINGLE"), description="x", region=_region(), scale=10, crs="EPSG:32646"
        )
    )
    assert status["state"] == "FAILED"
    assert "No space left on device" in status["error_message"]
    assert list((emulator.exports / "drive").iterdir()) == []


@pytest.mark.parametrize(
    "options",
    [
        {"fileExportOptions": {"driveDestination": {"folder": "..", "filenamePrefix": "x"}}},
        {"fileExportOptions": {"driveDestination": {"filenamePrefix": "../../x"}}},
        {"fileExportOptions": {"cloudStorageDestination": {"bucket": "..", "filenamePrefix": "x"}}},
        {"fileExportOptions": {"cloudStorageDestination": {"bucket": "b/../c"}}},
        {
            "fileExportOptions": {
                "cloudStorageDestination": {"bucket": "bucket", "filenamePrefix": "../../../x"}
            }
        },
        {"assetExportOptions": {"earthEngineDestination": {"name": "projects/p/assets/../../x"}}},
        {"assetExportOptions": {"earthEngineDestination": {"name": "/etc/passwd"}}},
        {"assetExportOptions": {"earthEngineDestination": {}}},
        {},
    ],
)
def test_destinations_stay_inside(
    emulator: Emulator, post: Callable[..., Any], options: dict[str, Any], tmp_path: Path
) -> None:
    before = set(tmp_path.rglob("*"))
    document = {
        "expression": {
            "result": "0",
            "values": {
                "0": {
                    "functionInvocationValue": {
                        "functionName": "Collection.loadTable",
                        "arguments": {"tableId": {"constantValue": "TEST/POINTS"}},
                    }
                }
            },
        },
        **options,
    }
    answer = post("/v1/projects/gee-sm-emulator/table:export", document)
    if answer.status == 200:
        task = emulator.tasks.get(json.loads(answer.body)["name"])
        assert task.finished.wait(10)
    else:
        assert answer.status == 400
    made = set(tmp_path.rglob("*")) - before
    assert all(path.is_relative_to(emulator.exports) for path in made)
    assert not (emulator.exports / "x.csv").exists()


def test_project_configuration(connection: ClientConnection, emulator: Emulator) -> None:
    assert ee.data.getProjectConfig() == {"maxConcurrentExports": "2"}
    gate = threading.Event()
    tasks = [emulator.tasks.submit("projects/p", "X", _blocking(gate)) for _ in range(3)]
    ee.data.updateProjectConfig({"maxConcurrentExports": 3})
    until = time.monotonic() + 10
    while any(task.state != "RUNNING" for task in tasks):
        assert time.monotonic() < until
        time.sleep(0.005)
    gate.set()
    assert all(task.finished.wait(10) for task in tasks)
    with pytest.raises(ee.EEException, match="Invalid maxConcurrentExports"):
        ee.data.updateProjectConfig({"maxConcurrentExports": 0})


@pytest.mark.parametrize(
    ("start", "words"),
    [
        (
            lambda: batch.Export.video.toDrive(
                ee.ImageCollection("TEST/IMAGES"), dimensions=10
            ).start(),
            "Video exports",
        ),
        (
            lambda: ee.ImageCollection("TEST/IMAGES").getVideoThumbURL({"dimensions": 10}),
            "Video thumbnails",
        ),
    ],
)
def test_what_is_not_there_is_named(
    connection: ClientConnection, start: Callable[[], Any], words: str
) -> None:
    with pytest.raises(ee.EEException, match=f"{words} are not implemented by the emulator"):
        start()


def test_finished_tasks_keep_neither_request_nor_result(
    connection: ClientConnection, emulator: Emulator
) -> None:
    task = batch.Export.table.toDrive(ee.FeatureCollection("TEST/POINTS"), "points")
    _finished(task)
    kept = emulator.tasks.get(task.name)
    assert kept.document == {}
    assert kept.work(kept) == []


def test_destinations_that_are_not_there(connection: ClientConnection) -> None:
    table = ee.FeatureCollection("TEST/POINTS")
    for export, words in [
        (batch.Export.table.toBigQuery(table, table="p.d.t"), "BigQuery"),
        (batch.Export.table.toFeatureView(table, assetId=f"{ASSET}/view"), "feature views"),
    ]:
        with pytest.raises(ee.EEException, match=f"Exports to {words} are not implemented"):
            export.start()


def test_wrong_shard_size_is_named(connection: ClientConnection) -> None:
    status = _finished(batch.Export.image.toDrive(ee.Image("TEST/SINGLE"), scale=10, shardSize=-1))
    assert status["error_message"] == "Invalid shardSize -1: expected a positive number."


@pytest.mark.parametrize(
    "description", ["two words", "a/b", "Höhe", "a" * 101, "line\n", "(1)", "a=b"]
)
def test_descriptions_that_the_service_refuses(
    description: str, connection: ClientConnection, emulator: Emulator
) -> None:
    options = {"description": description, "fileNamePrefix": "x", "region": _region(), "scale": 10}
    for task in (
        batch.Export.image.toDrive(ee.Image(1), **options),
        batch.Export.image.toAsset(ee.Image(1), description, f"{ASSET}/x", region=_region()),
        batch.Export.table.toDrive(ee.FeatureCollection("TEST/POINTS"), description),
    ):
        with pytest.raises(ee.EEException, match="must be at most 100 characters long"):
            task.start()
    assert emulator.tasks.list("projects/gee-sm-emulator") == []


def test_descriptions_that_the_service_takes(connection: ClientConnection) -> None:
    for description in ("Az09.,:;_-", "a" * 100):
        task = batch.Export.table.toDrive(
            ee.FeatureCollection("TEST/POINTS"), description, fileNamePrefix="x"
        )
        task.start()
        assert task.status()["description"] == description


@pytest.mark.parametrize("request_id", ["a b", "a_b", "x" * 61, "é", "a\n", 7, ["a"]])
def test_request_ids_that_the_service_refuses(
    request_id: Any, connection: ClientConnection, post: Callable[..., Any]
) -> None:
    graph = ee.FeatureCollection("TEST/POINTS").serialize(for_cloud_api=True)
    document = {
        "expression": json.loads(graph),
        "fileExportOptions": {"driveDestination": {"filenamePrefix": "x"}},
        "requestId": request_id,
    }
    answer = post("/v1/projects/p/table:export", document)
    assert answer.status == 400
    assert "at most 60 characters" in json.loads(answer.body)["error"]["message"]


@pytest.mark.parametrize("selectors", [True, 7, {"a": 1}, [1]])
def test_selectors_of_an_asset_that_are_no_list_of_names(
    selectors: Any, connection: ClientConnection, emulator: Emulator, post: Callable[..., Any]
) -> None:
    graph = ee.FeatureCollection("TEST/POINTS").serialize(for_cloud_api=True)
    document = {
        "expression": json.loads(graph),
        "assetExportOptions": {"earthEngineDestination": {"name": f"{ASSET}/x"}},
        "selectors": selectors,
    }
    name = json.loads(post("/v1/projects/p/table:export", document).body)["name"]
    task = emulator.tasks.get(name)
    assert task.finished.wait(20)
    assert task.error is not None
    assert "list of property names" in task.error["message"]
