"""What the emulator assumes of joins."""

from __future__ import annotations

from gee_sm.emulator.assumptions.assumption import Assumption, Section

JOINS = Section(
    "Joins",
    "",
    (
        Assumption(
            "Join.inner",
            "The index is that of both elements, joined by an underscore.",
            (
                "ee.Join.inner().apply(ee.FeatureCollection([ee.Feature(None, {'x': 1})]), "
                "ee.FeatureCollection([ee.Feature(None, {'x': 1})]), ee.Filter"
                ".equals(leftField='x', rightField='x')).aggregate_array('system:index')"
            ),
            '["0_0"]',
        ),
        Assumption(
            "Join.saveAll",
            "With outer, an element without a match gets an empty list.",
            (
                "ee.Join.saveAll('m', outer=True).apply(ee.FeatureCollection([ee.Feature(None, "
                "{'x': 1})]), ee.FeatureCollection([]), ee.Filter.equals(leftField='x', "
                "rightField='x')).first().get('m')"
            ),
            "[]",
        ),
        Assumption(
            "Join.saveFirst",
            "With outer, an element without a match lacks the property.",
            (
                "ee.Join.saveFirst('m', outer=True).apply(ee.FeatureCollection([ee.Feature(None, "
                "{'x': 1})]), ee.FeatureCollection([]), ee.Filter.equals(leftField='x', "
                "rightField='x')).first().propertyNames().contains('m')"
            ),
            "false",
        ),
        Assumption(
            "Join.saveBest",
            "A condition without a measure is an error of these words.",
            (
                "ee.Join.saveBest('m', 'd').apply(ee.FeatureCollection([ee.Feature(None, {'x': "
                "1})]), ee.FeatureCollection([ee.Feature(None, {'x': 1})]), ee.Filter"
                ".equals(leftField='x', rightField='x')).size()"
            ),
            (
                "error: Collection.size: The join condition produces no measure: use a single "
                "withinDistance or maxDifference filter."
            ),
        ),
    ),
)
