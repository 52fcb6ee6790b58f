"""The harmonic fit is exact where its model holds, and behaves like least squares elsewhere."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.exceptions import NotFittedError

from local_core.bias_correction import FitStatus, HarmonicBiasCorrector

TIME = np.datetime64("2004-01-01", "ns") + np.arange(1600) * np.timedelta64(1, "D")
DAYS = (TIME - np.datetime64("2000-01-01")) / np.timedelta64(1, "D")
ANGLE = 2 * np.pi * DAYS / 365.25
origins = st.dates(min_value=dt.date(1500, 1, 1), max_value=dt.date(2500, 1, 1)).map(str)


def array(values) -> xr.DataArray:
    return xr.DataArray(np.asarray(values), dims="time", coords={"time": TIME})


coefficient = st.floats(-0.3, 0.3)


@settings(deadline=None)
@given(
    sine=coefficient,
    cosine=coefficient,
    trend=st.floats(-1e-4, 1e-4),
    offset=coefficient,
    gaps=st.floats(0.0, 0.7),
    seed=st.integers(0, 100),
)
def test_planted_sine_and_line_are_recovered_to_float_precision(
    sine, cosine, trend, offset, gaps, seed
):
    rng = np.random.default_rng(seed)
    model = array(0.3 + 0.05 * rng.random(1600))
    difference = sine * np.sin(ANGLE) + cosine * np.cos(ANGLE) + trend * DAYS + offset
    truth = model + difference
    seen = truth.where(rng.random(1600) > gaps)
    fitted = HarmonicBiasCorrector(min_days=100).fit(model, seen)
    found = fitted.parameters_.sel(parameter=["sine", "cosine", "trend", "offset"]).values
    np.testing.assert_allclose(found[[0, 1, 3]], [sine, cosine, offset], atol=1e-10)
    assert found[2] == pytest.approx(trend, abs=1e-13)
    np.testing.assert_allclose(fitted.predict(model), truth, atol=1e-12)


@settings(deadline=None)
@given(
    origin=origins,
    seed=st.integers(0, 50),
)
def test_the_zero_of_time_does_not_matter(origin, seed):
    rng = np.random.default_rng(seed)
    model = array(rng.random(1600))
    truth = array(rng.random(1600))
    reference = HarmonicBiasCorrector().fit(model, truth).predict(model)
    moved = HarmonicBiasCorrector(time_origin=origin).fit(model, truth)
    np.testing.assert_allclose(moved.predict(model), reference, atol=1e-8)


@settings(deadline=None)
@given(
    shift=st.floats(-1, 1),
    scale=st.floats(0.1, 10),
    trend=st.sampled_from(["line", "constant"]),
    anomaly=st.booleans(),
    seed=st.integers(0, 50),
)
def test_shift_and_scale_of_both_pass_through(shift, scale, trend, anomaly, seed):
    rng = np.random.default_rng(seed)
    model, truth = array(rng.random(1600)), array(rng.random(1600))
    corrector = HarmonicBiasCorrector(trend=trend, anomaly_term=anomaly)
    plain = corrector.fit(model, truth).predict(model)
    moved = corrector.fit(scale * model + shift, scale * truth + shift)
    np.testing.assert_allclose(
        moved.predict(scale * model + shift), scale * plain + shift, atol=1e-9
    )


@pytest.mark.parametrize("trend", ["line", "constant"])
def test_extra_terms_equal_one_least_squares_with_all_columns(trend):
    rng = np.random.default_rng(5)
    model = array(0.3 + 0.05 * np.sin(ANGLE) + 0.03 * rng.normal(size=1600))
    frozen = array((np.cos(ANGLE) > 0.5).astype(float))
    truth = array(0.2 + 0.1 * np.cos(ANGLE) - 0.06 * frozen.values + 0.02 * rng.normal(size=1600))
    truth = truth.where(rng.random(1600) > 0.3)
    corrector = HarmonicBiasCorrector(trend=trend, frozen_term=True, anomaly_term=True)
    fitted = corrector.fit(model, truth, frozen=frozen)
    annual = np.c_[np.sin(ANGLE), np.cos(ANGLE), np.ones(1600)]
    anomaly = model.values - annual @ np.linalg.lstsq(annual, model.values, rcond=None)[0]
    columns = [np.sin(ANGLE), np.cos(ANGLE), np.ones(1600), frozen.values, anomaly]
    if trend == "line":
        columns.append(DAYS)
    design = np.stack(columns, axis=1)
    known = np.isfinite(truth.values)
    expected = np.linalg.lstsq(design[known], (truth - model).values[known], rcond=None)[0]
    names = ["sine", "cosine", "offset", "frozen_step", "anomaly_gain", "trend"]
    found = fitted.parameters_.sel(parameter=names[: len(columns)])
    np.testing.assert_allclose(found, expected, atol=1e-9)
    np.testing.assert_allclose(
        fitted.predict(model, frozen=frozen), model.values + design @ expected, atol=1e-9
    )


def test_unknown_state_is_not_fitted_and_counts_as_thawed():
    rng = np.random.default_rng(1)
    model = array(0.3 + 0.01 * rng.normal(size=1600))
    state = array(np.where(np.cos(ANGLE) > 0.3, 1.0, 0.0))
    truth = model - 0.1 * state
    state[700:] = -1.0
    wild = truth.copy()
    wild[700:] = 5.0
    corrector = HarmonicBiasCorrector(frozen_term=True, trend="constant")
    fitted = corrector.fit(model, wild, frozen=state)
    np.testing.assert_allclose(fitted.predict(model, frozen=state)[:700], truth[:700], atol=1e-10)
    np.testing.assert_allclose(fitted.predict(model, frozen=state)[700:], model[700:], atol=1e-10)


def test_curve_is_the_prediction_without_the_reanalysis():
    rng = np.random.default_rng(2)
    model, truth = array(rng.random(1600)), array(rng.random(1600))
    fitted = HarmonicBiasCorrector().fit(model, truth)
    np.testing.assert_allclose(model + fitted.curve(model.time), fitted.predict(model), atol=1e-12)


def test_status_instead_of_an_exception_for_short_series():
    values = np.random.default_rng(0).random((3, 1600))
    model = xr.DataArray(values, dims=("site", "time"), coords={"time": TIME})
    truth = model.copy(data=values + 0.1)
    truth[1, 100:] = np.nan
    truth[2] = np.nan
    fitted = HarmonicBiasCorrector(min_days=365).fit(model, truth)
    assert fitted.status_.values.tolist() == [
        FitStatus.OK,
        FitStatus.TOO_FEW_DAYS,
        FitStatus.TOO_FEW_DAYS,
    ]
    assert fitted.n_days_.values.tolist() == [1600, 100, 0]
    assert fitted.predict(model).isnull().all("time").values.tolist() == [False, True, True]


def test_bad_input_is_explained():
    model = array(np.ones(1600))
    with pytest.raises(ValueError, match="expected a DataArray with a dimension 'time'"):
        HarmonicBiasCorrector().fit(np.ones(3), model)
    later = model.assign_coords(time=model.time + np.timedelta64(9000, "D"))
    with pytest.raises(ValueError, match="no day in common"):
        HarmonicBiasCorrector().fit(model, later)
    with pytest.raises(ValueError, match="cannot pool over 'station'"):
        HarmonicBiasCorrector().fit(model, model, pool="station")
    with pytest.raises(ValueError, match="pass frozen="):
        HarmonicBiasCorrector(frozen_term=True).fit(model, model)
    with pytest.raises(ValueError, match="'line' or 'constant'"):
        HarmonicBiasCorrector(trend="cubic").fit(model, model)
    with pytest.raises(ValueError, match="not an ISO date"):
        HarmonicBiasCorrector(time_origin="yesterday").fit(model, model)
    with pytest.raises(NotFittedError):
        HarmonicBiasCorrector().predict(model)
    fitted = HarmonicBiasCorrector().fit(model, model)
    with pytest.raises(ValueError, match="between 0 and 1"):
        fitted.predict_interval(model, confidence=95)
