"""Documented outputs of features, collections, filters, joins and aggregates."""

from __future__ import annotations

from gee_sm.emulator.documented.output import outputs

TREES = (
    "ee.FeatureCollection([ee.Feature(ee.Geometry.Point([1, 2]), {'isTree': 'Tree'}), "
    "ee.Feature(ee.Geometry.Point([3, 4]), {'isTree': 'NotTree'}), "
    "ee.Feature(ee.Geometry.Point([5, 6]), {'isTree': 'nonsense'})])"
)
SITES = (
    "ee.FeatureCollection([ee.Feature(None, {'prop': p, 'system:time_start': ee.Date(d)}) "
    "for p, d in [(10, '2021-06-10'), (11, '2021-06-20'), (19, '2021-07-10'), "
    "(10, '2021-07-20')]])"
)
SHAPES = (
    "ee.FeatureCollection([ee.Feature(ee.Geometry.Rectangle(0, 0, 1, 1), {'x': 0}), "
    "ee.Feature(ee.Geometry.Rectangle(0, 0, 3, 3), {'x': 'foo'}), "
    "ee.Feature(ee.Geometry.Point(0, 0))])"
)
WEIGHTED = "ee.FeatureCollection([ee.Feature(None, {'foo': n, 'weight': n}) for n in (1, 2, 3)])"
FOO = (
    "ee.FeatureCollection([ee.Feature(None, {'foo': n, 'label': s}) "
    "for n, s in ((0, 'a'), (1, 'b'), (1, 'c'), (2, 'd'))])"
)
BAR = (
    "ee.FeatureCollection([ee.Feature(None, {'bar': n, 'label': s}) "
    "for n, s in ((1, 'e'), (1, 'f'), (2, 'g'), (3, 'h'))])"
)
SAME = "ee.Filter.equals(leftField='foo', rightField='bar')"
COVERS = (
    "ee.FeatureCollection([ee.Feature(None, {'id': n}) for n in (1, 2, 3, 4)]), "
    "ee.FeatureCollection([ee.Feature(None, {'type_id': n}) for n in (1, 2)]), "
    "ee.Filter.equals(leftField='id', rightField='type_id')"
)
INDICES = ".aggregate_array('system:index')"
TESTS = "gee-community/geetools/blob/main/tests"
BACKWARDS = "Empty date ranges not supported for the current operation."

FEATURES = (
    *outputs("Feature", "apidocs/ee-feature", {
        "ee.Feature(None)": '{"type": "Feature", "geometry": null, "properties": {}}',
    }),
    *outputs("Feature.id", "apidocs/ee-feature", {
        "ee.Feature(None, {'id': 'yada'}).id()": "null",
        "ee.Feature(None, {'system:index': 'abc123'}).id()": '"abc123"',
    }),
    *outputs("Element.get", "guides/features", {
        "ee.Feature(None).set('genus', 'Sequoia').set('species', 'sempervirens').get('species')": (
            '"sempervirens"'
        ),
    }, source="stated"),
    *outputs("Element.set", "guides/features", {
        "ee.Feature(None, {'foo': ee.Number(8).add(88), 'bar': 'nihao'})"
        ".toDictionary()": '{"bar": "nihao", "foo": 96}',
        "ee.Feature(None, {'genus': 'Sequoia', 'species': 'sempervirens', 'presence': 1})"
        ".set({'genus': 'Brachyramphus', 'species': 'marmoratus'}).toDictionary()": (
            '{"genus": "Brachyramphus", "presence": 1, "species": "marmoratus"}'
        ),
    }, source="stated"),
    *outputs("Element.get", "guides/debugging", {
        "ee.Image(1).get('myProperty')": "null",
        "ee.Image(1).set('myProperty', 'OK').get('myProperty')": '"OK"',
    }),
)  # fmt: skip

COLLECTIONS = (
    *outputs("Collection.remap", "apidocs/ee-featurecollection-remap", {
        f"{TREES}.remap(['NotTree', 'Tree'], [0, 1], 'isTree').aggregate_array('isTree')": "[1, 0]",
    }, source="stated"),
    *outputs("Collection.map", "guides/debugging", {
        "ee.FeatureCollection([ee.Feature(None)]).map(lambda f: ee.Date(0))": (
            "error: Collection.map: A mapped algorithm must return a Feature or Image."
        ),
    }),
    *outputs("Collection.reduceColumns", "guides/reducers_reduce_columns", {
        f"{WEIGHTED}.reduceColumns(ee.Reducer.mean(), ['foo'], ['weight'])": (
            '{"mean": 2.333333333333333}'
        ),
    }),
    *outputs("Collection.merge", "apidocs/ee-featurecollection-merge", {
        f"ee.FeatureCollection({FOO}).limit(2).merge({BAR}.limit(1)){INDICES}": (
            '["1_0", "1_1", "2_0"]'
        ),
    }, source="stated"),
    *outputs("Collection.filter", "apidocs/ee-featurecollection-filterdate", {
        f"{SITES}.filterDate('2021-07-01', '2021-08-01').aggregate_array('prop')": "[19, 10]",
        f"{SITES}.filterDate(ee.DateRange('2021-07-01', '2021-08-01'))"
        ".aggregate_array('prop')": "[19, 10]",
        f"{SITES}.filterDate(1625875200000, 1626739200001).aggregate_array('prop')": "[19, 10]",
        f"{SITES}.filterDate(ee.Date('2021-07-01'), ee.Date('2021-08-01'))"
        ".aggregate_array('prop')": "[19, 10]",
    }, source="stated"),
    *outputs("Collection.toList", f'search?q="{BACKWARDS}"&type=code'.replace(" ", "+"), {
        f"{SITES}.filterDate('2021-08-01', '2021-07-01').toList(5)": (
            f"error: Collection.toList: {BACKWARDS}"
        ),
    }, source="recorded"),
    *outputs("Collection.reduceColumns", f'search?q="{BACKWARDS}"&type=code'.replace(" ", "+"), {
        f"{SITES}.filterDate('2021-08-01', '2021-07-01')"
        ".reduceColumns(ee.Reducer.count(), ['prop'])": (
            f"error: Collection.reduceColumns: {BACKWARDS}"
        ),
    }, source="recorded"),
    *outputs("Collection.first", "google/earthengine-api/issues/141", {
        "ee.ImageCollection([]).first().select('x')": (
            "error: Image.select: Parameter 'input' is required and may not be null."
        ),
        "ee.ImageCollection([]).first().bandNames()": (
            "error: Image.bandNames: Parameter 'image' is required and may not be null."
        ),
    }, source="recorded"),
    *outputs("Reducer.group", "guides/reducers_grouping", {
        "ee.FeatureCollection([ee.Feature(None, {'k': k, 'v': v}) for k, v in "
        "(('b', 1), ('a', 2), ('b', 3))]).reduceColumns(ee.Reducer.sum().group(1, 'key'), "
        "['v', 'k'])": '{"groups": [{"key": "a", "sum": 2}, {"key": "b", "sum": 4}]}',
    }, source="stated"),
)  # fmt: skip

FILTERS = (
    *outputs("Filter.hasType", "apidocs/ee-filter-hastype", {
        f"{SHAPES}.filter(ee.Filter.hasType('.geo', 'Point')){INDICES}": '["2"]',
        f"{SHAPES}.filter(ee.Filter.hasType('.geo', 'Polygon')){INDICES}": '["0", "1"]',
        f"{SHAPES}.filter(ee.Filter.hasType('x', 'Number')){INDICES}": '["0"]',
        f"{SHAPES}.filter(ee.Filter.hasType('x', 'String')){INDICES}": '["1"]',
    }, source="stated"),
    *outputs("Filter.dateRangeContains", "apidocs/ee-filter-date", {
        f"{SITES}.filter(ee.Filter.date('2021-07-01', '2021-08-01')).aggregate_array('prop')": (
            "[19, 10]"
        ),
        f"{SITES}.filter(ee.Filter.date(ee.DateRange('2021-07-01', '2021-08-01')))"
        ".aggregate_array('prop')": "[19, 10]",
        f"{SITES}.filter(ee.Filter.date(1625875200000, 1626739200001)).aggregate_array('prop')": (
            "[19, 10]"
        ),
        f"{SITES}.filter(ee.Filter.date(ee.Date('2021-07-01'), ee.Date('2021-08-01')))"
        ".aggregate_array('prop')": "[19, 10]",
    }, source="stated"),
)  # fmt: skip

JOINS = (
    *outputs("Join.simple", "apidocs/ee-join-simple", {
        f"ee.Join.simple().apply({COVERS}).aggregate_array('id')": "[1, 2]",
    }, source="stated"),
    *outputs("Join.inner", "guides/joins_inner", {
        f"ee.Join.inner('primary', 'secondary').apply({FOO}, {BAR}, {SAME}).map(lambda f: "
        "f.set('pair', ee.String(ee.Feature(f.get('primary')).get('label'))"
        ".cat(ee.String(ee.Feature(f.get('secondary')).get('label')))))"
        ".aggregate_array('pair')": '["be", "bf", "ce", "cf", "dg"]',
    }, source="stated"),
    *outputs("Join.apply", f"{TESTS}/test_Join.py", {
        "ee.Join.saveAll('m', outer=True).apply(ee.FeatureCollection([ee.Feature(None, "
        "{'id': 1})]), ee.FeatureCollection([ee.Feature(None, {'id': 1})]), "
        f"ee.Filter.equals(leftField='id', rightField='id')){INDICES}": '["0"]',
    }, source="recorded"),
)  # fmt: skip

COLLECTED = (*FEATURES, *COLLECTIONS, *FILTERS, *JOINS)
