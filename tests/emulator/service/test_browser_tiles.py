"""geemap's layers in a real browser: the tiles that Chromium fetches hold the emulator's pixels.

The page is served from another host than the emulator, and reads the tiles back from a canvas. A
browser allows that only if the tiles' answers carry the CORS headers of the service. Leaflet is the
one that geemap's own map widget brings; nothing is fetched from a network.
"""

from __future__ import annotations

import base64
import contextlib
import functools
import http.server
import io
import json
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import ee
import numpy as np
import pyproj
import pytest
import scipy.ndimage
from PIL import Image as Picture

from gee_sm.emulator import ClientConnection
from gee_sm.emulator.service.web_map import tile_grid

geemap = pytest.importorskip("geemap")

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
LEAFLET = Path(sys.prefix, "share/jupyter/nbextensions/jupyter-leaflet/index.js")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-color-profile=srgb",
    "--host-resolver-rules=MAP map.example 127.0.0.1",
    "--virtual-time-budget=60000",
)
PAGE = """<!doctype html>
<meta charset="utf-8">
<style>#found { display: none }</style>
<script>
// The widget is an AMD module; beside itself it leaves Leaflet in window.L, as Leaflet does.
window.define = (names, make) => {
  const base = new Proxy(class {}, {
    get(target, key, it) {
      return key in target || typeof key === "symbol" ? Reflect.get(target, key, it) : base;
    },
  });
  make({}, base);
};
</script>
<script src="leaflet.js"></script>
<body><pre id="found"></pre><script>
function pictureOf(tile) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 256;
  canvas.getContext("2d").drawImage(tile, 0, 0);
  return canvas.toDataURL("image/png");
}
function shown(layer) {
  const place = document.createElement("div");
  place.style.cssText = "width: 300px; height: 300px; float: left; margin: 4px";
  document.body.append(place);
  const map = L.map(place, {fadeAnimation: false, zoomControl: false});
  map.setView(layer.center, layer.zoom);
  const tiles = L.tileLayer(layer.url, {crossOrigin: true, maxZoom: 24});
  return new Promise((resolve) => {
    tiles.on("load", () => {
      const pictures = Object.values(tiles._tiles).map(({coords, el}) => (
        {x: coords.x, y: coords.y, z: coords.z, png: pictureOf(el)}));
      resolve(pictures);
    });
    tiles.on("tileerror", (event) => resolve("tile not shown: " + event.tile.src));
    tiles.addTo(map);
  });
}
function taintedBy(url) {
  return new Promise((resolve) => {
    const tile = new Image();
    tile.onload = () => {
      try { pictureOf(tile); resolve("read"); } catch (error) { resolve(error.name); }
    };
    tile.onerror = () => resolve("not shown");
    tile.src = url;
  });
}
function asked(url) {
  const request = {method: "POST", body: "{}"};
  return fetch(url, request).then((answer) => "answered " + answer.status, (error) => error.name);
}
(async () => {
  const order = await (await fetch("order.json")).json();
  const found = {leaflet: L.version, origin: location.origin, layers: {}};
  for (const layer of order.layers) found.layers[layer.name] = await shown(layer);
  const first = found.layers[order.layers[0].name][0];
  found.without_cors = await taintedBy(L.Util.template(order.layers[0].url, first));
  found.compute = await asked(order.compute);
  document.getElementById("found").textContent = JSON.stringify(found);
})();
</script>
"""


@pytest.fixture(scope="module")
def chromium() -> str:
    """Path of the browser; without one the tests are skipped, and say so."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip(f"no browser to fetch tiles with: none of {', '.join(BROWSERS)} is installed")
    if not LEAFLET.is_file():
        pytest.skip("geemap's map widget has brought no Leaflet: ipyleaflet is not installed here")
    return found


class _Pages(http.server.BaseHTTPRequestHandler):
    """Serves the page, Leaflet and the order, and nothing else."""

    pages: dict[str, tuple[str, bytes]]

    def do_GET(self) -> None:
        kind, body = self.pages.get(self.path, ("text/plain", b""))
        self.send_response(200 if body else 404)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def show(
    chromium: str, served: ClientConnection, tmp_path: Path
) -> Iterator[Callable[[list[geemap.Map]], dict[str, Any]]]:
    """Show the layers of geemap's maps on a page; return what the page read from the tiles."""
    handler = type("Handler", (_Pages,), {})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=functools.partial(server.serve_forever, 0.05), daemon=True)
    thread.start()

    def show(maps: list[geemap.Map]) -> dict[str, Any]:
        layers = [
            {"name": layer.name, "url": layer.url, "center": list(one.center), "zoom": one.zoom}
            for one in maps
            for layer in one.layers
            if layer.url.startswith(served.url)
        ]
        compute = f"{served.url}/v1/projects/gee-sm-emulator/value:compute"
        order = json.dumps({"layers": layers, "compute": compute})
        handler.pages = {
            "/": ("text/html", PAGE.encode()),
            "/leaflet.js": ("text/javascript", LEAFLET.read_bytes()),
            "/order.json": ("application/json", order.encode()),
        }
        command = [chromium, *FLAGS, f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom"]
        page = f"http://map.example:{server.server_address[1]}/"
        run = subprocess.run(
            [*command, page], capture_output=True, text=True, timeout=120, check=True
        )
        found = re.search(r'<pre id="found">(\{.*?\})</pre>', run.stdout, re.DOTALL)
        assert found, f"the page did not finish:\n{run.stdout[-2000:]}\n{run.stderr[-2000:]}"
        return json.loads(found[1])

    yield show
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def quiet() -> Iterator[None]:
    """Keep geemap's prints out of the test's output."""
    with contextlib.redirect_stdout(io.StringIO()):
        yield


def _picture(tile: dict[str, Any]) -> np.ndarray:
    """Return the RGBA bytes that the browser read, shape (256, 256, 4)."""
    body = base64.b64decode(tile["png"].partition(",")[2])
    return np.asarray(Picture.open(io.BytesIO(body)).convert("RGBA"))


def _pixels(image: ee.Image, tile: dict[str, Any]) -> np.ndarray:
    """Return colours and mask of a tile as ``computePixels`` answers them, 0 to 255."""
    grid = tile_grid(tile["z"], tile["x"], tile["y"]).projection.transform
    names = ("scaleX", "shearX", "translateX", "shearY", "scaleY", "translateY")
    mask = image.mask().reduce(ee.Reducer.min()).multiply(255).round().toByte().rename("alpha")
    found = ee.data.computePixels(
        {
            "expression": image.unmask(0, False).addBands(mask),
            "fileFormat": "NUMPY_NDARRAY",
            "grid": {
                "dimensions": {"width": 256, "height": 256},
                "affineTransform": dict(zip(names, grid, strict=True)),
                "crsCode": "EPSG:3857",
            },
        }
    )
    *colors, alpha = (found[name] for name in found.dtype.names)
    return np.stack([*(colors * (3 // len(colors))), alpha], axis=-1)


def test_images_and_collections(
    served: ClientConnection, show: Callable[..., dict[str, Any]], quiet: None
) -> None:
    classes = ee.Image("TEST/SINGLE")
    series = ee.ImageCollection("TEST/IMAGES").select("counts")
    veiled = ee.Image("TEST/IMAGES/scene_1").select("ratio").updateMask(0.4)
    colours = {"min": 0, "max": 6, "palette": ["0000FF", "FFFF00", "FF0000"]}
    shown = geemap.Map(center=[31.629, 91.947], zoom=16)
    shown.add_layer(classes, colours, "image")
    shown.add_layer(series, {"min": 0, "max": 3e4}, "collection")
    shown.add_layer(veiled, {"min": 0, "max": 1}, "veiled")
    found = show([shown])
    assert found["origin"].startswith("http://map.example:")
    expected = {
        "image": classes.visualize(**colours),
        "collection": series.mosaic().visualize(min=0, max=3e4),
        "veiled": veiled.visualize(min=0, max=1),
    }
    assert set(found["layers"]) == set(expected)
    for name, image in expected.items():
        tiles = found["layers"][name]
        assert isinstance(tiles, list), tiles
        seen = 0
        for tile in tiles:
            picture, pixels = _picture(tile), _pixels(image, tile)
            alpha = pixels[..., 3]
            np.testing.assert_array_equal(picture[..., 3], alpha, err_msg=name)
            # A canvas keeps colours multiplied by their alpha, in bytes: exact where alpha is 255.
            lost = np.where(alpha < 255, np.ceil(255 / np.maximum(alpha, 1)), 0)[alpha > 0]
            error = np.abs(picture[..., :3].astype(int) - pixels[..., :3])[alpha > 0]
            assert (error <= lost[:, None]).all(), name
            seen += int((alpha > 0).sum())
        assert seen > 10_000, f"{name}: nothing is in view"
    assert found["without_cors"] == "SecurityError"  # the header is what lets the page read
    assert found["compute"] == "TypeError"  # and a page from elsewhere may not compute


def test_features(
    served: ClientConnection, show: Callable[..., dict[str, Any]], quiet: None
) -> None:
    shown = geemap.Map(center=[31.6, 91.1], zoom=11)
    shown.add_layer(ee.FeatureCollection("TEST/POINTS"), {"color": "FF0000"}, "stations")
    found = show([shown])
    to_mercator = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:3857", always_xy=True)
    places = np.array(to_mercator.transform([91 + i / 100 for i in range(25)], [31.6] * 25)).T
    tiles = found["layers"]["stations"]
    assert isinstance(tiles, list), tiles
    matched = 0
    for tile in tiles:
        a, _, west, _, _, north = tile_grid(tile["z"], tile["x"], tile["y"]).projection.transform
        inside = (places - (west, north)) / (a, -a)
        inside = inside[((inside > 8) & (inside < 248)).all(axis=1)]
        picture = _picture(tile)
        assert (picture[picture[..., 3] == 255] == (255, 0, 0, 255)).all()
        blobs, count = scipy.ndimage.label(picture[..., 3] > 0)
        centres = scipy.ndimage.center_of_mass(blobs > 0, blobs, range(1, count + 1))
        for x, y in inside:
            distances = [np.hypot(column + 0.5 - x, row + 0.5 - y) for row, column in centres]
            assert min(distances, default=np.inf) < 1
            matched += 1
    assert matched >= 10
