"""The noise floor against Monte-Carlo, with the filter itself and no formula in common."""

from __future__ import annotations

import numpy as np
import pytest

from gee_sm.sample.error_budget import independent_looks, noise_floor
from gee_sm.sample.noise import Noise
from gee_sm.sample.random_field import random_stream
from gee_sm.sample.sentinel1_forward import COEFFICIENTS, residual_db
from gee_sm.sample.speckle import speckle

_EDGE = 10


def filtered_speckle(refined_lee, seed, side, correlation=0.0):
    """Filtered flat speckle without the margin that the window's edge disturbs."""
    noise = speckle(np.random.default_rng(seed), (side, side), looks=4.4, correlation=correlation)
    return refined_lee(noise)[_EDGE:-_EDGE, _EDGE:-_EDGE]


@pytest.fixture(scope="module")
def flat(refined_lee):
    """Filtered flat speckle of several draws."""
    return [filtered_speckle(refined_lee, seed, 620) for seed in range(3)]


@pytest.mark.parametrize("scale", [10, 20, 50, 100, 200])
def test_looks_after_the_filter(flat, block_mean, scale):
    """Variance of the filter's output against the formula: 7 % plus the sampling error."""
    blocks = np.concatenate([block_mean(image, scale // 10).ravel() for image in flat])
    found = 1 / (4.4 * blocks.var())
    tolerance = 0.07 + 3 * np.sqrt(2 / blocks.size)
    assert independent_looks(scale) == pytest.approx(found, rel=tolerance)


def test_looks_after_the_filter_with_correlated_speckle(refined_lee, block_mean):
    images = [filtered_speckle(refined_lee, seed, 620, correlation=0.6) for seed in range(3)]
    blocks = np.concatenate([block_mean(image, 10).ravel() for image in images])
    found = 1 / (4.4 * blocks.var())
    assert independent_looks(100, correlation=0.6) == pytest.approx(found, rel=0.15)


def test_looks_without_the_filter(block_mean):
    assert independent_looks(70, filtered=False) == pytest.approx(49)
    noise = speckle(np.random.default_rng(4), (900, 900), looks=4.4, correlation=0.6)
    blocks = block_mean(noise.astype(float), 10)
    found = 1 / (4.4 * blocks.var())
    assert independent_looks(100, filtered=False, correlation=0.6) == pytest.approx(found, rel=0.1)


def test_speckle_part_of_a_season(refined_lee, block_mean, decibel):
    """Three summer and two winter scenes, filtered, averaged in power, through equation 7."""
    images = [filtered_speckle(refined_lee, 100 + i, 620) for i in range(5)]
    rise = decibel(np.mean(images[:3], axis=0)) - decibel(np.mean(images[3:], axis=0))
    error = COEFFICIENTS["ASCENDING"].a * block_mean(rise, 10)
    floor = noise_floor(
        passing="ASCENDING",
        scale=100,
        thaw_scenes=3,
        freeze_scenes=2,
        noise=Noise(residual_db=0.0),
    )
    assert floor.total == floor.speckle
    assert np.sqrt((error**2).mean()) == pytest.approx(
        floor.speckle, rel=0.05 + 3 / np.sqrt(2 * error.size)
    )


@pytest.mark.parametrize("scale", [10, 100, 300])
def test_residual_part(block_mean, scale):
    noise = Noise(residual_db=0.4, residual_length=120.0)
    axis = np.arange(900) * 10.0
    draws = [
        block_mean(
            residual_db(seed, 2020, std=0.4, length=120.0)(axis[None, :], axis[:, None]),
            scale // 10,
        )
        for seed in range(4)
    ]
    floor = noise_floor(
        passing="DESCENDING", scale=scale, thaw_scenes=5, freeze_scenes=5, noise=noise
    )
    assert floor.residual == pytest.approx(0.0154 * np.sqrt(np.square(draws).mean()), rel=0.08)


def test_optical_part_averages_down():
    def optical(scale, scenes):
        return noise_floor(
            passing="ASCENDING",
            scale=scale,
            thaw_scenes=5,
            freeze_scenes=5,
            optical_noise=(0.003, 0.004),
            optical_scenes=scenes,
        ).optical

    assert optical(10, 1) == pytest.approx(0.005)
    assert optical(20, 1) == pytest.approx(np.hypot(0.003 / 2, 0.004))
    assert optical(100, 9) == pytest.approx(np.hypot(0.003 / 10, 0.004 / 5) / 3)


def test_parts_add_in_square_and_more_scenes_help():
    few, many = (
        noise_floor(
            passing="ASCENDING",
            scale=100,
            thaw_scenes=n,
            freeze_scenes=n,
            optical_noise=(0.003, 0.004),
        )
        for n in (2, 12)
    )
    assert many.speckle == pytest.approx(few.speckle / np.sqrt(6), rel=0.01)
    assert many.residual == few.residual
    for floor in (few, many):
        parts = floor.as_dict()
        total = parts.pop("total")
        assert total == pytest.approx(np.sqrt(sum(v**2 for v in parts.values())))


def test_counts_per_pixel():
    counts = np.array([[0, 1], [5, 10]])
    floor = noise_floor(passing="ASCENDING", scale=100, thaw_scenes=counts, freeze_scenes=5)
    assert floor.total.shape == (2, 2)
    assert np.isnan(floor.total[0, 0])
    assert np.isnan(floor.residual[0, 0])
    alone = noise_floor(passing="ASCENDING", scale=100, thaw_scenes=10, freeze_scenes=5)
    assert floor.total[1, 1] == alone.total


def test_without_noise_there_is_no_floor():
    floor = noise_floor(
        passing="ASCENDING", scale=100, thaw_scenes=5, freeze_scenes=5, noise=Noise.none()
    )
    assert floor.total == 0


def test_what_does_not_fit_is_named():
    with pytest.raises(ValueError, match="ASCENDING, DESCENDING; got 'UP'"):
        noise_floor(passing="UP", scale=100, thaw_scenes=1, freeze_scenes=1)
    with pytest.raises(ValueError, match="multiple of 10 m, got 25"):
        independent_looks(25)
    with pytest.raises(ValueError, match="residual_db"):
        Noise(residual_db=-1)
    with pytest.raises(ValueError, match="looks"):
        Noise(looks=0)
    assert Noise.from_json(Noise.none().to_json()) == Noise.none()


def test_residual_is_a_stream_of_its_own():
    """Other noise leaves the residual as it is."""
    one, two = (residual_db(9, 2020, std=s, length=150.0) for s in (0.3, 0.6))
    np.testing.assert_allclose(2 * one.amplitudes, two.amplitudes)
    assert random_stream(9, "residual", 2020).random() != random_stream(9, "weather").random()
