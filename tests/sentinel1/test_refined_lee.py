from __future__ import annotations

import ee
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gee_sm.sentinel1.collection import backscatter
from gee_sm.sentinel1.refined_lee import FILTER_WIDTH, refined_lee


def _speckled(seed, shape=(60, 60), looks=4.4, level=0.05):
    return np.random.default_rng(seed).gamma(looks, level / looks, shape).astype("float32")


def _edge(seed):
    x = _speckled(seed)
    x[:, 30:] *= 6
    return x


def _filtered(synthetic, power, **options):
    synthetic.add_s1("2020-07-05T12:00:00", power)
    synthetic.connect()
    scene = ee.ImageCollection("COPERNICUS/S1_GRD_FLOAT").first()
    return synthetic.read(refined_lee(backscatter(scene), **options))["VV"]


@pytest.mark.parametrize("looks", [None, 4.4])
def test_twin_agrees_with_the_rule_read_pixel_by_pixel(twin, looks):
    power = _edge(1).astype(float)
    valid = np.random.default_rng(2).random(power.shape) > 0.1
    valid[10:25, 10:25] = False
    valid[17, 17] = True
    for mask in (None, valid):
        fast = twin.refined_lee_twin(power, mask, looks=looks)
        slow = twin.refined_lee_by_pixel(power, mask, looks=looks)
        np.testing.assert_allclose(fast, slow, rtol=1e-12)


@pytest.mark.parametrize("looks", [None, 4.4])
def test_graph_equals_twin(synthetic, twin, looks):
    power = _edge(3)
    found = _filtered(synthetic, power, looks=looks)
    np.testing.assert_allclose(found, twin.refined_lee_twin(power, looks=looks), rtol=1e-9)


@pytest.mark.parametrize("share", [0.02, 0.2, 0.7])
def test_graph_equals_twin_with_gaps(synthetic, twin, share):
    power = _edge(4)
    power[np.random.default_rng(5).random(power.shape) < share] = np.nan
    power[20:34, 5:19] = np.nan
    power[27, 12] = 0.03
    found = _filtered(synthetic, power)
    wanted = twin.refined_lee_twin(power, np.isfinite(power))
    np.testing.assert_allclose(found, wanted, rtol=1e-9)
    # Masked where the centre is, and nowhere else: one hole does not punch 49.
    np.testing.assert_array_equal(np.isnan(found), np.isnan(power))
    assert found[27, 12] == pytest.approx(0.03, rel=1e-6)


@pytest.mark.parametrize("direction", ["right", "left", "up", "down", "diagonal", "antidiagonal"])
def test_a_clean_edge_stays_where_it_is_on_either_side(synthetic, direction):
    rows, columns = np.mgrid[0:60, 0:60]
    bright = {
        "right": columns >= 30,
        "left": columns < 30,
        "up": rows < 30,
        "down": rows >= 30,
        "diagonal": columns > rows,
        "antidiagonal": columns + rows > 59,
    }[direction]
    power = np.where(bright, 0.3, 0.05).astype("float32")
    found = _filtered(synthetic, power)
    inside = (slice(4, -4), slice(4, -4))
    np.testing.assert_allclose(found[inside], power[inside], rtol=1e-6)


@pytest.mark.parametrize("turns", range(4))
def test_speckled_edges_keep_their_sides_whichever_way_they_face(twin, turns):
    """Within 3 pixels of a 7.8 dB edge, on its dark side.

    Comparing signed differences instead of magnitudes chooses the wrong side for half of the
    orientations; the error is then above 2 dB.
    """
    power = np.random.default_rng(6).gamma(4.4, 0.05 / 4.4, (400, 60))
    power[:, 30:] *= 6
    found = np.rot90(twin.refined_lee_twin(np.rot90(power, turns)), -turns)
    strip = 10 * np.log10(found[4:-4, 27:30] / 0.05)
    assert np.sqrt(np.mean(strip**2)) < 1.6
    bright = found[4:-4, 30:33].mean() / 0.3
    assert 10 * np.log10(bright) == pytest.approx(0, abs=0.5)


@pytest.mark.parametrize("block", [1, 2, 5, 10])
def test_flat_speckle_keeps_its_mean_and_loses_its_variance(twin, block):
    found = twin.refined_lee_twin(_speckled(7, (820, 820)))[10:-10, 10:-10]
    assert 10 * np.log10(found.mean() / 0.05) == pytest.approx(0, abs=0.05)
    side = 800 // block
    means = found.reshape(side, block, side, block).mean(axis=(1, 3))
    error = means.std() / means.mean()
    # The rule of thumb for the standard error: never much too small, at most 15 % too large.
    assert error == pytest.approx(1 / (4.4**0.5 * (block + FILTER_WIDTH)), rel=0.15)


def test_a_constant_stays_constant(synthetic):
    found = _filtered(synthetic, np.full((60, 60), 0.07, "float32"))
    np.testing.assert_allclose(found, np.float32(0.07), rtol=1e-6)


def test_a_bright_target_survives(synthetic):
    power = np.full((60, 60), 0.05, "float32")
    power[30, 30] = 50.0
    found = _filtered(synthetic, power)
    assert found[30, 30] > 5.0
    assert found[30, 40] == pytest.approx(0.05, rel=1e-6)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    seed=st.integers(0, 2**32 - 1),
    scale=st.floats(1e-4, 1e3),
    gaps=st.floats(0, 0.9),
    looks=st.one_of(st.none(), st.floats(1, 20)),
)
def test_result_lies_within_the_window_and_scales_with_the_power(twin, seed, scale, gaps, looks):
    rng = np.random.default_rng(seed)
    power = rng.gamma(2.0, 0.1, (12, 12)) + 1e-6
    valid = rng.random(power.shape) >= gaps
    found = twin.refined_lee_twin(power, valid, looks=looks)
    scaled = twin.refined_lee_twin(power * scale, valid, looks=looks)
    np.testing.assert_allclose(scaled, found * scale, rtol=1e-6)
    inside = power[valid]
    if inside.size:
        assert np.nanmin(found) >= inside.min() * (1 - 1e-9)
        assert np.nanmax(found) <= inside.max() * (1 + 1e-9)


def test_looks_must_be_positive(synthetic):
    synthetic.connect()
    with pytest.raises(ValueError, match="looks must be a positive number"):
        refined_lee(ee.Image(1), looks=0)
