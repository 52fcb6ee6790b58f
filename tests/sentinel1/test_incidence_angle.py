from __future__ import annotations

import ee
import numpy as np
import pytest

from gee_sm.sentinel1.collection import backscatter, incidence_angle
from gee_sm.sentinel1.decibel import to_decibel
from gee_sm.sentinel1.incidence_angle import SLOPES, fit_angle_slope, normalise_incidence_angle

COLLECTION = "COPERNICUS/S1_GRD_FLOAT"


@pytest.mark.parametrize(("orbit", "slope"), [("A", 0.16), ("D", 0.10)])
def test_equations_1_and_2(synthetic, orbit, slope):
    angle = np.linspace(29, 46, 60)[None, :].repeat(60, 0).astype("float32")
    synthetic.add_s1("2020-07-05T12:00:00", 0.05, angle=angle)
    synthetic.connect()
    scene = ee.ImageCollection(COLLECTION).first()
    found = to_decibel(
        normalise_incidence_angle(
            backscatter(scene), incidence_angle(scene), slope_db_per_degree=SLOPES[orbit]
        )
    )
    expected = 10 * np.log10(np.float32(0.05)) + slope * (angle.astype(float) - 38)
    np.testing.assert_allclose(synthetic.read(found)["VV"], expected, atol=1e-9)


def test_a_trend_is_removed(synthetic):
    angle = np.linspace(29, 46, 60)[None, :].repeat(60, 0)
    power = 10 ** ((-12 - 0.13 * (angle - 38)) / 10)
    synthetic.add_s1("2020-07-05T12:00:00", power, angle=angle)
    synthetic.connect()
    scene = ee.ImageCollection(COLLECTION).first()
    flat = normalise_incidence_angle(
        backscatter(scene), incidence_angle(scene), slope_db_per_degree=0.13
    )
    np.testing.assert_allclose(10 * np.log10(synthetic.read(flat)["VV"]), -12, atol=1e-4)


def test_the_trend_is_found_in_data(synthetic):
    rng = np.random.default_rng(1)
    for day, centre in ((5, 33.0), (6, 41.0)):
        angle = centre + np.linspace(-3, 3, 60)[None, :].repeat(60, 0)
        level = -12 - 0.13 * (angle - 38) + rng.normal(0, 0.3, angle.shape)
        synthetic.add_s1(
            f"2020-07-{day:02d}T12:00:00", 10 ** (level / 10), angle=angle, relative_orbit=day
        )
    synthetic.connect()
    line = fit_angle_slope(
        ee.ImageCollection(COLLECTION), region=synthetic.region(), scale_m=10, points_per_scene=1500
    ).getInfo()
    assert line["slope_db_per_degree"] == pytest.approx(0.13, abs=0.01)
    assert line["offset_db"] == pytest.approx(-12 + 0.13 * 38, abs=0.4)
