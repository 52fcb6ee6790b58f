"""Maps by Earth Engine's batch exports: started, watched, and left to run on their own."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import ee
from tqdm.auto import tqdm

from gee_sm.client_calls import EarthEngineCallError, start_task, task_status
from gee_sm.mapping.output_grid import OutputGrid

_DONE = {"COMPLETED", "SUCCEEDED"}
_ENDED = _DONE | {"FAILED", "CANCELLED", "CANCEL_REQUESTED"}


@dataclass(frozen=True)
class ExportTask:
    """One export that was started.

    Attributes
    ----------
    name : str
        Name of the map's layer.
    id : str
        Earth Engine's id of the task.
    task : ee.batch.Task
        The client's handle.
    """

    name: str
    id: str
    task: ee.batch.Task


class ExportFailedError(EarthEngineCallError):
    """An export that ended without a result; the message is Earth Engine's."""


def start_exports(
    image: ee.Image,
    grid: OutputGrid,
    name: str,
    *,
    to: str,
    destination: str | None,
    region: ee.Geometry,
) -> list[ExportTask]:
    """Start the exports of a map: a file of moisture and its error, and one of the status.

    Parameters
    ----------
    image : ee.Image
        What :func:`gee_sm.retrieval.product.soil_moisture_image` returned.
    grid : OutputGrid
        Pixels of the map.
    name : str
        Name of the map, such as ``SM_2020_A``.
    to : {"drive", "gcs", "asset"}
        Where the files go.
    destination : str or None
        Folder of the Drive, bucket, or asset folder.
    region : ee.Geometry
        Area to export.

    Raises
    ------
    EarthEngineCallError
        If Earth Engine does not accept a task.
    """
    layers = {
        name: image.select(["soil_moisture", "standard_error"]).toFloat(),
        f"{name}_status": image.select("status").toByte(),
    }
    started = []
    for layer, picture in layers.items():
        task = _task(picture, grid, layer, to=to, destination=destination, region=region)
        started.append(ExportTask(layer, start_task(task), task))
    return started


def _task(
    image: ee.Image,
    grid: OutputGrid,
    name: str,
    *,
    to: str,
    destination: str | None,
    region: ee.Geometry,
) -> ee.batch.Task:
    common: dict[str, Any] = {
        "image": image,
        "description": name,
        "region": region,
        "crs": grid.crs,
        "crsTransform": list(grid.transform)[:6],
        # The plan is known: a task that wants more pixels than that is a mistake.
        "maxPixels": 4 * grid.height * grid.width + 10_000,
    }
    if to == "asset":
        return ee.batch.Export.image.toAsset(assetId=f"{destination}/{name}", **common)
    options = {"fileFormat": "GeoTIFF", "formatOptions": {"cloudOptimized": True}}
    if to == "gcs":
        return ee.batch.Export.image.toCloudStorage(
            bucket=destination, fileNamePrefix=name, **common, **options
        )
    return ee.batch.Export.image.toDrive(
        folder=destination or "gee-sm", fileNamePrefix=name, **common, **options
    )


def watch_exports(
    tasks: Iterable[ExportTask], *, progress: bool = True, poll_seconds: float = 10.0
) -> dict[str, Mapping[str, Any]]:
    """Wait until exports have ended, and return their last status by name.

    Interrupting the wait leaves the exports running.

    Raises
    ------
    ExportFailedError
        If one ended without a result; the others are waited for first.
    """
    tasks = list(tasks)
    ended: dict[str, Mapping[str, Any]] = {}
    wait = min(0.2, poll_seconds)
    with tqdm(total=len(tasks), desc="exports", unit="task", disable=not progress) as bar:
        while True:
            for task in tasks:
                if task.name not in ended:
                    status = task_status(task.task)
                    if status["state"] in _ENDED:
                        ended[task.name] = status
                        bar.update()
            if len(ended) == len(tasks):
                break
            time.sleep(wait)
            wait = min(2 * wait, poll_seconds)
    failed = {n: s for n, s in ended.items() if s["state"] not in _DONE}
    if failed:
        reasons = "; ".join(f"{n}: {s.get('error_message', s['state'])}" for n, s in failed.items())
        raise ExportFailedError(f"{len(failed)} of {len(tasks)} exports failed: {reasons}")
    return ended
