from __future__ import annotations

import ee
import numpy as np
from affine import Affine

from gee_sm.sentinel2.collection import reflectance
from gee_sm.sentinel2.indices import indices, normalised_difference


def _twin(first, second):
    first, second = np.maximum(first, 0), np.maximum(second, 0)
    with np.errstate(invalid="ignore"):
        return np.where(first + second > 0, (first - second) / (first + second), np.nan)


def test_equations_3_to_5(synthetic):
    rng = np.random.default_rng(0)
    bands = {
        name: np.rint(rng.uniform(0.01, 0.6, (60, 60)) * 1e4) / 1e4
        for name in ("b3", "b4", "b8", "b11")
    }
    synthetic.add_s2("2020-07-10T04:30:00", **bands)
    synthetic.connect()
    views = reflectance(region=synthetic.region(), start="2020-07-01", end="2020-08-01")
    found = synthetic.read(indices(views.first()))
    for name, first, second in (("ndvi", "b8", "b4"), ("ndmi", "b8", "b11"), ("ndwi", "b3", "b8")):
        wanted = _twin(bands[first], bands[second])
        np.testing.assert_allclose(found[name], wanted, atol=1e-6)


def test_negative_reflectance_counts_as_none_and_no_light_is_masked(synthetic):
    synthetic.connect()
    rows = [(-0.01, 0.2), (0.2, -0.01), (-0.02, -0.01), (0.0, 0.0), (0.0, 0.1), (0.3, 0.1)]
    for first, second in rows:
        pair = ee.Image.constant([first, second]).rename(["a", "b"])
        found = synthetic.read(normalised_difference(pair, "a", "b"), size=1)["a"]
        np.testing.assert_allclose(found, _twin(first, second), atol=1e-12, equal_nan=True)


def test_shortwave_band_has_no_steps_of_20_m(synthetic):
    """A ramp stored at 20 m comes out as a ramp at 10 m."""
    ramp = np.rint(np.linspace(1000, 4000, 30)[None, :].repeat(30, 0)).astype("uint16")
    flat = np.full((60, 60), 2000, "uint16")
    grids = {10: Affine(10, 0, 406000, 0, -10, 3600000), 20: Affine(20, 0, 406000, 0, -20, 3600000)}
    synthetic.add(
        "COPERNICUS/S2_SR_HARMONIZED",
        "scene",
        {"B3": flat, "B4": flat, "B8": flat, "B11": ramp, "SCL": np.full((30, 30), 4, "uint8")},
        time="2020-07-10T04:30:00",
        transform={
            name: grids[20 if name in ("B11", "SCL") else 10]
            for name in ("B3", "B4", "B8", "B11", "SCL")
        },
    )
    synthetic.connect()
    views = reflectance(
        region=synthetic.region(), start="2020-07-01", end="2020-08-01", cloud_mask="scl"
    )
    found = synthetic.read(ee.Image(views.first()).select("B11"))["B11"]
    steps = np.diff(found[30, 2:-2])
    np.testing.assert_allclose(steps, steps.mean(), rtol=0.05)
