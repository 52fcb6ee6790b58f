"""Output grids and the arithmetic of requests."""

from __future__ import annotations

import pyproj
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gee_sm.mapping.output_grid import grid_for, utm_zone
from gee_sm.mapping.tiling import (
    MASK_BYTES,
    REQUEST_BYTES,
    REQUEST_SIDE,
    Tile,
    tile_side,
    tiles_of,
)


@pytest.mark.parametrize(
    ("region", "code"),
    [
        ((92, 32, 93, 33), "EPSG:32646"),
        ((-180, -10, -179, -9), "EPSG:32701"),
        ((179, 10, 180, 11), "EPSG:32660"),
        ((-4, 40, -3, 41), "EPSG:32630"),
    ],
)
def test_utm_zones(region, code):
    assert utm_zone(region) == code


@given(
    west=st.floats(-170, 170),
    south=st.floats(-70, 70),
    width=st.floats(0.01, 0.5),
    height=st.floats(0.01, 0.5),
    scale=st.sampled_from([10.0, 20.0, 100.0, 1000.0]),
)
def test_grids_cover_the_region_on_whole_multiples(west, south, width, height, scale):
    region = (west, south, west + width, south + height)
    grid = grid_for(region, scale=scale)
    assert grid.transform.c % scale == 0
    assert grid.transform.f % scale == 0
    to_grid = pyproj.Transformer.from_crs("EPSG:4326", grid.crs, always_xy=True)
    left, bottom, right, top = grid.bounds
    for x, y in [(west, south), (west, south + height), (west + width, south)]:
        easting, northing = to_grid.transform(x, y)
        assert left <= easting <= right
        assert bottom <= northing <= top


def test_grids_of_two_scales_share_their_edges():
    fine, coarse = (grid_for((92, 32.5, 92.1, 32.6), scale=s) for s in (10, 100))
    assert (coarse.transform.c - fine.transform.c) % 10 == 0


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:999999", "EPSG:2263"])
def test_systems_not_in_metres_are_refused(crs):
    with pytest.raises(ValueError, match=r"crs 'EPSG"):
        grid_for((92, 32.5, 92.1, 32.6), scale=100, crs=crs)


@given(bands=st.integers(1, 60), width=st.integers(1, 8))
def test_tiles_stay_within_a_request(bands, width):
    side = tile_side(bands * width, bands, block=16, largest=100_000)
    assert side % 16 == 0
    assert side <= REQUEST_SIDE
    assert side * side * bands * (width + MASK_BYTES) <= REQUEST_BYTES


@given(height=st.integers(1, 300), width=st.integers(1, 300), side=st.integers(1, 128))
def test_tiles_cover_every_pixel_once(height, width, side):
    tiles = list(tiles_of(height, width, side))
    assert sum(tile.height * tile.width for tile in tiles) == height * width
    assert len({(tile.row, tile.column) for tile in tiles}) == len(tiles)
    assert all(tile.row + tile.height <= height for tile in tiles)


@given(height=st.integers(2, 99), width=st.integers(2, 99))
def test_halves_make_the_whole(height, width):
    first, second = Tile(3, 5, height, width).halves()
    assert first.height * first.width + second.height * second.width == height * width
    assert (first.row, first.column) == (3, 5)
