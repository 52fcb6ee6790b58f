"""The service's limits, with its words and codes."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import ee
import numpy as np
import pytest
from ee import batch

from gee_sm.emulator import Emulator, Limits, connect_client
from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.service.message import Request, Response
from gee_sm.emulator.service.routes import Route
from gee_sm.emulator.service.task import Task
from gee_sm.emulator.service.tasks import TaskQueue


@contextmanager
def _limited(folder: Path | None = None, **limits: Any) -> Iterator[Emulator]:
    with Emulator(folder, limits=Limits(**limits)) as emulator, connect_client(emulator):
        ee.data.setMaxRetries(0)
        yield emulator


def _grid(width: int, height: int) -> dict[str, Any]:
    return {
        "dimensions": {"width": width, "height": height},
        "affineTransform": {"scaleX": 1e-5, "scaleY": -1e-5},
        "crsCode": "EPSG:4326",
    }


def _error(answer: Response) -> tuple[int, str]:
    error = json.loads(answer.body)["error"]
    assert error["code"] == answer.status
    return answer.status, error["message"]


def _request(image: ee.Image, width: int, height: int) -> dict[str, Any]:
    return {
        "expression": json.loads(image.serialize(for_cloud_api=True)),
        "fileFormat": "NPY",
        "grid": _grid(width, height),
    }


@pytest.mark.parametrize(
    ("width", "height", "bands", "words"),
    [
        (32_769, 1, 1, "Pixel grid dimensions (32769x1) must be less than or equal to 32768."),
        (1, 40_000, 1, "Pixel grid dimensions (1x40000) must be less than or equal to 32768."),
        (1, 1, 1_025, "Number of bands (1025) must be less than or equal to 1024."),
        # A float and its mask are 5 bytes: 3173 x 3173 just fits into 48 MB, 3174 x 3174 does not.
        (
            3_174,
            3_174,
            1,
            "Total request size (50371380 bytes) must be less than or equal to 50331648 bytes.",
        ),
    ],
)
def test_requests_for_pixels(
    connection: Any,
    post: Callable[..., Response],
    width: int,
    height: int,
    bands: int,
    words: str,
) -> None:
    image = ee.Image.constant([1] * bands).toFloat()
    answer = post("/v1/projects/p/image:computePixels", _request(image, width, height))
    assert _error(answer) == (400, words)


def test_the_largest_request_passes() -> None:
    with _limited(pixels_bytes=500, pixels_side=10):
        request = {"expression": ee.Image(1).toFloat(), "fileFormat": "NPY"}
        ee.data.computePixels({**request, "grid": _grid(10, 10)})
        with pytest.raises(ee.EEException, match=r"Total request size \(600 bytes\)"):
            ee.data.computePixels(
                {
                    **request,
                    "grid": _grid(10, 10),
                    "expression": ee.Image(1.5).toByte().addBands(1).addBands(1),
                }
            )
        with pytest.raises(ee.EEException, match="11x1"):
            ee.data.computePixels({**request, "grid": _grid(11, 1)})


def test_downloads_are_refused_when_the_url_is_asked_for() -> None:
    with _limited(download_side=100):
        box = ee.Geometry.Rectangle([0, 0, 1, 1], None, False)
        with pytest.raises(ee.EEException, match="must be less than or equal to 100"):
            ee.Image(1).getDownloadURL({"region": box, "scale": 1000})


def test_payload(connection: Any, post: Callable[..., Response]) -> None:
    body = b'{"expression": "' + b"x" * 10_485_760 + b'"}'
    answer = post("/v1/projects/p/value:compute", body)
    assert _error(answer) == (400, "Request payload size exceeds the limit: 10485760 bytes.")


def test_collections_of_5000_elements(catalog_folder: Path) -> None:
    with (
        _limited(catalog_folder, collection_elements=24),
        pytest.raises(
            ee.EEException,
            match=r"Collection query aborted after accumulating over 24 elements\.",
        ),
    ):
        ee.FeatureCollection("TEST/POINTS").getInfo()
    with _limited(catalog_folder, collection_elements=25):
        assert len(ee.FeatureCollection("TEST/POINTS").getInfo()["features"]) == 25


def test_long_computations_time_out(catalog_folder: Path) -> None:
    with _limited(catalog_folder, computation_seconds=0.05):
        counted = ee.List.sequence(1, 1_000_000).map(lambda n: ee.Number(n).add(1))
        start = time.monotonic()
        with pytest.raises(ee.EEException, match=r"Computation timed out\."):
            counted.getInfo()
        assert time.monotonic() - start < 30
        assert ee.Number(1).getInfo() == 1


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ({"concurrent_requests": 1}, "Too Many Requests"),
        ({"concurrent_aggregations": 1}, "Too many concurrent aggregations."),
    ],
)
def test_concurrent_requests(
    limits: dict[str, int], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    entered, gate = threading.Event(), threading.Event()

    def slow(emulator: Emulator, request: Request, project: str) -> Response:
        entered.set()
        gate.wait(10)
        return Response()

    from gee_sm.emulator.service import handler

    real = handler.match

    def matched(request: Request) -> tuple[Route, dict[str, Any]] | None:
        from dataclasses import replace

        found = real(request)
        return found if found is None else (replace(found[0], answer=slow), found[1])

    monkeypatch.setattr(handler, "match", matched)
    with Emulator(limits=Limits(**limits)) as emulator:

        def ask() -> Response:
            return emulator.handle("POST", "/v1/projects/p/value:compute", {}, {}, b"{}")

        first = threading.Thread(target=ask)
        first.start()
        assert entered.wait(10)
        status, message = _error(ask())
        assert status == 429
        assert words in message
        gate.set()
        first.join()
        assert ask().status == 200


def test_client_repeats_what_is_refused_for_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    from gee_sm.emulator import Fault, FaultPlan

    monkeypatch.setattr("googleapiclient.http.time.sleep", lambda _: None)
    plan = FaultPlan([Fault(kind="429", at=(1, 2), call="projects.value.compute")])
    with connect_client(faults=plan):
        assert ee.Number(7).getInfo() == 7
    assert [injection.number for injection in plan.injected] == [1, 2]


# The defaults, which are Google's, with the words of its answers.


def _numbered(count: int) -> ee.FeatureCollection:
    return ee.FeatureCollection(
        ee.List.sequence(1, count).map(lambda n: ee.Feature(None, {"n": n}))
    )


def test_five_thousand_elements_by_default(connection: Any) -> None:
    assert len(_numbered(5_000).getInfo()["features"]) == 5_000
    with pytest.raises(
        ee.EEException,
        match=r"^Collection query aborted after accumulating over 5000 elements\.$",
    ):
        _numbered(5_001).getInfo()


def test_ten_million_pixels_of_a_region_by_default(connection: Any) -> None:
    """10 m over 32 km x 32 km is 10.24 million pixels."""
    region = ee.Geometry.Rectangle([400_000, 3_468_000, 432_000, 3_500_000], "EPSG:32646", False)
    image = ee.Image("TEST/SINGLE")
    options = {"geometry": region, "scale": 10, "crs": "EPSG:32646"}
    with pytest.raises(
        ee.EEException,
        match=r"Image\.reduceRegion: Too many pixels in the region\. "
        r"Found 10240000, but maxPixels allows only 10000000\.",
    ):
        image.reduceRegion(ee.Reducer.count(), **options).getInfo()
    more = image.reduceRegion(ee.Reducer.count(), **options, maxPixels=2e7)
    coarser = image.reduceRegion(ee.Reducer.count(), **options, bestEffort=True)
    assert more.getInfo() == {"class": 1200}
    assert 0 < coarser.getInfo()["class"] < 1200


def test_hundred_million_pixels_of_an_export_by_default(connection: Any) -> None:
    region = ee.Geometry.Rectangle([0, 0, 100_010, 100_000], "EPSG:32646", False)
    task = batch.Export.image.toDrive(
        ee.Image(1), "large", region=region, scale=10, crs="EPSG:32646"
    )
    task.start()
    while task.active():
        time.sleep(0.01)
    assert task.status()["error_message"] == (
        "Export too large: specified 100010000 pixels (max: 100000000). Specify higher maxPixels "
        "value if you intend to export a large area."
    )


def test_sixty_four_pixels_for_one_by_default(connection: Any, pixels: Callable[..., Any]) -> None:
    def grid(scale: int) -> dict[str, Any]:
        return {
            "dimensions": {"width": 2, "height": 2},
            "affineTransform": {
                "scaleX": scale,
                "translateX": 400_000,
                "scaleY": -scale,
                "translateY": 3_500_000,
            },
            "crsCode": "EPSG:32646",
        }

    mean = ee.Image("TEST/SINGLE").reduceResolution(ee.Reducer.mean())
    found = pixels(mean, grid=grid(80))["class"]
    classes = (np.arange(1200) % 7).reshape(30, 40)[:16, :16]
    np.testing.assert_allclose(
        found, classes.reshape(2, 8, 2, 8).mean(axis=(1, 3)), rtol=1e-6
    )  # 8 x 8 = 64
    with pytest.raises(ee.EEException, match="Too many input pixels per output pixel: 81"):
        pixels(mean, grid=grid(90))


def test_three_thousand_tasks_by_default() -> None:
    gate = threading.Event()
    queue = TaskQueue(Limits())

    def submit() -> Task:
        return queue.submit("projects/p", "EXPORT_IMAGE", lambda task: [str(gate.wait(60))])

    running = [submit(), submit()]
    until = time.monotonic() + 10
    while any(task.state == "PENDING" for task in running):
        assert time.monotonic() < until
        time.sleep(0.005)
    for _ in range(3_000):
        submit()
    with pytest.raises(
        EarthEngineError, match=r"Too many tasks already in the queue \(3000\)"
    ) as it:
        submit()
    assert (it.value.code, it.value.status) == (429, "RESOURCE_EXHAUSTED")
    for task in queue.list("projects/p"):
        queue.cancel(task.name)
    gate.set()
    queue.close()


def test_documented_defaults() -> None:
    """What Google's page on quotas and its reference say."""
    limits = Limits()
    assert limits.computation_seconds == 5 * 60
    assert limits.concurrent_requests == limits.concurrent_aggregations == 40
    assert (limits.download_bytes, limits.download_side) == (32 * 2**20, 10_000)
    assert limits.pixels_bytes == 48 * 2**20
    assert limits.payload_bytes == 10 * 2**20
