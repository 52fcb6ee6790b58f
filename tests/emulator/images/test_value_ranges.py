"""What a band's type says of its values holds for them, whatever computed them."""

from __future__ import annotations

from collections.abc import Callable

import ee
import pytest

NUMBERS: dict[str, Callable[[], ee.Image]] = {
    "half": lambda: ee.Image(0.5),
    "negative": lambda: ee.Image(-2.5),
    "float": lambda: ee.Image(1.5).toFloat(),
    "byte": lambda: ee.Image(200).byte(),
    "signed byte": lambda: ee.Image(-3).int8(),
    "whole": lambda: ee.Image(70_000),
    "long": lambda: ee.Image(2**40),
    "zero": lambda: ee.Image(0),
}

UNARY = [
    "abs",
    "signum",
    "floor",
    "ceil",
    "round",
    "Not",
    "bitwiseNot",
    "bitCount",
    "sqrt",
    "exp",
    "cbrt",
    "toInt8",
    "toByte",
    "toUint16",
    "toShort",
    "toInt32",
    "toUint32",
    "toInt64",
    "toFloat",
    "toDouble",
]
BINARY = [
    "add",
    "subtract",
    "multiply",
    "divide",
    "mod",
    "pow",
    "atan2",
    "hypot",
    "max",
    "min",
    "first",
    "firstNonZero",
    "lt",
    "eq",
    "And",
    "Or",
    "bitwiseAnd",
    "bitwiseOr",
    "bitwiseXor",
]
OTHERS: dict[str, Callable[[ee.Image], ee.Image]] = {
    "clamp": lambda x: x.clamp(1.25, 2.75),
    "unitScale": lambda x: x.unitScale(0, 10),
    "unmask": lambda x: x.updateMask(0).unmask(500),
    "where": lambda x: x.where(1, -7.5),
    "remap": lambda x: x.remap([200], [1000], -5000),
    "leftShift": lambda x: x.leftShift(3),
    "rightShift": lambda x: x.rightShift(3),
    "sum": lambda x: x.addBands(x).reduce(ee.Reducer.sum()),
    "product": lambda x: x.addBands(x).reduce(ee.Reducer.product()),
    "median": lambda x: x.addBands(x).addBands(ee.Image(9)).reduce(ee.Reducer.median()),
    "mosaic": lambda x: ee.ImageCollection([x, ee.Image(300.5)]).mosaic(),
    "blend": lambda x: x.blend(ee.Image(1000).updateMask(0.5)),
    "convolve": lambda x: x.convolve(ee.Kernel.sobel()),
    "neighbourhood": lambda x: x.reduceNeighborhood(ee.Reducer.sum(), ee.Kernel.square(2)),
}


def _check(results: ee.Image, labels: list[str]) -> None:
    """Assert of each band that its value lies in the range of its type."""
    image = results.rename([f"b{i}" for i in range(len(labels))])
    point = ee.Geometry.Point([10.0, 50.0])
    values = image.reduceRegion(ee.Reducer.first(), point, 10, "EPSG:32632").getInfo()
    for index, band in enumerate(image.getInfo()["bands"]):
        value, kind = values[f"b{index}"], band["data_type"]
        if value is None:
            continue
        said = f"{labels[index]} gives {value}, of the type {kind}"
        assert kind.get("min", value) <= value <= kind.get("max", value), said
        assert kind["precision"] != "int" or value == int(value), said


@pytest.mark.parametrize("function", UNARY)
def test_of_one_operand(function):
    bands = [getattr(make(), function)() for make in NUMBERS.values()]
    _check(ee.Image.cat(bands), [f"{function} of {name}" for name in NUMBERS])


@pytest.mark.parametrize("function", BINARY)
def test_of_two_operands(function):
    bands, labels = [], []
    for first, left in NUMBERS.items():
        for second, right in NUMBERS.items():
            bands.append(getattr(left(), function)(right()))
            labels.append(f"{function} of {first} and {second}")
    _check(ee.Image.cat(bands), labels)


@pytest.mark.parametrize("name", OTHERS)
def test_of_other_functions(name):
    bands = [OTHERS[name](make()) for make in NUMBERS.values()]
    _check(ee.Image.cat(bands), [f"{name} of {label}" for label in NUMBERS])


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (lambda: ee.Image(2**40).multiply(2**40), 2**63 - 1),
        (lambda: ee.Image(2**40).multiply(-(2**40)), -(2**63)),
        (lambda: ee.Image(2**62).add(2**62), 2**63 - 1),
        (lambda: ee.Image(2**62).add(2**62 - 1), 2**63 - 1),
        (lambda: ee.Image(-(2**62)).subtract(2**62), -(2**63)),
        (lambda: ee.Image(2**32 - 1).multiply(2**32 - 1), 2**63 - 1),
        (lambda: ee.Image(2**31).multiply(2**31), 2**62),
    ],
)
def test_whole_results_beyond_64_bits_stop_there(at_point, image, expected):
    assert at_point(image()) == {"constant": expected}
