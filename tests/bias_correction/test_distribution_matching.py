"""Rivals against the libraries that define them: pytesmo and scikit-learn."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LinearRegression

from local_core.bias_correction import (
    CdfMatching,
    FitStatus,
    LinearRegressionMatching,
    MeanStdMatching,
)
from local_core.bias_correction.distribution_matching import percentile_values

pytesmo_cdf = pytest.importorskip("pytesmo.cdf_matching")
pytesmo_scaling = pytest.importorskip("pytesmo.scaling")


def array(values) -> xr.DataArray:
    values = np.asarray(values, dtype=float)
    time = np.datetime64("2004-01-01", "ns") + np.arange(values.size) * np.timedelta64(1, "D")
    return xr.DataArray(values, dims="time", coords={"time": time})


def series(seed: int, n: int, digits: int | None) -> tuple[np.ndarray, np.ndarray]:
    """Skewed series with gaps, perhaps on few levels as an old sensor gives them."""
    rng = np.random.default_rng(seed)
    x = 0.1 + 0.4 * rng.beta(2, 5, n)
    y = 0.05 + 0.5 * rng.beta(1, 2, n) + 0.3 * x
    if digits is not None:
        x, y = x.round(digits), y.round(digits)
    x[rng.random(n) < 0.1] = np.nan
    y[rng.random(n) < 0.2] = np.nan
    return x, y


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    n=st.integers(150, 900),
    digits=st.sampled_from([None, 3, 2]),
    n_bins=st.sampled_from([1, 5, 20, 100]),
    min_obs=st.sampled_from([None, 20]),
    edges=st.booleans(),
)
def test_cdf_matching_equals_pytesmo(seed, n, digits, n_bins, min_obs, edges):
    x, y = series(seed, n, digits)
    outside = np.concatenate([x, [-0.2, 0.0, 0.9]])
    ours = CdfMatching(n_bins=n_bins, min_obs=min_obs, linear_edge_scaling=edges, min_days=10)
    found = ours.fit(array(x), array(y)).predict(array(outside)).values
    np.testing.assert_array_equal(np.isfinite(found), np.isfinite(outside))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        peer = pytesmo_cdf.CDFMatching(
            nbins=n_bins, minobs=min_obs, linear_edge_scaling=edges, combine_invalid=True
        )
        try:
            peer.fit(x, y)
        except np.linalg.LinAlgError:
            # pytesmo regresses an edge bin of one value on a division by zero.
            assert edges
            return
        expected = peer.predict(outside)
    edges_of_peer = peer.x_perc_[np.isfinite(peer.x_perc_)]
    if (np.diff(edges_of_peer) <= 0).any():
        # Interpolating repeated percentiles, pytesmo's spline may miss a distinct value by a
        # rounding; it then gives up with NaN.
        assert np.isnan(expected).all()
        return
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-11)


def test_cdf_matching_equals_pytesmo_with_own_percentiles():
    x, y = series(3, 700, None)
    percentiles = [0, 5, 10, 30, 50, 70, 90, 95, 100]
    peer = pytesmo_cdf.CDFMatching(percentiles=percentiles, combine_invalid=True)
    peer.fit(x, y)
    ours = CdfMatching(percentiles=percentiles).fit(array(x), array(y))
    np.testing.assert_allclose(ours.predict(array(x)).values, peer.predict(x), rtol=1e-12)


def test_mean_std_equals_pytesmo():
    x, y = series(4, 500, None)
    both = np.isfinite(x + y)
    expected = pytesmo_scaling.mean_std(x[both], y[both])
    ours = MeanStdMatching().fit(array(x), array(y)).predict(array(x)).values[both]
    np.testing.assert_allclose(ours, expected, rtol=1e-12)


def test_linear_regression_equals_sklearn_and_pytesmo():
    x, y = series(5, 500, None)
    both = np.isfinite(x + y)
    ours = LinearRegressionMatching().fit(array(x), array(y)).predict(array(x)).values[both]
    peer = LinearRegression().fit(x[both, None], y[both])
    np.testing.assert_allclose(ours, peer.predict(x[both, None]), rtol=1e-12)
    np.testing.assert_allclose(ours, pytesmo_scaling.linreg(x[both], y[both]), rtol=1e-9)


@pytest.mark.parametrize("kind", [CdfMatching, MeanStdMatching, LinearRegressionMatching])
@settings(max_examples=15, deadline=None)
@given(shift=st.floats(-1, 1), scale=st.floats(0.1, 10), seed=st.integers(0, 50))
def test_shift_and_scale_of_the_reference_pass_through(kind, shift, scale, seed):
    x, y = series(seed, 300, None)
    plain = kind().fit(array(x), array(y)).predict(array(x))
    moved = kind().fit(array(x), array(scale * y + shift)).predict(array(x))
    np.testing.assert_allclose(moved, scale * plain + shift, atol=1e-9 * max(scale, 1))


@pytest.mark.parametrize("kind", [CdfMatching, MeanStdMatching, LinearRegressionMatching])
def test_shift_and_scale_of_the_reanalysis_cancel(kind):
    x, y = series(9, 400, None)
    plain = kind().fit(array(x), array(y)).predict(array(x))
    other = kind().fit(array(100 * x - 7), array(y)).predict(array(100 * x - 7))
    np.testing.assert_allclose(other, plain, atol=1e-9)


@pytest.mark.parametrize("kind", [CdfMatching, MeanStdMatching, LinearRegressionMatching])
def test_constant_reanalysis_has_a_status(kind):
    _, y = series(1, 300, None)
    fitted = kind().fit(array(np.full(300, 0.3)), array(y))
    assert fitted.status_.item() == FitStatus.NO_VARIATION
    assert fitted.predict(array(np.full(300, 0.3))).isnull().all()


def test_nearly_constant_reanalysis_has_a_status_where_pytesmo_warns_and_returns_nan():
    x, y = np.full(300, 0.3), series(1, 300, None)[1]
    x[0] = 0.31
    fitted = CdfMatching().fit(array(x), array(y))
    assert fitted.status_.item() in (FitStatus.OK, FitStatus.NO_VARIATION)
    peer = pytesmo_cdf.CDFMatching(combine_invalid=True)
    peer.fit(x, y)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = peer.predict(x)
    np.testing.assert_allclose(fitted.predict(array(x)).values, expected, rtol=1e-9)


def test_percentiles_must_increase():
    x, y = series(1, 300, None)
    with pytest.raises(ValueError, match="increasing"):
        CdfMatching(percentiles=[0, 50, 50, 100]).fit(array(x), array(y))


def test_repeated_values_give_distinct_percentiles():
    edges = percentile_values(np.sort(np.repeat([0.1, 0.2, 0.4], 40)), np.linspace(0, 100, 11))
    assert (np.diff(edges) > 0).all()
    assert edges[0] == 0.1
    assert edges[-1] == 0.4
