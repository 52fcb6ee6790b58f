"""float32: half the memory, and how much accuracy that costs."""

from __future__ import annotations

import numpy as np
import pytest

from local_core.vmd import decompose

pytestmark = pytest.mark.filterwarnings("ignore::local_core.vmd.ModePeriodWarning")


@pytest.mark.parametrize("backend", ["numpy", "numba"])
@pytest.mark.parametrize(
    "options", [{}, {"alpha": 2000.0, "init": "uniform", "dc": False}], ids=["default", "uniform"]
)
def test_fixed_point_is_that_of_double_precision(differences, backend, options):
    series = differences(20, 2190, seed=30)
    double = decompose(series, backend=backend, **options)
    single = decompose(series, backend=backend, dtype=np.float32, **options)
    assert single.modes.dtype == np.float32
    assert single.residual.dtype == np.float32
    assert single.converged.all()
    size = np.abs(series).max(axis=-1)[:, None, None]
    assert (np.abs(single.modes - double.modes) < 2e-6 * size).all()
    np.testing.assert_allclose(1 / single.center_periods, 1 / double.center_periods, atol=1e-6)


def test_sensor_precision_is_kept_with_room_to_spare(differences):
    """The best probes resolve 0.001 m3 m-3; rounding stays a thousand times below."""
    series = differences(20, 2190, seed=31)
    off = decompose(series, dtype=np.float32).modes - decompose(series).modes
    assert np.abs(off).max() < 1e-6


@pytest.mark.parametrize("backend", ["numpy", "numba"])
def test_plain_passes_stay_within_their_tolerance(differences, backend):
    series = differences(20, 2190, seed=32)
    options = {"alpha": 2000.0, "init": "uniform", "dc": False, "compat": True, "backend": backend}
    double = decompose(series, **options)
    single = decompose(series, dtype=np.float32, **options)
    assert np.abs(single.n_iter - double.n_iter).max() <= 3
    assert np.abs(single.modes - double.modes).max() < 1e-4
