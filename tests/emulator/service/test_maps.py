"""Map tiles show the image's pixels where Web Mercator puts them."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import ee
import numpy as np
import pyproj
import pytest
import requests
from PIL import Image as Picture

from gee_sm.emulator import ClientConnection
from gee_sm.emulator.service.web_map import tile_grid


def _tile_of(longitude: float, latitude: float, zoom: int) -> tuple[int, int]:
    """The usual web map formula, from the OpenStreetMap wiki."""
    count = 2**zoom
    x = int((longitude + 180) / 360 * count)
    y = int((1 - np.arcsinh(np.tan(np.radians(latitude))) / np.pi) / 2 * count)
    return x, y


def test_tile_grid_agrees_with_the_web_map_formula() -> None:
    to_degrees = pyproj.Transformer.from_crs("EPSG:3857", "EPSG:4326", always_xy=True)
    for zoom, x, y in ((0, 0, 0), (3, 5, 2), (14, 12_345, 6_789)):
        xs, ys = tile_grid(zoom, x, y).axes()
        for column, row in ((0, 0), (255, 255), (128, 7)):
            assert _tile_of(*to_degrees.transform(xs[column], ys[row]), zoom) == (x, y)


def test_tile_shows_the_stored_pixels(served: ClientConnection) -> None:
    image = ee.Image("TEST/SINGLE")
    layer = image.getMapId({"min": 0, "max": 6, "palette": ["000000", "0000FF"]})
    to_degrees = pyproj.Transformer.from_crs("EPSG:32646", "EPSG:4326", always_xy=True)
    zoom = 15
    x, y = _tile_of(*to_degrees.transform(400_200, 3_499_850), zoom)
    answer = requests.get(layer["tile_fetcher"].format_tile_url(x, y, zoom), timeout=30)
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["content-type"] == "image/png"
    shown = np.asarray(Picture.open(io.BytesIO(answer.content)).convert("RGBA"))
    assert shown.shape == (256, 256, 4)

    # What pyproj says lies under each pixel of the tile.
    xs, ys = np.meshgrid(*tile_grid(zoom, x, y).axes())
    mercator = pyproj.Transformer.from_crs("EPSG:3857", "EPSG:32646", always_xy=True)
    east, north = mercator.transform(xs, ys)
    column, row = (east - 400_000) // 10, (3_500_000 - north) // 10
    inside = (column >= 0) & (column < 40) & (row >= 0) & (row < 30)
    assert inside.any()
    np.testing.assert_array_equal(shown[..., 3] > 0, inside)
    classes = (row * 40 + column)[inside].astype(int) % 7
    assert np.abs(shown[..., 2][inside] - classes / 6 * 255).max() <= 1
    assert not shown[..., 0].any()

    fetched = layer["tile_fetcher"].fetch_tile(x, y, zoom)
    assert fetched == answer.content


def test_collections_and_features_are_drawn(connection: ClientConnection) -> None:
    mosaic = ee.ImageCollection("TEST/IMAGES").select("counts").getMapId({"min": 0, "max": 3e4})
    assert mosaic["mapid"].startswith("projects/gee-sm-emulator/maps/")
    points = ee.FeatureCollection("TEST/POINTS").getMapId({"color": "FF0000"})
    x, y = _tile_of(91.0, 31.6, 10)
    body = points["tile_fetcher"].fetch_tile(x, y, 10)
    drawn = np.asarray(Picture.open(io.BytesIO(body)).convert("RGBA"))
    assert (drawn[..., 3] > 0).any()
    assert (drawn[..., 0][drawn[..., 3] == 255] == 255).all()


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("maps/unknown/tiles/1/0/0", 404),
        ("maps/{}/tiles/1/0/2", 400),
        ("maps/{}/tiles/99/0/0", 400),
        ("maps/{}/tiles/one/0/0", 400),
        ("maps/{}/tiles/1/-3/1", 200),
    ],
)
def test_tiles_out_of_range(
    connection: ClientConnection, post: Callable[..., Any], path: str, status: int
) -> None:
    name = ee.Image(1).visualize().getMapId()["mapid"].rsplit("/", 1)[1]
    answer = post(f"/v1/projects/gee-sm-emulator/{path.format(name)}", method="GET")
    assert answer.status == status
