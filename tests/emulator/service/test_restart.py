"""Tasks outlive the service: what was queued or running goes on when it is started again."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import ee
import pytest
import requests
from ee import batch
from google.auth.credentials import AnonymousCredentials

from gee_sm.emulator import Emulator, Limits, connect_client
from gee_sm.emulator.client_state import put_back, set_aside, without_stac_fetch
from gee_sm.emulator.service.asset_store import STAGING
from gee_sm.emulator.service.task import Task
from gee_sm.emulator.service.task_journal import TaskJournal
from gee_sm.emulator.service.tasks import TaskQueue

PROJECT = "projects/gee-sm-emulator"


def _wait_until(condition: Callable[[], bool], seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.02)


@pytest.fixture
def serve(catalog_folder: Path, tmp_path: Path) -> Iterator[Callable[[], subprocess.Popen[str]]]:
    """Start ``gee-sm serve``, and the client on it."""
    processes: list[subprocess.Popen[str]] = []
    former = set_aside()

    def serve() -> subprocess.Popen[str]:
        command = [sys.executable, "-c", "from gee_sm.cli import main; main()", "serve"]
        options = ["--emulator", catalog_folder, "--exports", tmp_path / "exports", "--port", "0"]
        process = subprocess.Popen(
            [*command, *map(str, options)], stdout=subprocess.PIPE, text=True
        )
        processes.append(process)
        assert process.stdout is not None
        found = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())
        assert found
        process.url = found[0]  # type: ignore[attr-defined]
        with without_stac_fetch():
            ee.Initialize(AnonymousCredentials(), project="gee-sm-emulator", url=found[0])
        return process

    yield serve
    put_back(former)
    for process in processes:
        process.kill()
        process.wait()


def _states() -> dict[str, str]:
    return {task.config["description"]: task.state for task in batch.Task.list()}


def _attempts() -> dict[str, int]:
    operations = ee.data.listOperations()
    return {o["metadata"]["description"]: o["metadata"].get("attempt", 0) for o in operations}


def test_killed_service_goes_on_where_it_was(
    serve: Callable[[], subprocess.Popen[str]], tmp_path: Path
) -> None:
    first = serve()
    table = ee.FeatureCollection("TEST/POINTS")
    done = batch.Export.table.toDrive(table, "done")
    done.start()
    _wait_until(lambda: not done.active())
    slow = ee.Image.random(1).focalMedian(3, "square", "pixels")
    box = ee.Geometry.Rectangle([400_000, 3_490_000, 408_000, 3_498_000], "EPSG:32646", False)
    for name in ("slow_1", "slow_2"):  # two run at a time, the next ones wait
        batch.Export.image.toDrive(slow, name, region=box, scale=10, crs="EPSG:32646").start()
    waiting = batch.Export.table.toDrive(table, "waiting")
    dropped = batch.Export.table.toDrive(table, "dropped")
    waiting.start()
    dropped.start()
    dropped.cancel()
    _wait_until(lambda: _states()["slow_2"] == "RUNNING")
    assert _states() == {
        "done": "COMPLETED",
        "slow_1": "RUNNING",
        "slow_2": "RUNNING",
        "waiting": "READY",
        "dropped": "CANCELLED",
    }
    ended = done.status()["update_timestamp_ms"]
    first.send_signal(signal.SIGKILL)
    first.wait()

    second = serve()
    assert second.stdout is not None
    assert [second.stdout.readline() for _ in range(2)] == [
        f"Exports go to {tmp_path / 'exports'}\n",
        "Tasks of the service before that go on: 3\n",
    ]
    assert set(_states()) == {"done", "slow_1", "slow_2", "waiting", "dropped"}
    assert [t.config["description"] for t in batch.Task.list()][-1] == "done"  # newest first
    _wait_until(lambda: not {"READY", "RUNNING"} & set(_states().values()))
    assert _states() == {
        "done": "COMPLETED",
        "slow_1": "COMPLETED",
        "slow_2": "COMPLETED",
        "waiting": "COMPLETED",
        "dropped": "CANCELLED",
    }
    assert done.status()["update_timestamp_ms"] == ended
    assert _attempts() == {"done": 1, "slow_1": 2, "slow_2": 2, "waiting": 1, "dropped": 0}
    # Nothing is left of what the killed service had half written.
    written = {path.name for path in (tmp_path / "exports" / "drive").iterdir()}
    assert written == {"done.csv", "slow_1.tif", "slow_2.tif", "waiting.csv"}

    second.send_signal(signal.SIGINT)
    assert second.wait(20) == 0
    serve()
    assert set(_states().values()) == {"COMPLETED", "CANCELLED"}
    with pytest.raises(ee.EEException, match="was not found"):
        ee.data.getOperation(f"{PROJECT}/operations/NOTHING")


def test_request_ids_are_remembered(
    serve: Callable[[], subprocess.Popen[str]],
) -> None:
    """A client whose request was answered by a crash repeats it, and starts nothing twice."""

    def started(process: Any, request_id: str) -> str:
        expression = json.loads(ee.FeatureCollection("TEST/POINTS").serialize(for_cloud_api=True))
        document = {
            "expression": expression,
            "fileExportOptions": {"driveDestination": {"filenamePrefix": "x"}},
            "requestId": request_id,
        }
        url = f"{process.url}/v1/{PROJECT}/table:export"
        return requests.post(url, json=document, timeout=30).json()["name"]

    first = serve()
    name = started(first, "once")
    first.kill()
    first.wait()
    second = serve()
    assert started(second, "once") == name
    assert started(second, "twice") != name


def _queue(folder: Path, work: Callable[[Task], list[str]] | None = None) -> TaskQueue:
    queue = TaskQueue(Limits(concurrent_tasks=1), TaskJournal(folder))
    queue.take_over(lambda call, document: work or (lambda task: [document["uri"]]))
    return queue


def _submitted(queue: TaskQueue, work: Callable[[Task], list[str]], uri: str = "x") -> Task:
    return queue.submit("projects/p", "X", work, call="a.call", document={"uri": uri})


def _until_stopped(task: Task) -> list[str]:
    while True:
        task.advance(0.5)
        time.sleep(0.002)


def test_stopped_tasks_wait_for_the_next_service(tmp_path: Path) -> None:
    first = _queue(tmp_path)
    running = _submitted(first, _until_stopped, "file:///a")
    waiting = _submitted(first, _until_stopped, "file:///b")
    _wait_until(lambda: running.state == "RUNNING")
    first.close()
    assert running.finished.is_set()  # whoever waits for it is let go
    second = _queue(tmp_path)
    for old, uri in ((running, "file:///a"), (waiting, "file:///b")):
        task = second.get(old.name)
        assert task.finished.wait(10)
        assert (task.state, task.attempt, task.destination_uris) == ("SUCCEEDED", 1, [uri])
        assert task.created == old.created
    second.close()


def test_half_written_files_of_a_killed_service_are_removed(tmp_path: Path) -> None:
    names = [f".a.tif.{'0' * 32}.part", f".a.tif.{'0' * 32}.cog", ".mine.part", "a.tif"]
    for folder in ("drive/maps", "gcs/bucket"):
        (tmp_path / folder).mkdir(parents=True)
        for name in names:
            (tmp_path / folder / name).touch()
    unfinished = tmp_path / "assets" / f"{STAGING}{'0' * 32}"
    unfinished.mkdir(parents=True)
    (unfinished / "0.tif").touch()
    first = _queue(tmp_path)
    task = _submitted(first, _until_stopped)
    _wait_until(lambda: task.state == "RUNNING")
    first.close()
    left = sorted(path.name for path in (tmp_path / "gcs" / "bucket").iterdir())
    assert left == sorted(names)  # a service that was stopped in order has cleaned up itself
    _rewritten(tmp_path, state="RUNNING")
    other = TaskQueue(Limits(), TaskJournal(tmp_path))
    assert other.submit("projects/p", "X", lambda task: []).finished.wait(10)
    _queue(tmp_path).close()
    assert set(names) == {path.name for path in (tmp_path / "drive" / "maps").iterdir()}
    other.close()
    _rewritten(tmp_path, state="RUNNING")
    _queue(tmp_path).close()
    for folder in ("drive/maps", "gcs/bucket"):
        assert {path.name for path in (tmp_path / folder).iterdir()} == {".mine.part", "a.tif"}
    assert not unfinished.exists()


def test_a_live_service_keeps_its_tasks(tmp_path: Path) -> None:
    gate = threading.Event()
    first = _queue(tmp_path)
    mine = _submitted(first, lambda task: [str(gate.wait(20))])
    other = _queue(tmp_path)
    assert other.list("projects/p") == []
    gate.set()
    assert mine.finished.wait(10)
    assert mine.attempt == 1
    first.close()
    other.close()
    assert [task.name for task in _queue(tmp_path).list("projects/p")] == [mine.name]


def _rewritten(folder: Path, **changes: Any) -> None:
    for path in folder.glob("operations/*/*.json"):
        path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


@pytest.mark.parametrize(
    ("changes", "state", "words"),
    [
        ({"state": "CANCELLING"}, "CANCELLED", "Cancelled."),
        ({"state": "RUNNING", "attempt": 5}, "FAILED", "ended in each of 5 attempts"),
        ({"state": "RUNNING", "attempt": 4}, "SUCCEEDED", ""),
    ],
)
def test_what_becomes_of_a_task_whose_service_crashed(
    tmp_path: Path, changes: dict[str, Any], state: str, words: str
) -> None:
    first = _queue(tmp_path)
    task = _submitted(first, _until_stopped)
    first.close()
    _rewritten(tmp_path, **changes)
    second = _queue(tmp_path)
    found = second.get(task.name)
    assert found.finished.wait(10)
    assert found.state == state
    assert words in (found.error or {"message": ""})["message"]
    second.close()


def test_requests_are_forgotten_when_done_and_broken_records_are_left(tmp_path: Path) -> None:
    queue = _queue(tmp_path)
    task = _submitted(queue, lambda task: [])
    assert task.finished.wait(10)
    queue.close()
    (path,) = tmp_path.glob("operations/*/*.json")
    assert "document" not in json.loads(path.read_text())
    (path.parent / "half.json").write_text('{"name": ')
    assert [t.name for t in _queue(tmp_path).list("projects/p")] == [task.name]
    assert (path.parent / "half.json").exists()


def test_a_request_that_can_no_longer_be_done_fails(catalog_folder: Path, tmp_path: Path) -> None:
    with Emulator(catalog_folder, exports=tmp_path) as emulator:
        task = emulator.tasks.submit(
            "projects/p", "X", _until_stopped, call="projects.image.export", document={"a": 1}
        )
        _wait_until(lambda: task.state == "RUNNING")
    with Emulator(catalog_folder, exports=tmp_path) as emulator:
        found = emulator.tasks.get(task.name)
        assert found.finished.wait(10)
        assert found.state == "FAILED"
        assert "expected an object with 'values'" in found.error["message"]


@pytest.mark.parametrize("kind", ["image", "table", "classifier"])
def test_an_asset_that_was_made_is_not_made_again(
    catalog_folder: Path, tmp_path: Path, kind: str
) -> None:
    """The service ended between the asset and the record that says so."""
    asset = f"{PROJECT}/assets/made"
    with Emulator(catalog_folder, exports=tmp_path) as emulator, connect_client(emulator):
        box = ee.Geometry.Rectangle([400_000, 3_499_700, 400_400, 3_500_000], "EPSG:32646", False)
        grid = {"region": box, "scale": 10, "crs": "EPSG:32646"}
        table = ee.FeatureCollection("TEST/POINTS")
        taught = ee.Classifier.smileCart().train(table, "number", ["value"])
        task = {
            "image": lambda: batch.Export.image.toAsset(ee.Image(1), "x", asset, **grid),
            "table": lambda: batch.Export.table.toAsset(table, "x", asset),
            "classifier": lambda: batch.Export.classifier.toAsset(taught, "x", asset),
        }[kind]()
        task.start()
        document = emulator.tasks.get(task.operation_name).document
        assert emulator.tasks.get(task.operation_name).finished.wait(20)
        made = ee.data.getAsset(asset)
    call = f"projects.{kind}.export"
    _rewritten(tmp_path, state="RUNNING", call=call, document=document)
    with Emulator(catalog_folder, exports=tmp_path) as emulator, connect_client(emulator):
        again = emulator.tasks.get(task.operation_name)
        assert again.finished.wait(20)
        assert (again.state, again.attempt) == ("SUCCEEDED", 2)
        assert ee.data.getAsset(asset) == made
        other = batch.Export.table.toAsset(ee.FeatureCollection("TEST/POINTS"), "y", asset)
        other.start()
        assert emulator.tasks.get(other.operation_name).finished.wait(20)
        assert "Cannot overwrite asset" in other.status()["error_message"]


def test_folder_that_takes_no_records_takes_tasks(tmp_path: Path, caplog: Any) -> None:
    (tmp_path / "operations").write_text("a file in the way")
    queue = _queue(tmp_path)
    task = _submitted(queue, lambda task: [])
    assert task.finished.wait(10)
    assert task.state == "SUCCEEDED"
    assert "will not survive this process" in caplog.text
    queue.close()
