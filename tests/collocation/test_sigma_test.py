from __future__ import annotations

import numpy as np
import pytest

from local_core.collocation import triple_collocation
from local_core.collocation.sigma_test import accept_within_sigma
from local_core.synthetic.products import simulate_products


@pytest.mark.realdata
@pytest.mark.parametrize("engine", ["numpy", "numba"])
def test_reproduces_the_published_result_of_knmi(wind_triplets, engine):
    """Manual of KNMI's triple collocation package, section 2.5, sigma test 4."""
    result = triple_collocation(*wind_triplets, outlier_sigma=4.0, ddof=0, engine=engine)
    assert int(result.n) == 3351
    assert int(result.n_rejected) == 31
    assert (result.status == 0).all()
    # x = a (t + e) + b, so a is the inverse of beta.
    a = 1.0 / result.beta.values
    b = result["mean"].values - a * float(result["mean"][0])
    np.testing.assert_allclose(a, [1.0, 1.000272, 0.967527], atol=6e-7)
    np.testing.assert_allclose(b, [0.0, 0.165876, 0.030271], atol=6e-7)
    np.testing.assert_allclose(result.error_var, [1.367916, 0.325187, 2.009558], atol=6e-7)
    np.testing.assert_allclose(result.error_std, [1.169580, 0.570252, 1.417589], atol=6e-7)
    common = float(result.variance[0] - result.error_var[0])
    assert common == pytest.approx(41.804757, abs=6e-7)


@pytest.mark.realdata
def test_without_the_sigma_test_the_numbers_are_others(wind_triplets):
    result = triple_collocation(*wind_triplets, ddof=0)
    assert int(result.n) == 3382
    assert abs(float(result.error_var[0]) - 1.367916) > 0.1


def test_planted_outliers_are_found_in_any_units():
    sample = simulate_products(n_times=1500, shape=(6,), seed=11)
    products = [p.copy() for p in sample.products.values]
    planted = np.zeros((6, 1500), dtype=bool)
    planted[:, ::100] = True
    products[1][planted] += 0.4
    # Percent of saturation and a dB-like scale beside m3 m-3.
    products = [products[0], 100 * products[1] + 7, -12 + 30 * products[2]]
    accepted, converged = accept_within_sigma(products, 4.0)
    assert converged.all()
    assert not accepted[planted].any()
    assert accepted[~planted].mean() > 0.999
    with_test = triple_collocation(*products, outlier_sigma=4.0)
    without = triple_collocation(*products)
    assert (np.abs(with_test.error_std_own[1] / 3.0 - 1) < 0.1).all()
    assert (without.error_std_own[1] / 3.0 > 1.5).all()
    assert (with_test.n_rejected >= 15).all()


def test_a_series_that_never_settles_is_reported():
    sample = simulate_products(n_times=400, shape=(40,), seed=1)
    _, converged = accept_within_sigma(list(sample.products.values), 1.5, max_iterations=1)
    assert not converged.all()


def test_empty_series():
    products = [np.full((2, 50), np.nan) for _ in range(3)]
    accepted, converged = accept_within_sigma(products, 4.0)
    assert not accepted.any()
    assert converged.all()
