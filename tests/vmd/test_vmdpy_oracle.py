"""``compat=True`` against vmdpy itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from local_core.vmd import VmdStatus, decompose

SETTINGS: dict[str, dict[str, Any]] = {
    "literature": {"alpha": 2000.0, "init": "uniform", "dc": False},
    "all_from_zero": {"alpha": 2000.0, "init": "zero", "dc": False},
    "lowest_held": {"alpha": 1.3e5, "init": "zero", "dc": True},
    "three_modes": {"alpha": 5e4, "init": "uniform", "dc": False, "n_modes": 3},
    "one_mode": {"alpha": 500.0, "init": "uniform", "dc": False, "n_modes": 1},
    "percent_tolerance": {"alpha": 2000.0, "init": "uniform", "dc": False, "tol": 1e-4},
}


@pytest.mark.parametrize("backend", ["numpy", "numba"])
@pytest.mark.parametrize("name", SETTINGS)
def test_equals_vmdpy_to_rounding_with_equal_counts(differences, name, backend):
    series = differences(3, 730, seed=4)
    peer = decompose(series, compat=True, backend="vmdpy", **SETTINGS[name])
    ours = decompose(series, compat=True, backend=backend, **SETTINGS[name])
    np.testing.assert_array_equal(ours.n_iter, peer.n_iter)
    np.testing.assert_allclose(ours.modes, peer.modes, rtol=0, atol=1e-12)
    np.testing.assert_allclose(1 / ours.center_periods, 1 / peer.center_periods, atol=1e-12)
    np.testing.assert_allclose(ours.residual, peer.residual, rtol=0, atol=1e-12)


@pytest.mark.parametrize("backend", ["numpy", "numba"])
def test_equals_vmdpy_where_the_cap_comes_first(differences, backend):
    series = differences(2, 600, seed=1)
    settings = {"alpha": 2000.0, "init": "zero", "dc": False, "tol": 1e-13}
    peer = decompose(series, compat=True, backend="vmdpy", **settings)
    ours = decompose(series, compat=True, backend=backend, **settings)
    assert peer.n_iter.tolist() == [499, 499]
    assert ours.n_iter.tolist() == [499, 499]
    assert (ours.status == VmdStatus.NOT_CONVERGED).all()
    np.testing.assert_allclose(ours.modes, peer.modes, rtol=0, atol=1e-12)


@pytest.mark.parametrize("backend", ["numpy", "numba"])
def test_equals_vmdpy_with_a_multiplier(differences, backend):
    series = differences(2, 400, seed=2)
    settings = {"alpha": 2000.0, "init": "uniform", "dc": False, "tau": 0.01, "tol": 1e-6}
    peer = decompose(series, compat=True, backend="vmdpy", **settings)
    ours = decompose(series, compat=True, backend=backend, **settings)
    assert (peer.n_iter > 30).all()
    assert peer.converged.all()
    np.testing.assert_array_equal(ours.n_iter, peer.n_iter)
    np.testing.assert_allclose(ours.modes, peer.modes, rtol=0, atol=1e-12)


def test_is_what_vmdpy_returns_but_for_the_order(differences):
    vmdpy = pytest.importorskip("vmdpy")
    series = differences(1, 500, seed=3)[0]
    modes, _, trail = vmdpy.VMD(series, 2000.0, 0.0, 5, 0, 1, 1e-7)
    ours = decompose(series, alpha=2000.0, init="uniform", dc=False, compat=True)
    order = np.argsort(trail[-1])[::-1]
    np.testing.assert_allclose(ours.modes, modes[order], rtol=0, atol=1e-12)
    np.testing.assert_allclose(1 / ours.center_periods, trail[-1][order], atol=1e-12)
    assert ours.n_iter == trail.shape[0]


def test_the_stop_rule_of_vmdpy_depends_on_the_unit_and_ours_does_not(differences):
    fraction = differences(1, 730, seed=5)
    percent = 100 * fraction
    settings = {"alpha": 2000.0, "init": "uniform", "dc": False}
    counts = [
        int(decompose(series, compat=True, **settings).n_iter[0]) for series in (fraction, percent)
    ]
    assert counts[0] < counts[1]
    plain = [
        decompose(series, accelerate=False, **settings).n_iter[0] for series in (fraction, percent)
    ]
    assert plain[0] == plain[1]


def test_a_missing_sample_that_vmdpy_turns_into_zeros_is_refused(differences):
    vmdpy = pytest.importorskip("vmdpy")
    series = differences(1, 400, seed=6)[0]
    series[17] = np.nan
    silent, _, _ = vmdpy.VMD(series, 2000.0, 0.0, 5, 0, 1, 1e-7)
    assert (silent == 0).all()
    with pytest.raises(ValueError, match="gaps='raise'"):
        decompose(series, compat=True, alpha=2000.0, init="uniform", dc=False)
