"""What the emulator assumes of collections."""

from __future__ import annotations

from gee_sm.emulator.assumptions.assumption import Assumption, Section

COLLECTIONS = Section(
    "Collections",
    "",
    (
        Assumption(
            "Collection.distinct",
            "The first of equal elements is kept.",
            (
                "ee.FeatureCollection([ee.Feature(None, {'k': 1, 'n': i}) for i in range(3)])"
                ".distinct('k').aggregate_array('n')"
            ),
            "[0]",
        ),
        Assumption(
            "Collection.limit",
            (
                "Elements that lack the property come last, ascending or not; equal ones keep "
                "their order."
            ),
            (
                "ee.FeatureCollection([ee.Feature(None, {'n': 0}), ee.Feature(None, {'k': 1, 'n': "
                "1}), ee.Feature(None, {'k': 2, 'n': 2})]).sort('k', False).aggregate_array('n')"
            ),
            "[2, 1, 0]",
        ),
        Assumption(
            "Collection.merge",
            "Indices of what was merged twice get both prefixes.",
            (
                "ee.FeatureCollection([ee.Feature(None)]).merge(ee.FeatureCollection([]))"
                ".merge(ee.FeatureCollection([])).aggregate_array('system:index')"
            ),
            '["1_1_0"]',
        ),
        Assumption(
            "Collection.flatten",
            "Indices are joined by an underscore.",
            (
                "ee.FeatureCollection([ee.FeatureCollection([ee.Feature(None)])]).flatten()"
                ".aggregate_array('system:index')"
            ),
            '["0_0"]',
        ),
        Assumption(
            "Collection.map",
            "A null result without dropNulls is refused like anything that is not an element.",
            (
                "ee.FeatureCollection([ee.Feature(None)]).map(lambda f: ee.Algorithms.If(0, f, "
                "None))"
            ),
            "error: Collection.map: A mapped algorithm must return a Feature or Image.",
        ),
        Assumption(
            "Collection.randomColumn",
            "The value is a hash of the seed and the row keys; which hash cannot be known.",
            (
                "ee.FeatureCollection([ee.Feature(None)]).randomColumn().filter(ee.Filter"
                ".lt('random', 1)).size()"
            ),
            "1",
        ),
        Assumption(
            "Collection.reduceColumns",
            "One weight selector serves all inputs of the reducer; several are refused.",
            (
                "ee.FeatureCollection([ee.Feature(None, {'v': i, 'w': i}) for i in (1, 2, 3)])"
                ".reduceColumns(ee.Reducer.mean(), ['v'], ['w'])"
            ),
            '{"mean": 2.3333333333333335}',
        ),
        Assumption(
            "AggregateFeatureCollection.sum",
            "Of no values the sum is 0, the product 1, mean, extremes and deviations are null.",
            (
                "ee.List([ee.FeatureCollection([]).aggregate_sum('x'), ee.FeatureCollection([])"
                ".aggregate_product('x'), ee.FeatureCollection([]).aggregate_mean('x')])"
            ),
            "[0, 1, null]",
        ),
        Assumption(
            "AggregateFeatureCollection.sample_var",
            "The variance of one value as a sample is null.",
            "ee.FeatureCollection([ee.Feature(None, {'x': 1})]).aggregate_sample_var('x')",
            "null",
        ),
        Assumption(
            "AggregateFeatureCollection.histogram",
            "Keys are the values as text, with a decimal point for those with decimals.",
            (
                "ee.FeatureCollection([ee.Feature(None, {'x': 1}), ee.Feature(None, {'x': 1.5})])"
                ".aggregate_histogram('x')"
            ),
            '{"1": 1, "1.5": 1}',
        ),
        Assumption(
            "Collection.errorMatrix",
            "Pairs with a null are left out.",
            (
                "ee.FeatureCollection([ee.Feature(None, {'a': 0}), ee.Feature(None, {'a': 0, 'p': "
                "0})]).errorMatrix('a', 'p')"
            ),
            "[[1]]",
        ),
        Assumption(
            "FeatureCollection.randomPoints",
            "Points are uniform on the sphere; where they fall cannot be known.",
            (
                "ee.FeatureCollection.randomPoints(ee.Geometry.Rectangle(0, 0, 1, 1), 3)"
                ".aggregate_array('system:index')"
            ),
            '["0", "1", "2"]',
        ),
    ),
)
