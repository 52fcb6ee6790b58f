"""What the emulator assumes of filters."""

from __future__ import annotations

from gee_sm.emulator.assumptions.assumption import Assumption, Section

FILTERS = Section(
    "Filters",
    (
        "A missing or null operand fails every comparison but equality; what the client "
        "sends as a negation passes."
    ),
    (
        Assumption(
            "Filter.not",
            "Hence gte, lte and neq pass where the property is missing.",
            "ee.FeatureCollection([ee.Feature(None)]).filter(ee.Filter.gte('x', 1)).size()",
            "1",
        ),
        Assumption(
            "Filter.equals",
            "Text is never equal to a number, nor before or after one.",
            (
                "ee.FeatureCollection([ee.Feature(None, {'x': '1'})]).filter(ee.Filter.Or(ee.Filter"
                ".eq('x', 1), ee.Filter.lt('x', 2))).size()"
            ),
            "0",
        ),
        Assumption(
            "Filter.equals",
            "When a collection is filtered both fields are read from the same element.",
            (
                "ee.FeatureCollection([ee.Feature(None, {'a': 1, 'b': 1})]).filter(ee.Filter"
                ".equals(leftField='a', rightField='b')).size()"
            ),
            "1",
        ),
        Assumption(
            "Filter.calendarRange",
            "An element without a time fails.",
            (
                "ee.FeatureCollection([ee.Feature(None)]).filter(ee.Filter.calendarRange(1, 12, "
                "'month')).size()"
            ),
            "0",
        ),
        Assumption(
            "Filter.dayOfYear",
            "A range with its end before its start goes round the turn of the year.",
            (
                "ee.FeatureCollection([ee.Feature(None, {'system:time_start': 0})])"
                ".filter(ee.Filter.dayOfYear(360, 10)).size()"
            ),
            "1",
        ),
        Assumption(
            "Filter.contains",
            "A point on the boundary is contained.",
            (
                "ee.FeatureCollection([ee.Feature(ee.Geometry.Rectangle(0, 0, 1, 1))])"
                ".filter(ee.Filter.contains('.geo', ee.Geometry.Point(0, 0))).size()"
            ),
            "1",
        ),
        Assumption(
            "Filter.hasType",
            "Whole numbers are Integer, Long and Number, others Float, Double and Number.",
            (
                "ee.FeatureCollection([ee.Feature(None, {'x': 1})]).filter(ee.Filter.hasType('x', "
                "'Long')).size()"
            ),
            "1",
        ),
        Assumption(
            "Filter.expression",
            "Text that cannot be parsed is an error of these words.",
            "ee.FeatureCollection([]).filter('x >').size()",
            (
                "error: Collection.filter: Unable to parse the expression 'x >': expected a "
                "property or a value at position 3, found the end."
            ),
        ),
    ),
)
