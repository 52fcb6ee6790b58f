"""Messages of the live service that users have quoted, word for word."""

from __future__ import annotations

import ee
import pytest

MESSAGES = {
    "ee.Number(1).add(ee.List(['x']).get(0))": (
        "Number.add, argument 'right': Invalid type.\nExpected type: Number.\n"
        "Actual type: String.\nActual value: x"
    ),
    "ee.ApiFunction.call_('Image.addBands', ee.Image(1), ee.ImageCollection([]))": (
        "Image.addBands, argument 'srcImg': Invalid type.\nExpected type: Image<unknown bands>.\n"
        "Actual type: ImageCollection."
    ),
    "ee.Date('2023-02-32').millis()": "Date: Bad date/time '2023-02-32'.",
    "ee.Date.parse('DD/MM/yy', '2021-01-01')": (
        "Date.parse: Date/time '2021-01-01' cannot be parsed with format 'DD/MM/yy'."
    ),
    "ee.List.sequence(1.1)": "List.sequence: Expected one of end or count to be specified.",
    "ee.Array([])": "Array: No numbers in 'values', must provide a type.",
    "ee.ApiFunction.call_('Date', None)": (
        "Date: Parameter 'value' is required and may not be null."
    ),
    "ee.Number(1).add(None)": "Number.add: Parameter 'right' is required and may not be null.",
    "ee.FeatureCollection([]).first().toDictionary()": (
        "Element.toDictionary: Parameter 'element' is required and may not be null."
    ),
    "ee.FeatureCollection([ee.Feature(None, {'c': v}) for v in (0, '10')])"
    ".reduceColumns(ee.Reducer.max(), ['c'])": (
        "Collection.reduceColumns: Cannot compare values '0' (Type:Integer) and '10' (Type:String)."
    ),
    "ee.Dictionary({}).get('NDVI')": "Dictionary.get: Dictionary does not contain key: 'NDVI'.",
    "ee.FeatureCollection([]).reduceColumns(ee.Reducer.mean(), ['a', 'b'])": (
        "Collection.reduceColumns: Need 1 inputs for Reducer.mean, got 2."
    ),
}  # fmt: skip


@pytest.mark.parametrize(("expression", "expected"), MESSAGES.items())
def test_messages_are_the_services(message, earth_engine, expression, expected):
    assert message(eval(expression, {"ee": ee})) == expected


def test_whole_numbers_are_answered_as_integers(run, earth_engine):
    found = run(ee.List([ee.Number(7).divide(2).floor(), ee.Number(6).divide(4), ee.Array([2.0])]))
    assert str(found) == "[3, 1.5, [2]]"
    assert str(run(ee.Geometry.Point([1, 2]).coordinates())) == "[1, 2]"
