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
import pytest

from gee_sm.emulator import Emulator, Limits, connect_client
from gee_sm.emulator.service.message import Request, Response
from gee_sm.emulator.service.routes import Route


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
