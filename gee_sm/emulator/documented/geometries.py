"""Documented outputs of geometries.

The samples of the reference show geometries on a map and print no numbers; these are recordings of
the live service. The geodesic polygon is that of the guide on geometries.
"""

from __future__ import annotations

from gee_sm.emulator.documented.output import outputs

NOTEBOOK = "csaybar/EEwPython/blob/master/4_features.ipynb"
POLYGON = "ee.Geometry.Polygon([[[-5, 40], [65, 40], [65, 60], [-5, 60], [-5, 60]]])"
RING = "[[-5, 40], [65, 40], [65, 60], [-5, 60], [-5, 60], [-5, 40]]"
FIELD = (
    "[[-97.59238135821987, 43.47456565304017], [-97.59244690469288, 43.47962399877412], "
    "[-97.59191951546768, 43.47962728271748], [-97.59185396090983, 43.47456565304017]]"
)
CLOCKWISE = "[[[-35, -10], [-35, 10], [35, 10], [35, -10]]]"
FIRST, SECOND = "ee.Geometry.Point(-50, 30).buffer(1e6)", "ee.Geometry.Point(-40, 30).buffer(1e6)"
BOX = "ee.Geometry.BBox(0, 40, 10, 50)"
MARGIN = "Unable to perform this geometry operation. Please specify a non-zero error margin."

GEOMETRIES = (
    *outputs("Geometry.area", NOTEBOOK, {
        f"{POLYGON}.area().divide(1e6)": "9918985.748240016",
    }, source="recorded"),
    *outputs("Geometry.area", "shapely/shapely/issues/726", {
        f"ee.Geometry.Polygon({FIELD}).area()": "23944.14737277293",
    }, source="recorded", disagrees=(
        "The exact area on the same sphere is 23944.147373563; the recorded one is rounded in the "
        "eleventh digit."
    )),
    *outputs("Geometry.perimeter", NOTEBOOK, {
        f"{POLYGON}.perimeter().divide(1e3)": "13979.88727044261",
    }, source="recorded"),
    *outputs("Geometry.centroid", NOTEBOOK, {
        f"{POLYGON}.centroid().coordinates()": "[30.00000000000, 54.56306390487]",
    }, source="recorded", digits=True),
    *outputs("Geometry.type", NOTEBOOK, {f"{POLYGON}.type()": '"Polygon"'}, source="recorded"),
    *outputs("Geometry.coordinates", NOTEBOOK, {
        f"{POLYGON}.coordinates()": f"[{RING}]",
    }, source="recorded"),
    *outputs("Geometry.geodesic", NOTEBOOK, {
        f"{POLYGON}.geodesic()": "true",
    }, source="recorded"),
    *outputs("GeometryConstructors.Polygon", NOTEBOOK, {
        POLYGON: f'{{"type": "Polygon", "coordinates": [{RING}]}}',
    }, source="recorded"),
    *outputs("GeometryConstructors.Polygon", NOTEBOOK, {
        f"ee.Geometry.Polygon({CLOCKWISE}).contains(ee.Geometry.Point(1.5, 1.5))": "true",
        f"ee.Geometry.Polygon({CLOCKWISE}, None, True, None, False)"
        ".contains(ee.Geometry.Point(1.5, 1.5))": "false",
    }, source="recorded"),
    *outputs("Geometry.buffer", NOTEBOOK, {
        f"{FIRST}.coordinates().flatten().length()": "48",
        f"ee.List({FIRST}.coordinates().get(0)).slice(0, 4)": (
            "[[-49.99999999999999, 38.99886595148144], [-53.20474725917394, 38.602502406482586], "
            "[-56.06709669803667, 37.45722975411991], [-58.312892402302516, 35.68469088261632]]"
        ),
    }, source="recorded"),
    *outputs("Geometry.buffer", NOTEBOOK, {
        f"ee.List({FIRST}.coordinates().get(0)).get(-2)": "[-49.361041, 38.983519]",
    }, source="recorded", digits=True),
    # The two vertices that an intersection has of its own.
    *outputs("Geometry.intersection", NOTEBOOK, {
        f"ee.Geometry.MultiPoint(ee.List({FIRST}.intersection({SECOND}, 1).coordinates().get(0)))"
        f".distance(ee.Geometry.Point({corner}))": "0.000000"
        for corner in (
            "-44.9523663730671, 22.236219158145893",
            "-45.00485301797899, 37.8945510308092",
        )
    }, source="recorded", digits=True),
    *outputs("Geometry.coveringGrid", "apidocs/ee-geometry-coveringgrid", {
        "ee.Geometry.Point(31.6, -8.54).buffer(100000).coveringGrid('EPSG:32736', 16384)"
        ".filter(ee.Filter.eq('system:index', '18,551')).size()": "1",
    }, source="stated"),
    *outputs("Geometry.area", 'search?q="specify+a+non-zero+error+margin"&type=code', {
        f"{BOX}.area()": f"error: Geometry.area: {MARGIN}",
    }, source="recorded"),
    *outputs("Geometry.centroid", 'search?q="specify+a+non-zero+error+margin"&type=code', {
        f"{BOX}.centroid()": f"error: Geometry.centroid: {MARGIN}",
    }, source="recorded"),
    *outputs("Geometry.intersection", 'search?q="specify+a+non-zero+error+margin"&type=code', {
        f"{BOX}.intersection(ee.Geometry.Point(5, 45).buffer(1000))": (
            f"error: Geometry.intersection: {MARGIN}"
        ),
    }, source="recorded"),
)  # fmt: skip
