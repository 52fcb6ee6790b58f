"""Series whose modes are known, and the transform behind the iteration."""

from __future__ import annotations

import numpy as np
import pytest

from local_core.vmd import VmdStatus, decompose
from local_core.vmd.spectrum import mirrored_spectrum, series_from_spectrum

TONES = {"alpha": 2000.0, "init": "zero", "dc": False}


@pytest.mark.parametrize("n_times", [99, 100, 101, 730])
def test_spectrum_is_the_fourier_spectrum_of_the_mirrored_series_without_its_phase(n_times):
    series = np.random.default_rng(n_times).standard_normal((2, n_times))
    mirrored = np.concatenate([series, series[:, ::-1]], axis=-1)
    fourier = np.fft.fft(mirrored, axis=-1)[:, :n_times]
    phase = np.exp(1j * np.pi * np.arange(n_times) / (2 * n_times))
    np.testing.assert_allclose(fourier, phase * mirrored_spectrum(series), atol=1e-10)
    back = np.empty_like(series)
    series_from_spectrum(mirrored_spectrum(series), out=back)
    np.testing.assert_allclose(back, series, atol=1e-13)


@pytest.mark.parametrize("n_times", [1000, 1001])
@pytest.mark.parametrize("backend", ["numpy", "numba"])
def test_two_tones_are_parted(n_times, backend):
    # Whole numbers of half periods: the mirror continues cosines at the middle of a sample.
    time = np.arange(n_times) + 0.5
    fast = np.cos(np.pi * 200 * time / n_times)
    slow = 0.5 * np.cos(np.pi * 20 * time / n_times)
    result = decompose(fast + slow, n_modes=2, backend=backend, alpha=2000.0, init="zero", dc=False)
    # A tone at the centre of a mode has gain one there and zero in every other mode.
    np.testing.assert_allclose(result.center_periods, [n_times / 100, n_times / 10], rtol=1e-6)
    np.testing.assert_allclose(result.modes[0], fast, atol=1e-6)
    np.testing.assert_allclose(result.modes[1], slow, atol=1e-6)
    assert result.status == VmdStatus.OK


def test_more_tones_than_modes_share_the_modes_by_the_closed_form():
    """Three tones, two modes: gains and centres are those a small equation system has."""
    n_times, alpha = 1000, 100.0
    time = np.arange(n_times) + 0.5
    bins = np.array([0.03, 0.1, 0.2])
    heights = np.array([1.0, 0.7, 0.5])
    tones = heights[:, None] * np.cos(2 * np.pi * bins[:, None] * time)
    result = decompose(tones.sum(axis=0), n_modes=2, alpha=alpha, init="uniform", dc=False)
    centers = 1 / result.center_periods
    inverse = 1 / (alpha * (bins[:, None] - centers) ** 2)
    gains = inverse / (1 + inverse.sum(axis=1, keepdims=True))
    np.testing.assert_allclose(result.modes, gains.T @ tones, atol=1e-10)
    # Each centre is the energy-weighted mean of the tones under those gains.
    power = (heights[:, None] * gains) ** 2
    np.testing.assert_allclose(centers, (bins @ power) / power.sum(axis=0), atol=1e-8)
    # And neither is on a tone, where the answer would be trivial.
    assert (np.abs(bins[:, None] - centers) > 1e-3).all()


@pytest.mark.parametrize("n_times", [99, 100, 101])
def test_a_sine_comes_back_without_delay_for_odd_and_even_lengths(n_times):
    time = np.arange(n_times)
    sine = np.sin(2 * np.pi * time / 10)
    mode = decompose(sine, n_modes=1, alpha=200.0, init="zero", dc=False).modes[0]
    lags = range(-2, 3)
    middle = slice(5, n_times - 5)
    match = [np.corrcoef(np.roll(mode, -lag)[middle], sine[middle])[0, 1] for lag in lags]
    assert lags[int(np.argmax(match))] == 0
    assert match[2] > 0.999


def test_an_odd_length_gives_what_its_even_neighbour_gives(differences):
    series = differences(1, 1501, seed=7)[0]
    settings = {"alpha": 2000.0, "init": "zero", "dc": False}
    odd = decompose(series, **settings)
    even = decompose(series[:-1], **settings)
    np.testing.assert_allclose(odd.center_periods, even.center_periods, rtol=0.05)
    apart = (odd.modes[:, :1400] - even.modes[:, :1400]).std(axis=-1)
    assert (apart < 0.1 * odd.modes.std(axis=-1)).all()


@pytest.mark.parametrize("backend", ["numpy", "numba"])
@pytest.mark.parametrize("n_times", [400, 401])
def test_compat_and_default_meet_at_the_fixed_point(differences, backend, n_times):
    series = differences(2, n_times, seed=8)
    settings = {"alpha": 2000.0, "init": "uniform", "dc": False, "backend": backend}
    default = decompose(series, **settings)
    plain = decompose(series, accelerate=False, tol=1e-24, max_iter=50_000, **settings)
    assert plain.converged.all()
    np.testing.assert_allclose(default.modes, plain.modes, atol=1e-8)


def test_modes_do_not_add_up_without_a_multiplier(differences):
    """Equation 5 of Chang et al. is an approximation; the residual says how good it is."""
    series = differences(3, 1500, seed=9)
    result = decompose(series, alpha=2000.0, init="uniform", dc=False)
    np.testing.assert_allclose(result.modes.sum(axis=1) + result.residual, series, atol=1e-12)
    share = result.residual.std(axis=-1) / series.std(axis=-1)
    assert (share > 0.02).all()


@pytest.mark.parametrize("backend", ["numpy", "numba"])
def test_a_constant_series_is_its_own_lowest_mode(backend):
    series = np.vstack([np.full(400, -0.25), np.sin(np.arange(400) / 9)])
    result = decompose(series, backend=backend, **TONES)
    assert result.status.tolist() == [VmdStatus.CONSTANT, VmdStatus.OK]
    np.testing.assert_array_equal(result.modes[0, -1], series[0])
    assert (result.modes[0, :-1] == 0).all()
    assert result.center_periods[0, -1] == np.inf
    assert result.converged.all()
