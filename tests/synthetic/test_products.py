from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from local_core.synthetic.products import simulate_products


def errors_of(sample: xr.Dataset) -> np.ndarray:
    return (
        (sample.products - sample.offset - sample.gain * sample.truth)
        .transpose("product", ..., "time")
        .values
    )


def test_planted_parameters_are_in_the_series():
    correlation = np.array([[1.0, 0.4, 0.0], [0.4, 1.0, -0.2], [0.0, -0.2, 1.0]])
    sample = simulate_products(
        n_times=3000,
        shape=(40,),
        error_correlation=correlation,
        error_autocorrelation=(0.0, 0.5, 0.8),
        seed=3,
    )
    errors = errors_of(sample)
    np.testing.assert_allclose(errors.std(axis=(1, 2)), sample.error_std, rtol=0.02)
    found = np.corrcoef(errors.reshape(3, -1))
    np.testing.assert_allclose(found, correlation, atol=0.02)
    lag_one = [np.mean(e[:, 1:] * e[:, :-1]) / np.mean(e**2) for e in errors]
    np.testing.assert_allclose(lag_one, [0.0, 0.5, 0.8], atol=0.02)
    np.testing.assert_allclose(np.diag(sample.error_covariance), sample.error_var)
    assert float(sample.truth.mean()) == pytest.approx(0.25, abs=0.005)


def test_the_start_is_stationary():
    """No spin-up: the first day has the same spread and the same cross-correlation as any other."""
    sample = simulate_products(
        n_times=3,
        shape=(20_000,),
        error_correlation=np.array([[1, 0.5, 0], [0.5, 1, 0], [0, 0, 1]]),
        error_autocorrelation=0.9,
        seed=1,
    )
    first = errors_of(sample)[..., 0]
    np.testing.assert_allclose(first.std(axis=1), sample.error_std, rtol=0.02)
    assert np.corrcoef(first)[0, 1] == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize("length", [1, 10])
def test_gaps_have_their_share_and_length(length):
    sample = simulate_products(
        n_times=4000, shape=(20,), gap_fraction=(0.0, 0.1, 0.4), gap_length=length, seed=0
    )
    lost = sample.products.isnull().values
    np.testing.assert_allclose(lost.mean(axis=(1, 2)), [0.0, 0.1, 0.4], atol=0.02)
    starts = (lost[2, :, 1:] & ~lost[2, :, :-1]).sum()
    mean_length = lost[2].sum() / starts
    assert mean_length == pytest.approx(1 / 0.6 if length == 1 else 10, rel=0.1)


def test_a_yearly_cycle_of_the_errors_keeps_their_mean_square():
    sample = simulate_products(n_times=1461, shape=(100,), seasonal_error=0.6, seed=0)
    errors = errors_of(sample)
    np.testing.assert_allclose((errors**2).mean(axis=(1, 2)), sample.error_var, rtol=0.02)
    winter = sample.time.dt.month.isin([12, 1, 2]).values
    summer = sample.time.dt.month.isin([6, 7, 8]).values
    ratio = errors[..., winter].std(axis=(1, 2)) / errors[..., summer].std(axis=(1, 2))
    assert ratio[0] > 2
    assert ratio[1] < 0.5


def test_same_seed_same_series():
    one, again, other = (simulate_products(n_times=50, seed=seed) for seed in (1, 1, 2))
    xr.testing.assert_identical(one, again)
    assert not np.array_equal(one.truth, other.truth)


def test_dimensions_by_shape():
    assert simulate_products(n_times=5).truth.dims == ("time",)
    assert simulate_products(n_times=5, shape=(2, 3)).products.dims == ("product", "y", "x", "time")
    assert simulate_products(n_times=5, shape=(2, 3, 4)).truth.dims[0] == "dim_0"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"gain": (1.0, 2.0)}, "gain must have one value"),
        ({"error_std": (0.1, -0.1, 0.1)}, "must not be negative"),
        ({"gap_fraction": 1.0}, "gap_fraction"),
        ({"seasonal_error": 1.0}, "seasonal_error"),
        ({"error_correlation": np.eye(2)}, "shape"),
        ({"error_correlation": 1.5 * np.ones((3, 3)) - 0.5 * np.eye(3)}, "no stationary errors"),
        (
            {
                "error_correlation": np.array([[1, 0.99, 0], [0.99, 1, 0], [0, 0, 1]]),
                "error_autocorrelation": (0.9, -0.9, 0.0),
            },
            "no stationary errors",
        ),
    ],
)
def test_bad_options_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        simulate_products(n_times=10, **options)
