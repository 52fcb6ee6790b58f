"""Many shapes at once: outlines of objects and bent edges, against shapely, numpy and PROJ."""

from __future__ import annotations

import itertools

import ee
import numpy as np
import pyproj
import pytest
import shapely

from gee_sm.emulator.values.geometry import Geometry, shapes_in_crs

WEST, NORTH = 500_000.0, 3_600_000.0
UTM = "EPSG:32646"


@pytest.mark.parametrize("eight", [True, False])
def test_outlines_are_the_unions_of_their_pixels(rasters, eight):
    """Rings through corners at which pixels touch are polygons of their own, and valid."""
    edges = [WEST, NORTH - 500, WEST + 600, NORTH]
    region = ee.Geometry.Rectangle(edges, UTM, False)
    vectors = (
        ee.Image("TEST/IMAGE")
        .select("classes")
        .gt(2)
        .reduceToVectors(
            geometry=region, scale=10, eightConnected=eight, geometryInNativeProjection=True
        )
    )
    part = rasters["classes"][:50, :60] > 2
    rows, columns = np.indices(part.shape)
    boxes = shapely.box(
        WEST + 10 * columns, NORTH - 10 * rows - 10, WEST + 10 * columns + 10, NORTH - 10 * rows
    )
    centres = shapely.centroid(boxes)
    shapes = []
    for feature in vectors.getInfo()["features"]:
        shape = shapely.geometry.shape(feature["geometry"])
        inside = shapely.intersects(shape, centres)
        assert feature["properties"]["count"] == inside.sum()
        assert shape.is_valid
        assert shape.equals(shapely.union_all(boxes[inside]))
        # Counter-clockwise outside, as GeoJSON has it.
        assert all(piece.exterior.is_ccw for piece in shapely.get_parts(shape))
        shapes.append(shape)
    assert any(shape.geom_type == "MultiPolygon" for shape in shapes) == eight
    assert any(shapely.get_num_interior_rings(shapely.get_parts(s)).any() for s in shapes)


def _halved_one_by_one(line: list[tuple[float, float]], margin: float) -> list:
    """Bend straight edges in degrees into a UTM zone, edge by edge."""
    forward = pyproj.Transformer.from_crs("EPSG:4326", UTM, always_xy=True).transform

    def between(start, end, depth):
        middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
        a, b, true = (np.array(forward(*point)) for point in (start, end, middle))
        # Near the middle of a zone a metre in the plane is one on the ground, to a thousandth.
        if np.linalg.norm((a + b) / 2 - true) <= margin or depth == 0:
            return [start]
        return between(start, middle, depth - 1) + between(middle, end, depth - 1)

    found = []
    for start, end in itertools.pairwise(line):
        found += between(start, end, 16)
    return [forward(*point) for point in [*found, line[-1]]]


def test_edges_are_halved_as_if_each_were_alone():
    rng = np.random.default_rng(5)
    shapes = []
    for size in (0.001, 0.1, 2.0):
        west, south = rng.uniform(92, 94), rng.uniform(30, 34)
        ring = [(west, south), (west + size, south), (west + size, south + size), (west, south)]
        shapes.append(shapely.Polygon(ring))
    hole = [(91.5, 31.5), (91.7, 31.5), (91.5, 31.9), (91.5, 31.5)]
    shapes.append(shapely.Polygon([(91, 31), (93, 31), (92, 34), (91, 31)], [hole]))
    together = shapes_in_crs([Geometry(shape, geodesic=False) for shape in shapes], UTM)
    for shape, found in zip(shapes, together, strict=True):
        for ring, bent in zip(
            [shape.exterior, *shape.interiors], [found.exterior, *found.interiors], strict=True
        ):
            expected = _halved_one_by_one(list(ring.coords), 0.1)
            np.testing.assert_allclose(shapely.get_coordinates(bent), expected, atol=1e-6)
    assert shapely.get_num_coordinates(together).tolist()[0] == 4
    assert shapely.get_num_coordinates(together)[2] > 20


@pytest.mark.parametrize("geodesic", [True, False])
@pytest.mark.parametrize("target", [UTM, "EPSG:4326", "EPSG:3857"])
def test_shapes_of_all_kinds_together_are_those_one_by_one(geodesic, target):
    triangle = shapely.Polygon([(91, 31), (94, 31), (92, 34), (91, 31)])
    shapes = [
        shapely.Point(92, 32),
        triangle,
        shapely.LineString([(170, 50), (-170, 52), (-150, 53)]),
        shapely.MultiPolygon([triangle, shapely.box(95, 33, 97, 36)]),
        shapely.GeometryCollection([shapely.Point(81, 2), shapely.LineString([(81, 2), (89, 40)])]),
        shapely.Polygon(),
        shapely.MultiPoint([(81, 2), (83, 4)]),
    ]
    if target != UTM:
        shapes.append(shapely.LineString([(170, 50), (-170, 52), (-150, 53)]))
    together = shapes_in_crs([Geometry(shape, geodesic=geodesic) for shape in shapes], target)
    for shape, found in zip(shapes, together, strict=True):
        alone = Geometry(shape, geodesic=geodesic).in_crs(target)
        assert found.geom_type == alone.geom_type
        assert shapely.equals_exact(found, alone, 0)


def _feature(shape, **properties) -> ee.Feature:
    """Return a feature of a shape in columns and rows of the stored rasters."""
    moved = shapely.transform(shape, lambda p: p * [10, -10] + [WEST, NORTH])
    return ee.Feature(ee.Geometry(shapely.geometry.mapping(moved), UTM, False), properties)


def _stars(count: int, reach: float) -> list:
    rng = np.random.default_rng(11)
    found = []
    for _ in range(count):
        angles = (np.arange(9) + rng.uniform(0, 0.9, 9)) * 2 * np.pi / 9
        length = rng.uniform(0.3, 1, 9) * reach
        corners = np.stack([np.cos(angles), np.sin(angles)], -1) * length[:, None]
        found.append(shapely.Polygon(corners + rng.uniform(-5, [155, 125])))
    return found


def _covered(shape) -> np.ndarray:
    """Return the covered part of each stored pixel by one intersection for each."""
    rows, columns = np.indices((120, 150))
    boxes = shapely.box(columns, rows, columns + 1, rows + 1)
    return shapely.area(shapely.intersection(shape, boxes))


@pytest.mark.parametrize(("count", "reach"), [(60, 5), (8, 40)])
def test_many_features_become_the_pixels_that_each_covers(pull_tiled, count, reach):
    shapes = _stars(count, reach)
    table = ee.FeatureCollection([_feature(s, n=i + 1.5) for i, s in enumerate(shapes)])
    reducers = ee.Reducer.sum().combine(ee.Reducer.first(), "", True)
    found = pull_tiled(table.reduceToImage(["n"], reducers.combine(ee.Reducer.count(), "", True)))
    painted = pull_tiled(ee.Image(0).toDouble().paint(table, "n"))["constant"]
    total, first, number, last = np.zeros((4, 120, 150))
    for value, shape in enumerate(shapes, 1):
        share = _covered(shape)
        # Coverage has 255 steps: less than half of one is none.
        met = share > 0.5 / 255
        total += (value + 0.5) * met
        first[met & (first == 0)] = value + 0.5
        number += met
        last[np.rint(share * 255) > 127.5] = value + 0.5
    assert number.max() > 1
    np.testing.assert_array_equal(found["sum"].filled(0), total)
    np.testing.assert_array_equal(found["first"].filled(0), first)
    np.testing.assert_array_equal(found["count"].filled(0), number)
    np.testing.assert_array_equal(painted, last)


@pytest.mark.parametrize("reach", [9, 90])
def test_a_polygon_whose_edges_cross_is_painted_in_both_wings(pull_tiled, reach):
    """GEOS cannot cut pixels out of it: it ended in an error, or in no pixel at all."""
    right, below = 12.4 + reach, 9.3 + reach
    bow = shapely.Polygon([(12.4, 9.3), (right, below), (right, 9.3), (12.4, below)])
    assert not bow.is_valid
    table = ee.FeatureCollection([_feature(bow, n=1)])
    painted = pull_tiled(ee.Image(0).paint(table, "n"))["constant"]
    share = _covered(shapely.make_valid(bow))
    np.testing.assert_array_equal(painted, np.rint(share * 255) > 127.5)
    met = pull_tiled(table.reduceToImage(["n"], ee.Reducer.sum()))["sum"].filled(0)
    np.testing.assert_array_equal(met, share > 0.5 / 255)


@pytest.mark.parametrize("name", ["clip", "clipToCollection", "paint"])
@pytest.mark.parametrize("box", [[-20, 0, 179, 80], [-180, -80, 170, 85], [30, 10, 150, 70]])
def test_a_continent_covers_a_scene_in_utm(name, box):
    """Its far corners are beyond the zone's transverse Mercator, which is infinite there."""
    continent = ee.Geometry.Rectangle(box, None, False)
    features = ee.FeatureCollection([ee.Feature(continent)])
    image = ee.Image("TEST/IMAGE").select("value")
    found = {
        "clip": lambda: image.clip(continent),
        "clipToCollection": lambda: image.clipToCollection(features),
        "paint": lambda: image.multiply(0).paint(features, 1).selfMask(),
    }[name]()
    count = found.reduceRegion(ee.Reducer.count(), image.geometry(), 10).getInfo()
    assert count == {"value": 120 * 150}


def test_only_the_near_part_of_an_area_is_in_a_transverse_mercator():
    """UTM 46 has the meridian 93 E: of a belt from 0 to 50 N what lies from 13 E on counts."""
    belt = Geometry(shapely.box(-170, 0, 100, 50), geodesic=False)
    (found,) = shapes_in_crs([belt], UTM)
    west = pyproj.Transformer.from_crs("EPSG:4326", UTM, always_xy=True).transform(13, 0)
    assert found.bounds[0] == pytest.approx(west[0], abs=1)
    alone = Geometry(shapely.box(13, 0, 100, 50), geodesic=False).in_crs(UTM)
    assert found.symmetric_difference(alone).area < 1e-9 * alone.area
