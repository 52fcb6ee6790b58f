from __future__ import annotations

import numpy as np
import pytest

from local_core.merging.fallbacks import (
    equal_error_var,
    floored_variances,
    neighbour_shares,
    unrelated_products,
)


def covariances(correlations, std=(1.0, 1.0, 1.0)):
    """Three products from the correlations (1, 2), (1, 3), (2, 3)."""
    matrix = np.eye(3)
    for (i, j), value in zip(((0, 1), (0, 2), (1, 2)), correlations):
        matrix[i, j] = matrix[j, i] = value
    return (matrix * np.outer(std, std))[:, :, None]


class TestFloor:
    def test_it_is_the_sampling_error_of_a_perfect_product(self):
        """Standard deviation of the estimate, found by simulation, against the formula."""
        rng = np.random.default_rng(0)
        n, seeds = 200, 4000
        truth = rng.normal(size=(seeds, n))
        y = truth + 0.5 * rng.normal(size=(seeds, n))
        z = truth + 0.8 * rng.normal(size=(seeds, n))
        estimates = ((truth - y) * (truth - z)).mean(axis=1)
        floor = floored_variances(np.array([[-1.0], [0.25], [0.64]]), np.array([n]))[0, 0]
        assert floor == pytest.approx(0.5 * 0.8 / np.sqrt(n))
        assert floor == pytest.approx(estimates.std(), rel=0.05)

    def test_positive_variances_stay(self):
        variances = np.array([[0.1], [0.2], [0.3]])
        np.testing.assert_array_equal(floored_variances(variances, np.array([50])), variances)

    def test_one_positive_variance_is_not_enough(self):
        assert np.isnan(floored_variances(np.array([[-1.0], [-1.0], [0.5]]), np.array([50]))).all()
        assert np.isnan(floored_variances(np.full((3, 1), np.nan), np.array([50]))).all()


class TestUnrelated:
    def test_a_stranger_is_named(self):
        found = unrelated_products(covariances((0.8, 0.02, -0.03)), np.array([300]), 0.05)
        assert found[:, 0].tolist() == [False, False, True]

    def test_negative_correlation_is_no_relation(self):
        found = unrelated_products(covariances((0.8, -0.6, -0.6)), np.array([300]), 0.05)
        assert found[:, 0].tolist() == [False, False, True]

    def test_similar_correlations_around_the_critical_one_are_no_reason(self):
        # n = 60: 0.254 is significant, and nobody stands out.
        found = unrelated_products(covariances((0.30, 0.22, 0.20)), np.array([60]), 0.05)
        assert not found.any()

    def test_everybody_unrelated(self):
        found = unrelated_products(covariances((0.01, 0.02, 0.01)), np.array([60]), 0.05)
        assert found[:, 0].sum() in (0, 3)

    def test_units_do_not_matter(self):
        pixels = np.array([300])
        plain = unrelated_products(covariances((0.8, 0.02, 0.03)), pixels, 0.05)
        scaled = unrelated_products(
            covariances((0.8, 0.02, 0.03), std=(1, 100, 0.01)), pixels, 0.05
        )
        np.testing.assert_array_equal(plain, scaled)


def test_equal_error_variance_from_differences():
    error = np.array([0.1, 0.4, 0.7])
    cov = (2.0 + np.diag(error))[:, :, None]
    everyone = np.ones((3, 1), dtype=bool)
    assert equal_error_var(cov, everyone)[0] == pytest.approx(error.mean())
    pair = np.array([[True], [True], [False]])
    assert equal_error_var(cov, pair)[0] == pytest.approx(0.25)
    assert np.isnan(equal_error_var(cov, np.array([[True], [False], [False]]))[0])


class TestNeighbours:
    def test_a_hole_gets_the_mean_of_a_plane(self):
        y, x = np.mgrid[:9, :9]
        plane = (0.1 + 0.01 * x + 0.02 * y)[None]
        holed = plane.copy()
        holed[0, 4, 4] = np.nan
        filled = neighbour_shares(holed, 3.0)
        assert filled[0, 4, 4] == pytest.approx(plane[0, 4, 4])
        np.testing.assert_array_equal(filled[np.isfinite(holed)], holed[np.isfinite(holed)])

    def test_beyond_the_radius_nothing_is_known(self):
        shares = np.full((1, 5, 20), np.nan)
        shares[0, 2, 0] = 0.3
        filled = neighbour_shares(shares, 4.0)
        assert filled[0, 2, 4] == pytest.approx(0.3)
        assert np.isnan(filled[0, 2, 5:]).all()
