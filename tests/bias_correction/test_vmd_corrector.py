"""The paper's method: its modes, its regressions, and how close it is to a plain harmonic fit."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from local_core.bias_correction import (
    FitStatus,
    HarmonicBiasCorrector,
    VmdBiasCorrector,
    difference_modes,
)
from local_core.bias_correction.difference_modes import low_modes
from local_core.bias_correction.seasonal_curve import seasonal_columns
from local_core.synthetic.freezing_soil import red_noise
from local_core.vmd import decompose

TIME = np.datetime64("2004-01-01", "ns") + np.arange(2200) * np.timedelta64(1, "D")
DAYS = (TIME - np.datetime64("2000-01-01")) / np.timedelta64(1, "D")
origins = st.dates(min_value=dt.date(1500, 1, 1), max_value=dt.date(2500, 1, 1)).map(str)


def array(values) -> xr.DataArray:
    return xr.DataArray(np.asarray(values, dtype=float), dims="time", coords={"time": TIME})


def noisy_difference(seed: int, *, amplitude: float = 0.1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    noise = red_noise((2200,), memory_days=8.0, sd=0.02, rng=rng)
    return -0.2 + amplitude * np.sin(2 * np.pi * DAYS / 365.25 + 1) + 2e-6 * DAYS + noise


def test_literal_method_is_eqs_6_and_7_on_the_fourth_and_fifth_mode():
    difference = noisy_difference(1)
    model = array(np.full(2200, 0.4))
    corrector = VmdBiasCorrector(selection="last_two", regression="separate")
    fitted = corrector.fit(model, model + difference)
    modes = decompose(difference).modes
    columns = seasonal_columns(DAYS, trend=True)
    waves = np.linalg.lstsq(columns[:, :2], modes[3], rcond=None)[0]
    line = np.polyfit(DAYS, modes[4], 1)
    found = fitted.parameters_.sel(parameter=["sine", "cosine", "trend", "offset"]).values
    np.testing.assert_allclose(found, [*waves, line[0], line[1]], atol=1e-9)


def test_joint_regression_takes_all_modes_of_a_year_and_slower():
    difference = noisy_difference(2)
    model = array(np.full(2200, 0.4))
    fitted = VmdBiasCorrector().fit(model, model + difference)
    result = decompose(difference)
    low = result.modes[result.center_periods >= 200.0].sum(axis=0)
    design = np.c_[seasonal_columns(DAYS, trend=True), np.ones(2200)]
    expected = np.linalg.lstsq(design, low, rcond=None)[0]
    found = fitted.parameters_.sel(parameter=["sine", "cosine", "trend", "offset"]).values
    expected[2] /= 365.25
    np.testing.assert_allclose(found, expected, atol=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_joint_fit_stays_close_to_the_harmonic_fit(seed):
    model = array(np.full(2200, 0.4))
    truth = model + noisy_difference(seed)
    by_vmd = VmdBiasCorrector().fit(model, truth).predict(model)
    directly = HarmonicBiasCorrector().fit(model, truth).predict(model)
    assert float(np.sqrt(((by_vmd - directly) ** 2).mean())) < 0.003


@settings(max_examples=15, deadline=None)
@given(shift=st.floats(-0.5, 0.5), scale=st.floats(0.1, 10), seed=st.integers(0, 20))
def test_shift_and_scale_of_both_pass_through(shift, scale, seed):
    model = array(0.4 + 0.01 * np.random.default_rng(seed).normal(size=2200))
    truth = model + noisy_difference(seed)
    plain = VmdBiasCorrector().fit(model, truth).predict(model)
    moved = VmdBiasCorrector().fit(scale * model + shift, scale * truth + shift)
    np.testing.assert_allclose(
        moved.predict(scale * model + shift), scale * plain + shift, atol=scale * 1e-5
    )


@settings(max_examples=15, deadline=None)
@given(
    origin=origins,
    seed=st.integers(0, 20),
)
def test_the_zero_of_time_does_not_matter(origin, seed):
    model = array(np.full(2200, 0.4))
    truth = model + noisy_difference(seed)
    reference = VmdBiasCorrector().fit(model, truth).predict(model)
    moved = VmdBiasCorrector(time_origin=origin).fit(model, truth)
    np.testing.assert_allclose(moved.predict(model), reference, atol=1e-9)


def test_days_without_any_value_are_gaps_like_missing_values():
    model = array(np.full(2200, 0.4))
    truth = model + noisy_difference(3)
    there = np.random.default_rng(0).random(2200) > 0.2
    masked = VmdBiasCorrector().fit(model, truth.where(xr.DataArray(there, dims="time")))
    dropped = VmdBiasCorrector().fit(model[there], truth[there])
    np.testing.assert_allclose(masked.predict(model), dropped.predict(model), atol=1e-12)


def test_an_infinite_value_is_a_gap_and_fails_no_network():
    model = array(np.full(2200, 0.4))
    truth = model + noisy_difference(3)
    broken, missing = truth.copy(), truth.copy()
    broken[7], missing[7] = np.inf, np.nan
    expected = VmdBiasCorrector().fit(model, missing).predict_interval(model)
    xr.testing.assert_equal(VmdBiasCorrector().fit(model, broken).predict_interval(model), expected)


def test_days_that_are_there_twice_are_named():
    model = array(np.full(2200, 0.4))
    with pytest.raises(ValueError, match="in_situ has days that are there twice"):
        VmdBiasCorrector().fit(model, xr.concat([model, model[:2]], "time"))


def test_nothing_outside_the_record_enters():
    model = array(np.full(2200, 0.4))
    truth = model + noisy_difference(4)
    part = truth.where((truth.time >= TIME[300]) & (truth.time < TIME[1700]))
    whole_axis = VmdBiasCorrector().fit(model, part)
    only_part = VmdBiasCorrector().fit(model[300:1700], truth[300:1700])
    np.testing.assert_allclose(whole_axis.predict(model), only_part.predict(model), atol=1e-12)


def test_gaps_of_a_fifth_move_the_curve_by_less_than_the_noise():
    model = array(np.full(2200, 0.4))
    truth = model + noisy_difference(5)
    whole = VmdBiasCorrector().fit(model, truth).predict(model)
    rng = np.random.default_rng(1)
    lost = np.zeros(2200, dtype=bool)
    for start in rng.integers(0, 2150, 12):
        lost[start : start + 40] = True
    gappy = VmdBiasCorrector().fit(model, truth.where(xr.DataArray(~lost, dims="time")))
    assert float(np.sqrt(((gappy.predict(model) - whole) ** 2).mean())) < 0.006


def test_a_fit_of_2004_to_2010_serves_2011_to_2014(network):
    site = {"station": "SYN/AM1", "layer": "7-28"}
    truth = network.truth["layer_soil_moisture"].sel(site)
    model = network.reanalysis["soil_moisture"].sel(site)
    fitted = VmdBiasCorrector().fit(model, truth.sel(time=slice("2004", "2008")))
    later = slice("2009", "2011")
    alone = fitted.predict(model.sel(time=later))
    np.testing.assert_allclose(alone, fitted.predict(model).sel(time=later), atol=1e-14)
    error = np.sqrt(((alone - truth.sel(time=later)) ** 2).mean())
    assert float(error) < 0.03


def test_a_difference_without_a_year_is_reported():
    model = array(np.full(2200, 0.4))
    noise = red_noise((2200,), memory_days=2.0, sd=0.02, rng=np.random.default_rng(7))
    two_months = 0.2 * np.sin(2 * np.pi * DAYS / 61.0)
    fitted = VmdBiasCorrector(init=[30, 45, 61, 75, 122], dc=False, n_modes=5).fit(
        model, model + noise + two_months
    )
    assert fitted.status_.item() == FitStatus.NO_ANNUAL_MODE
    assert np.isfinite(fitted.parameters_).all()


def test_constant_difference_is_an_offset():
    model = array(0.4 + 0.05 * np.random.default_rng(0).normal(size=2200))
    fitted = VmdBiasCorrector(trend="constant").fit(model, model - 0.25)
    np.testing.assert_allclose(fitted.predict(model), model - 0.25, atol=1e-9)


def test_low_modes_keep_the_gaps_of_the_difference():
    difference = np.stack([noisy_difference(0), noisy_difference(1)])
    difference[0, 500:600] = np.nan
    difference[1, :100] = np.nan
    low = low_modes(difference, selection="by_period", gaps="harmonic")
    np.testing.assert_array_equal(np.isnan(low.annual), np.isnan(difference))
    np.testing.assert_array_equal(np.isnan(low.trend), np.isnan(difference))
    assert low.has_annual.all()
    assert low.converged.all()


def test_modes_for_looking_at(network):
    site = {"station": "SYN/ASM1"}
    modes = difference_modes(
        network.reanalysis["soil_moisture"].sel(site),
        network.truth["layer_soil_moisture"].sel(site),
    )
    assert modes["modes"].sizes["mode"] == 5
    assert (modes["center_periods"].diff("mode") >= 0).all()
    expected = network.truth["layer_soil_moisture"] - network.reanalysis["soil_moisture"]
    np.testing.assert_allclose(
        modes["difference"].transpose("layer", "time"),
        expected.sel(site).transpose("layer", "time"),
        atol=1e-12,
    )


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"selection": "first"}, "'by_period' or 'last_two'"),
        ({"regression": "both"}, "'joint' or 'separate'"),
        ({"n_modes": 1}, "at least two"),
    ],
)
def test_settings_that_make_no_sense_are_refused(setting, message):
    model = array(np.full(2200, 0.4))
    with pytest.raises(ValueError, match=message):
        VmdBiasCorrector(**setting).fit(model, model + noisy_difference(0))
