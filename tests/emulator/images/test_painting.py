"""Image.paint: whose pixels get which number, against distances by shapely and numpy."""

from __future__ import annotations

import ee
import numpy as np
import pytest
import shapely

WEST, NORTH = 500_000.0, 3_600_000.0


def _feature(shape, **properties) -> ee.Feature:
    """Return a feature of a shape in columns and rows of the stored rasters."""
    moved = shapely.transform(shape, lambda p: p * [10, -10] + [WEST, NORTH])
    straight = None if shape.geom_type == "Point" else False
    mapping = shapely.geometry.mapping(moved)
    return ee.Feature(ee.Geometry(mapping, "EPSG:32646", straight), properties)


def _painted(pull_tiled, image: ee.Image) -> np.ndarray:
    return pull_tiled(image)["constant"].filled(0)


def _distances(shape) -> np.ndarray:
    rows, columns = np.indices((120, 150)) + 0.5
    return shapely.distance(shapely.points(columns, rows), shape)


LINE = shapely.LineString([(10.3, 20.7), (90.2, 33.1), (60.9, 100.4)])
RING = shapely.Polygon([(20.2, 15.1), (130.7, 30.3), (70.4, 110.8)])
SPOT = shapely.Point(44.5, 61.5)


@pytest.mark.parametrize("width", [2, 5.5, 12])
@pytest.mark.parametrize(
    "shape", [LINE, RING, SPOT, shapely.MultiLineString([LINE, RING.exterior])]
)
def test_a_wide_outline_takes_the_pixels_whose_centre_is_near(pull_tiled, shape, width):
    image = ee.Image(0).paint(ee.FeatureCollection([_feature(shape)]), 7, width)
    found = _painted(pull_tiled, image) == 7
    distance = _distances(shape.boundary if shape.geom_type == "Polygon" else shape)
    assert found[distance < width / 2 - 0.02].all()
    # What is a little farther is met by the line itself, whose pixels have corners.
    assert not found[distance > max(width / 2 + 0.02, 0.5**0.5 + 1e-6)].any()


def test_a_thin_outline_has_no_gaps(pull_tiled):
    """Also where it runs along the edges of pixels, of which it covers no more than half."""
    line = shapely.LineString([(10, 40), (80, 40)])
    found = _painted(pull_tiled, ee.Image(0).paint(ee.FeatureCollection([_feature(line)]), 1, 1))
    assert (found[:, 10:80] == 1).any(axis=0).all()


def test_a_collection_of_kinds_is_outlined_part_by_part(pull_tiled):
    spot, ring = _feature(shapely.Point(10.3, 100.6)), _feature(RING)
    both = ee.Feature(ring.geometry(1).union(spot.geometry(), 1))
    assert both.geometry().type().getInfo() == "GeometryCollection"
    together, apart = (
        _painted(pull_tiled, ee.Image(0).paint(ee.FeatureCollection(features), 1, 4))
        for features in ([both], [spot, ring])
    )
    np.testing.assert_array_equal(together, apart)
    assert apart[100, 10] == 1


def test_without_a_width_the_inside_is_filled(pull_tiled):
    found = _painted(pull_tiled, ee.Image(0).paint(ee.FeatureCollection([_feature(RING)]), 3)) == 3
    inside = shapely.contains_xy(RING, *(np.indices((120, 150))[::-1] + 0.5))
    assert (found != inside).sum() <= 5
    assert found.sum() == pytest.approx(RING.area, rel=0.005)


def test_width_and_colour_may_be_properties(pull_tiled):
    features = ee.FeatureCollection(
        [_feature(LINE, n=4, w=3), _feature(SPOT, n=9, w=19), _feature(RING, w=3)]
    )
    found = _painted(pull_tiled, ee.Image(0).paint(features, "n", "w"))
    assert set(np.unique(found)) == {0, 4, 9}
    np.testing.assert_array_equal(found == 9, _distances(SPOT) < 9.5)


def _infinity() -> ee.Number:
    return ee.Number(1e308).multiply(10)


def _not_a_number() -> ee.Number:
    return _infinity().subtract(_infinity())


@pytest.mark.parametrize(
    ("canvas", "color", "expected"),
    [
        (lambda: ee.Image(), 300, 300),
        (lambda: ee.Image(), -2, -2),
        (lambda: ee.Image(0), 70_000, 70_000),
        (lambda: ee.Image(0), 1e30, 2**63 - 1),
        (lambda: ee.Image(0), _infinity, 2**63 - 1),
        (lambda: ee.Image(0), _not_a_number, 0),
        (lambda: ee.Image().byte(), 200, 200),
        (lambda: ee.Image().float(), 2.5, 2.5),
        (lambda: ee.Image(0), 2.5, 2),
        (lambda: ee.Image(1.5), 3.25, 3.25),
    ],
)
def test_numbers_fit_into_what_they_are_painted_on(at_point, canvas, color, expected):
    around = ee.FeatureCollection(
        [
            ee.Feature(
                ee.Geometry.Point([10, 50]).buffer(100),
                {"n": color() if callable(color) else color},
            )
        ]
    )
    image = canvas().paint(around, "n")
    assert at_point(image) == {"constant": expected}
    kind = image.bandTypes().get("constant").getInfo()
    assert kind.get("min", expected) <= expected <= kind.get("max", expected)
    assert kind.get("max", 0) < 2**63


def test_what_is_not_a_number_is_named():
    features = ee.FeatureCollection([ee.Feature(ee.Geometry.Point([10, 50]), {"name": "lake"})])
    with pytest.raises(ee.EEException, match=r"'name' of feature '0' is 'lake'"):
        ee.Image(0).paint(features, "name").bandNames().getInfo()
