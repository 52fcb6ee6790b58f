"""What must hold for any series."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from local_core.vmd import VmdStatus, decompose

pytestmark = pytest.mark.filterwarnings("ignore::local_core.vmd.ModePeriodWarning")

SETTINGS = st.sampled_from(
    [
        {},
        {"backend": "numpy"},
        {"accelerate": False},
        {"alpha": 2000.0, "init": "uniform"},
        {"alpha": 3e4, "init": [15.0, 60.0, np.inf], "n_modes": 3},
    ]
)
LENGTHS = st.integers(200, 420)
SEEDS = st.integers(0, 2**32 - 1)
EXAMPLES = settings(max_examples=25, deadline=None)


def random_series(seed: int, n_times: int, n_series: int = 1) -> np.ndarray:
    """Noise with memory, a cycle and an offset, all drawn from the seed."""
    rng = np.random.default_rng(seed)
    noise = np.cumsum(rng.standard_normal((n_series, n_times)), axis=-1)
    noise = 0.1 * (noise - np.linspace(noise[:, 0], noise[:, -1], n_times, axis=-1))
    cycle = np.sin(2 * np.pi * np.arange(n_times) / rng.uniform(20, 300, (n_series, 1)))
    white = rng.standard_normal((n_series, n_times))
    return rng.uniform(-3, 3, (n_series, 1)) + cycle + noise + 0.1 * white


@EXAMPLES
@given(
    seed=SEEDS, n_times=LENGTHS, options=SETTINGS, power=st.integers(-20, 20), sign=st.booleans()
)
def test_scale_equivariance(seed, n_times, options, power, sign):
    # Powers of two scale without rounding, so nothing but the scale may differ.
    scale = (-1.0 if sign else 1.0) * 2.0**power
    series = random_series(seed, n_times)
    once, scaled = decompose(series, **options), decompose(scale * series, **options)
    np.testing.assert_array_equal(scaled.modes, scale * once.modes)
    np.testing.assert_array_equal(scaled.n_iter, once.n_iter)
    np.testing.assert_array_equal(scaled.center_periods, once.center_periods)


@EXAMPLES
@given(seed=SEEDS, n_times=LENGTHS, options=SETTINGS, shift=st.floats(-100, 100))
def test_shift_goes_to_the_lowest_mode_held_at_zero(seed, n_times, options, shift):
    series = random_series(seed, n_times)
    once, shifted = decompose(series, **options), decompose(series + shift, **options)
    if (once.n_iter != shifted.n_iter).any():
        return  # Rounding of the sum decided a stop; the modes are then apart by the tolerance.
    expected = once.modes.copy()
    expected[:, -1] += shift
    np.testing.assert_allclose(shifted.modes, expected, atol=1e-6)
    np.testing.assert_allclose(shifted.residual, once.residual, atol=1e-6)


@EXAMPLES
@given(seed=SEEDS, n_times=LENGTHS, options=SETTINGS)
def test_time_reversal(seed, n_times, options):
    """The mirror makes no difference between the start of a series and its end."""
    series = random_series(seed, n_times)
    forward, backward = decompose(series, **options), decompose(series[:, ::-1], **options)
    np.testing.assert_allclose(backward.modes[..., ::-1], forward.modes, atol=1e-6)


@EXAMPLES
@given(seed=SEEDS, n_times=LENGTHS, options=SETTINGS, n_threads=st.integers(1, 3))
def test_a_series_does_not_see_its_batch(seed, n_times, options, n_threads):
    series = random_series(seed, n_times, n_series=19)
    together = decompose(series.reshape(1, 19, n_times), n_threads=n_threads, **options)
    for row in (0, 7, 18):
        alone = decompose(series[row], n_threads=1, **options)
        np.testing.assert_array_equal(together.modes[0, row], alone.modes)
        np.testing.assert_array_equal(together.residual[0, row], alone.residual)
        assert together.n_iter[0, row] == alone.n_iter


@settings(max_examples=10, deadline=None)
@given(
    seed=SEEDS,
    n_times=LENGTHS,
    options=SETTINGS,
    chunks=st.tuples(st.integers(1, 3), st.integers(1, 4), st.integers(50, 420)),
    time_first=st.booleans(),
    gaps=st.sampled_from([None, "interpolate", "harmonic"]),
)
def test_any_chunking_gives_the_same(seed, n_times, options, chunks, time_first, gaps):
    series = random_series(seed, n_times, n_series=12).reshape(3, 4, n_times)
    if gaps is not None:
        series[np.random.default_rng(seed).random(series.shape) < 0.2] = np.nan
        series[0, 1] = np.nan
        options = {**options, "gaps": gaps}
    cube = xr.DataArray(series, dims=("y", "x", "time"), name="difference")
    if time_first:
        cube = cube.transpose("time", "y", "x")
    whole = decompose(cube, **options)
    parts = decompose(cube.chunk(dict(zip(("y", "x", "time"), chunks))), **options)
    assert parts["modes"].chunks is not None
    xr.testing.assert_identical(parts.compute(), whole)


@EXAMPLES
@given(seed=SEEDS, n_times=LENGTHS, options=SETTINGS, share=st.floats(0, 0.45))
def test_gaps_are_masked_back_and_the_rest_adds_up(seed, n_times, options, share):
    series = random_series(seed, n_times, n_series=2)
    gaps = np.random.default_rng(seed).random(series.shape) < share
    gappy = np.where(gaps, np.nan, series)
    result = decompose(gappy, gaps="interpolate", **options)
    done = result.status <= VmdStatus.NOT_CONVERGED
    for row in range(2):
        if not done[row]:
            assert np.isnan(result.modes[row]).all()
            continue
        missing = np.broadcast_to(gaps[row], result.modes[row].shape)
        np.testing.assert_array_equal(np.isnan(result.modes[row]), missing)
        total = result.modes[row].sum(axis=0) + result.residual[row]
        np.testing.assert_allclose(total[~gaps[row]], gappy[row, ~gaps[row]], atol=1e-10)


@EXAMPLES
@given(seed=SEEDS, n_times=LENGTHS, options=SETTINGS)
def test_modes_are_ordered_and_counted(seed, n_times, options):
    result = decompose(random_series(seed, n_times), **options)
    assert (np.diff(1 / result.center_periods, axis=-1) <= 0).all()
    assert (result.center_periods >= 2).all()
    assert result.center_periods[0, -1] == np.inf  # Held at zero frequency.
    assert (result.n_iter >= 1).all()


@EXAMPLES
@given(seed=SEEDS, n_times=LENGTHS, options=SETTINGS)
def test_numpy_and_numba_agree(seed, n_times, options):
    series = random_series(seed, n_times, n_series=2)
    options = {name: value for name, value in options.items() if name != "backend"}
    numpy_result = decompose(series, backend="numpy", **options)
    numba_result = decompose(series, backend="numba", **options)
    np.testing.assert_allclose(numba_result.modes, numpy_result.modes, atol=1e-6)
