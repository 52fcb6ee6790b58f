from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from local_core.merging import blue_weights, inverse_variance_weights, merged_error_var
from local_core.merging.availability import merge_available, weights_by_pattern

ONE, ZERO = np.ones((3, 1)), np.zeros((3, 1))
variances = st.lists(st.floats(1e-6, 1e3), min_size=2, max_size=6)


def test_equations_15_to_17():
    """The paper's own products of variances."""
    s1, s2, s3 = 0.018**2, 0.019**2, 0.021**2
    denominator = s1 * s2 + s1 * s3 + s2 * s3
    expected = [s2 * s3 / denominator, s1 * s3 / denominator, s1 * s2 / denominator]
    np.testing.assert_allclose(inverse_variance_weights(np.array([s1, s2, s3])), expected)


@settings(max_examples=60, deadline=None)
@given(variances)
def test_weights_add_up_and_beat_every_single_product(values):
    error_var = np.array(values)
    weights = inverse_variance_weights(error_var)
    assert weights.sum() == pytest.approx(1.0)
    assert (weights >= 0).all()
    merged = merged_error_var(weights, np.diag(error_var))
    assert merged <= error_var.min() * (1 + 1e-9)
    assert merged == pytest.approx(1.0 / (1.0 / error_var).sum())


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**31), st.integers(2, 5))
def test_blue_is_the_constrained_minimum(seed, n):
    """Against a general optimiser of eq. 13 under eq. 12."""
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(n, n)) + 2.0 * np.eye(n)
    matrix = root @ root.T
    weights = blue_weights(matrix)
    found = minimize(
        lambda w: w @ matrix @ w,
        np.full(n, 1.0 / n),
        jac=lambda w: 2 * matrix @ w,
        constraints={"type": "eq", "fun": lambda w: w.sum() - 1.0},
        method="SLSQP",
        options={"ftol": 1e-14, "maxiter": 500},
    )
    assert weights.sum() == pytest.approx(1.0)
    assert merged_error_var(weights, matrix) <= found.fun * (1 + 1e-8)
    np.testing.assert_allclose(weights, found.x, atol=2e-4)


def test_blue_with_independent_errors_is_the_inverse_variance():
    error_var = np.random.default_rng(0).uniform(0.1, 1.0, (4, 50))
    matrix = np.zeros((4, 4, 50))
    matrix[range(4), range(4)] = error_var
    np.testing.assert_allclose(blue_weights(matrix), inverse_variance_weights(error_var))


def test_each_pixel_is_its_own():
    rng = np.random.default_rng(1)
    root = rng.normal(size=(20, 3, 3)) + np.eye(3)
    matrices = np.moveaxis(root @ root.transpose(0, 2, 1), 0, -1)
    matrices[2, 2, 5] = np.inf
    matrices[:, :, 6] = np.nan
    matrices[:, :, 7] = 1.0
    together = blue_weights(matrices)
    for pixel in range(20):
        np.testing.assert_array_equal(together[:, pixel], blue_weights(matrices[:, :, pixel]))
    assert together[2, 5] == 0.0
    assert together[:2, 5].sum() == pytest.approx(1.0)
    assert np.isnan(together[:, 6:8]).all()


def test_useless_and_perfect_products():
    assert inverse_variance_weights(np.array([1.0, np.inf])).tolist() == [1.0, 0.0]
    perfect = inverse_variance_weights(np.array([0.0, 1.0, 1.0]))
    assert perfect[0] == pytest.approx(1.0, abs=1e-6)
    assert np.isnan(inverse_variance_weights(np.array([-1.0, 1.0]))).all()
    assert np.isnan(inverse_variance_weights(np.array([np.inf, np.inf]))).all()


class TestAvailability:
    matrix = np.array([[1.0, 0.3, 0.0], [0.3, 2.0, 0.0], [0.0, 0.0, 4.0]])

    def test_every_pattern_is_its_own_problem(self):
        weights, error_var = weights_by_pattern(self.matrix[:, :, None])
        assert np.isnan(weights[0]).all()
        for pattern in range(1, 8):
            there = [k for k in range(3) if pattern >> k & 1]
            block = self.matrix[np.ix_(there, there)]
            np.testing.assert_allclose(weights[pattern, there, 0], blue_weights(block))
            expected = 1.0 / np.linalg.solve(block, np.ones(len(there))).sum()
            assert error_var[pattern, 0] == pytest.approx(expected)

    def test_days_look_up_their_pattern(self):
        products = [
            np.array([[1.0, np.nan, 1.0, np.nan]]),
            np.array([[2.0, 2.0, np.nan, np.nan]]),
            np.array([[4.0, 4.0, np.nan, np.nan]]),
        ]
        windows = np.zeros(4, dtype=np.int64)
        matrix = np.diag([1.0, 1.0, 2.0])[None, :, :, None]
        merged, error_var, source = merge_available(products, ONE, ZERO, matrix, windows)
        np.testing.assert_allclose(merged[0], [2.0, 8.0 / 3.0, 1.0, np.nan])
        np.testing.assert_allclose(error_var[0], [0.4, 2.0 / 3.0, 1.0, np.nan])
        assert source[0].tolist() == [7, 6, 1, 0]

    def test_an_excluded_product_never_takes_part(self):
        products = [np.array([[1.0, np.nan]]), np.array([[3.0, 3.0]]), np.array([[9.0, 9.0]])]
        matrix = np.diag([1.0, 1.0, np.inf])[None, :, :, None]
        windows = np.zeros(2, dtype=np.int64)
        merged, _, source = merge_available(products, ONE, ZERO, matrix, windows)
        assert merged[0].tolist() == [2.0, 3.0]
        assert source[0].tolist() == [3, 2]

    def test_windows_have_their_own_weights(self):
        products = [np.ones((1, 2)), np.zeros((1, 2))]
        matrices = np.stack([np.diag([1.0, 3.0]), np.diag([3.0, 1.0])])[..., None]
        merged, _, _ = merge_available(products, ONE, ZERO, matrices, np.array([0, 1]))
        np.testing.assert_allclose(merged[0], [0.75, 0.25])
