"""Which pixels an export holds: every form of a region, and the ways to name its grid."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import ee
import numpy as np
import pytest
import rasterio
from ee import batch

from gee_sm.emulator import ClientConnection, Emulator

WEST, SOUTH, EAST, NORTH = 400_100, 3_499_800, 400_300, 3_499_900
ROWS, COLUMNS = slice(10, 20), slice(10, 30)


def _exported(emulator: Emulator, **options: Any) -> Path:
    """Export a band and return the one file."""
    options.setdefault("image", ee.Image("TEST/IMAGES/scene_1").select("counts"))
    task = batch.Export.image.toDrive(description="grid", **options)
    task.start()
    until = time.monotonic() + 30
    while task.active():
        assert time.monotonic() < until, task.status()
        time.sleep(0.02)
    assert task.status()["state"] == "COMPLETED", task.status()
    return emulator.exports / "drive" / "grid.tif"


@pytest.mark.parametrize("form", ["ring", "line", "text", "triangle", "GeoJSON"])
def test_a_region_exports_its_bounding_box(
    form: str, connection: ClientConnection, emulator: Emulator, stored: dict[str, Any]
) -> None:
    # The reference: an image is clipped to the bounding box, in its projection, of the geometry.
    inset = 2.0  # metres, lest an edge that was transformed there and back reaches the next pixel
    corners = [
        ee.Geometry.Point([x, y], "EPSG:32646").transform("EPSG:4326", 0.001).getInfo()
        for x, y in [
            (WEST + inset, SOUTH + inset),
            (EAST - inset, SOUTH + inset),
            (EAST - inset, NORTH - inset),
            (WEST + inset, NORTH - inset),
        ]
    ]
    ring = [corner["coordinates"] for corner in corners]
    regions = {
        "ring": ring,
        "line": [ring[0], ring[2]],
        "text": str([ring]),
        "triangle": ee.Geometry.Polygon([[ring[0], ring[1], ring[3]]]),
        "GeoJSON": ee.Geometry({"type": "Polygon", "coordinates": [ring]}),
    }
    path = _exported(emulator, region=regions[form], crs="EPSG:32646", scale=10)
    with rasterio.open(path) as dataset:
        assert dataset.bounds == (WEST, SOUTH, EAST, NORTH)
        np.testing.assert_array_equal(dataset.read(1), stored["counts"](1)[ROWS, COLUMNS])


def test_transform_and_dimensions_are_an_exact_rectangle(
    connection: ClientConnection, emulator: Emulator, stored: dict[str, Any]
) -> None:
    # The client makes a rectangle in pixels of the image's projection of these.
    path = _exported(
        emulator,
        crs="EPSG:32646",
        crsTransform=[10, 0, WEST, 0, -10, NORTH],
        dimensions="20x10",
    )
    with rasterio.open(path) as dataset:
        assert dataset.bounds == (WEST, SOUTH, EAST, NORTH)
        np.testing.assert_array_equal(dataset.read(1), stored["counts"](1)[ROWS, COLUMNS])
