"""Lines, points and pyramid levels must not depend on how a map is cut into tiles."""

from __future__ import annotations

import itertools

import ee
import numpy as np
import pytest
import shapely
from affine import Affine

WEST, NORTH = 500_000.0, 3_600_000.0


def _line(points: np.ndarray) -> ee.Geometry:
    """Return a line through points in columns and rows of the stored rasters."""
    corners = [[WEST + 10 * x, NORTH - 10 * y] for x, y in points.tolist()]
    return ee.Geometry.LineString(corners, "EPSG:32646", False)


def _painted(geometry: ee.Geometry) -> ee.Image:
    return ee.Image(0).byte().paint(ee.FeatureCollection([ee.Feature(geometry)]), 1).selfMask()


def _walked(points: np.ndarray) -> np.ndarray:
    """Return the pixels found by walking along a line in steps of a ten-thousandth of a pixel."""
    met = np.zeros((120, 150), bool)
    for start, end in itertools.pairwise(points):
        steps = int(np.hypot(*(end - start)) * 10_000)
        at = start + (end - start) * np.linspace(0, 1, steps)[:, None]
        met[np.floor(at[:, 1]).astype(int), np.floor(at[:, 0]).astype(int)] = True
    return met


@pytest.mark.parametrize("seed", range(4))
def test_a_painted_line_is_the_pixels_it_walks_through(pull_tiled, seed):
    points = np.random.default_rng(seed).uniform((0, 0), (150, 120), (6, 2))
    found = ~np.ma.getmaskarray(pull_tiled(_painted(_line(points)))["constant"])
    walked = _walked(points)
    assert found[walked].all()
    # What the walk steps over is a corner cut by less than a step.
    assert (found & ~walked).sum() <= 2


def test_a_line_between_pixels_belongs_to_the_right_and_lower_ones(pull_tiled):
    down = _line(np.array([[40.0, 10.0], [40.0, 60.0]]))
    found = ~np.ma.getmaskarray(pull_tiled(_painted(down))["constant"])
    expected = np.zeros_like(found)
    expected[10:61, 40] = True
    np.testing.assert_array_equal(found, expected)
    across = _line(np.array([[3.5, 70.0], [60.5, 70.0]]))
    found = ~np.ma.getmaskarray(pull_tiled(_painted(across))["constant"])
    expected = np.zeros_like(found)
    expected[70, 3:61] = True
    np.testing.assert_array_equal(found, expected)


def test_a_diagonal_through_corners_has_one_pixel_a_row(pull_tiled):
    found = ~np.ma.getmaskarray(
        pull_tiled(_painted(_line(np.array([[5.0, 5.0], [90.0, 90.0]]))))["constant"]
    )
    np.testing.assert_array_equal(np.nonzero(found), [np.arange(5, 91)] * 2)


def test_points_on_corners_are_one_pixel_each(pull_tiled):
    columns, rows = np.array([[10, 20, 31, 43], [17, 17, 69, 70]])
    points = ee.Geometry.MultiPoint(
        [[WEST + 10 * float(x), NORTH - 10 * float(y)] for x, y in zip(columns, rows, strict=True)],
        "EPSG:32646",
    )
    found = ~np.ma.getmaskarray(pull_tiled(_painted(points))["constant"])
    assert found.sum() == 4
    assert found[rows, columns].all()


def test_reducing_along_a_line_takes_the_pixels_it_meets(rasters):
    points = np.random.default_rng(9).uniform((1, 1), (149, 119), (4, 2))
    met = _walked(points)
    found = (
        ee.Image("TEST/IMAGE")
        .select("value")
        .reduceRegion(ee.Reducer.mean(), _line(points), 10)
        .getInfo()
    )
    assert found["value"] == pytest.approx(rasters["value"][met].mean(dtype=float), rel=1e-3)


def test_clipping_to_a_line_keeps_the_pixels_it_meets(pull_tiled):
    points = np.random.default_rng(5).uniform((0, 0), (150, 120), (4, 2))
    clipped = ee.Image("TEST/IMAGE").select("value").clip(_line(points))
    found = ~np.ma.getmaskarray(pull_tiled(clipped)["value"])
    walked = _walked(points)
    assert found[walked].all()
    assert (found & ~walked).sum() <= 2


@pytest.mark.parametrize("crs", ["EPSG:32646", "EPSG:4326"])
def test_the_level_of_a_best_effort_is_one_for_all_tiles(pull, crs):
    image = ee.Image("TEST/BIG").select("big")
    coarse = image.reduceResolution(ee.Reducer.mean(), True, 16)
    if crs == "EPSG:32646":
        whole = Affine(70, 0, WEST, 0, -70, NORTH)
    else:
        whole = Affine(7e-4, 0, 93.0, 0, -7e-4, 32.5)
    found = pull(coarse, (60, 80), whole, crs)["big"]
    for top, left, height, width in ((7, 3, 20, 30), (0, 50, 5, 30), (59, 0, 1, 1)):
        corner = whole @ Affine.translation(left, top)
        part = pull(coarse, (height, width), corner, crs)["big"]
        index = np.s_[top : top + height, left : left + width]
        np.testing.assert_array_equal(found.filled(-1)[index], part.filled(-1))
    assert (~np.ma.getmaskarray(found)).any()


def test_a_best_effort_reads_the_coarsest_level_that_is_needed(pull):
    """7 x 7 pixels for one, 16 allowed: the level of 20 m, whose pixels are means of 4."""
    image = ee.Image("TEST/BIG").select("big")
    transform = Affine(70, 0, WEST, 0, -70, NORTH)
    found = pull(image.reduceResolution(ee.Reducer.mean(), True, 16), (60, 80), transform)["big"]
    level = image.reproject("EPSG:32646", [20, 0, WEST, 0, -20, NORTH])
    expected = pull(level.reduceResolution(ee.Reducer.mean(), False, 64), (60, 80), transform)
    np.testing.assert_allclose(found.filled(-1), expected["big"].filled(-1), rtol=1e-12)


def test_too_many_input_pixels_are_refused():
    image = ee.Image("TEST/BIG").select("big").reduceResolution(ee.Reducer.mean(), False, 16)
    with pytest.raises(ee.EEException, match=r"Too many input pixels per output pixel: 49\."):
        image.reduceRegion(
            ee.Reducer.mean(), _line(np.array([[0.0, 0.0], [9, 9]])), None, "EPSG:32646",
            [70, 0, WEST, 0, -70, NORTH],
        ).getInfo()  # fmt: skip


def test_an_outline_of_many_corners_covers_what_shapely_says(pull_tiled):
    """It is cut into blocks; neither they nor the tiles may show."""
    rng = np.random.default_rng(8)
    angle = np.linspace(0, 2 * np.pi, 900, endpoint=False)
    radius = 45 + 8 * np.sin(7 * angle) + rng.normal(0, 0.3, angle.size)
    outline = np.stack([75 + radius * np.cos(angle), 60 + radius * np.sin(angle)], axis=-1)
    hole = [(60.0, 50.0), (90.5, 50.0), (90.5, 70.25)]
    shape = shapely.make_valid(shapely.Polygon(outline, [hole]))
    placed = shapely.transform(shape, lambda p: p * [10, -10] + [WEST, NORTH])
    region = ee.Geometry(shapely.geometry.mapping(placed), "EPSG:32646", False)
    found = pull_tiled(ee.Image(1).clip(region).mask().unmask(0, False))["constant"].filled(0)
    rows, columns = np.indices((120, 150))
    pixels = shapely.box(columns, rows, columns + 1, rows + 1)
    expected = shapely.area(shapely.intersection(pixels, shape))
    np.testing.assert_allclose(found, expected, atol=0.5 / 255 + 1e-6)
    assert found.sum() == pytest.approx(shape.area, rel=1e-3)
