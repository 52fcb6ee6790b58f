"""Array images against numpy, pixel by pixel."""

from __future__ import annotations

import ee
import numpy as np
import pytest

ONE = "ee.Image([0, 1, 2, 3, 4, 5]).toArray()"
TWO = f"{ONE}.arrayReshape(ee.Image([2, 3]).toArray(), 2)"
A = "ee.Image([0, 1, 2]).toArray()"


def sampled(image: ee.Image) -> object:
    """The pixel that Google's samples print."""
    point = ee.Geometry.Point([-121, 42])
    return ee.Element(image.rename("array").sample(point, 500).first()).get("array").getInfo()


def test_names_types_and_labels():
    image = eval(f"{A}.arrayRepeat(1, 2)", {"ee": ee})
    flat = image.arrayFlatten([["r0", "r1", "r2"], ["c0", "c1"]])
    assert flat.bandNames().getInfo() == ["r0_c0", "r0_c1", "r1_c0", "r1_c1", "r2_c0", "r2_c1"]
    assert image.bandTypes().getInfo()["array"]["dimensions"] == 2
    assert "dimensions" not in flat.bandTypes().getInfo()["r0_c0"]


# -- against numpy, with gaps and lengths that differ from pixel to pixel -----------------------


@pytest.fixture
def stack():
    return ee.Image("TEST/IMAGE").select(["value", "count", "gappy"])


def test_sorting_and_reducing_as_numpy(pull, rasters, stack):
    found = pull(stack.toDouble().toArray().arraySort().arrayFlatten([["a", "b", "c"]]))
    cube = np.stack([rasters[k].astype(float) for k in ("value", "count", "gappy")])
    expected = np.sort(cube, axis=0)
    valid = ~np.isnan(rasters["gappy"])
    for k, name in enumerate("abc"):
        assert (found[name].mask == ~valid).all()
        np.testing.assert_array_equal(found[name].data[valid], expected[k][valid])
    mean = stack.toDouble().toArray().arrayReduce(ee.Reducer.mean(), [0]).arrayGet(0)
    np.testing.assert_allclose(pull(mean)["array"].data[valid], cube.mean(0)[valid], rtol=1e-14)


def test_valid_images_of_a_series_make_arrays_of_different_lengths(pull, rasters):
    series = ee.ImageCollection("TEST/SERIES").map(
        lambda i: i.updateMask(ee.Image("TEST/IMAGE").select("count").gt(60).Or(
            ee.Image.constant(ee.Number(i.get("day")).lt(3))))
    ).select("value")  # fmt: skip
    array = series.toArrayPerBand(0, True)
    length = np.where(rasters["count"] > 60, 3, 2)
    np.testing.assert_array_equal(pull(array.arrayLength(0))["value"].data, length)
    last = pull(array.arraySlice(0, -1).arrayGet(0))["value"].data
    np.testing.assert_allclose(last, rasters["value"] * length, rtol=1e-6)
    total = pull(array.multiply(2).arrayReduce(ee.Reducer.sum(), [0]).arrayGet(0))["value"].data
    np.testing.assert_allclose(total, 2 * rasters["value"] * np.where(length == 3, 6, 3), rtol=1e-6)
    padded = pull(array.arrayPad([3], -1).arrayFlatten([["a", "b", "c"]]))
    np.testing.assert_array_equal(padded["c"].data[length == 2], -1)


def test_rows_of_a_collection_are_the_images_valid_in_all_bands(pull, rasters):
    array = ee.ImageCollection("TEST/SERIES").toArray()
    valid = ~np.isnan(rasters["gappy"])
    lengths = pull(array.arrayLengths().arrayFlatten([["rows", "columns"]]))
    assert (lengths["rows"].mask == ~valid).all()
    assert (lengths["rows"].data[valid] == 3).all()
    assert (lengths["columns"].data[valid] == 2).all()
    second = pull(array.arrayGet([1, 0]))["array"]
    np.testing.assert_allclose(second.data[valid], 2 * rasters["value"][valid], rtol=1e-6)


def test_bounds_that_differ_from_pixel_to_pixel(pull, rasters):
    ramp = ee.Image([0, 1, 2, 3, 4]).toArray()
    start = ee.Image("TEST/IMAGE").select("classes")
    rest = ramp.arraySlice(0, start)
    np.testing.assert_array_equal(
        pull(rest.arrayLength(0))["array"].data, 5 - rasters["classes"].astype(int)
    )
    np.testing.assert_array_equal(pull(rest.arrayGet(0))["array"].data, rasters["classes"])
    without = ramp.arraySlice(0, start.updateMask(start.neq(2)))
    first = pull(without.arrayGet(0))["array"]
    assert not np.ma.getmaskarray(first).any()
    np.testing.assert_array_equal(
        first.data, np.where(rasters["classes"] == 2, 0, rasters["classes"])
    )


def test_positions_out_of_range_are_masked(pull, rasters):
    found = pull(ee.Image([7, 8, 9]).toArray().arrayGet(ee.Image("TEST/IMAGE").select("classes")))
    assert (found["array"].mask == (rasters["classes"] > 2)).all()


def test_reducing_regions_of_arrays():
    region = ee.Geometry.Rectangle([500_000, 3_599_970, 500_030, 3_600_000], "EPSG:32646", False)
    ramp = ee.Image([0, 1, 2, 3, 4]).toArray()
    kept = ramp.arraySlice(0, ee.Image("TEST/IMAGE").select("classes"))
    arguments = {"geometry": region, "crs": "EPSG:32646", "scale": 10}
    found = kept.reduceRegion(ee.Reducer.toList(), **arguments).getInfo()["array"]
    assert len(found) == 9
    assert all(item == list(range(5 - len(item), 5)) for item in found)


def test_masks_of_arrays(pull, rasters, stack):
    array = stack.toDouble().toArray()
    third = pull(array.unmask(ee.Image(ee.Array([7.0, 8, 9])), False).arrayGet(2))["array"]
    expected = np.where(np.isnan(rasters["gappy"]), 9, rasters["gappy"])
    np.testing.assert_allclose(third.data, expected, rtol=1e-6)
    swapped = array.where(stack.select("count").gt(100), array.multiply(-1))
    found = pull(swapped.arrayGet(1))["array"]
    valid = ~np.isnan(rasters["gappy"])
    count = rasters["count"].astype(float)
    np.testing.assert_array_equal(found.data[valid], np.where(count > 100, -count, count)[valid])


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("ee.Image([1, 2]).toArray(1)", "Axis 1"),
        (f"{A}.arrayCat({TWO}, 1)", "same length"),
        (f"{TWO}.arraySort()", "need keys"),
        (f"{A}.add({ONE})", "same lengths"),
        (f"{TWO}.arrayProject([0])", "cannot be dropped"),
        (f"{ONE}.arrayReshape(ee.Image([4, 2]).toArray(), 2)", "cannot be reshaped"),
        (f"{ONE}.arrayReduce(ee.Reducer.minMax(), [0])", "field axis is required"),
        (f"{ONE}.arrayFlatten([['a', 'b']]).toArray()", "the labels"),
        (f"{ONE}.arrayGet(ee.Image([1, 2]))", "position must have a band"),
    ],
)
def test_errors_name_what_was_given(code, message):
    with pytest.raises(ee.EEException, match=message):
        sampled(eval(code, {"ee": ee}))
