"""Gap filling against SciPy's filter and a least-squares fit in numpy."""

from __future__ import annotations

import ee
import numpy as np
import pytest
from scipy.signal import savgol_filter

from gee_sm.composites.gap_filling import savitzky_golay

STEP_MS = 8 * 86_400_000


@pytest.fixture(autouse=True)
def connected(synthetic):
    synthetic.connect()


def _series(values):
    images = []
    for i, value in enumerate(values):
        image = ee.Image.constant(0.0 if np.isnan(value) else float(value)).toDouble()
        image = image.updateMask(0 if np.isnan(value) else 1).rename("ndvi")
        images.append(image.set({"system:time_start": i * STEP_MS, "system:index": f"i{i:02d}"}))
    return ee.ImageCollection(images)


def _read(images, band):
    stack = images.select(band).toBands()
    found = stack.reduceRegion("first", ee.Geometry.Point(91, 33), 1000).getInfo()
    numbers = [found[name] for name in stack.bandNames().getInfo()]
    return np.array([np.nan if number is None else number for number in numbers], float)


def _by_hand(values, half, order):
    filled = values.copy()
    for i in np.flatnonzero(np.isnan(values)):
        inside = np.arange(max(0, i - half), min(len(values), i + half + 1))
        valid = inside[np.isfinite(values[inside])]
        if len(valid) >= order + 2 and valid.min() < i < valid.max():
            filled[i] = np.polynomial.Polynomial.fit(valid - i, values[valid], order)(0)
    return filled


@pytest.mark.parametrize(("half", "order"), [(2, 2), (3, 2), (3, 3)])
def test_without_gaps_the_interior_is_scipys_filter(half, order):
    values = np.random.default_rng(1).uniform(0.1, 0.8, 12)
    found = savitzky_golay(
        _series(values), "ndvi", step_days=8, half_window=half, order=order, smooth=True
    )
    expected = savgol_filter(values, 2 * half + 1, order)
    np.testing.assert_allclose(
        _read(found, "ndvi")[half:-half], expected[half:-half], rtol=1e-9, atol=1e-9
    )
    np.testing.assert_array_equal(_read(found, "ndvi_filled"), 0)


def test_gaps_are_filled_by_least_squares_and_flagged():
    values = np.random.default_rng(2).uniform(0.1, 0.8, 16)
    values[[0, 3, 4, 9, 15]] = np.nan
    found = savitzky_golay(_series(values), "ndvi", step_days=8, half_window=3)
    expected = _by_hand(values, 3, 2)
    np.testing.assert_allclose(_read(found, "ndvi"), expected, rtol=1e-8)
    flags = np.where(np.isnan(values), 1.0, 0.0)
    np.testing.assert_array_equal(
        _read(found, "ndvi_filled"), np.where(np.isnan(expected), np.nan, flags)
    )
    # The ends have values on one side only: nothing is extrapolated.
    assert np.isnan(expected[[0, 15]]).all()
    assert np.isfinite(expected[[3, 4, 9]]).all()


def test_smoothed_values_near_the_ends_are_fits_through_the_window_that_is_left():
    values = np.random.default_rng(4).uniform(0.1, 0.8, 9)
    values[2] = np.nan
    found = savitzky_golay(_series(values), "ndvi", step_days=8, half_window=3, smooth=True)
    expected = _by_hand(values, 3, 2)
    for i in np.flatnonzero(np.isfinite(values)):
        inside = np.arange(max(0, i - 3), min(9, i + 4))
        valid = inside[np.isfinite(values[inside])]
        if len(valid) >= 4:
            expected[i] = np.polynomial.Polynomial.fit(valid - i, values[valid], 2)(0)
    np.testing.assert_allclose(_read(found, "ndvi"), expected, rtol=1e-8)
    # The first window holds three values, too few for a fit: the value stays as it is.
    assert expected[0] == values[0]


def test_a_long_gap_stays_a_gap():
    values = np.full(15, 0.5)
    values[4:11] = np.nan
    found = _read(savitzky_golay(_series(values), "ndvi", step_days=8, half_window=3), "ndvi")
    assert np.isnan(found[7])
    np.testing.assert_allclose(found[np.isfinite(found)], 0.5)


def test_wrong_arguments():
    with pytest.raises(ValueError, match="step_days must be positive"):
        savitzky_golay(_series([1.0]), "ndvi", step_days=0)
    with pytest.raises(ValueError, match="got half_window=1, order=3"):
        savitzky_golay(_series([1.0]), "ndvi", step_days=8, half_window=1, order=3)
