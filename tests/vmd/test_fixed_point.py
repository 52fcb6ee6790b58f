"""The descent: its objective, its derivatives, and where it ends."""

from __future__ import annotations

import numpy as np
import pytest

from local_core.vmd import ANNUAL_TREND, decompose
from local_core.vmd.kernels import _evaluate
from local_core.vmd.newton import evaluate, mode_gains
from local_core.vmd.spectrum import bin_frequencies, mirrored_spectrum

ALPHA = 2e4


def problem(differences, n_times=700):
    spectrum = mirrored_spectrum(differences(1, n_times, seed=11)[0])
    power = spectrum**2 / (spectrum[1:] ** 2).sum()
    bins = np.sqrt(ALPHA) * bin_frequencies(n_times)
    centers = np.array([0.2, 0.9, 2.5, 6.0, 20.0])
    return spectrum, power, bins, centers


def sums(power, bins, centers):
    n_modes = centers.size
    energy, moment = np.zeros(n_modes), np.zeros(n_modes)
    curvature = np.zeros((n_modes, n_modes))
    value = evaluate(power, bins, centers, energy, moment, curvature)
    return value, energy, moment, curvature


def test_objective_is_the_minimum_over_the_modes(differences):
    spectrum, power, bins, centers = problem(differences)
    gains = mode_gains(bins, centers)
    modes = spectrum * gains
    penalty = (((bins - centers[:, None]) * modes) ** 2).sum()
    energy = penalty + ((spectrum - modes.sum(axis=0)) ** 2).sum()
    value, *_ = sums(power, bins, centers)
    np.testing.assert_allclose(value, energy / (spectrum[1:] ** 2).sum(), rtol=1e-12)
    # Any other modes cost more.
    rng = np.random.default_rng(0)
    for _ in range(20):
        other = modes * (1 + 0.01 * rng.standard_normal(modes.shape))
        cost = (((bins - centers[:, None]) * other) ** 2).sum()
        assert cost + ((spectrum - other.sum(axis=0)) ** 2).sum() > energy


def test_sums_give_gradient_and_hessian_of_the_objective(differences):
    _, power, bins, centers = problem(differences)
    _, energy, moment, curvature = sums(power, bins, centers)
    gradient = 2 * (energy * centers - moment)
    lower = np.tril(curvature)
    hessian = 8 * (lower + np.tril(lower, -1).T) - 6 * np.diag(energy)
    step = 1e-5
    for k in range(centers.size):
        shift = step * np.eye(centers.size)[k]
        ahead, behind = (sums(power, bins, centers + sign * shift) for sign in (1, -1))
        np.testing.assert_allclose((ahead[0] - behind[0]) / (2 * step), gradient[k], atol=1e-6)
        slope = [
            2 * (part[1] * (centers + sign * shift) - part[2])
            for part, sign in ((ahead, 1), (behind, -1))
        ]
        np.testing.assert_allclose((slope[0] - slope[1]) / (2 * step), hessian[k], atol=1e-5)


def test_update_of_all_centres_never_raises_the_objective(differences):
    _, power, bins, _ = problem(differences)
    rng = np.random.default_rng(1)
    for _ in range(25):
        centers = rng.uniform(0, bins[-1], 5)
        value, energy, moment, _ = sums(power, bins, centers)
        after, *_ = sums(power, bins, moment / energy)
        assert after <= value * (1 + 1e-12)


def test_compiled_sums_equal_those_of_numpy(differences):
    _, power, bins, centers = problem(differences)
    centers[0] = 0.0  # A centre on a bin: the distance there is zero.
    value, energy, moment, curvature = sums(power, bins, centers)
    compiled = np.zeros(5), np.zeros(5), np.zeros((5, 5))
    scratch = np.empty((5, 256)), np.empty(256), np.empty(256)
    found = _evaluate(power, bins, centers, *compiled, *scratch)
    np.testing.assert_allclose(found, value, rtol=1e-12)
    np.testing.assert_allclose(compiled[0], energy, rtol=1e-12)
    np.testing.assert_allclose(compiled[1], moment, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(np.tril(compiled[2]), np.tril(curvature), rtol=1e-12)


STARTS = {
    "default": dict(ANNUAL_TREND),
    "uniform": {"alpha": 2000.0, "init": "uniform", "dc": False},
    "zero": {"alpha": 3e4, "init": "zero", "dc": False},
    "zero_wide": {"alpha": 2000.0, "init": "zero", "dc": False},
}


@pytest.mark.parametrize("name", STARTS)
@pytest.mark.filterwarnings("ignore::local_core.vmd.ModePeriodWarning")
def test_descent_ends_where_the_plain_iteration_ends(differences, name):
    series = differences(30, 2190, seed=12)
    plain = decompose(series, accelerate=False, tol=1e-24, max_iter=50_000, **STARTS[name])
    fast = decompose(series, **STARTS[name])
    assert plain.converged.all()
    assert fast.converged.all()
    np.testing.assert_allclose(fast.modes, plain.modes, rtol=0, atol=1e-7)
    assert fast.n_iter.mean() < 0.5 * plain.n_iter.mean()


@pytest.mark.filterwarnings("ignore::local_core.vmd.ModePeriodWarning")
def test_descent_is_nearer_to_the_fixed_point_than_vmdpy_stops(differences):
    series = differences(10, 1460, seed=13)
    settings = {"alpha": 2000.0, "init": "uniform", "dc": False}
    end = decompose(series, accelerate=False, tol=1e-24, max_iter=50_000, **settings)
    peer = decompose(series, compat=True, **settings)
    fast = decompose(series, **settings)
    off_peer = np.abs(peer.modes - end.modes).max()
    off_fast = np.abs(fast.modes - end.modes).max()
    assert off_fast < 1e-3 * off_peer


@pytest.mark.realdata
def test_descent_ends_where_the_plain_iteration_ends_on_observations(observed_differences):
    settings = {"gaps": "interpolate", "min_valid_fraction": 0.3}
    plain = decompose(
        observed_differences, accelerate=False, tol=1e-24, max_iter=50_000, **settings
    )
    fast = decompose(observed_differences, **settings)
    assert plain.converged.all()
    np.testing.assert_allclose(fast.modes, plain.modes, rtol=0, atol=1e-7)


def test_the_cap_is_reported(differences):
    series = differences(2, 400, seed=14)
    settings = {"alpha": 2000.0, "init": "uniform", "dc": False, "max_iter": 41}
    for options in ({}, {"accelerate": False}, {"backend": "numpy"}):
        result = decompose(series, **settings, **options)
        assert not result.converged.any()
        assert (result.n_iter == 41).all()
        assert (result.status == 1).all()
        assert np.isfinite(result.modes).all()
