"""Interpolated pixel coordinates: pyproj's to a millionth of a pixel, the same in any tile."""

import numpy as np
import pyproj
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gee_sm.emulator.pixels.coordinate_cells import SIDE, TOLERANCE, interpolated
from gee_sm.emulator.pixels.grid import Grid, Projection, crs_of, pixel_coordinates

SINUSOIDAL = "SR-ORG:6974"
DEGREES = Projection("EPSG:4326", (1e-4, 0, 92, 0, -1e-4, 31.5))
COARSE = Projection("EPSG:4326", (0.25, 0, -180, 0, -0.25, 90))
UTM = Projection("EPSG:32646", (10, 0, 500_000, 0, -10, 3_500_000))
MODIS = Projection(SINUSOIDAL, (463.3127165, 0, 7_783_653, 0, -463.3127165, 4_447_802))
EASE = Projection("EPSG:6933", (9008.055, 0, 7_000_000, 0, -9008.055, 4_000_000))
PAIRS = {
    "UTM 10 m in degrees": (UTM, DEGREES),
    "degrees in UTM 10 m": (DEGREES, UTM),
    "web tiles in UTM 10 m": (
        Projection("EPSG:3857", (19.1, 0, 10_300_000, 0, -19.1, 3_700_000)),
        UTM,
    ),
    "UTM 60 m in the next zone": (
        Projection("EPSG:32646", (60, 0, 500_000, 0, -60, 3_500_000)),
        Projection("EPSG:32647", (60, 0, 0, 0, -60, 3_500_000)),
    ),
    "UTM 1 km in ERA5's degrees": (
        Projection("EPSG:32646", (1000, 0, 200_000, 0, -1000, 3_500_000)),
        COARSE,
    ),
    "degrees in MODIS' sinusoidal": (
        Projection("EPSG:4326", (0.005, 0, 80, 0, -0.005, 40)),
        MODIS,
    ),
    "MODIS' sinusoidal in degrees": (MODIS, DEGREES),
    "EASE-2 9 km in degrees": (EASE, COARSE),
    "degrees in EASE-2 9 km": (Projection("EPSG:4326", (0.1, 0, 70, 0, -0.1, 85)), EASE),
    "degrees to the pole in polar stereographic": (
        Projection("EPSG:4326", (0.05, 0, -60, 0, -0.05, 90)),
        Projection("EPSG:3413", (1000, 0, -3_000_000, 0, -1000, 3_000_000)),
    ),
    "polar stereographic over the pole in degrees": (
        Projection("EPSG:3413", (1000, 0, -130_000, 0, -1000, 130_000)),
        COARSE,
    ),
    "British grid in degrees, another datum": (
        Projection("EPSG:27700", (25, 0, 300_000, 0, -25, 500_000)),
        DEGREES,
    ),
    "web mercator across the antimeridian in UTM": (
        Projection("EPSG:3857", (500, 0, 19_950_000, 0, -500, 1_000_000)),
        Projection("EPSG:32660", (500, 0, 500_000, 0, -500, 1_000_000)),
    ),
    "the world beyond its edge": (
        Projection("EPSG:4326", (0.5, 0, -200, 0, -0.5, 100)),
        Projection("EPSG:3857", (50_000, 0, -20_000_000, 0, -50_000, 20_000_000)),
    ),
    "turned pixels": (
        Projection("EPSG:4326", (1e-4, 2e-5, 92, 3e-5, -1e-4, 31.5)),
        UTM,
    ),
}


def by_pyproj(target: Projection, grid: Grid) -> tuple[np.ndarray, np.ndarray]:
    """Transform every pixel centre, with nothing of the emulator but its CRS names."""
    forward = pyproj.Transformer.from_crs(
        crs_of(grid.lattice.crs), crs_of(target.crs), always_xy=True
    )
    columns, rows = np.meshgrid(np.arange(grid.width) + 0.5, np.arange(grid.height) + 0.5)
    x, y = grid.affine @ (columns, rows)
    with np.errstate(all="ignore"):
        return ~Grid.of(target, 1, 1).lattice.affine @ forward.transform(x, y)


@pytest.mark.parametrize("pair", PAIRS)
def test_every_pixel_is_within_the_tolerance_of_pyproj(pair):
    source, target = PAIRS[pair]
    grid = Grid.of(source, 300, 260)
    found = pixel_coordinates(target, grid)
    expected = by_pyproj(target, grid)
    inside = np.isfinite(expected[0]) & np.isfinite(expected[1])
    np.testing.assert_array_equal(np.isfinite(found[0]) & np.isfinite(found[1]), inside)
    assert inside.any()
    for ours, theirs in zip(found, expected, strict=True):
        # The last digits of numbers this large are not the interpolation's.
        noise = 8 * np.spacing(np.abs(theirs[inside]).max())
        assert np.abs(ours[inside] - theirs[inside]).max() <= TOLERANCE + noise


@given(st.sampled_from(sorted(PAIRS)), st.data())
@settings(max_examples=60, deadline=None)
def test_a_pixel_has_the_same_coordinates_in_any_window(pair, data):
    source, target = PAIRS[pair]
    whole = Grid.of(source, 3 * SIDE, 2 * SIDE + 5)
    left = data.draw(st.integers(0, whole.width - 1))
    top = data.draw(st.integers(0, whole.height - 1))
    width = data.draw(st.integers(1, whole.width - left))
    height = data.draw(st.integers(1, whole.height - top))
    part = whole.window(whole.x + left, whole.y + top, width, height)
    index = whole.slices(part)
    pixel_coordinates.cache_clear()
    alone = pixel_coordinates(target, part)
    pixel_coordinates.cache_clear()
    for ours, theirs in zip(alone, pixel_coordinates(target, whole), strict=True):
        assert ours.tobytes() == theirs[index].tobytes()


def test_few_points_are_transformed_where_the_map_is_smooth():
    counted = []

    def smooth(columns, rows):
        counted.append(columns.size)
        return np.sin(columns / 3000), np.cos(rows / 3000)

    interpolated(smooth, 0, 0, 512, 512)
    assert sum(counted) == 8 * 8 * 41


def test_a_kink_is_not_smoothed_over():
    def kinked(columns, rows):
        return np.abs(columns - 100.25), rows + 0.0

    x, _ = interpolated(kinked, 0, 0, 192, 64)
    np.testing.assert_allclose(x[0], np.abs(np.arange(192) + 0.5 - 100.25), atol=2e-7)
