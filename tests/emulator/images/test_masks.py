"""Masks: fractional, intersected, replaced, filled and clipped."""

from __future__ import annotations

import ee
import numpy as np
import pytest


def _mask(at_point, image):
    return at_point(image.mask())["constant"]


def test_two_inputs_are_valid_only_together(at_point):
    masked = ee.Image(1).updateMask(0)
    for name in ("add", "Or", "firstNonZero", "gt"):
        assert at_point(getattr(ee.Image(1), name)(masked)) == {"constant": None}, name


def test_fractional_masks_meet_in_the_lesser(at_point):
    half, third = ee.Image(1).updateMask(0.5), ee.Image(1).updateMask(0.25)
    assert _mask(at_point, half.add(third)) == pytest.approx(0.25)
    assert _mask(at_point, half.updateMask(0.25)) == pytest.approx(0.25)


def test_mask_values_are_clamped(at_point):
    assert _mask(at_point, ee.Image(1).updateMask(1.65)) == 1
    assert _mask(at_point, ee.Image(1).updateMask(-2)) == 0


def test_replacing_a_mask_makes_zeros_of_what_was_masked(at_point):
    masked = ee.Image(7).updateMask(0)
    assert at_point(masked.mask(ee.Image(1))) == {"constant": 0}
    assert at_point(masked.updateMask(ee.Image(1))) == {"constant": None}


def test_self_mask_uses_the_value(at_point):
    assert at_point(ee.Image(0).selfMask()) == {"constant": None}
    assert _mask(at_point, ee.Image(0.3).selfMask()) == pytest.approx(0.3, rel=1e-6)


def test_where_changes_nothing_under_a_masked_test_or_value(at_point):
    one, masked = ee.Image(1), ee.Image(5).updateMask(0)
    assert at_point(one.where(ee.Image(1), ee.Image(7))) == {"constant": 7}
    assert at_point(one.where(masked, ee.Image(7))) == {"constant": 1}
    assert at_point(one.where(ee.Image(1), masked)) == {"constant": 1}
    assert at_point(masked.where(ee.Image(1), ee.Image(7))) == {"constant": None}


def test_unmask_takes_value_and_mask_only_where_nothing_was_valid(at_point):
    half = ee.Image(3).updateMask(0.5)
    assert at_point(half.unmask(9)) == {"constant": 3}
    assert _mask(at_point, half.unmask(9)) == pytest.approx(0.5)
    assert at_point(ee.Image(3).updateMask(0).unmask(9)) == {"constant": 9}


def test_unmask_stays_within_the_footprint_unless_told_otherwise(pull):
    image = ee.Image("TEST/IMAGE").select("gappy")
    from affine import Affine

    outside = Affine(10, 0, 499_000, 0, -10, 3_600_000)
    kept = pull(image.unmask(-1), shape=(20, 120), transform=outside)["gappy"]
    filled = pull(image.unmask(-1, False), shape=(20, 120), transform=outside)["gappy"]
    assert kept.mask[:, :98].all()
    assert not kept.mask[:, 101:].any()
    assert not np.ma.getmaskarray(filled).any()


def test_mosaic_shows_the_last_valid_image(at_point):
    stack = ee.ImageCollection([ee.Image(1), ee.Image(2), ee.Image(3).updateMask(0)])
    assert at_point(stack.mosaic()) == {"constant": 2}


def test_reducers_leave_masked_pixels_out(at_point):
    stack = ee.ImageCollection([ee.Image(1), ee.Image(5), ee.Image(9).updateMask(0)])
    assert at_point(stack.mean()) == {"constant": 3}
    assert at_point(stack.count()) == {"constant": 2}
    nothing = ee.ImageCollection([ee.Image(1).updateMask(0)])
    assert at_point(nothing.mean()) == {"constant": None}
    assert at_point(nothing.count()) == {"constant": None}


def test_masks_follow_numpy_through_a_chain(pull, rasters):
    image = ee.Image("TEST/IMAGE")
    gappy = image.select("gappy")
    found = pull(gappy.add(image.select("value").updateMask(image.select("count").gt(99))))["gappy"]
    expected = np.ma.masked_invalid(rasters["gappy"].astype(float)) + np.ma.array(
        rasters["value"].astype(float), mask=rasters["count"] <= 99
    )
    np.testing.assert_array_equal(np.ma.getmaskarray(found), np.ma.getmaskarray(expected))
    np.testing.assert_allclose(found.compressed(), expected.compressed(), rtol=1e-6)


def test_clip_keeps_the_covered_fraction_of_edge_pixels(pull):
    region = ee.Geometry.Rectangle([500_005, 3_599_950, 500_100, 3_600_000], "EPSG:32646", False)
    mask = pull(ee.Image(1).clip(region).mask(), shape=(8, 12))["constant"]
    assert mask[0, 0] == pytest.approx(0.5, abs=1 / 255)
    np.testing.assert_array_equal(np.asarray(mask[:5, 1:10]), 1)
    np.testing.assert_array_equal(np.asarray(mask[5:, :]), 0)


def test_blend_lays_over_by_opacity(at_point):
    found = ee.Image(10.0).blend(ee.Image(20.0).updateMask(0.5))
    assert at_point(found)["constant"] == pytest.approx(15)
    assert _mask(at_point, found) == 1
