"""Exports of one name: Drive keeps every file, a bucket the last one."""

from __future__ import annotations

import csv
import json
import threading
import time
from pathlib import Path

import ee
import pytest
from ee import batch

from gee_sm.emulator import ClientConnection, Emulator
from gee_sm.emulator.service.destinations import FileDestination, file_destination, write_file
from gee_sm.emulator.service.task import Task


def _exported(value: int, file_format: str = "CSV", **options: str) -> None:
    """Export a table of one number and wait for it."""
    table = ee.FeatureCollection([ee.Feature(ee.Geometry.Point(0, 0), {"v": value})])
    if "bucket" in options:
        task = batch.Export.table.toCloudStorage(table, "same", fileFormat=file_format, **options)
    else:
        task = batch.Export.table.toDrive(table, "same", fileFormat=file_format, **options)
    task.start()
    until = time.monotonic() + 20
    while task.active():
        assert time.monotonic() < until
        time.sleep(0.01)
    assert task.status()["state"] == "COMPLETED", task.status()


def _values(folder: Path) -> dict[str, str]:
    found = {}
    for path in folder.glob("*.csv"):
        with path.open(newline="") as file:
            (row,) = csv.DictReader(file)
        found[path.name] = row["v"]
    return found


def test_drive_keeps_both(connection: ClientConnection, emulator: Emulator) -> None:
    for value in (1, 2, 3):
        _exported(value)
    drive = emulator.exports / "drive"
    assert _values(drive) == {"same.csv": "1", "same (1).csv": "2", "same (2).csv": "3"}
    _exported(4, folder="elsewhere")
    assert _values(drive / "elsewhere") == {"same.csv": "4"}
    (drive / "same.csv").unlink()
    _exported(5)
    assert _values(drive)["same.csv"] == "5"


def test_bucket_keeps_the_last(connection: ClientConnection, emulator: Emulator) -> None:
    for value in (1, 2):
        _exported(value, bucket="bucket")
    assert _values(emulator.exports / "gcs" / "bucket") == {"same.csv": "2"}


def test_files_of_one_export_have_one_number(
    connection: ClientConnection, emulator: Emulator
) -> None:
    parts = ["cpg", "dbf", "prj", "shp", "shx"]
    _exported(1, "SHP")
    (emulator.exports / "drive" / "same.cpg").unlink()
    _exported(2, "SHP")
    names = sorted(path.name for path in (emulator.exports / "drive").iterdir())
    assert names == [f"same (1).{part}" for part in parts] + [f"same.{part}" for part in parts[1:]]


def _task(name: str) -> Task:
    return Task(f"projects/p/operations/{name}", "EXPORT_FEATURES", "x", 100, lambda task: [])


def _destination(root: Path) -> FileDestination:
    return file_destination(root, {"driveDestination": {"filenamePrefix": "same"}}, "x")


def test_names_are_promised_to_tasks_that_run_at_a_time(tmp_path: Path) -> None:
    destinations = [_destination(tmp_path) for _ in range(8)]
    found: list[Path] = []
    barrier = threading.Barrier(len(destinations))

    def name(number: int) -> None:
        barrier.wait(20)
        found.append(destinations[number].path(".csv", _task(str(number))))

    threads = [threading.Thread(target=name, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    numbers = ["", *(f" ({number})" for number in range(1, 8))]
    assert sorted(found) == sorted(tmp_path / "drive" / f"same{n}.csv" for n in numbers)
    for destination in destinations:
        destination.release()
    # None of them wrote anything, so the first name is free again.
    again = _destination(tmp_path)
    assert again.path(".csv", _task("again")).name == "same.csv"
    again.release()


@pytest.mark.parametrize("before", [0, 2])
def test_task_that_is_begun_anew_takes_the_place_of_its_own_files(
    tmp_path: Path, before: int
) -> None:
    for number in range(before):
        write_file(_destination(tmp_path).path(".csv", _task(f"before{number}")), b"other")
    task, destination = _task("a"), _destination(tmp_path)
    path = destination.path(".csv", task)
    write_file(path, b"first attempt")
    destination.release()
    record = json.loads(json.dumps(task.to_record()))
    anew, destination = Task.of_record(record, lambda task: []), _destination(tmp_path)
    assert destination.path(".csv", anew) == path
    assert destination.path(".json", anew).name.startswith("same")
    destination.release()
    assert _destination(tmp_path).path(".csv", _task("b")) != path
