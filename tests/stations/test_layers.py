"""Eq. 3 of Chang et al. (2022), written out as printed, against the weights."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from local_core.stations import (
    LAYER_SETS,
    Layer,
    layer_means,
    layer_weights,
    parse_layers,
    to_layers,
)
from local_core.stations.status import LayerStatus


def equation_3(depth, value, top, bottom):
    """The equation term by term; None where the profile does not reach the layer."""
    profile = {i: np.interp(i, depth, value) for i in range(depth[0], depth[-1] + 1)}
    inside = [i for i in profile if top <= i <= bottom]
    if not inside:
        return None
    u, d = inside[0], inside[-1]
    total = (u - top) * profile[u] + sum(profile[i] for i in range(u, d + 1))
    total += (bottom - d) * profile[d]
    return total / (bottom - top + 1)


depths = st.lists(st.integers(0, 300), min_size=1, max_size=7, unique=True).map(sorted)


@settings(deadline=None)
@given(depth=depths, seed=st.integers(0, 10_000))
def test_weights_reproduce_equation_3(depth, seed):
    value = np.random.default_rng(seed).uniform(0.02, 0.6, len(depth))
    for layer in LAYER_SETS["era5-land"] + LAYER_SETS["gldas"]:
        weights, covered = layer_weights(depth, [layer])
        expected = equation_3(depth, value, layer.top_cm, layer.bottom_cm)
        if expected is None:
            assert np.isnan(weights).all()
            assert covered[0] == 0
        else:
            assert weights[0] @ value == pytest.approx(expected, abs=1e-14)
            assert weights[0].sum() == pytest.approx(1)
            assert (weights >= 0).all()
            assert 0 < covered[0] <= 1


def test_boundaries_are_counted_in_both_layers():
    # 0-7 and 7-28 both count the seventh centimetre: 8 and 22 levels.
    depth = np.arange(0, 30)
    weights, _ = layer_weights(depth, parse_layers("0-7,7-28"))
    assert weights[0, :8].tolist() == pytest.approx([1 / 8] * 8)
    assert weights[1, 7:29].tolist() == pytest.approx([1 / 22] * 22)


@pytest.mark.parametrize(
    ("reach", "has_value"),
    [(0, False), (2, False), (3, True)],
)
def test_reach_lets_ten_centimetres_stand_for_the_surface(reach, has_value):
    # QT01, QT08 and Ch06 of the paper: sensors from 10 cm on, and a value for 0-7 cm.
    weights, covered = layer_weights([10, 50, 100, 180], [Layer(0, 7)], reach_cm=reach)
    assert np.isfinite(weights).all() == has_value
    assert covered[0] == 0
    if has_value:
        assert weights[0].tolist() == [1, 0, 0, 0]


def test_days_with_a_sensor_missing_use_those_that_remain():
    value = np.array(
        [
            [0.10, 0.10, np.nan, np.nan, 0.10],
            [0.20, np.nan, 0.20, np.nan, 0.20],
            [0.30, 0.30, 0.30, np.nan, np.nan],
        ]
    )
    mean, covered, status = layer_means(value, [5, 20, 40], parse_layers("0-7,7-28,28-100"))
    assert mean[0, 0] == pytest.approx(equation_3([5, 20, 40], value[:, 0], 0, 7))
    assert mean[1, 1] == pytest.approx(equation_3([5, 40], [0.1, 0.3], 7, 28))
    assert status[0].tolist() == [
        LayerStatus.PARTLY_COVERED,
        LayerStatus.SENSOR_MISSING,
        LayerStatus.NO_VALUE,
        LayerStatus.NO_VALUE,
        LayerStatus.PARTLY_COVERED,
    ]
    assert status[1].tolist() == [
        LayerStatus.COVERED,
        LayerStatus.SENSOR_MISSING,
        LayerStatus.SENSOR_MISSING,
        LayerStatus.NO_VALUE,
        LayerStatus.SENSOR_MISSING,
    ]
    assert np.isnan(mean[:, 3]).all()
    assert covered[2, 0] == pytest.approx(13 / 73)
    assert np.isnan(mean[2, 4])


@settings(deadline=None)
@given(depth=depths, shift=st.floats(-1, 1), scale=st.floats(-2, 2), seed=st.integers(0, 1000))
def test_layer_means_follow_shift_and_scale(depth, shift, scale, seed):
    rng = np.random.default_rng(seed)
    value = rng.uniform(0.05, 0.5, (len(depth), 6))
    value[rng.random(value.shape) < 0.3] = np.nan
    layers = LAYER_SETS["era5-land"]
    plain, covered, status = layer_means(value, depth, layers)
    moved, covered_moved, status_moved = layer_means(value * scale + shift, depth, layers)
    np.testing.assert_allclose(moved, plain * scale + shift, atol=1e-12)
    np.testing.assert_array_equal(covered, covered_moved)
    np.testing.assert_array_equal(status, status_moved)


def test_dataset_has_cf_attributes_and_any_order_of_depths():
    profile = xr.DataArray(
        [[[0.3], [0.1]]],
        dims=("station", "depth", "time"),
        coords={"station": ["A"], "depth": [0.10, 0.0], "time": [0]},
    )
    result = to_layers(profile, parse_layers("0-10"))
    assert result["soil_moisture"].dims == ("station", "layer", "time")
    assert result["soil_moisture"].item() == pytest.approx(0.2)
    assert result["layer_bottom"].item() == 0.1
    assert "partly_covered" in result["layer_status"].attrs["flag_meanings"]


@pytest.mark.parametrize("text", ["", "0..7", "7-0", "era6", "0-7;7-28"])
def test_layers_that_make_no_sense_are_refused(text):
    with pytest.raises(ValueError, match="layer"):
        parse_layers(text)


def test_depths_must_increase():
    with pytest.raises(ValueError, match="increasing"):
        layer_weights([10, 5], [Layer(0, 7)])
