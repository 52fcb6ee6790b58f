"""Whatever the arguments, a function answers or fails with a message: nothing else gets out."""

from __future__ import annotations

import functools
import random
from types import SimpleNamespace

import numpy as np
import pytest
import shapely

from gee_sm.emulator.coercion import _CONVERTERS, NotConvertible
from gee_sm.emulator.encode import encode
from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.graph import Function, apply
from gee_sm.emulator.pixels.grid import Projection
from gee_sm.emulator.registry import implementations
from gee_sm.emulator.values.array import Array
from gee_sm.emulator.values.collection import Collection
from gee_sm.emulator.values.date import Date
from gee_sm.emulator.values.date_range import DateRange
from gee_sm.emulator.values.feature import Feature
from gee_sm.emulator.values.filters import Always
from gee_sm.emulator.values.geometry import EMPTY, EVERYWHERE, Geometry, upright
from gee_sm.emulator.values.image import Image, constant_band

GROUPS = [
    "AggregateFeatureCollection", "Array", "ConfusionMatrix", "Date", "DateRange", "Dictionary",
    "Element", "ErrorMargin", "Feature", "Filter", "Geometry", "GeometryConstructors", "Join",
    "List", "Number", "PixelType", "Projection", "String",
]  # fmt: skip

VALUES = [
    0, 1, -1, 2.5, float("nan"), float("inf"), -1e300, 2**63, 10**25, True,
    "", "a", "x.y", "system:index", "%d", "[", "(a", "2020-01-01", "uniform", "year",
    [], [1, 2], ["a"], [None], [[1, 2], [3]], [0, 0, 1, 1], {}, {"a": 1},
    {"type": "Point", "coordinates": [1]},
    Date(0), Date(2**60), DateRange(0, 1), DateRange(1, 0),
    Geometry(shapely.Point(1, 2)), Geometry(EMPTY), EVERYWHERE,
    Geometry(upright(0, 40, 3, 45)),
    Geometry(upright(500_000, 0, 600_000, 1e5), "EPSG:32632", geodesic=False),
    Geometry(shapely.LineString([[0, 0], [170, 5], [-170, 20]])),
    Feature(None, {"a": 1}),
    Feature(Geometry(shapely.Point(3, 4)), {"system:index": "q", "x": "s"}),
    Image((constant_band(1),)),
    Collection([Feature(None, {"a": 3}), Feature(Geometry(shapely.Point(1, 1)), {"a": "b"})]),
    Collection([]), Collection([Collection([Feature(None)])]),
    Array(np.array([1, 2])), Array(np.zeros((2, 0))), Array(np.array([[1.0, 2], [3, 4]])),
    Always(True),
    Projection("EPSG:4326", (1, 0, 0, 0, 1, 0)), Projection("EPSG:3857", (10, 0, 0, 0, -10, 0)),
    Function(("a", "b"), lambda *arguments: arguments[0]),
    Function(("a",), lambda *arguments: Feature(None, {"z": 1})),
]  # fmt: skip

ITEMS = {
    "List<String>": [[], ["a"], ["a", "x"], ["(", "a"], [""]],
    "List<Integer>": [[], [0], [1, 0], [-1, 5], [10**12]],
    "List<Float>": [[], [0.5], [1, 2], [-1, 5], [float("nan")]],
    "List<List<Object>>": [[], [[1], [2]], [["a", "b"], [1, 2]]],
}


@functools.cache
def fitting(declared):
    """Values that can be converted to a declared type; all of them where none can."""
    converter = _CONVERTERS.get(declared.split("<")[0])
    found = []
    for value in VALUES:
        try:
            if converter is not None:
                converter(value)
            found.append(value)
        except (NotConvertible, EarthEngineError):
            continue
    return found or VALUES


def argument(generator, declared):
    if declared in ITEMS:
        return generator.choice(ITEMS[declared])
    return generator.choice(VALUES if generator.random() < 0.1 else fitting(declared))


@pytest.mark.parametrize("group", GROUPS)
def test_nothing_but_messages_gets_out(group):
    generator = random.Random(group)
    context = SimpleNamespace(catalog=SimpleNamespace(table=lambda _: Collection([])))
    answered, messages = 0, []
    for name, implementation in implementations().items():
        signature = implementation.signature
        if name.split(".")[0] != group or any(a.type == "Reducer" for a in signature.arguments):
            continue
        for _ in range(20):
            given = {
                a.name: argument(generator, a.type)
                for a in signature.arguments
                if a.required or generator.random() < 0.6
            }
            try:
                encode(apply(implementation, given, context))
                answered += 1
            except EarthEngineError as error:
                messages.append(error.message)
    assert answered
    assert messages
    assert all(messages)
