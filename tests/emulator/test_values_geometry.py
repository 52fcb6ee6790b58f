"""Geometries against recorded answers of the service, pyproj, shapely and solid angles."""

from __future__ import annotations

import math

import ee
import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.pixels.grid import Projection
from gee_sm.emulator.values.error_margin import ErrorMargin
from gee_sm.emulator.values.geometry import Geometry, geometry_of_geojson, upright
from gee_sm.emulator.values.geometry_buffer import buffered
from gee_sm.emulator.values.geometry_measures import area, bounds, centroid, perimeter
from gee_sm.emulator.values.geometry_relations import distance_between, overlay, relate
from gee_sm.emulator.values.s2_cell import cell_polygon
from gee_sm.emulator.values.sphere import (
    AUTHALIC_RADIUS,
    BUFFER_RADIUS,
    andoyer_distance,
    angle,
    unit_vectors,
)

GEOD = pyproj.Geod(ellps="WGS84")
GEOD_SPHERE = pyproj.Geod(a=1.0, f=0.0)
MARGIN = ErrorMargin(1.0)

longitudes, latitudes = st.floats(-170, 170), st.floats(-75, 75)
points = st.tuples(longitudes, latitudes)


# -- recorded answers; more of them are in gee_sm.emulator.documented -----------------------------


def test_small_areas_are_those_of_zones():
    """A field 0.0005 degrees wide, against the difference of two zones."""
    corners = [(39.8, 21.4), (39.8005, 21.4), (39.8005, 21.4005), (39.8, 21.4005)]
    on_sphere = area(Geometry(shapely.Polygon(corners)))
    wide = math.radians(0.0005)
    zone = (
        AUTHALIC_RADIUS**2 * wide * (math.sin(math.radians(21.4005)) - math.sin(math.radians(21.4)))
    )
    assert on_sphere == pytest.approx(zone, rel=2e-11)


def test_intersections_keep_the_vertices_of_their_operands(run, earth_engine):
    first = ee.Geometry.Point(-50, 30).buffer(1e6)
    second = ee.Geometry.Point(-40, 30).buffer(1e6)
    ring = run(first.intersection(second, 1))["coordinates"][0]
    # Vertices of the operands are kept to the last digit.
    kept = run(first)["coordinates"][0] + run(second)["coordinates"][0]
    assert sum(vertex in kept for vertex in ring) == len(ring) - 2


def test_recorded_orientation_rules(run, earth_engine):
    ring = [[[-35, -10], [-35, 10], [35, 10], [35, -10]]]
    left_inside = ee.Geometry.Polygon(ring, None, True, None, False)
    assert run(left_inside.contains(ee.Geometry.Point(100, 1.5))) is True
    even_odd = ee.Geometry.Polygon(ring)
    outer = shapely.LinearRing(run(even_odd)["coordinates"][0])
    assert outer.is_ccw


def test_recorded_grid_cell(run, earth_engine):
    back = pyproj.Transformer.from_crs(32736, 4326, always_xy=True)
    middle = back.transform((294912 + 311296) / 2, (9027584 + 9043968) / 2)
    grid = ee.Geometry.Point(middle).coveringGrid("EPSG:32736", 16384)
    (cell,) = run(grid)["features"]
    assert cell["id"] == "18,551"
    xs, ys = zip(*cell["geometry"]["coordinates"][0])
    assert (min(xs), min(ys), max(xs), max(ys)) == (294912, 9027584, 311296, 9043968)


# -- measures ------------------------------------------------------------------------------------


def solid_angle(corners):
    """Area of a spherical triangle by Van Oosterom and Strackee."""
    a, b, c = unit_vectors(np.array(corners))
    top = abs(np.linalg.det([a, b, c]))
    return 2 * math.atan2(top, 1 + a @ b + b @ c + c @ a)


@given(st.lists(points, min_size=3, max_size=3, unique=True))
def test_triangles_have_the_area_of_their_solid_angle(corners):
    vectors = unit_vectors(np.array(corners))
    reach = [float(angle(vectors[i], vectors[i - 1])) for i in range(3)]
    assume(max(reach) < 2.5 and abs(np.linalg.det(vectors)) > 1e-6)
    found = area(Geometry(shapely.Polygon(corners))) / AUTHALIC_RADIUS**2
    assert found == pytest.approx(solid_angle(corners), rel=1e-7, abs=1e-11)


@given(points, points)
def test_distances_are_within_andoyer_s_error_of_geodesics(first, second):
    exact = GEOD.inv(*first, *second)[2]
    assume(exact < 1.5e7)
    found = andoyer_distance(np.array([first]), np.array([second]))[0]
    assert found == pytest.approx(exact, rel=2e-5, abs=1e-3)
    on_sphere = distance_between(
        Geometry(shapely.Point(first)), Geometry(shapely.Point(second)), spherical=True
    )
    vectors = unit_vectors(np.array([first, second]))
    assert on_sphere == pytest.approx(float(angle(*vectors)) * BUFFER_RADIUS, abs=1e-6)


def test_areas_add_up(run, earth_engine):
    whole = ee.Geometry.Rectangle(0, 0, 20, 20)
    hole = ee.Geometry.Rectangle(5, 5, 6, 6)
    left = run(whole.difference(hole).area())
    assert left + run(hole.area()) == pytest.approx(run(whole.area()), rel=1e-12)
    twice = ee.Geometry.MultiPolygon([[[[0, 0], [1, 0], [1, 1], [0, 1]]]] * 2)
    assert run(twice.area()) == pytest.approx(2 * run(ee.Geometry.Rectangle(0, 0, 1, 1).area()))


def test_points_and_lines_have_no_area(run, earth_engine):
    line = ee.Geometry.LineString([[0, 0], [1, 0]])
    assert run(line.area()) == 0
    assert run(line.perimeter()) == 0
    assert run(line.length()) == pytest.approx(GEOD.inv(0, 0, 1, 0)[2], rel=1e-6)
    assert run(ee.Geometry.Rectangle(0, 0, 1, 1).length()) == 0
    assert run(ee.Geometry.Point(0, 0).area()) == 0


def test_measures_in_a_projection(run, earth_engine):
    square = ee.Geometry.Rectangle([500000, 5000000, 500100, 5000200], "EPSG:32632", False)
    assert run(square.area(1, "EPSG:32632")) == pytest.approx(100 * 200)
    assert run(square.perimeter(1, "EPSG:32632")) == pytest.approx(600)
    assert run(square.centroid(1, "EPSG:32632"))["coordinates"] == [500050, 5000100]
    assert run(square.area(1)) == pytest.approx(100 * 200, rel=5e-3)  # scale 0.9996, sphere


def test_planar_area_follows_the_parallels(run, earth_engine):
    box = ee.Geometry.BBox(0, 40, 10, 50)
    zone = (
        AUTHALIC_RADIUS**2
        * math.radians(10)
        * (math.sin(math.radians(50)) - math.sin(math.radians(40)))
    )
    assert run(box.area(0.1)) == pytest.approx(zone, rel=1e-7)
    # The geodesic rectangle bulges northward on both sides.
    assert run(ee.Geometry.Rectangle(0, 40, 10, 50).area()) != pytest.approx(zone, rel=1e-4)


@given(st.lists(points, min_size=3, max_size=3, unique=True))
def test_bounds_hold_the_bulging_edges(corners):
    assume(max(c[0] for c in corners) - min(c[0] for c in corners) < 150)
    west, south, east, north = bounds(Geometry(shapely.Polygon(corners))).shape.bounds
    for i in range(3):
        line = GEOD_SPHERE.npts(*corners[i - 1], *corners[i], 20)
        for lon, lat in line:
            assert west - 1e-9 <= lon <= east + 1e-9
            assert south - 1e-9 <= lat <= north + 1e-9


def test_bounds_are_planar_and_start_below_left(run, earth_engine):
    found = run(ee.Geometry.LineString([[0, 40], [10, 50]]).bounds())
    assert found["geodesic"] is False
    assert found["coordinates"] == [[[0, 40], [10, 40], [10, 50], [0, 50], [0, 40]]]


# -- buffers -------------------------------------------------------------------------------------


@given(points, st.floats(10, 2e6), st.floats(0.001, 0.2))
def test_vertices_of_a_circle_lie_on_it(center, radius, relative):
    circle = buffered(Geometry(shapely.Point(center)), radius, ErrorMargin(relative * radius))
    vectors = unit_vectors(shapely.get_coordinates(circle.shape))
    away = angle(vectors, unit_vectors(np.array([center]))) * BUFFER_RADIUS
    assert away == pytest.approx(radius, rel=1e-6)
    middles = vectors[:-1] + vectors[1:]
    middles /= np.linalg.norm(middles, axis=1, keepdims=True)
    inner = angle(middles, unit_vectors(np.array([center]))) * BUFFER_RADIUS
    assert (inner >= radius * (1 - relative) * (1 - 1e-2)).all()


@pytest.mark.parametrize("text", [
    "LINESTRING (0 0, 1 0.5, 1 2)",
    "POLYGON ((0 40, 2 40, 2 42, 0 42, 0 40), (0.5 40.5, 1.5 40.5, 1.5 41.5, 0.5 41.5, 0.5 40.5))",
    "MULTIPOINT (0 0, 3 3)",
])  # fmt: skip
def test_buffers_reach_as_far_as_asked(text):
    geometry = Geometry(shapely.from_wkt(text))
    radius = 20_000.0
    grown = buffered(geometry, radius)
    assert relate("contains", grown, geometry)
    border = shapely.get_coordinates(grown.shape)
    away = [
        distance_between(Geometry(shapely.Point(p)), geometry, spherical=True) for p in border[::3]
    ]
    assert np.array(away) == pytest.approx(radius, rel=0.011)


def test_negative_buffers_shrink(run, earth_engine):
    box = ee.Geometry.Rectangle(0, 40, 1, 41)
    smaller = box.buffer(-10_000)
    assert run(box.contains(smaller, 1)) is True
    lost = run(box.area()) - run(smaller.area())
    assert lost == pytest.approx(run(box.perimeter()) * 10_000 - 4 * 10_000**2, rel=0.01)
    assert run(box.buffer(-1e6))["type"] == "GeometryCollection"


def test_buffers_in_a_projection(run, earth_engine):
    point = ee.Geometry.Point([500000, 5000000], "EPSG:32632")
    grown = run(point.buffer(100, 1, "EPSG:32632"))
    assert grown["crs"]["properties"]["name"] == "EPSG:32632"
    distances = [math.dist(p, (500000, 5000000)) for p in grown["coordinates"][0]]
    assert distances == pytest.approx([100] * len(distances))


# -- relations -----------------------------------------------------------------------------------


@st.composite
def boxes(draw):
    west, south = draw(st.integers(0, 20)), draw(st.integers(-10, 10))
    return west, south, west + draw(st.integers(1, 9)), south + draw(st.integers(1, 9))


@given(boxes(), boxes())
def test_planar_relations_agree_with_shapely(first, second):
    """In a projection, everything is as in its plane."""
    degrees = Projection("EPSG:4326", (1, 0, 0, 0, 1, 0))
    a, b = upright(*first), upright(*second)
    left, right = (Geometry(s, geodesic=False) for s in (a, b))
    assert relate("intersects", left, right, MARGIN, degrees) == a.intersects(b)
    assert relate("contains", left, right, MARGIN, degrees) == a.covers(b)
    common = overlay("intersection", left, right, MARGIN, degrees)
    assert common.shape.area == pytest.approx(a.intersection(b).area)


@given(boxes(), boxes())
def test_overlays_partition_the_sphere(first, second):
    left, right = Geometry(upright(*first)), Geometry(upright(*second))
    both = area(overlay("intersection", left, right))
    either = area(overlay("union", left, right))
    only = area(overlay("difference", left, right))
    one = area(overlay("symmetricDifference", left, right))
    assert both + either == pytest.approx(area(left) + area(right), rel=1e-9)
    assert only + both == pytest.approx(area(left), rel=1e-9)
    assert one + both == pytest.approx(either, rel=1e-9)
    assert relate("intersects", left, right) == (not relate("disjoint", left, right))
    if both:
        assert relate("intersects", left, right)


def test_edges_run_along_great_circles(run, earth_engine):
    north = ee.Geometry.LineString([[-60, 50], [60, 50]])
    top = math.degrees(math.atan(math.tan(math.radians(50)) / math.cos(math.radians(60))))
    above = ee.Geometry.LineString([[0, top - 0.01], [0, top + 0.01]])
    along_the_parallel = ee.Geometry.LineString([[0, 49.9], [0, 50.1]])
    assert run(north.intersects(above)) is True
    assert run(north.intersects(along_the_parallel)) is False


def test_antimeridian_and_pole(run, earth_engine):
    strip = ee.Geometry.Polygon([[170, -10], [-170, -10], [-170, 10], [170, 10]])
    assert run(strip.contains(ee.Geometry.Point(180, 0))) is True
    assert run(strip.contains(ee.Geometry.Point(0, 0))) is False
    assert run(strip.area()) == pytest.approx(
        run(ee.Geometry.Polygon([[-10, -10], [10, -10], [10, 10], [-10, 10]]).area()), rel=1e-12
    )
    cap = ee.Geometry.Polygon([[0, 80], [90, 80], [180, 80], [-90, 80]])
    assert run(cap.contains(ee.Geometry.Point(45, 89))) is True
    assert run(cap.area()) < 2 * math.pi * AUTHALIC_RADIUS**2 * (1 - math.sin(math.radians(80)))


def test_everywhere(run, earth_engine):
    world = ee.Geometry.Rectangle(-180, -90, 180, 90)
    box = ee.Geometry.Rectangle(0, 0, 1, 1)
    assert run(world.isUnbounded()) is True
    assert run(world.contains(box)) is True
    assert run(world.intersection(box)) == run(box)
    assert run(world.area()) == pytest.approx(4 * math.pi * AUTHALIC_RADIUS**2)
    assert run(world.difference(box, 1000).contains(ee.Geometry.Point(50, 50), 1000)) is True


def test_empty_results(run, earth_engine):
    nothing = ee.Geometry.Point(0, 0).intersection(ee.Geometry.Point(1, 1))
    assert run(nothing) == {"type": "GeometryCollection", "geometries": []}
    assert run(nothing.area()) == 0
    assert run(nothing.closestPoint(ee.Geometry.Point(0, 0))) is None
    assert run(nothing.closestPoints(ee.Geometry.Point(0, 0))) == {}
    assert run(ee.Geometry.Rectangle(0, 0, 1, 1).contains(nothing)) is False


@given(points, st.lists(points, min_size=2, max_size=2, unique=True))
def test_the_closest_point_of_a_line_is_the_closest_of_many(point, ends):
    assume(GEOD.inv(*ends[0], *ends[1])[2] < 1.2e7)
    line = Geometry(shapely.LineString(ends))
    found = distance_between(Geometry(shapely.Point(point)), line, spherical=True)
    many = np.array([ends[0], *GEOD_SPHERE.npts(*ends[0], *ends[1], 300), ends[1]])
    gaps = angle(unit_vectors(many), unit_vectors(np.array([point]))) * BUFFER_RADIUS
    assert found <= gaps.min() + 1e-3
    assert found == pytest.approx(gaps.min(), abs=6e4, rel=0.02)


def test_closest_points(run, earth_engine):
    point, line = ee.Geometry.Point(10, 45), ee.Geometry.LineString([[11, 44], [11, 46]])
    found = run(point.closestPoints(line))
    assert found["left"]["coordinates"] == pytest.approx([10, 45])
    assert found["right"]["coordinates"] == pytest.approx([11, 45.0043635], abs=1e-6)
    assert run(point.closestPoint(line)) == found["right"]
    assert run(point.withinDistance(line, 79_000)) is True
    assert run(point.withinDistance(line, 78_000)) is False
    plane = run(point.distance(line, 1, "EPSG:4326"))
    assert plane == pytest.approx(1)


# -- constructions -------------------------------------------------------------------------------


def test_convex_hulls(run, earth_engine):
    assert run(ee.Geometry.MultiPoint([[1, 2]]).convexHull())["type"] == "Point"
    equator = ee.Geometry.MultiPoint([[0, 0], [1, 0], [2, 0]])
    assert run(equator.convexHull())["type"] == "LineString"
    assert run(ee.Geometry.MultiPoint([[0, 0], [1, 0], [1, 1]]).convexHull())["type"] == "Polygon"


def test_lines_are_cut_at_distances(run, earth_engine):
    line = ee.Geometry.LineString([[0, 0], [1, 0], [1, 1]])
    cut = line.cutLines([1000, 50_000, 150_000])
    lengths = run(cut.geometries().map(lambda g: ee.Geometry(g).length()))
    assert lengths[:3] == pytest.approx([1000, 49_000, 100_000], abs=2)
    assert sum(lengths) == pytest.approx(run(line.length()), rel=1e-6)
    assert run(ee.Geometry.Point(0, 0).cutLines([1]))["coordinates"] == []


def test_transforms(run, message, earth_engine):
    point = run(ee.Geometry.Point(9, 45).transform("EPSG:32632"))
    assert point["coordinates"] == pytest.approx([500000, 4982950.4], abs=0.1)
    assert point["crs"] == {"type": "name", "properties": {"name": "EPSG:32632"}}
    line = ee.Geometry.LineString([[6, 60], [12, 60]])
    assert "non-zero error margin" in message(line.transform("EPSG:32632"))
    bent = run(line.transform("EPSG:32632", 10))
    assert bent["geodesic"] is False
    # Each added vertex is on the great circle.
    back = pyproj.Transformer.from_crs(32632, 4326, always_xy=True)
    for x, y in bent["coordinates"]:
        lon, lat = back.transform(x, y)
        away = distance_between(
            Geometry(shapely.Point(lon, lat)), Geometry(shapely.LineString([[6, 60], [12, 60]]))
        )
        assert away < 0.01


def test_simplifying_drops_vertices_within_the_margin(run, earth_engine):
    wiggly = ee.Geometry.LineString([[0, 0], [0.5, 0.0001], [1, 0]])
    assert len(run(wiggly.simplify(100))["coordinates"]) == 2
    assert len(run(wiggly.simplify(1))["coordinates"]) == 3


def test_json_of_geometries(run, earth_engine):
    assert run(ee.Geometry.Point(1, 2)) == {"type": "Point", "coordinates": [1, 2]}
    polygon = run(ee.Geometry.Polygon([[0, 0], [1, 0], [1, 1]]))
    assert polygon == {
        "type": "Polygon",
        "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]],
    }
    doubled = run(ee.Geometry.Polygon([[0, 0], [1, 0], [1, 0], [1, 1]]))
    assert len(doubled["coordinates"][0]) == 5
    assert run(ee.Geometry.BBox(0, 0, 1, 1))["geodesic"] is False
    assert run(ee.Geometry.Polygon([[0, 0], [1, 0], [1, 1]]).geodesic()) is True
    several = ee.Geometry(
        {"type": "GeometryCollection", "geometries": [
            {"type": "Point", "coordinates": [0, 0]},
            {"type": "LineString", "coordinates": [[0, 0], [1, 1]]},
        ]}
    )  # fmt: skip
    assert run(several.type()) == "GeometryCollection"
    assert run(several.geometries().size()) == 2


def test_geometries_of_geometries(run, earth_engine):
    corner = ee.Geometry.Point(1, 2)
    other = ee.Geometry.Point(ee.List([ee.Number(3), 4]))
    line = ee.Geometry.LineString(ee.List([corner, other]))
    assert run(line)["coordinates"] == [[1, 2], [3, 4]]


def test_features_carry_operations_over(run, earth_engine):
    feature = ee.Feature(ee.Geometry.Point(0, 0), {"a": 1})
    grown = feature.buffer(1000)
    assert run(grown)["properties"] == {"a": 1}
    assert run(grown.area()) == pytest.approx(run(ee.Geometry.Point(0, 0).buffer(1000).area()))
    assert run(feature.intersects(grown)) is True
    assert run(grown.centroid().geometry())["coordinates"] == pytest.approx([0, 0], abs=1e-4)


def test_collections_gather_geometries(run, message, earth_engine):
    collection = ee.FeatureCollection([ee.Feature(ee.Geometry.Point(x, 0)) for x in (1, 2)])
    assert run(collection.geometry()) == {"type": "MultiPoint", "coordinates": [[1, 0], [2, 0]]}
    bounds = run(collection.bounds())
    assert bounds["coordinates"][0][0] == [1, 0]
    assert bounds["geodesic"] is False
    union = run(collection.union(1))
    assert union["features"][0]["id"] == "union_result"
    mixed = ee.FeatureCollection(
        [ee.Feature(ee.Geometry.BBox(0, 0, 1, 1)), ee.Feature(ee.Geometry.Rectangle(0, 0, 1, 1))]
    )
    assert "different projections or edge interpretations" in message(mixed.geometry())


@pytest.mark.parametrize(
    "json",
    [
        {"type": "Polygon", "coordinates": [[[0, 0], [1]]]},
        {"type": "Blob", "coordinates": []},
        {"type": "Point", "coordinates": [float("nan"), 0]},
    ],
)
def test_broken_geojson_is_refused(json):
    with pytest.raises(EarthEngineError, match="Invalid GeoJSON geometry"):
        geometry_of_geojson(json)


def test_broken_coordinates_are_refused(message, earth_engine):
    assert "needs at least 3 points" in message(
        ee.Geometry.Polygon(ee.List([ee.List([0, 0]), ee.List([1, 1])]))
    )
    assert "A point needs two coordinates" in message(ee.Geometry.Point(ee.List([1, 2, 3, 4])))


# -- random points and cells ---------------------------------------------------------------------


def test_random_points_are_uniform_on_the_sphere(run, earth_engine):
    region = ee.Geometry.BBox(0, 0, 10, 60)
    coordinates = run(ee.FeatureCollection.randomPoints(region, 2000, 3).geometry().coordinates())
    lon, lat = np.array(coordinates).T
    assert (lon >= 0).all()
    assert (lon <= 10).all()
    # Half of the area lies below the latitude whose sine is half that of 60 degrees.
    middle = math.degrees(math.asin(math.sin(math.radians(60)) / 2))
    assert np.mean(lat < middle) == pytest.approx(0.5, abs=0.04)
    again = run(ee.FeatureCollection.randomPoints(region, 2000, 3).geometry().coordinates())
    assert again == coordinates
    ids = run(ee.FeatureCollection.randomPoints(region, 3).aggregate_array("system:index"))
    assert ids == ["0", "1", "2"]


def test_random_points_on_lines(run, earth_engine):
    line = ee.Geometry.LineString([[0, 0], [10, 0]])
    coordinates = run(ee.FeatureCollection.randomPoints(line, 50).geometry().coordinates())
    assert np.abs(np.array(coordinates)[:, 1]).max() < 1e-9


# Cells and the places in them, from the tests of Google's own S2 libraries.
CELLS = [
    (0x47A1CBD595522B39, 49.703498679, 11.770681595),
    (0x46525318B63BE0F9, 55.685376759, 12.588490937),
    (0x52B30B71698E729D, 45.486546517, -93.449700022),
    (0x46ED8886CFADDA85, 58.299984854, 23.049300056),
    (0x3663F18A24CBE857, 34.364439040, 108.330699969),
]


@pytest.mark.parametrize(("cell", "lat", "lon"), CELLS)
def test_cells_lie_where_s2_says(cell, lat, lon):
    middle = cell_polygon(cell).shape.centroid
    assert (middle.x, middle.y) == pytest.approx((lon, lat), abs=1e-8)


def test_faces_of_the_cube(run, message, earth_engine):
    total = sum(area(cell_polygon((face << 61) | (1 << 60))) for face in range(6))
    assert total == pytest.approx(4 * math.pi * AUTHALIC_RADIUS**2, rel=1e-9)
    antarctica = ee.Geometry.fromS2CellToken("0xb000000000000000")
    assert run(antarctica.contains(ee.Geometry.Point(0, -89))) is True
    assert "Invalid S2 cell" in message(ee.Geometry.fromS2CellToken("zz"))


def test_pixels_see_bent_edges():
    """A geodesic rectangle 10 degrees wide bulges half a degree above its upper parallel."""
    box = Geometry(upright(0, 40, 10, 50))
    north = box.in_crs("EPSG:4326").bounds[3]
    top = math.degrees(math.atan(math.tan(math.radians(50)) / math.cos(math.radians(5))))
    assert north == pytest.approx(top, abs=1e-6)
    flat = Geometry(upright(0, 40, 10, 50), geodesic=False)
    assert flat.in_crs("EPSG:4326").bounds == (0, 40, 10, 50)
    there = flat.in_crs("EPSG:32632")
    back = pyproj.Transformer.from_crs(32632, 4326, always_xy=True)
    middle = shapely.line_interpolate_point(there.exterior, 0.03, normalized=True)
    edge = shapely.get_coordinates(middle)[0]
    lon, lat = back.transform(*edge)
    assert flat.shape.exterior.distance(shapely.Point(lon, lat)) * 111_000 < 0.2


def test_centroids_and_perimeters_of_multiple_parts():
    two = Geometry(shapely.MultiPolygon([upright(0, -1, 2, 1), upright(10, -1, 12, 1)]))
    assert shapely.get_coordinates(centroid(two).shape)[0] == pytest.approx([6, 0], abs=1e-9)
    assert perimeter(two) == pytest.approx(2 * perimeter(Geometry(upright(0, -1, 2, 1))), rel=1e-9)


ACROSS = "ee.Geometry.Polygon([[[170, -10], [-170, -10], [-170, 10], [170, 10]]]{})"
POLAR = "ee.Geometry.Polygon([[[0, 60], [90, 60], [180, 60], [-90, 60]]])"
BOWTIE = "ee.Geometry.Polygon([[[0, 0], [2, 2], [2, 0], [0, 2]]])"
BESIDE = "ee.Geometry.Polygon([[[0, 0], [1, 0], [1, 1], [0, 1]], [[5, 0], [6, 0], [6, 1], [5, 1]]])"
SQUARE = 12364025625.257344  # the degree square at the equator and the Greenwich meridian
EARTH = 4 * math.pi * AUTHALIC_RADIUS**2
ODD_RINGS = {
    ACROSS.format("") + ".centroid().coordinates()": [180, 0],
    POLAR + ".bounds().coordinates().get(0)": [
        [-180, 60], [180, 60], [180, 90], [-180, 90], [-180, 60],
    ],
    # Even-odd: where rings cross or lie side by side, what an odd number of them surrounds.
    BOWTIE + ".area()": 24726164132.4,
    BOWTIE + ".centroid().coordinates()": [1, 1.000253874391697],
    BESIDE + ".area()": 2 * SQUARE,
    BESIDE + ".contains(ee.Geometry.Point(5.5, 0.5))": True,
    BESIDE + ".type()": "MultiPolygon",
    BOWTIE + ".buffer(1000).area().divide(1e10).floor()": 2,
    # Not even-odd: the inside is on the left of a ring, across the antimeridian too.
    ACROSS.format(", None, True, None, False") + ".area()": 4969692499565.932,
    "ee.Geometry.Polygon([[[0, 0], [0, 1], [1, 1], [1, 0]]], None, True, None, False).area()": (
        EARTH - SQUARE
    ),
    "ee.Geometry.Rectangle([-180, -60, 180, 60], None, False).intersection(ee.Geometry.Rectangle("
    "[100, 0, 250, 30], None, False), 1000).area(1000).divide(5.3e13).floor()": 1,
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), ODD_RINGS.items())
def test_rings_that_cross_the_antimeridian_a_pole_or_each_other(run, earth_engine, text, expected):
    found = run(eval(text, {"ee": ee}))
    if isinstance(expected, bool | str):
        assert found == expected
    else:
        assert np.ravel(found).tolist() == pytest.approx(np.ravel(expected).tolist(), rel=1e-9)


def test_random_points_across_the_antimeridian(run, earth_engine):
    region = eval(ACROSS.format(""), {"ee": ee})
    drawn = run(ee.FeatureCollection.randomPoints(region, 200, 1).geometry().coordinates())
    longitudes, latitudes = np.array(drawn).T
    assert len(drawn) == 200
    assert (np.abs(longitudes) >= 170).all()
    assert (np.abs(longitudes) <= 180).all()
    assert 0.4 < (longitudes > 0).mean() < 0.6
    assert (np.abs(latitudes) <= 10.16).all()
