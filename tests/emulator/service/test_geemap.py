"""geemap, unmodified, shows and exports what the emulator has."""

from __future__ import annotations

import contextlib
import csv
import io
from pathlib import Path
from typing import Any

import ee
import numpy as np
import pyproj
import pytest
import rasterio
import requests
from PIL import Image as Picture

from gee_sm.emulator import ClientConnection

geemap = pytest.importorskip("geemap")

BOX = [400_000, 3_499_700, 400_400, 3_500_000]


def _region() -> ee.Geometry:
    return ee.Geometry.Rectangle(BOX, "EPSG:32646", False)


@pytest.fixture
def quiet() -> Any:
    """Keep geemap's prints out of the test's output."""
    with contextlib.redirect_stdout(io.StringIO()) as captured:
        yield captured


def test_layers_and_their_tiles(served: ClientConnection, quiet: io.StringIO) -> None:
    shown = geemap.Map(center=[31.6, 91.0], zoom=12)
    shown.add_layer(ee.Image("TEST/SINGLE"), {"min": 0, "max": 6}, "classes")
    shown.add_layer(ee.ImageCollection("TEST/IMAGES").select("counts"), {"max": 3e4}, "series")
    shown.add_layer(ee.FeatureCollection("TEST/POINTS"), {"color": "FF0000"}, "stations")
    layers = [layer for layer in shown.layers if layer.name in ("classes", "series", "stations")]
    assert len(layers) == 3
    for layer in layers:
        assert layer.url.startswith(served.url)
        answer = requests.get(layer.url.format(x=771, y=416, z=10), timeout=30)
        assert answer.status_code == 200
        assert Picture.open(io.BytesIO(answer.content)).size == (256, 256)


def test_centre_of_an_object(served: ClientConnection, quiet: io.StringIO) -> None:
    shown = geemap.Map()
    shown.center_object(ee.FeatureCollection("TEST/POINTS"), 9)
    assert shown.zoom == 9
    np.testing.assert_allclose(shown.center, [31.6, 91.12], atol=0.01)


def test_to_numpy(connection: ClientConnection, stored: dict[str, Any]) -> None:
    array = geemap.ee_to_numpy(
        ee.Image("TEST/IMAGES/scene_1").select("ratio"), region=_region(), scale=10
    )
    assert array.shape == (30, 40, 1)
    np.testing.assert_array_equal(array[..., 0], np.nan_to_num(stored["ratio"](1)))


def test_export_image_over_http(
    served: ClientConnection, stored: dict[str, Any], tmp_path: Path, quiet: io.StringIO
) -> None:
    path = tmp_path / "scene.tif"
    geemap.ee_export_image(
        ee.Image("TEST/IMAGES/scene_1").select("ratio"),
        filename=str(path),
        scale=10,
        region=_region(),
    )
    assert path.exists(), quiet.getvalue()
    with rasterio.open(path) as dataset:
        assert dataset.bounds == tuple(BOX)
        values = dataset.read(1, masked=True)
    np.testing.assert_array_equal(values.filled(0), np.nan_to_num(stored["ratio"](1)))


def test_tables(connection: ClientConnection) -> None:
    geojson = geemap.ee_to_geojson(ee.FeatureCollection("TEST/POINTS").limit(2))
    assert [f["properties"]["number"] for f in geojson["features"]] == [0, 1]
    import pandas

    if int(pandas.__version__.split(".", maxsplit=1)[0]) >= 3:
        pytest.skip("geemap 0.37.2 drops a column in a way that pandas 3 refuses")
    frame = geemap.ee_to_df(ee.FeatureCollection("TEST/POINTS"))
    assert list(frame["number"]) == list(range(25))


def test_inspector(served: ClientConnection, quiet: io.StringIO, stored: dict[str, Any]) -> None:
    """A click on the map shows the pixel under it."""
    from geemap.map_widgets import Inspector

    to_degrees = pyproj.Transformer.from_crs("EPSG:32646", "EPSG:4326", always_xy=True)
    longitude, latitude = to_degrees.transform(400_205, 3_499_855)
    shown = geemap.Map(center=[latitude, longitude], zoom=15)
    shown.add_layer(ee.Image("TEST/IMAGES/scene_1"), {"bands": ["counts"], "max": 3e4}, "scene")
    inspector = Inspector(shown)
    shown.zoom = 14  # finer than the pixels, so that the pyramid is not used
    inspector._on_map_click([latitude, longitude])
    shown_values = {
        node["label"] for layer in inspector.pixel_info["children"] for node in layer["children"]
    }
    assert f"counts: {stored['counts'](1)[14, 20]}" in shown_values


def test_exports_as_geemap_starts_them(
    connection: ClientConnection, emulator: Any, quiet: io.StringIO
) -> None:
    import time

    from ee import batch

    geemap.ee_export_image_to_drive(
        ee.Image("TEST/SINGLE"),
        description="from_geemap",
        region=_region(),
        scale=10,
        crs="EPSG:32646",
        maxPixels=1e6,
    )
    (task,) = batch.Task.list()
    until = time.monotonic() + 20
    while task.active():
        assert time.monotonic() < until
        time.sleep(0.02)
    assert task.status()["state"] == "COMPLETED"
    assert (emulator.exports / "drive" / "from_geemap.tif").exists()


def test_to_xarray_is_broken_in_the_released_geemap(connection: ClientConnection) -> None:
    """geemap 0.37.2 hands xee 0.1 arguments that it no longer takes; xee is to be called itself."""
    if geemap.__version__ != "0.37.2":
        pytest.skip("about release 0.37.2")
    with pytest.raises(TypeError):
        geemap.ee_to_xarray(ee.ImageCollection("TEST/IMAGES"), ee_initialize=False, scale=10)


def test_zonal_statistics(
    served: ClientConnection, stored: dict[str, Any], tmp_path: Path, quiet: io.StringIO
) -> None:
    boxes = [[400_100, 3_499_800, 400_200, 3_499_900], [400_200, 3_499_800, 400_390, 3_499_900]]
    zones = ee.FeatureCollection(
        [
            ee.Feature(ee.Geometry.Rectangle(box, "EPSG:32646", False), {"zone": index})
            for index, box in enumerate(boxes)
        ]
    )
    parts = [(slice(10, 20), slice(10, 20)), (slice(10, 20), slice(20, 39))]

    means = tmp_path / "means.csv"
    image = ee.Image("TEST/IMAGES/scene_1").select("counts")
    geemap.zonal_stats(image, zones, str(means), stat_type="MEAN", scale=10, crs="EPSG:32646")
    with means.open() as file:
        found = [float(row["mean"]) for row in csv.DictReader(file)]
    np.testing.assert_allclose(found, [stored["counts"](1)[part].mean() for part in parts])

    # It removes a property by setting it to null, and then asks for all that there are.
    shares = tmp_path / "shares.csv"
    geemap.zonal_stats_by_group(
        ee.Image("TEST/SINGLE"),
        zones,
        str(shares),
        stat_type="PERCENTAGE",
        decimal_places=6,
        scale=10,
        crs="EPSG:32646",
    )
    classes = (np.arange(30 * 40) % 7).reshape(30, 40)
    with shares.open() as file:
        for row, part in zip(csv.DictReader(file), parts, strict=True):
            counted = np.bincount(classes[part].ravel(), minlength=7)
            found = [float(row[f"Class_{k}"]) for k in range(7)]
            # geemap names no coordinate system here, so the pixels are of 10 m in degrees: some
            # stored pixels are met twice, others not at all.
            np.testing.assert_allclose(found, counted / counted.sum(), atol=0.01)
            np.testing.assert_allclose(sum(found), 1, atol=1e-5)
