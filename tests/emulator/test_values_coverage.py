"""Which functions of the value classes are there."""

from __future__ import annotations

import pytest

from gee_sm.emulator.registry import coverage

# Functions whose input no public page describes, or that reach out to other services.
ABSENT = {
    "Feature": {"Feature.hersDescriptor"},
    "Geometry": {
        "Geometry.fromS2LatLng",
        "Geometry.fromS2LatLngRect",
        "Geometry.fromS2Point",
        "Geometry.fromS2Polygon",
        "Geometry.fromS2Polyline",
        "Geometry.fromSTGeography",
    },
}

COMPLETE = [
    "AggregateFeatureCollection", "Array", "ConfusionMatrix", "Date", "DateRange", "Dictionary",
    "Element", "ErrorMargin", "Filter", "GeometryConstructors", "Join", "List", "Number",
    "PixelType", "Projection", "String",
]  # fmt: skip


@pytest.mark.parametrize("group", [*COMPLETE, *ABSENT])
def test_all_but_the_named_functions_are_there(group):
    missing = {row[0]: set(row[3]) for row in coverage()}[group]
    assert missing == ABSENT.get(group, set())
