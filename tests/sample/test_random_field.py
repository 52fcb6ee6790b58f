"""Random fields against their analytic covariance and against scipy's filter."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter

from gee_sm.sample.random_field import RandomField, random_stream


def _grid(side, step):
    axis = np.arange(side) * float(step)
    return axis[None, :], axis[:, None]


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**40), length=st.floats(50, 3000))
def test_a_raster_and_its_points_agree(seed, length):
    field = RandomField.gaussian(random_stream(seed, "f"), length=length, modes=40)
    x, y = np.linspace(4e5, 4.1e5, 7)[None, :], np.linspace(3.6e6, 3.61e6, 5)[:, None]
    points = field(*(a.ravel() for a in np.broadcast_arrays(x, y)))
    np.testing.assert_allclose(field(x, y).ravel(), points, atol=1e-9)


def test_covariance_is_gaussian():
    """Mean over 60 fields, so the tolerance is several times the sampling error."""
    lags = np.array([0.0, 200, 400, 800])
    products = []
    for seed in range(60):
        field = RandomField.gaussian(random_stream(seed, "c"), length=400.0)
        origin = np.random.default_rng(seed).uniform(0, 1e5, (2, 400))
        start = field(*origin)
        products.append([(start * field(origin[0] + lag, origin[1])).mean() for lag in lags])
    expected = np.exp(-(lags**2) / (2 * 400.0**2))
    np.testing.assert_allclose(np.mean(products, axis=0), expected, atol=0.03)


def test_power_law_gradient():
    """The root mean square gradient is the one of finite differences."""
    field = RandomField.power_law(random_stream(3, "p"), shortest=500, longest=2000, exponent=1.0)
    values = field(*_grid(1200, 20))
    eastward, northward = np.gradient(values, 20.0)
    assert values.std() == pytest.approx(1, rel=0.1)
    assert np.sqrt((eastward**2 + northward**2).mean()) == pytest.approx(
        field.gradient_rms, rel=0.05
    )


def test_smoothing_is_a_gaussian_window():
    field = RandomField.gaussian(random_stream(5, "s"), length=150.0)
    x, y = _grid(300, 10)
    expected = gaussian_filter(field(x, y), 10.0, truncate=6)
    inner = (slice(70, -70), slice(70, -70))
    np.testing.assert_allclose(field.smoothed(100.0)(x, y)[inner], expected[inner], atol=2e-3)


def test_streams_have_names():
    same = random_stream(1, "a", 2).random(5), random_stream(1, "a", 2).random(5)
    np.testing.assert_array_equal(*same)
    others = [random_stream(1, "a", 3), random_stream(1, "b", 2), random_stream(2, "a", 2)]
    assert all((other.random(5) != same[0]).all() for other in others)
