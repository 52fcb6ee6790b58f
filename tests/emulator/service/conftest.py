"""A tiny catalog, and the official client connected to an emulator of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import ee
import numpy as np
import pytest
from affine import Affine

from gee_sm.emulator import CatalogWriter, ClientConnection, Emulator, connect_client
from gee_sm.emulator.client_state import without_waiting
from gee_sm.emulator.service.message import Response

HEIGHT, WIDTH = 30, 40
CRS = "EPSG:32646"
TRANSFORM = Affine(10, 0, 400_000, 0, -10, 3_500_000)
GRID = {
    "dimensions": {"width": WIDTH, "height": HEIGHT},
    "affineTransform": {
        "scaleX": 10,
        "shearX": 0,
        "translateX": 400_000,
        "shearY": 0,
        "scaleY": -10,
        "translateY": 3_500_000,
    },
    "crsCode": CRS,
}


def counts_of(index: int) -> np.ndarray:
    """Band ``counts`` of an image: 1, 2, 3 ... plus 10000 times the index; a corner is masked."""
    values = np.arange(1, HEIGHT * WIDTH + 1, dtype=np.uint16).reshape(HEIGHT, WIDTH)
    values = values + np.uint16(10_000 * index)
    values[:3, :5] = 0
    return values


def ratio_of(index: int) -> np.ndarray:
    """Band ``ratio`` of an image, masked along its last column."""
    values = np.random.default_rng(index).random((HEIGHT, WIDTH), np.float32)
    values[:, -1] = np.nan
    return values


@pytest.fixture(scope="session")
def catalog_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A catalog with a collection of three images, a single image and a table."""
    folder = tmp_path_factory.mktemp("catalog")
    with CatalogWriter(folder) as catalog:
        for index in range(3):
            catalog.add_image(
                "TEST/IMAGES",
                f"scene_{index}",
                bands={"counts": counts_of(index), "ratio": ratio_of(index)},
                crs=CRS,
                transform=TRANSFORM,
                nodata={"counts": 0, "ratio": float("nan")},
                properties={"CLOUDS": 10 * index, "PASS": "AB"[index % 2]},
                time_start=datetime(2020, 1, 1 + index, 12, tzinfo=UTC),
            )
        catalog.add_image(
            "TEST/SINGLE",
            bands={"class": (np.arange(HEIGHT * WIDTH) % 7).astype("uint8").reshape(HEIGHT, WIDTH)},
            crs=CRS,
            transform=TRANSFORM,
            pyramiding={"class": "MODE"},
        )
        catalog.add_table(
            "TEST/POINTS",
            [
                {
                    "type": "Feature",
                    "geometry": {"type": "Point", "coordinates": [91 + i / 100, 31.6]},
                    "properties": {"number": i, "name": f"station, {i}", "value": i / 4},
                }
                for i in range(25)
            ],
        )
    return folder


@pytest.fixture(autouse=True)
def at_once() -> Iterator[None]:
    """Let the client repeat what failed without waiting, so that a fault is told at once."""
    with without_waiting():
        yield


@pytest.fixture
def emulator(catalog_folder: Path, tmp_path: Path) -> Iterator[Emulator]:
    """An emulator of the catalog, whose exports go to a folder of the test's own."""
    with Emulator(catalog_folder, exports=tmp_path / "exports") as emulator:
        yield emulator


@pytest.fixture
def connection(emulator: Emulator) -> Iterator[ClientConnection]:
    """The client, connected to it in process."""
    with connect_client(emulator) as connection:
        yield connection


@pytest.fixture
def served(emulator: Emulator) -> Iterator[ClientConnection]:
    """The client, connected to it, with URLs that can be fetched."""
    with connect_client(emulator, serve=True) as connection:
        yield connection


@pytest.fixture
def impatient() -> Iterator[None]:
    """Keep the client from repeating what failed (it waits between attempts)."""
    yield from _retries(0)


def _retries(count: int) -> Iterator[None]:
    state = ee.data._get_state()
    before = state.max_retries
    ee.data.setMaxRetries(count)
    yield
    state.max_retries = before


@pytest.fixture
def grid() -> dict[str, Any]:
    """The catalog's own grid, as requests write it."""
    return json.loads(json.dumps(GRID))


@pytest.fixture
def pixels(grid: dict[str, Any]) -> Callable[..., Any]:
    """Compute an image's pixels on the catalog's grid through the client."""

    def pixels(image: ee.Image, **options: Any) -> Any:
        request = {"expression": image, "fileFormat": "NUMPY_NDARRAY", "grid": grid, **options}
        return ee.data.computePixels(request)

    return pixels


@pytest.fixture
def post(emulator: Emulator) -> Callable[..., Response]:
    """Send a request to the handler without the client."""

    def post(path: str, document: Any = None, *, method: str = "POST", **query: str) -> Response:
        body = document if isinstance(document, bytes) else json.dumps(document or {}).encode()
        return emulator.handle(method, path, query, {}, body)

    return post


@pytest.fixture
def stored() -> dict[str, Callable[[int], np.ndarray]]:
    """What the catalog's images hold, by band."""
    return {"counts": counts_of, "ratio": ratio_of}
