"""What must hold for any input: gaps, shifts, scales, order, chunks, statuses."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from local_core.metrics import ScoreStatus, bias, mse_decomposition, scores

finite = st.floats(-1.0, 1.0, width=32)
series = arrays(np.float64, (2, 30), elements=finite)
gappy = arrays(np.float64, (2, 30), elements=st.one_of(finite, st.just(np.nan)))

UNIT_SCORES = ("bias", "rmse", "ubrmse", "mae", "intercept")
UNITLESS_SCORES = ("r", "spearman_r", "r2", "slope")


@given(gappy)
def test_gaps_are_deleted_jointly(pair):
    x, y = pair
    both = np.isfinite(x) & np.isfinite(y)
    with_gaps, without = scores(x, y, min_n=2), scores(x[both], y[both], min_n=2)
    for name in with_gaps:
        if both.any():
            assert with_gaps[name] == pytest.approx(without[name], rel=1e-9, abs=1e-12, nan_ok=True)


@given(series, st.floats(-100, 100), st.floats(0.01, 100))
@settings(max_examples=60)
def test_a_common_shift_and_scale_change_units_only(pair, shift, scale):
    x, y = np.round(pair, 3)
    before = scores(x, y)
    after = scores(scale * x + shift, scale * y + shift)
    if before["status"] != ScoreStatus.OK or min(np.std(x), np.std(y)) < 1e-2:
        return
    tolerance = 1e-9 * (1 + abs(shift) / scale)
    for name in ("bias", "rmse", "ubrmse", "mae"):
        assert after[name] == pytest.approx(scale * before[name], abs=scale * tolerance)
    for name in ("r", "r2", "slope"):
        assert after[name] == pytest.approx(before[name], rel=1e-6, abs=1e-6)


@given(series)
def test_exchanging_the_two_flips_the_bias_alone(pair):
    x, y = pair
    forward, backward = scores(x, y), scores(y, x)
    assert forward["bias"] == pytest.approx(-backward["bias"], abs=1e-15)
    for name in ("r", "spearman_r", "rmse", "ubrmse", "mae", "mse", "mse_corr", "mse_var"):
        assert forward[name] == pytest.approx(backward[name], abs=1e-12, nan_ok=True)


@given(series)
def test_parts_of_mse_add_up_and_rmse_splits_into_bias_and_ubrmse(pair):
    x, y = pair
    parts, all_scores = mse_decomposition(x, y), scores(x, y)
    assert min(parts) >= 0.0
    assert parts.mse == pytest.approx(parts.corr + parts.bias + parts.var, abs=1e-14)
    assert parts.mse == pytest.approx(np.mean((x - y) ** 2), abs=1e-12)
    assert all_scores["rmse"] ** 2 == pytest.approx(
        all_scores["ubrmse"] ** 2 + all_scores["bias"] ** 2, abs=1e-12
    )


@given(series, st.randoms(use_true_random=False))
@settings(max_examples=40)
def test_order_of_the_pairs_does_not_matter(pair, random):
    x, y = pair
    order = list(range(30))
    random.shuffle(order)
    forward, shuffled = scores(x, y), scores(x[order], y[order])
    for name in forward:
        assert forward[name] == pytest.approx(shuffled[name], rel=1e-9, abs=1e-12, nan_ok=True)


@given(st.integers(1, 12), st.integers(1, 9), st.integers(1, 60))
@settings(max_examples=15, deadline=None)
def test_result_does_not_depend_on_dask_chunks(chunk_y, chunk_x, chunk_time):
    rng = np.random.default_rng(5)
    truth = rng.normal(size=(60, 12, 9))
    estimate = xr.DataArray(truth + 0.3 * rng.normal(size=truth.shape), dims=("time", "y", "x"))
    reference = xr.DataArray(truth, dims=("time", "y", "x"))
    options = {"interval": "bootstrap", "n_boot": 20, "autocorrelation": "ar1"}
    whole = scores(estimate, reference, **options)
    chunks = {"time": chunk_time, "y": chunk_y, "x": chunk_x}
    chunked = scores(estimate.chunk(chunks), reference.chunk(chunks), **options)
    assert chunked["r"].chunks is not None
    xr.testing.assert_allclose(whole, chunked.compute(), rtol=1e-10, atol=1e-13)


def test_large_offset_costs_no_digits(rng):
    x = rng.normal(size=1000)
    y = 0.5 * x + rng.normal(size=1000)
    near, far = scores(x, y), scores(x + 2.0**20, y + 2.0**20)
    for name in ("r", "rmse", "ubrmse"):
        assert far[name] == pytest.approx(near[name], rel=1e-9)


def test_statuses_say_why_a_number_is_missing():
    varying = np.linspace(0.1, 0.4, 20)
    flat = np.full(20, 0.3)
    gaps = np.full(20, np.nan)
    short = np.where(np.arange(20) < 4, varying, np.nan)
    estimate = np.stack([varying, varying, flat, varying, flat, gaps])
    reference = np.stack([varying[::-1], short, varying, flat, flat, varying])
    result = scores(estimate, reference, interval="analytic", min_n=10)
    assert result["status"].tolist() == [
        ScoreStatus.OK,
        ScoreStatus.TOO_FEW,
        ScoreStatus.CONSTANT_ESTIMATE,
        ScoreStatus.CONSTANT_REFERENCE,
        ScoreStatus.CONSTANT_BOTH,
        ScoreStatus.NO_OVERLAP,
    ]
    assert result["n"].tolist() == [20, 4, 20, 20, 20, 0]
    assert np.isnan(result["r"][1:]).all()
    # What is defined for constant series is given.
    assert result["bias"][2] == pytest.approx(0.05)
    assert result["r2"][2] == pytest.approx(1 - np.mean((0.3 - varying) ** 2) / np.var(varying))
    assert np.isnan(result["r2"][3])
    assert np.isnan(result["bias"][[1, 5]]).all()


def test_infinite_values_are_gaps():
    x = np.array([0.1, 0.2, np.inf, 0.4])
    assert bias(x, [0.0, 0.0, 0.0, 0.0]) == pytest.approx(0.7 / 3)


def test_reference_series_is_broadcast_over_pixels(rng):
    reference = rng.normal(size=50)
    estimate = reference + rng.normal(size=(4, 3, 50))
    result = scores(estimate, reference)
    assert result["rmse"].shape == (4, 3)
    assert result["rmse"][2, 1] == scores(estimate[2, 1], reference)["rmse"]


def test_any_axis_of_an_array(rng):
    x, y = rng.normal(size=(2, 50, 4, 3))
    np.testing.assert_array_equal(
        scores(x, y, axis=0)["r"], scores(np.moveaxis(x, 0, -1), np.moveaxis(y, 0, -1))["r"]
    )


def test_dataset_carries_units_and_flags(rng):
    reference = xr.DataArray(rng.normal(size=(40, 2)), dims=("time", "station"))
    estimate = (reference + 0.1).assign_attrs(units="m3 m-3")
    result = scores(estimate, reference, interval="analytic")
    assert result["bias"].attrs["units"] == "m3 m-3"
    assert result["mse"].attrs["units"] == "(m3 m-3)2"
    assert result["r"].attrs["units"] == "1"
    assert result["status"].dtype == np.int8
    assert len(result["status"].attrs["flag_meanings"].split()) == len(ScoreStatus)
    assert result["bias"].dims == ("station",)


def test_several_dimensions_are_pooled(rng):
    x = xr.DataArray(rng.normal(size=(20, 4, 3)), dims=("time", "y", "x"))
    y = x + xr.DataArray(rng.normal(size=(20, 4, 3)), dims=("time", "y", "x"))
    pooled = scores(x, y, dim=("time", "y", "x"))
    assert float(pooled["rmse"]) == pytest.approx(
        scores(x.values.ravel(), y.values.ravel())["rmse"]
    )


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (([1.0, 2.0], [1.0, 2.0, 3.0]), {}, "collocate"),
        ((1.0, [1.0, 2.0]), {}, "at least one axis"),
        (([1.0], [1.0]), {"metrics": ["R"]}, "unknown scores"),
        (([1.0], [1.0]), {"interval": "exact"}, "interval must be"),
        (([1.0], [1.0]), {"confidence": 95}, "between 0 and 1"),
        (([1.0], [1.0]), {"autocorrelation": "ar2"}, "'ar1'"),
        (([1.0], [1.0]), {"block_length": 0}, "block_length"),
        (([1.0], [1.0]), {"groups": ["a"]}, "bootstrap"),
        (([1.0, 2.0], [1.0, 2.0]), {"groups": ["a"], "interval": "bootstrap"}, "group labels"),
    ],
)
def test_bad_input_says_what_to_do(arguments, options, message):
    with pytest.raises(ValueError, match=message):
        scores(*arguments, **options)


def test_differing_coordinates_are_refused():
    x = xr.DataArray([1.0, 2.0], dims="time", coords={"time": [0, 1]})
    y = xr.DataArray([1.0, 2.0], dims="time", coords={"time": [1, 2]})
    with pytest.raises(ValueError, match="collocate"):
        scores(x, y)


def test_an_ambiguous_dimension_is_refused(rng):
    x = xr.DataArray(rng.normal(size=(4, 3)), dims=("y", "x"))
    with pytest.raises(ValueError, match="pass dim="):
        scores(x, x)
    with pytest.raises(ValueError, match="in neither"):
        scores(x, x, dim="time")


def test_masked_values_are_gaps():
    rng = np.random.default_rng(7)
    x, y = rng.normal(size=(2, 50))
    hidden = np.arange(50) % 5 == 0
    masked = np.ma.array(np.where(hidden, -9999.0, x), mask=hidden)
    assert scores(masked, y) == scores(np.where(hidden, np.nan, x), y)
    assert scores(y, masked)["n"] == 40


def test_series_of_other_dates_are_not_paired_by_position():
    days = pd.date_range("2020-01-01", periods=30)
    x = pd.Series(np.arange(30.0), days)
    with pytest.raises(ValueError, match="different indices"):
        scores(x, pd.Series(np.arange(30.0), days + pd.Timedelta("1D")))
    assert scores(x, x)["rmse"] == 0.0


def test_memory_and_blocks_need_dates_in_order():
    days = pd.date_range("2020-01-01", periods=60)
    x, y = (
        xr.DataArray(v, coords={"time": days}, dims="time")
        for v in np.random.default_rng(8).normal(size=(2, 60))
    )
    order = np.random.default_rng(9).permutation(60)
    x, y = x.isel(time=order), y.isel(time=order)
    assert scores(x, y)["n"] == 60
    for options in ({"autocorrelation": "ar1"}, {"interval": "bootstrap"}):
        with pytest.raises(ValueError, match="sort it first"):
            scores(x, y, **options)
    scores(x, y, interval="bootstrap", block_length=1, n_boot=20)
