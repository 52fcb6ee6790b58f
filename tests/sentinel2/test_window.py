from __future__ import annotations

import ee
import numpy as np
import pytest

from gee_sm.sentinel2.collection import reflectance
from gee_sm.sentinel2.window import composite, indices_around, within_days

PASS = "2020-07-15T12:00:00"
PASS_MS = 1594814400000


def _views(synthetic):
    return reflectance(region=synthetic.region(), start="2020-06-01", end="2020-10-01")


def _read(synthetic, image, row=30, column=30):
    found = synthetic.read(image)
    return {name: values[row, column] for name, values in found.items()}


def test_both_edges_of_the_week_are_inside_and_a_millisecond_more_is_not(synthetic, days_after):
    for index, days, milliseconds in (
        ("early", -7, -1),
        ("first", -7, 0),
        ("last", 7, 0),
        ("late", 7, 1),
    ):
        synthetic.add_s2(days_after(PASS, days, milliseconds), index=index)
    synthetic.connect()
    found = within_days(_views(synthetic), PASS_MS, 7)
    assert sorted(found.aggregate_array("system:index").getInfo()) == ["first", "last"]


def test_composite_is_the_index_of_the_median_and_counts_clear_views(synthetic, days_after):
    for days, near_infrared, score in (
        (-3, 0.20, 0.9),
        (1, 0.30, 0.9),
        (5, 0.60, 0.9),
        (2, 0.9, 0),
    ):
        synthetic.add_s2(days_after(PASS, days), b8=near_infrared, b4=0.1, score=score)
    synthetic.add_s2(days_after(PASS, 9), b8=0.8, b4=0.1)
    synthetic.connect()
    found = _read(synthetic, indices_around(_views(synthetic), PASS_MS))
    assert found["n_optical"] == 3
    assert found["n_toa"] == 0
    assert found["ndvi"] == pytest.approx((0.3 - 0.1) / (0.3 + 0.1), abs=1e-6)


def test_no_view_gives_masked_indices_and_zero_counts(synthetic, days_after):
    synthetic.add_s2(days_after(PASS, 30))
    synthetic.connect()
    image = indices_around(_views(synthetic), PASS_MS)
    assert image.bandNames().getInfo() == ["ndvi", "ndmi", "ndwi", "n_optical", "n_toa"]
    found = _read(synthetic, image)
    assert np.isnan([found["ndvi"], found["ndmi"], found["ndwi"]]).all()
    assert found["n_optical"] == 0
    assert found["n_toa"] == 0


def test_wider_window_fills_only_what_is_empty(synthetic, days_after):
    cloudy_west = np.full((60, 60), 0.9, "float32")
    cloudy_west[:, :30] = 0.0
    synthetic.add_s2(days_after(PASS, 2), b8=0.4, b4=0.1, score=cloudy_west)
    synthetic.add_s2(days_after(PASS, 12), b8=0.2, b4=0.1)
    synthetic.connect()
    found = synthetic.read(indices_around(_views(synthetic), PASS_MS, fallback_days=15))
    np.testing.assert_allclose(found["ndvi"][:, 30:], 0.6, atol=1e-6)
    assert (found["n_optical"][:, 30:] == 1).all()
    # The wider composite has one clear view in the west.
    np.testing.assert_allclose(found["ndvi"][:, :30], 1 / 3, atol=1e-6)
    assert (found["n_optical"][:, :30] == 0).all()


def test_widths_are_checked(synthetic):
    synthetic.connect()
    nothing = ee.ImageCollection([])
    with pytest.raises(ValueError, match="must not be negative"):
        within_days(nothing, PASS_MS, -1)
    with pytest.raises(ValueError, match="must exceed the window"):
        indices_around(nothing, PASS_MS, days=7, fallback_days=5)


def test_composite_of_an_empty_collection_keeps_its_bands(synthetic):
    synthetic.add_s2("2020-07-01T04:30:00")
    synthetic.connect()
    none = _views(synthetic).filterDate("2019-01-01", "2019-01-02")
    found = _read(synthetic, composite(none))
    assert np.isnan(found["ndvi"])
    assert found["n_optical"] == 0
