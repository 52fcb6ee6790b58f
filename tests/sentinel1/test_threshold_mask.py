from __future__ import annotations

import ee
import numpy as np
import pytest

from gee_sm.sentinel1.collection import backscatter
from gee_sm.sentinel1.decibel import to_decibel, to_power
from gee_sm.sentinel1.threshold_mask import threshold_mask


def _scene(synthetic, power):
    synthetic.add_s1("2020-07-05T12:00:00", power)
    synthetic.connect()
    return backscatter(ee.ImageCollection("COPERNICUS/S1_GRD_FLOAT").first())


def test_keeps_what_lies_between_the_limits(synthetic):
    levels = np.array([-25, -20.01, -19.99, -12, -5.01, -4.99, 3.0])
    power = np.full((60, 60), 0.05, "float32")
    power[0, : levels.size] = 10 ** (levels / 10)
    found = synthetic.read(threshold_mask(_scene(synthetic, power)))["VV"]
    kept = ~np.isnan(found[0, : levels.size])
    assert kept.tolist() == [False, False, True, True, True, False, False]
    np.testing.assert_allclose(found[0, 2:5], power[0, 2:5], rtol=1e-6)


def test_limits_can_be_moved_but_not_swapped(synthetic):
    scene = _scene(synthetic, 10 ** (-22 / 10))
    assert np.isnan(synthetic.read(threshold_mask(scene))["VV"]).all()
    wider = threshold_mask(scene, lower_db=-25)
    assert not np.isnan(synthetic.read(wider)["VV"]).any()
    with pytest.raises(ValueError, match="below the upper one"):
        threshold_mask(scene, lower_db=-5, upper_db=-20)


def test_before_the_filter_it_brightens_dark_ground(synthetic):
    """The bias its documentation names: 0.7 dB at -18 dB and 4.4 looks."""
    power = np.random.default_rng(0).gamma(4.4, 10**-1.8 / 4.4, (60, 60)).astype("float32")
    found = synthetic.read(threshold_mask(_scene(synthetic, power)))["VV"]
    bias_db = 10 * np.log10(np.nanmean(found) / 10**-1.8)
    assert bias_db == pytest.approx(0.7, abs=0.15)


def test_decibels_and_back(synthetic):
    power = np.geomspace(1e-4, 10, 3600).reshape(60, 60).astype("float32")
    scene = _scene(synthetic, power)
    decibel = synthetic.read(to_decibel(scene))["VV"]
    np.testing.assert_allclose(decibel, 10 * np.log10(power.astype(float)), atol=1e-9)
    back = synthetic.read(to_power(to_decibel(scene)))["VV"]
    np.testing.assert_allclose(back, power, rtol=1e-9)
    negative = synthetic.read(to_decibel(scene.subtract(1)))["VV"]
    np.testing.assert_array_equal(np.isnan(negative), power <= 1)
