"""What the emulator assumes of geometries."""

from __future__ import annotations

from gee_sm.emulator.assumptions.assumption import Assumption, Section

GEOMETRIES = Section(
    "Geometries",
    (
        "Areas, lengths, circles, centroids and overlays of geodesic polygons reproduce "
        "recorded answers to 1e-11 and better. What follows is not recorded. Shapes that "
        "reach more than 80 degrees from their middle are handled in longitude and "
        "latitude, with vertices added to their edges until they are within a kilometre."
    ),
    (
        Assumption(
            "Geometry.distance",
            "Elliptical distances are Andoyer's, as lengths are.",
            "ee.Geometry.Point(0, 0).distance(ee.Geometry.Point(90, 45))",
            "10010356.424936287",
        ),
        Assumption(
            "Geometry.distance",
            "The sphere of spherical distances has the radius of buffers, 6367 km.",
            "ee.Geometry.Point(0, 0).distance(ee.Geometry.Point(90, 0), spherical=True)",
            "10001260.212703107",
        ),
        Assumption(
            "Geometry.withinDistance",
            (
                "Distances are those on the sphere of buffers, in filters and joins too; the "
                "reference speaks of metres on the sphere."
            ),
            "ee.Geometry.Point(0, 0).withinDistance(ee.Geometry.Point(1, 0), 111200)",
            "true",
        ),
        Assumption(
            "Geometry.area",
            (
                "Edges along parallels need a margin even in EPSG:4326; those along meridians and "
                "the equator do not."
            ),
            "ee.Geometry.BBox(0, 40, 10, 50).area()",
            (
                "error: Geometry.area: Unable to perform this geometry operation. Please specify a "
                "non-zero error margin."
            ),
        ),
        Assumption(
            "Geometry.area",
            "The whole Earth is 4 pi R squared of the authalic sphere.",
            "ee.Geometry.Rectangle(-180, -90, 180, 90).area()",
            "510065621724088.44",
        ),
        Assumption(
            "Geometry.bounds",
            (
                "The rectangle is planar, holds the bulge of geodesic edges and starts at its "
                "lower left corner."
            ),
            "ee.Geometry.LineString([[0, 40], [10, 40]]).bounds().coordinates()",
            (
                "[[[0.0, 40.0], [10.0, 40.0], [10.0, 40.107597848325554], [0.0, "
                "40.107597848325554], [0.0, 40.0]]]"
            ),
        ),
        Assumption(
            "Geometry.bounds",
            "Across the antimeridian longitudes go on beyond 180.",
            "ee.Geometry.LineString([[170, 0], [-170, 0]]).bounds().coordinates()",
            "[[[170.0, 0.0], [190.0, 0.0], [190.0, 0.0], [170.0, 0.0]]]",
        ),
        Assumption(
            "Geometry.contains",
            "A point on the boundary is contained.",
            "ee.Geometry.Rectangle(0, 0, 1, 1).contains(ee.Geometry.Point(0, 0))",
            "true",
        ),
        Assumption(
            "Geometry.intersection",
            "What is empty is a collection without geometries.",
            "ee.Geometry.Point(0, 0).intersection(ee.Geometry.Point(1, 1))",
            '{"type": "GeometryCollection", "geometries": []}',
        ),
        Assumption(
            "Geometry.buffer",
            (
                "Steps between the vertices of a circle are at most a right angle, however large "
                "the margin."
            ),
            "ee.Geometry.Point(0, 0).buffer(100, 1000).coordinates().flatten().length()",
            "10",
        ),
        Assumption(
            "Geometry.buffer",
            "A polygon shrunk away is empty.",
            "ee.Geometry.Rectangle(0, 0, 1, 1).buffer(-1e6)",
            '{"type": "GeometryCollection", "geometries": []}',
        ),
        Assumption(
            "Geometry.transform",
            "Lines and polygons need a margin to get edges of another kind; points do not.",
            "ee.Geometry.LineString([[6, 60], [12, 60]]).transform('EPSG:32632')",
            (
                "error: Geometry.transform: Unable to perform this geometry operation. Please "
                "specify a non-zero error margin."
            ),
        ),
        Assumption(
            "Geometry.transform",
            (
                "Coordinates are in units of the coordinate system, whatever the pixel size of the "
                "projection."
            ),
            (
                "ee.Geometry.Point([500000, 0], 'EPSG:32632')"
                ".transform(ee.Projection('EPSG:32632', [10, 0, 0, 0, -10, 0])).coordinates()"
            ),
            "[500000.0, 0.0]",
        ),
        Assumption(
            "Geometry.centroid",
            "Points and lines of a geometry that has polygons do not count.",
            (
                "ee.Geometry({'type': 'GeometryCollection', 'geometries': [{'type': 'Point', "
                "'coordinates': [50, 50]}, {'type': 'Polygon', 'coordinates': [[[-1, -1], [1, -1], "
                "[1, 1], [-1, 1], [-1, -1]]]}]}).centroid().coordinates().map(lambda v: "
                "ee.Number(v).multiply(1e6).round())"
            ),
            "[0.0, 0.0]",
        ),
        Assumption(
            "Geometry.simplify",
            (
                "Vertices are dropped by Douglas and Peucker in the plane of the coordinates, the "
                "margin turned into its units at the equator."
            ),
            (
                "ee.Geometry.LineString([[0, 0], [0.5, 0.0001], [1, 0]]).simplify(100)"
                ".coordinates().length()"
            ),
            "2",
        ),
        Assumption(
            "Geometry.convexHull",
            "On the sphere, collinear means on one great circle.",
            "ee.Geometry.MultiPoint([[0, 0], [1, 0], [2, 0]]).convexHull().type()",
            '"LineString"',
        ),
        Assumption(
            "Geometry.cutLines",
            "Distances along a line are elliptical.",
            "ee.Geometry.LineString([[0, 0], [1, 0]]).cutLines([50000]).geometries().length()",
            "2",
        ),
        Assumption(
            "Geometry.coveringGrid",
            "Cells that only touch a polygon's border are left out.",
            (
                "ee.Geometry.Rectangle([0, 0, 20, 10], 'EPSG:32632', False)"
                ".coveringGrid('EPSG:32632', 10).aggregate_array('system:index')"
            ),
            '["0,0", "1,0"]',
        ),
        Assumption(
            "Collection.geometry",
            "Geometries of different systems or edges are an error of these words.",
            (
                "ee.FeatureCollection([ee.Feature(ee.Geometry.BBox(0, 0, 1, 1)), "
                "ee.Feature(ee.Geometry.Rectangle(0, 0, 1, 1))]).geometry()"
            ),
            (
                "error: Collection.geometry: Unable to merge geometries with different projections "
                "or edge interpretations."
            ),
        ),
        Assumption(
            "Geometry.fromS2CellId",
            "A cell is the polygon of its four corners.",
            "ee.Geometry.fromS2CellToken('1').coordinates().get(0)",
            (
                "[[-45.0, -35.264389682754654], [45.0, -35.264389682754654], [45.0, "
                "35.264389682754654], [-45.0, 35.264389682754654], [-45.0, -35.264389682754654]]"
            ),
        ),
        Assumption(
            "Geometry.transform",
            "Lines and areas go into a transverse Mercator as far as 80 degrees from its meridian; "
            "what lies beyond is left out.",
            (
                "ee.Image(1).clip(ee.Geometry.Rectangle([-170, 0, 170, 50], None, False))"
                ".reduceRegion(ee.Reducer.first(), ee.Geometry.Point([80, 10]), 1000, 'EPSG:32632')"
            ),
            '{"constant": 1}',
        ),
    ),
)
