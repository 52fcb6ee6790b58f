"""The shares of input pixels under output pixels, against polygons of shapely."""

from __future__ import annotations

import ee
import numpy as np
import pyproj
import pytest
import shapely
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st

from gee_sm.emulator import connect_client
from gee_sm.emulator.catalog import CatalogWriter
from gee_sm.emulator.pixels.footprints import Slanted

SINUSOIDAL = "+proj=sinu +lon_0=0 +x_0=0 +y_0=0 +R=6371007.181 +units=m +no_defs"


@given(
    middle=st.tuples(st.floats(-3, 3), st.floats(-3, 3)),
    width=st.floats(0.05, 6),
    height=st.floats(0.05, 6),
    lean=st.floats(-1.5, 1.5),
    tilt=st.floats(-0.4, 0.4),
    mirrored=st.booleans(),
)
@settings(max_examples=150, deadline=None)
def test_shares_of_a_slanted_pixel_are_those_of_its_polygon(
    middle, width, height, lean, tilt, mirrored
):
    u = np.array([-0.5, 0.5, 0.5, -0.5])
    v = np.array([-0.5, -0.5, 0.5, 0.5])
    u = u[::-1] if mirrored else u
    x = middle[0] + width * u + lean * height * v
    y = middle[1] + height * v + tilt * width * u
    outline = shapely.Polygon(np.column_stack([x, y]))
    if not outline.is_valid or outline.area < 1e-3:
        return
    found = Slanted(x[:, None, None], y[:, None, None], np.array([[width]]), np.array([[height]]))
    column, row, across, down = found.cells()
    total = 0.0
    for j in range(down):
        for i, share in enumerate(found.shares(row + j, column, across)[:, 0, 0]):
            corner = float(column[0, 0] + i), float(row[0, 0] + j)
            cell = shapely.box(*corner, corner[0] + 1, corner[1] + 1)
            expected = cell.intersection(outline).area / outline.area
            assert share.item() == pytest.approx(expected, abs=2e-7 / outline.area + 1e-9)
            total += share.item()
    assert total == pytest.approx(1, abs=1e-4)


def test_a_mean_across_systems_follows_the_slant(tmp_path):
    rng = np.random.default_rng(0)
    values = rng.uniform(0, 1, (60, 120)).astype("float32")
    values[rng.random(values.shape) < 0.2] = np.nan
    size = 926.625433
    to_tile = pyproj.Transformer.from_crs("EPSG:4326", SINUSOIDAL, always_xy=True)
    west, north = to_tile.transform(91.0, 33.0)
    west, north = round(west / size) * size, round(north / size) * size
    with CatalogWriter(tmp_path / "catalog", title="slanted") as catalog:
        catalog.add_image(
            "users/me/tile",
            None,
            bands={"v": values},
            crs=SINUSOIDAL,
            transform=Affine(size, 0, west, 0, -size, north),
        )
    # A grid of 0.1 degrees whose pixels lie within the tile.
    pixel, left, top = 0.1, 91.2, 32.9
    grid = {
        "dimensions": {"width": 3, "height": 3},
        "affineTransform": {
            "scaleX": pixel,
            "shearX": 0,
            "translateX": left,
            "shearY": 0,
            "scaleY": -pixel,
            "translateY": top,
        },
        "crsCode": "EPSG:4326",
    }
    with connect_client(tmp_path / "catalog"):
        image = ee.Image("users/me/tile").reduceResolution(ee.Reducer.mean(), False, 1024)
        found = ee.data.computePixels(
            {"expression": image.toDouble(), "fileFormat": "NUMPY_NDARRAY", "grid": grid}
        )["v"]
    for i in range(3):
        for j in range(3):
            lon = left + pixel * (j + np.array([0, 1, 1, 0]))
            lat = top - pixel * (i + np.array([0, 0, 1, 1]))
            x, y = to_tile.transform(lon, lat)
            outline = shapely.Polygon(np.column_stack([(x - west) / size, (north - y) / size]))
            rows, columns = np.mgrid[:60, :120]
            cells = shapely.box(columns, rows, columns + 1, rows + 1)
            share = shapely.area(shapely.intersection(cells, outline))
            assert share.sum() == pytest.approx(outline.area)
            known = np.isfinite(values)
            expected = (share * np.where(known, values, 0)).sum() / (share * known).sum()
            assert found[i, j] == pytest.approx(expected, rel=1e-6)
