"""Bands hold what they promise where the model holds, over many networks."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from local_core.bias_correction import HarmonicBiasCorrector, VmdBiasCorrector
from local_core.bias_correction.confidence_band import BAND_PARAMETERS, Band
from local_core.synthetic.freezing_soil import red_noise

TIME = np.datetime64("2004-01-01", "ns") + np.arange(2920) * np.timedelta64(1, "D")
DAYS = (TIME - np.datetime64("2000-01-01")) / np.timedelta64(1, "D")
ANGLE = 2 * np.pi * DAYS / 365.25


def batch(seed: int, n: int, memory_days: float) -> tuple[xr.DataArray, xr.DataArray]:
    rng = np.random.default_rng(seed)
    model = xr.DataArray(np.full((n, TIME.size), 0.4), dims=("site", "time"), coords={"time": TIME})
    curve = -0.2 + 0.1 * np.cos(ANGLE) - 5e-6 * DAYS
    noise = red_noise((n, TIME.size), memory_days=memory_days, sd=0.02, rng=rng)
    return model, model + curve + noise


@pytest.mark.parametrize("memory_days", [3.0, 30.0])
@pytest.mark.parametrize("corrector", [HarmonicBiasCorrector(), VmdBiasCorrector()])
def test_held_out_days_lie_in_the_band_as_often_as_promised(corrector, memory_days):
    model, truth = batch(0, 60, memory_days)
    train = slice(0, 1750)
    bands = corrector.fit(model, truth.isel(time=train)).predict_interval(model)
    later = {"time": slice(1750, None)}
    inside = (truth >= bands["lower"]) & (truth <= bands["upper"])
    assert float(inside.isel(later).mean()) == pytest.approx(0.95, abs=0.025)


def test_the_band_of_the_curve_itself_is_calibrated():
    # Remove the daily scatter from the band: what is left must cover the true curve.
    model, truth = batch(1, 200, 20.0)
    curve = model - 0.2 + 0.1 * np.cos(ANGLE) - 5e-6 * DAYS
    fitted = HarmonicBiasCorrector().fit(model, truth.isel(time=slice(0, 1750)))
    scatter = float(fitted.parameters_.sel(parameter="residual_std").mean())
    fitted.parameters_.loc[{"parameter": "residual_std"}] = 0.0
    bands = fitted.predict_interval(model)
    inside = ((curve >= bands["lower"]) & (curve <= bands["upper"])).mean("site")
    for part in (slice(0, 1750), slice(1750, None)):
        assert float(inside.isel(time=part).mean()) == pytest.approx(0.95, abs=0.03)
    assert scatter == pytest.approx(0.02, rel=0.1)


def test_a_line_widens_the_band_with_the_years_and_a_constant_does_not():
    model, truth = batch(2, 1, 20.0)
    train = truth.isel(time=slice(0, 1460))
    widths = {}
    for trend in ("line", "constant"):
        bands = HarmonicBiasCorrector(trend=trend).fit(model, train).predict_interval(model)
        width = (bands["upper"] - bands["lower"]).isel(site=0)
        widths[trend] = float(width[-365:].mean() / width[:365].mean())
    assert widths["line"] > 1.05
    assert widths["constant"] == pytest.approx(1.0, abs=0.01)


def test_new_sites_lie_in_the_band_of_their_neighbours():
    rng = np.random.default_rng(4)
    inside = []
    for _ in range(40):
        model, truth = batch(int(rng.integers(1e9)), 5, 5.0)
        level = rng.normal(0, 0.04, 5)
        amplitude = rng.normal(0, 0.03, 5)
        truth = truth + xr.DataArray(level, dims="site")
        truth = truth + xr.DataArray(amplitude, dims="site") * xr.DataArray(
            np.cos(ANGLE), dims="time"
        )
        fitted = HarmonicBiasCorrector(trend="constant").fit(
            model.isel(site=slice(1, None)), truth.isel(site=slice(1, None)), pool="site"
        )
        bands = fitted.predict_interval(model.isel(site=0))
        new = truth.isel(site=0)
        inside.append(float(((new >= bands["lower"]) & (new <= bands["upper"])).mean()))
    assert np.mean(inside) == pytest.approx(0.95, abs=0.05)


def test_packing_keeps_the_numbers():
    rng = np.random.default_rng(0)
    half = rng.normal(size=(5, 5))
    band = Band(0.02, 0.9, 1e-5, 3.0, rng.random(3), rng.random(5), half @ half.T)
    again = Band.unpacked(band.packed())
    assert band.packed().size == len(BAND_PARAMETERS)
    np.testing.assert_array_equal(again.covariance, band.covariance)
    np.testing.assert_array_equal(again.site_variance, band.site_variance)
    terms = rng.normal(size=(7, 5))
    np.testing.assert_allclose(again.half_width(terms, 0.9), band.half_width(terms, 0.9))


def test_wider_confidence_is_a_wider_band():
    model, truth = batch(3, 1, 5.0)
    fitted = HarmonicBiasCorrector().fit(model, truth)
    narrow = fitted.predict_interval(model, confidence=0.5)
    wide = fitted.predict_interval(model, confidence=0.99)
    assert (wide["upper"] > narrow["upper"]).all()
    assert (wide["lower"] < narrow["lower"]).all()
    np.testing.assert_allclose(wide["corrected"], fitted.predict(model))
