from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

from local_core.collocation import CollocationStatus, three_cornered_hat
from local_core.collocation.three_cornered_hat import hat_covariance
from local_core.synthetic.products import simulate_products


def products_with_correlated_errors(n_products, n_pixels, n_times, seed):
    rng = np.random.default_rng(seed)
    mixing = np.eye(n_products) + rng.uniform(-0.3, 0.5, (n_pixels, n_products, n_products))
    std = rng.uniform(0.2, 1.0, (n_pixels, n_products, 1))
    errors = std * (mixing @ rng.normal(size=(n_pixels, n_products, n_times)))
    return list(np.moveaxis(errors, 1, 0) + rng.normal(size=(n_pixels, n_times)))


def matrix_from(differences, column):
    """R from S and its last column (eq. 22 solved for the other elements)."""
    side, corner = column[:-1], column[-1]
    block = differences - corner + side[:, None] + side[None, :]
    return np.block([[block, side[:, None]], [side[None, :], np.array([[corner]])]])


def slsqp(differences):
    """Eqs. 23-25 handed to a general optimiser, scaled to unit mean variance."""
    size = differences.shape[0]
    scale = np.trace(differences) / size
    unit = differences / scale
    determinant = np.linalg.det(unit)
    k = determinant ** (1.0 / size)
    start = np.zeros(size + 1)
    start[-1] = 1.0 / (2.0 * np.ones(size) @ np.linalg.solve(unit, np.ones(size)))

    def objective(column):
        return (np.triu(matrix_from(unit, column), 1) ** 2).sum() / k**2

    found = minimize(
        objective,
        start,
        method="SLSQP",
        constraints={
            "type": "ineq",
            "fun": lambda column: np.linalg.det(matrix_from(unit, column)) / (determinant * k),
        },
        options={"maxiter": 1000, "ftol": 1e-15},
    )
    return matrix_from(unit, found.x) * scale, objective, scale, found.success


@pytest.mark.parametrize("n_products", [4, 5])
def test_equal_to_a_general_optimiser(n_products):
    products = products_with_correlated_errors(n_products, 1500, 60, seed=n_products)
    result = three_cornered_hat(products)
    status = result.status.values[0]
    active = np.flatnonzero(status == CollocationStatus.CONSTRAINT_ACTIVE)
    inside = np.flatnonzero(status == CollocationStatus.OK)
    assert active.size > 15
    for pixel in (*active[:15], *inside[:15]):
        stacked = np.array([product[pixel] for product in products])
        theirs, objective, scale, success = slsqp(np.cov(stacked[:-1] - stacked[-1]))
        mine = result.error_covariance.values[:, :, pixel]
        assert objective(mine[:, -1] / scale) <= objective(theirs[:, -1] / scale) * (1 + 1e-7)
        if success:
            np.testing.assert_allclose(
                np.diag(mine), np.diag(theirs), rtol=2e-4, atol=2e-4 * np.diag(mine).max()
            )


@pytest.mark.parametrize("n_products", [3, 4, 6])
def test_the_reference_has_no_influence(n_products):
    products = products_with_correlated_errors(n_products, 300, 50, seed=10 + n_products)
    results = [three_cornered_hat(products, reference=ref) for ref in range(n_products)]
    for other in results[1:]:
        np.testing.assert_allclose(
            other.error_covariance, results[0].error_covariance, rtol=1e-7, atol=1e-10
        )
        np.testing.assert_array_equal(other.status, results[0].status)


def test_three_products_are_the_classical_hat():
    sample = simulate_products(n_times=1000, shape=(50,), gain=(1, 1, 1), seed=0)
    x, y, z = sample.products.values
    result = three_cornered_hat([x, y, z])
    assert (result.status == CollocationStatus.OK).all()

    def s(a, b):
        return (a - b).var(axis=-1, ddof=1)

    classical = [
        (s(x, y) + s(x, z) - s(y, z)) / 2,
        (s(x, y) + s(y, z) - s(x, z)) / 2,
        (s(x, z) + s(y, z) - s(x, y)) / 2,
    ]
    np.testing.assert_allclose(result.error_var, classical, rtol=1e-10)
    off = result.error_covariance.values[~np.eye(3, dtype=bool)]
    assert np.abs(off).max() < 1e-16


def test_equations_21_and_22_hold():
    products = products_with_correlated_errors(5, 200, 60, seed=2)
    result = three_cornered_hat(products, reference=1)
    j = np.delete(np.eye(5), 1, axis=0) - np.eye(5)[1]
    for pixel in range(200):
        stacked = np.array([product[pixel] for product in products])
        s = np.cov(np.delete(stacked, 1, axis=0) - stacked[1])
        r = result.error_covariance.values[:, :, pixel]
        np.testing.assert_allclose(j @ r @ j.T, s, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(r, r.T, rtol=1e-12)
        eigenvalues = np.linalg.eigvalsh(r)
        assert eigenvalues[0] > -1e-12
        on_boundary = result.status.values[0, pixel] == CollocationStatus.CONSTRAINT_ACTIVE
        assert (eigenvalues[0] < 1e-9) == on_boundary


def test_recovers_planted_variances():
    sample = simulate_products(
        n_times=5000,
        shape=(20,),
        gain=(1,) * 5,
        offset=(0.0, 0.1, -0.1, 0.05, 0.02),
        error_std=(0.02, 0.03, 0.04, 0.025, 0.035),
        gap_fraction=0.1,
        seed=3,
    )
    result = three_cornered_hat(sample.products)
    np.testing.assert_allclose(result.error_var.mean("station"), sample.error_var, rtol=0.03)
    np.testing.assert_allclose(
        result.relative_uncertainty, result.error_std / result["mean"], rtol=1e-12
    )


def test_other_gains_are_counted_as_error():
    """The stated limit of the method: it knows differences only."""
    sample = simulate_products(
        n_times=5000, gain=(1, 1, 1, 0.5), offset=(0,) * 4, error_std=(0.02,) * 4, seed=3
    )
    result = three_cornered_hat(sample.products)
    assert float(result.error_var[3]) > 2.0 * 0.02**2


def test_singular_and_empty_series_are_flagged():
    sample = simulate_products(n_times=100, shape=(4,), gain=(1, 1, 1), seed=0)
    x, y, z = (p.copy() for p in sample.products.values)
    z[1] = y[1]
    x[2] = np.nan
    x[3, 20:] = np.nan
    result = three_cornered_hat([x, y, z])
    assert result.status.values[0].tolist() == [
        CollocationStatus.OK,
        CollocationStatus.SINGULAR,
        CollocationStatus.TOO_FEW_SAMPLES,
        CollocationStatus.TOO_FEW_SAMPLES,
    ]
    assert result.error_std.values[:, 1:].size == np.isnan(result.error_std.values[:, 1:]).sum()
    combined = three_cornered_hat([x[:1], y[:1], z[:1], 2 * x[:1] - y[:1]])
    assert (combined.status == CollocationStatus.SINGULAR).all()


def test_units_do_not_matter():
    products = products_with_correlated_errors(5, 100, 60, seed=6)
    plain = three_cornered_hat(products)
    percent = three_cornered_hat([1e4 * product for product in products])
    np.testing.assert_allclose(percent.error_std, 1e4 * plain.error_std, rtol=1e-8, atol=1e-6)
    np.testing.assert_array_equal(percent.status, plain.status)


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="at least 3 products"):
        three_cornered_hat([np.zeros(10), np.zeros(10)])
    with pytest.raises(ValueError, match="at least 3 products"):
        hat_covariance(np.eye(2))
    with pytest.raises(ValueError, match="out of range"):
        three_cornered_hat([np.zeros(10)] * 3, reference=3)
