"""Pixels whose arrays differ in length are chosen between whole, pixel by pixel."""

from __future__ import annotations

import ee
import numpy as np
import pytest


def _constant_array(value: float, length: int) -> ee.Image:
    return ee.Image(value).toArray().arrayRepeat(0, length)


@pytest.fixture
def parts(rasters) -> tuple[ee.Image, ee.Image, np.ndarray]:
    """Arrays of 1 to 5 times the class, a condition, and the lengths."""
    classes = ee.Image("TEST/IMAGE").select("classes")
    arrays = classes.toDouble().toArray().arrayRepeat(0, classes.add(1))
    return arrays, classes.mod(2).eq(1), rasters["classes"].astype(int) + 1


def _read(pull_tiled, image: ee.Image) -> tuple[np.ma.MaskedArray, np.ma.MaskedArray]:
    """Return the lengths and the sums of the arrays of the only band."""
    length = image.arrayLength(0).rename("length")
    total = image.arrayReduce(ee.Reducer.sum(), [0]).arrayGet([0]).rename("sum")
    found = pull_tiled(length.addBands(total))
    return found["length"], found["sum"]


def test_where_takes_whole_arrays_of_another_length(pull_tiled, parts):
    arrays, odd, lengths = parts
    length, total = _read(pull_tiled, arrays.where(odd, _constant_array(9, 7)))
    chosen = (lengths - 1) % 2 == 1
    np.testing.assert_array_equal(length, np.where(chosen, 7, lengths))
    np.testing.assert_array_equal(total, np.where(chosen, 63, (lengths - 1) * lengths))
    length, total = _read(pull_tiled, _constant_array(9, 7).where(odd, arrays))
    np.testing.assert_array_equal(length, np.where(chosen, lengths, 7))
    np.testing.assert_array_equal(total, np.where(chosen, (lengths - 1) * lengths, 63))


def test_where_fills_an_array_with_a_number(pull_tiled, parts):
    arrays, odd, lengths = parts
    length, total = _read(pull_tiled, arrays.where(odd, 2))
    chosen = (lengths - 1) % 2 == 1
    np.testing.assert_array_equal(length, lengths)
    np.testing.assert_array_equal(total, np.where(chosen, 2 * lengths, (lengths - 1) * lengths))


def test_where_keeps_arrays_of_one_length(pull_tiled, parts):
    _, odd, lengths = parts
    length, total = _read(pull_tiled, _constant_array(1, 3).where(odd, _constant_array(4, 3)))
    chosen = (lengths - 1) % 2 == 1
    assert (length == 3).all()
    np.testing.assert_array_equal(total, np.where(chosen, 12, 3))


def test_unmask_fills_gaps_with_arrays_of_another_length(pull_tiled, parts):
    arrays, odd, lengths = parts
    length, total = _read(pull_tiled, arrays.updateMask(odd).unmask(_constant_array(9, 7)))
    kept = (lengths - 1) % 2 == 1
    assert not np.ma.getmaskarray(length).any()
    np.testing.assert_array_equal(length, np.where(kept, lengths, 7))
    np.testing.assert_array_equal(total, np.where(kept, (lengths - 1) * lengths, 63))


def test_a_mosaic_shows_arrays_of_another_length_below(pull_tiled, parts):
    arrays, odd, lengths = parts
    images = ee.ImageCollection([_constant_array(9, 7), arrays.updateMask(odd)])
    length, total = _read(pull_tiled, images.mosaic())
    kept = (lengths - 1) % 2 == 1
    np.testing.assert_array_equal(length, np.where(kept, lengths, 7))
    np.testing.assert_array_equal(total, np.where(kept, (lengths - 1) * lengths, 63))


def test_arrays_and_numbers_are_not_mixed(parts):
    arrays, odd, _ = parts
    for image in (arrays.updateMask(odd).unmask(0), ee.Image(1).where(odd, arrays)):
        with pytest.raises(ee.EEException, match="array dimensions, the value"):
            image.bandNames().getInfo()
