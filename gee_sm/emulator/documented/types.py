"""Documented outputs of pixel types, projections, error margins and types of values."""

from __future__ import annotations

from gee_sm.emulator.documented.output import outputs

NTF_PARIS = (
    'PROJCS["NTF (Paris) / Lambert zone II", GEOGCS["NTF (Paris)", '
    'DATUM["Nouvelle Triangulation Francaise (Paris)", '
    'SPHEROID["Clarke 1880 (IGN)", 6378249.2, 293.4660212936269, AUTHORITY["EPSG","7011"]], '
    'AUTHORITY["EPSG","6807"]], PRIMEM["Paris", 2.5969213, AUTHORITY["EPSG","8903"]], '
    'UNIT["grade", 0.015707963267948967], AXIS["Geodetic longitude", EAST], '
    'AXIS["Geodetic latitude", NORTH], AUTHORITY["EPSG","4807"]], '
    'PROJECTION["Lambert_Conformal_Conic_1SP", AUTHORITY["EPSG","9801"]], '
    'PARAMETER["central_meridian", 0.0], PARAMETER["latitude_of_origin", 52.0], '
    'PARAMETER["scale_factor", 0.99987742], PARAMETER["false_easting", 600000.0], '
    'PARAMETER["false_northing", 2200000.0], UNIT["m", 1.0], AXIS["Easting", EAST], '
    'AXIS["Northing", NORTH], AUTHORITY["EPSG","27572"]]'
)
DOUBLE = '{"type": "PixelType", "precision": "double"}'


def _double(dimensions: int) -> str:
    return f'{{"type": "PixelType", "precision": "double", "dimensions": {dimensions}}}'


def _range(precision: str, low: int, high: int, more: str = "") -> str:
    return f'{{"type": "PixelType", "precision": "{precision}", "min": {low}, "max": {high}{more}}}'


TYPES = (
    *outputs("PixelType", "apidocs/ee-pixeltype", {
        "ee.PixelType('int', 0, 1)": _range("int", 0, 1),
        "ee.PixelType('int', -20, -10)": _range("int", -20, -10),
        "ee.PixelType('float')": '{"type": "PixelType", "precision": "float"}',
        "ee.PixelType('double')": DOUBLE,
        "ee.PixelType('double', None)": DOUBLE,
        "ee.PixelType('double', None, None)": DOUBLE,
        "ee.PixelType('double', None, None, 0)": DOUBLE,
        "ee.PixelType('double', None, None, 1)": _double(1),
        "ee.PixelType('double', None, None, 2)": _double(2),
        "ee.PixelType('double', None, None, 3)": _double(3),
        "ee.PixelType('double', None, None, 10)": _double(10),
        "ee.PixelType('double', None, None, 1e8)": _double(100_000_000),
        "ee.PixelType('double', 1, 2, 0)": _range("double", 1, 2),
        "ee.PixelType('double', 1, 3, 2)": _range("double", 1, 3, ', "dimensions": 2'),
        "ee.PixelType('double', -4, -3, 0)": _range("double", -4, -3),
        # The Code Editor shows a range only where both limits are given.
        "ee.PixelType('double', None, 2.3, 0).precision()": '"double"',
        "ee.PixelType('double', 3.4, None, 0).precision()": '"double"',
    }),
    *outputs("Projection", "apidocs/ee-projection", {
        "ee.Projection('EPSG:3857')": (
            '{"type": "Projection", "crs": "EPSG:3857", "transform": [1, 0, 0, 0, 1, 0]}'
        ),
        f"ee.Projection({NTF_PARIS!r}).crs()": '"EPSG:27572"',
    }),
    *outputs("Projection.nominalScale", "search?q=111319.49079327357&type=code", {
        "ee.Projection('EPSG:4326').nominalScale()": "111319.49079327357",
    }, source="recorded"),
    *outputs("ErrorMargin", "apidocs/ee-errormargin", {
        "ee.ErrorMargin(0)": '{"type": "ErrorMargin", "unit": "meters", "value": 0}',
        "ee.ErrorMargin(1)": '{"type": "ErrorMargin", "unit": "meters", "value": 1}',
        "ee.ErrorMargin(-1)": '{"type": "ErrorMargin", "unit": "meters", "value": 1}',
        "ee.ErrorMargin(1e8)": '{"type": "ErrorMargin", "unit": "infinite"}',
        "ee.ErrorMargin(1e7)": '{"type": "ErrorMargin", "unit": "meters", "value": 10000000}',
        "ee.ErrorMargin(1, 'meters')": '{"type": "ErrorMargin", "unit": "meters", "value": 1}',
        "ee.ErrorMargin(1, 'projected')": (
            '{"type": "ErrorMargin", "unit": "projected", "value": 1}'
        ),
        "ee.ErrorMargin(1, 'infinite')": '{"type": "ErrorMargin", "unit": "infinite"}',
    }),
    *outputs("ErrorMargin", 'search?q="Invalid+ErrorMargin+value"&type=code', {
        "ee.ErrorMargin(1e-4)": (
            "error: ErrorMargin: Invalid ErrorMargin value: 1.0E-4. When units are 'meters', "
            "value must be either >= 0.001, or 0 to disallow any lossy reprojection."
        ),
    }, source="recorded"),
    *outputs("If", "apidocs/ee-algorithms-if", {
        "ee.Algorithms.If(False, '*true*', '*false*')": '"*false*"',
        "ee.Algorithms.If(True, '*true*', '*false*')": '"*true*"',
    }),
    *outputs("If", "apidocs/ee-algorithms-if", {
        "ee.Algorithms.If(ee.String('Tree').compareTo('Tree'), 0, 1)": "1",
        "ee.Algorithms.If(ee.String('NotTree').compareTo('Tree'), 0, 1)": "0",
    }, source="stated"),
    *outputs("ObjectType", "apidocs/ee-algorithms-objecttype", {
        "ee.Algorithms.ObjectType(1)": '"Integer"',
        "ee.Algorithms.ObjectType(ee.Number(1))": '"Integer"',
        "ee.Algorithms.ObjectType(ee.String('a string'))": '"String"',
        "ee.Algorithms.ObjectType(ee.List([1, 'a string']))": '"List"',
        "ee.Algorithms.ObjectType(ee.Feature(None, {'int': 42}).get('int'))": '"Integer"',
    }),
    *outputs("ObjectType", "apidocs/ee-algorithms-objecttype", {
        "ee.Algorithms.ObjectType(ee.Feature(None, {'a': ee.Number(-3).int8()}).get('a'))": (
            '"Long"'
        ),
    }, disagrees="The emulator has one kind of whole number, which it calls Integer."),
)  # fmt: skip
