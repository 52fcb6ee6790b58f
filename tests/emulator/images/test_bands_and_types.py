"""Band matching, names, pixel types and what arithmetic does at its edges."""

from __future__ import annotations

import ee
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st


def test_bands_are_matched_by_position_not_by_name(at_point):
    first = ee.Image([1, 2]).rename(["a", "b"])
    second = ee.Image([10, 20]).rename(["b", "a"])
    assert at_point(first.add(second)) == {"a": 11, "b": 22}


def test_a_single_band_goes_with_all_of_the_other_and_names_come_from_the_longer(at_point):
    assert at_point(ee.Image(1).rename("one").add(ee.Image([1, 2]).rename(["a", "b"]))) == {
        "a": 2,
        "b": 3,
    }


def test_unequal_band_counts_are_refused():
    with pytest.raises(ee.EEException, match="same number of bands"):
        ee.Image([1, 2]).add(ee.Image([1, 2, 3])).getInfo()


def test_an_image_without_bands_meets_only_its_like():
    nothing = ee.Image(1).select([])
    with pytest.raises(ee.EEException, match=r"Got 0 and 1"):
        nothing.multiply(ee.Image(1)).getInfo()
    assert nothing.multiply(nothing).bandNames().getInfo() == []


def test_selecting_a_missing_band_names_what_is_there():
    with pytest.raises(
        ee.EEException, match=r"'VV' did not match any bands. Available bands: \[HH"
    ):
        ee.Image([1, 2]).rename(["HH", "angle"]).select("VV").getInfo()


def test_select_takes_names_patterns_and_positions():
    image = ee.Image([1, 2, 3]).rename(["B8", "B8A", "B11"])
    assert image.select("B8").bandNames().getInfo() == ["B8"]
    assert image.select("B..?").bandNames().getInfo() == ["B8", "B8A", "B11"]
    assert image.select([-1, 0], ["x", "y"]).bandNames().getInfo() == ["x", "y"]


def test_names_of_constants_and_of_duplicates():
    assert ee.Image.constant([1, 2]).bandNames().getInfo() == ["constant_0", "constant_1"]
    assert ee.Image([1, 2, 3]).bandNames().getInfo() == ["constant", "constant_1", "constant_2"]
    doubled = ee.Image(1).rename("a").addBands(ee.Image(2).rename("a"))
    assert doubled.bandNames().getInfo() == ["a", "a_1"]


def test_overwriting_bands_replaces_in_place(at_point):
    image = ee.Image([1, 2]).rename(["a", "b"]).addBands(ee.Image(9).rename("a"), None, True)
    assert at_point(image) == {"a": 9, "b": 2}


def test_integer_types_widen_instead_of_wrapping(at_point):
    total = ee.Image(200).byte().add(ee.Image(100).byte())
    assert at_point(total) == {"constant": 300}
    assert total.bandTypes().getInfo()["constant"] == {
        "type": "PixelType",
        "precision": "int",
        "min": 0,
        "max": 510,
    }


def test_types_of_quotients_comparisons_and_constants():
    def type_of(image: ee.Image) -> dict:
        return image.bandTypes().getInfo()["constant"]

    assert type_of(ee.Image(1)) == {"type": "PixelType", "precision": "int", "min": 1, "max": 1}
    assert type_of(ee.Image(1).divide(2))["precision"] == "double"
    assert type_of(ee.Image(1).float().divide(ee.Image(2).float()))["precision"] == "float"
    assert type_of(ee.Image(3).gt(2)) == {
        "type": "PixelType",
        "precision": "int",
        "min": 0,
        "max": 1,
    }


def test_casts_clamp_and_lose_their_decimals(at_point):
    values = ee.Image([0.5, 1.7, -1.7, 300.0, 3e9]).rename(list("abcde"))
    assert at_point(values.toByte()) == {"a": 0, "b": 1, "c": 0, "d": 255, "e": 255}
    assert at_point(values.toInt32())["e"] == 2**31 - 1


def test_division_by_zero_is_zero_and_valid(at_point):
    assert at_point(ee.Image(5).divide(0)) == {"constant": 0}


def test_atan2_takes_x_first(at_point):
    found = at_point(ee.Image(0).atan2(1))["constant"]
    assert found == pytest.approx(np.pi / 2, rel=1e-6)


def test_the_remainder_has_the_sign_of_the_dividend(at_point):
    assert at_point(ee.Image(-12).mod(5)) == {"constant": -2}
    assert at_point(ee.Image(1).mod(-2)) == {"constant": 1}


def test_normalized_difference_masks_negatives_but_not_zero_over_zero(at_point):
    def nd(a: float, b: float) -> float | None:
        return at_point(ee.Image([a, b]).normalizedDifference())["nd"]

    assert nd(0.4, 0.1) == pytest.approx(0.6)
    assert nd(0.0, 0.0) == 0
    assert nd(-0.1, 0.3) is None


def test_rounding_goes_up_at_the_half(at_point):
    assert at_point(ee.Image([10.5, 2.4]).round()) == {"constant": 11, "constant_1": 2}


def test_expressions_parse_operators_bands_and_conditions(at_point):
    image = ee.Image([0.6, 0.2]).rename(["nir", "red"])
    found = at_point(
        image.expression(
            "2.5 * (b('nir') - i.red) / (b(0) + 6 ** 1) + (x > 1 ? 10 : 20)",
            {"i": image, "x": ee.Image(3)},
        )
    )
    assert next(iter(found.values())) == pytest.approx(2.5 * 0.4 / 6.6 + 10, rel=1e-6)


def test_remap_masks_what_it_does_not_know(at_point):
    image = ee.Image([3])
    assert at_point(image.remap([1, 3], [10, 30])) == {"remapped": 30}
    assert at_point(image.remap([1, 2], [10, 20])) == {"remapped": None}
    assert at_point(image.remap([1, 2], [10, 20], 7)) == {"remapped": 7}


_FINITE = st.floats(-1e6, 1e6, allow_nan=False).map(lambda v: round(v, 6))
_OPERATORS = {
    "add": np.add,
    "subtract": np.subtract,
    "multiply": np.multiply,
    "max": np.maximum,
    "min": np.minimum,
    "gt": np.greater,
    "lte": np.less_equal,
    "neq": np.not_equal,
}


@settings(max_examples=25, deadline=None)
@given(a=_FINITE, b=_FINITE, name=st.sampled_from(sorted(_OPERATORS)))
def test_operators_agree_with_numpy(a, b, name):
    point = ee.Geometry.Point([10.0, 50.0])
    image = getattr(ee.Image(float(a)), name)(ee.Image(float(b)))
    found = image.reduceRegion(ee.Reducer.first(), point, crs="EPSG:32632", scale=10).getInfo()
    expected = float(_OPERATORS[name](a, b))
    assert next(iter(found.values())) == pytest.approx(expected, rel=1e-12)


@settings(max_examples=20, deadline=None)
@given(
    a=st.integers(-(2**31), 2**31 - 1),
    b=st.integers(-(2**31), 2**31 - 1),
    name=st.sampled_from(["add", "subtract", "multiply"]),
)
def test_integer_arithmetic_is_exact(a, b, name):
    point = ee.Geometry.Point([10.0, 50.0])
    image = getattr(ee.Image(a), name)(ee.Image(b))
    found = image.reduceRegion(ee.Reducer.first(), point, crs="EPSG:32632", scale=10).getInfo()
    expected = {"add": a + b, "subtract": a - b, "multiply": a * b}[name]
    assert next(iter(found.values())) == expected


@pytest.mark.parametrize(
    ("value", "low", "high", "expected"),
    [
        (200, 300, 400, 300),
        (200, -10, -5, -5),
        (7, 1.5, 3.5, 3),
        (0, 1.5, 3.5, 2),
        (5, -1e30, 1e30, 5),
    ],
)
def test_whole_numbers_are_clamped_to_limits_beyond_their_type(
    at_point, value, low, high, expected
):
    image = ee.Image(value).byte().clamp(low, high)
    assert at_point(image) == {"constant": expected}
    kind = image.bandTypes().get("constant").getInfo()
    assert kind["precision"] == "int"
    assert kind["min"] <= expected <= kind["max"]
