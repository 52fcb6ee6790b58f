"""Displaced images, correlations of two, bits and descriptions, against numpy and scipy."""

from __future__ import annotations

import ee
import numpy as np
import pytest
from scipy import ndimage

INNER = np.s_[12:-12, 12:-12]


def _value() -> ee.Image:
    return ee.Image("TEST/IMAGE").select("value")


def _displacement(across: ee.Image, along: ee.Image) -> ee.Image:
    both = across.addBands(along).rename(["dx", "dy"]).toDouble()
    return both.setDefaultProjection("EPSG:32646", None, 10)


def test_a_displacement_is_added_to_the_place(pull_tiled, rasters):
    moved = _value().displace(_displacement(ee.Image(20), ee.Image(-30)), "nearest_neighbor", 40)
    found = pull_tiled(moved)["value"]
    np.testing.assert_array_equal(found[:-3, :-2].data, rasters["value"][3:, 2:])
    assert np.ma.getmaskarray(found)[-3:].all()
    assert np.ma.getmaskarray(found)[:, -2:].all()


@pytest.mark.parametrize("given", [True, False])
def test_displacements_between_pixels_are_interpolated(pull_tiled, rasters, given):
    count = ee.Image("TEST/IMAGE").select("count").toDouble()
    across, along = count.divide(10).subtract(7), count.divide(5).subtract(12)
    image = _value().displace(_displacement(across, along), "bilinear", 60 if given else None)
    found = pull_tiled(image)["value"]
    rows, columns = np.indices((120, 150)).astype(float)
    count = rasters["count"].astype(float)
    places = rows - (count / 5 - 12) / 10, columns + (count / 10 - 7) / 10
    expected = ndimage.map_coordinates(rasters["value"].astype(float), places, order=1)
    np.testing.assert_allclose(found[INNER], expected[INNER], rtol=1e-5)


def test_displacements_in_another_system_are_metres_there(pull, rasters):
    shift = _displacement(ee.Image(0), ee.Image(30))
    shift = shift.reproject("EPSG:4326", None, 10)
    found = pull(_value().displace(shift, "bilinear", 40))["value"]
    # 30 m to the north are 30 / 111319.5 degrees, which are 29.88 m on the ellipsoid here.
    expected = ndimage.shift(rasters["value"].astype(float), (2.988, 0), order=1)
    np.testing.assert_allclose(found[INNER], expected[INNER], atol=0.02)


def test_displacements_that_are_too_large(pull):
    far = _displacement(ee.Image(2000), ee.Image(0))
    with pytest.raises(ee.EEException, match="200 pixels were met; without maxOffset at most 61"):
        pull(_value().displace(far))
    assert np.ma.getmaskarray(pull(_value().displace(far, "bicubic", 100))["value"]).all()
    with pytest.raises(ee.EEException, match="must have two bands, X and Y, got 1"):
        _value().displace(ee.Image(1)).bandNames().getInfo()


def test_the_shift_between_two_images_is_found(pull_tiled, rasters):
    image = ee.Image("TEST/IMAGE").select(["count", "classes"])
    moved = image.displace(_displacement(ee.Image(-20), ee.Image(10)), "nearest_neighbor", 30)
    found = pull_tiled(ee.Algorithms.CrossCorrelation(image, moved, 3, 5))
    assert list(found) == ["deltaX", "deltaY", "deltaDist", "correlation"]
    # What lies in a pixel of the first image lies 2 columns right and 1 row down in the second.
    np.testing.assert_array_equal(found["deltaX"][INNER], 2)
    np.testing.assert_array_equal(found["deltaY"][INNER], 1)
    np.testing.assert_allclose(found["deltaDist"][INNER], np.sqrt(5))
    np.testing.assert_allclose(found["correlation"][INNER], 1, rtol=1e-9)


def test_the_best_correlation_is_pearsons(pull, rasters):
    first = ee.Image("TEST/IMAGE").select("count")
    second = ee.Image("TEST/IMAGE").select("classes")
    found = pull(ee.Algorithms.CrossCorrelation(first, second, 2, 3))
    a, b = rasters["count"].astype(float), rasters["classes"].astype(float)
    for row, column in ((30, 30), (61, 100), (90, 14)):
        scores = {}
        for dy in range(-2, 3):
            for dx in range(-2, 3):
                one = a[row - 1 : row + 2, column - 1 : column + 2].ravel()
                two = b[row + dy - 1 : row + dy + 2, column + dx - 1 : column + dx + 2].ravel()
                scores[dx, dy] = np.corrcoef(one, two)[0, 1]
        best = max(scores, key=scores.get)
        assert (found["deltaX"][row, column], found["deltaY"][row, column]) == best
        assert found["correlation"][row, column] == pytest.approx(scores[best])


def test_windows_with_gaps_are_masked_unless_allowed(pull, rasters):
    gappy = ee.Image("TEST/IMAGE").select("gappy")
    strict = pull(ee.Algorithms.CrossCorrelation(gappy, gappy, 0, 3))["correlation"]
    gaps = np.pad(np.isnan(rasters["gappy"]), 1, constant_values=True)
    near = np.lib.stride_tricks.sliding_window_view(gaps, (3, 3)).sum((2, 3))
    np.testing.assert_array_equal(np.ma.getmaskarray(strict), near > 0)
    lenient = pull(ee.Algorithms.CrossCorrelation(gappy, gappy, 0, 3, 0.34))["correlation"]
    np.testing.assert_array_equal(np.ma.getmaskarray(lenient), near > 3)


def test_bits_up_to_the_highest(pull, rasters):
    bits = ee.Image("TEST/IMAGE").select("count").bitsToArrayImage()
    length = pull(bits.arrayLength(0))["count"]
    values = rasters["count"].astype(int)
    np.testing.assert_array_equal(length, np.ceil(np.log2(values + 1)))
    found = pull(bits.arrayPad([8]).arrayFlatten([[f"b{i}" for i in range(8)]]))
    for i in range(8):
        np.testing.assert_array_equal(found[f"b{i}"], values >> i & 1)
    even = ee.Image(ee.Image(6).bitsToArrayImage())
    assert even.reduceRegion(ee.Reducer.first(), ee.Geometry.Point([0, 0]), 10).getInfo() == {
        "constant": [0, 1, 1]
    }


def test_random_colours_tell_values_apart(pull_tiled, rasters):
    image = ee.Image("TEST/IMAGE").select(["classes", "value"]).randomVisualizer()
    found = pull_tiled(image)
    assert list(found) == ["viz-red", "viz-green", "viz-blue", "classes", "value"]
    colours = np.stack([found[f"viz-{c}"].data for c in ("red", "green", "blue")], axis=-1)
    each = {value: np.unique(colours[rasters["classes"] == value], axis=0) for value in range(5)}
    assert all(len(one) == 1 for one in each.values())
    assert len(np.unique(np.concatenate(list(each.values())), axis=0)) == 5
    assert colours.min() >= 0
    assert colours.max() <= 255


@pytest.mark.parametrize(
    "make",
    [
        lambda: ee.Image("TEST/IMAGE"),
        lambda: ee.Projection("EPSG:32646").atScale(10),
        lambda: ee.Feature(ee.Geometry.Point([1, 2]), {"a": 1}),
        lambda: ee.Geometry.Point([1, 2]),
        lambda: ee.List([1, "a", None]),
        lambda: ee.Number(3),
    ],
    ids=["image", "projection", "feature", "geometry", "list", "number"],
)
def test_a_description_is_what_get_info_shows(make):
    assert ee.Algorithms.Describe(make()).getInfo() == make().getInfo()


def test_a_description_can_be_looked_into():
    projection = ee.Image("TEST/IMAGE").select("value").projection()
    described = ee.Dictionary(ee.Algorithms.Describe(projection))
    assert described.get("crs").getInfo() == "EPSG:32646"
    assert ee.List(described.get("transform")).get(0).getInfo() == 10
    bands = ee.List(ee.Dictionary(ee.Algorithms.Describe(ee.Image("TEST/IMAGE"))).get("bands"))
    assert bands.size().getInfo() == 4


def test_a_feature_is_moved_to_another_projection():
    from pyproj import Transformer

    feature = ee.Feature(ee.Geometry.Point([93.1, 32.5]), {"a": 1})
    moved = ee.Feature(ee.Algorithms.ProjectionTransform(feature, "EPSG:32646", 1))
    expected = Transformer.from_crs(4326, 32646, always_xy=True).transform(93.1, 32.5)
    assert moved.geometry().coordinates().getInfo() == pytest.approx(expected)
    assert moved.get("a").getInfo() == 1


def test_retiling_changes_nothing(pull, rasters):
    np.testing.assert_array_equal(pull(_value().retile(64))["value"], rasters["value"])
