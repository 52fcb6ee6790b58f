"""Terrain on turned, sheared and mirrored grids, against surfaces whose slopes are known."""

from __future__ import annotations

import ee
import numpy as np
import pytest
from affine import Affine

SHAPE = (12, 17)
PLACES = {
    "turned": Affine(8, 6, 500_000, 6, -8, 3_600_000),
    "sheared": Affine(10, 4, 500_000, 0, -7, 3_600_000),
    "upside down": Affine(-10, 0, 500_000, 0, 10, 3_600_000),
    "quarter turn": Affine(0, 10, 500_000, 10, 0, 3_600_000),
}
# Coefficients of x2, y2, xy, x and y of a quadratic surface: its central differences are exact.
SURFACE = (2e-4, -3e-4, 1e-4, 0.13, -0.21)


def _metres() -> tuple[ee.Image, ee.Image]:
    place = ee.Image.pixelCoordinates(ee.Projection("EPSG:32646").atScale(1))
    return place.select("x").subtract(500_000), place.select("y").subtract(3_600_000)


def _surface() -> ee.Image:
    x, y = _metres()
    terms = (x.multiply(x), y.multiply(y), x.multiply(y), x, y)
    image = ee.Image(100)
    for term, factor in zip(terms, SURFACE, strict=True):
        image = image.add(term.multiply(factor))
    return image.rename("elevation")


def _centres(transform: Affine) -> tuple[np.ndarray, np.ndarray]:
    rows, columns = np.indices(SHAPE) + 0.5
    x, y = transform @ (columns, rows)
    return x - 500_000, y - 3_600_000


def _slopes(transform: Affine) -> tuple[np.ndarray, np.ndarray]:
    x, y = _centres(transform)
    xx, yy, xy, along_x, along_y = SURFACE
    return 2 * xx * x + xy * y + along_x, 2 * yy * y + xy * x + along_y


@pytest.mark.parametrize("name", PLACES)
def test_slope_and_aspect_do_not_depend_on_how_the_grid_lies(pull, name):
    transform = PLACES[name]
    east, north = _slopes(transform)
    found = pull(ee.Terrain.products(_surface()), SHAPE, transform)
    np.testing.assert_allclose(
        found["slope"], np.rad2deg(np.arctan(np.hypot(east, north))), rtol=1e-6
    )
    np.testing.assert_allclose(
        found["aspect"], np.rad2deg(np.arctan2(-east, -north)) % 360, atol=1e-4
    )


@pytest.mark.parametrize("name", PLACES)
def test_gradient_is_numpys_turned_to_the_axes(pull, name):
    transform = PLACES[name]
    found = pull(_surface().gradient(), SHAPE, transform)
    heights = pull(_surface(), SHAPE, transform)["elevation"]
    down, across = np.gradient(heights)
    steps = np.array([[transform.a, transform.d], [transform.b, transform.e]])
    solved = np.linalg.solve(steps, np.stack([across.ravel(), down.ravel()]))
    inner = np.s_[1:-1, 1:-1]
    for band, expected in zip("xy", solved.reshape(2, *SHAPE), strict=True):
        np.testing.assert_allclose(found[band][inner], expected[inner], atol=1e-7)


def test_a_turned_grid_in_degrees_uses_metres(pull):
    turned = Affine(0.0008, 0.0006, 91, 0.0006, -0.0008, 60)
    place = ee.Image.pixelLonLat()
    metre = 111_319.49079327357
    # Rises 0.3 to the east, where a degree is half as long as to the north, and 0.4 to the north.
    rise = place.select("longitude").subtract(91).multiply(0.3 * metre * 0.5)
    rise = rise.add(place.select("latitude").subtract(60).multiply(0.4 * metre))
    found = pull(rise.gradient(), (3, 3), turned, "EPSG:4326")
    # The latitude of the pixel in the middle is 60 - 0.0003 degrees.
    np.testing.assert_allclose(found["x"][1, 1], 0.3, atol=2e-5)
    np.testing.assert_allclose(found["y"][1, 1], 0.4, atol=1e-9)


@pytest.mark.parametrize("name", ["turned", "upside down", "quarter turn"])
def test_a_shadow_falls_away_from_the_light_however_the_grid_lies(pull, name):
    transform = PLACES[name] @ Affine.translation(-30, -30)
    x, _ = _metres()
    # A wall of 100 m that runs north, and light from the east 40 degrees high.
    wall = x.gt(0).And(x.lt(20)).multiply(100)
    lit = pull(ee.Terrain.hillShadow(wall, 90, 50, 30), (60, 60), transform)["shadow"].data
    rows, columns = np.indices((60, 60)) + 0.5
    place = (transform @ (columns, rows))[0] - 500_000
    # As far as 119 m to the west; near both ends a pixel's width decides.
    assert not lit[(place > -105) & (place < -5)].any()
    assert lit[(place < -125) | (place > 25)].all()
