"""The forward model against its equations, and inverted without noise."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from gee_sm.sample.noise import Noise
from gee_sm.sample.orbits import ORBITS, acquisitions
from gee_sm.sample.sentinel1_forward import (
    COEFFICIENTS,
    incidence_effect_db,
    seasonal_rise_db,
    slope_factor,
    soil_moisture_of_rise,
)
from gee_sm.sample.sentinel1_scenes import Sentinel1Scenes
from gee_sm.sample.speckle import speckle

ASCENDING, DESCENDING = 347.5, 192.5


def test_equations_8_and_9():
    """The paper's coefficients, written out."""
    rise, ndvi, ndmi = np.array([3.0, 6.0]), np.array([0.2, 0.6]), np.array([-0.1, 0.3])
    np.testing.assert_allclose(
        soil_moisture_of_rise(rise, ndvi, ndmi, COEFFICIENTS["ASCENDING"]),
        0.0143 * rise + 0.186 * ndvi + 0.164 * ndmi + 0.052,
    )
    np.testing.assert_allclose(
        soil_moisture_of_rise(rise, ndvi, ndmi, COEFFICIENTS["DESCENDING"]),
        0.0154 * rise + 0.2 * ndvi + 0.11 * ndmi + 0.04,
    )


@settings(max_examples=50)
@given(
    moisture=st.floats(0, 0.5),
    ndvi=st.floats(-1, 1),
    ndmi=st.floats(-1, 1),
    passing=st.sampled_from(sorted(COEFFICIENTS)),
)
def test_equation_7_inverts(moisture, ndvi, ndmi, passing):
    rise = seasonal_rise_db(moisture, ndvi, ndmi, COEFFICIENTS[passing])
    back = soil_moisture_of_rise(rise, ndvi, ndmi, COEFFICIENTS[passing])
    assert back == pytest.approx(moisture, abs=1e-12)


@pytest.mark.parametrize(("passing", "trend"), [("ASCENDING", 0.16), ("DESCENDING", 0.10)])
def test_equations_1_and_2_undo_the_angle(passing, trend):
    angle = np.linspace(30, 45, 7)
    normalised = -12.0 + incidence_effect_db(angle, passing) + trend * (angle - 38)
    np.testing.assert_allclose(normalised, -12.0)


@pytest.mark.parametrize(
    ("slope", "facing_db", "averted_db"), [(15, 2.65, -2.30), (30, 7.45, -5.01)]
)
def test_volume_model_at_38_degrees(slope, facing_db, averted_db):
    """Vollrath's volume model worked out by hand: tan(52 + slope) / tan 52."""
    for heading in (ASCENDING, DESCENDING):
        towards = (heading - 90) % 360
        for aspect, expected in ((towards, facing_db), (towards + 180, averted_db)):
            factor, seen = slope_factor(np.array(38.0), slope, aspect % 360, heading)
            assert seen
            assert 10 * np.log10(factor) == pytest.approx(expected, abs=0.01)


def test_foreslopes_face_the_radar():
    """Seen from the west in the evening, from the east in the morning, to the right of flight."""
    west, east = slope_factor(np.array(38.0), 15.0, np.array([257.5, 102.5]), ASCENDING)[0]
    assert west > 1 > east
    west, east = slope_factor(np.array(38.0), 15.0, np.array([257.5, 102.5]), DESCENDING)[0]
    assert east > 1 > west


def test_slopes_along_the_track_and_flat_ground_do_not_matter():
    factor, seen = slope_factor(
        np.array(38.0), np.array([20.0, 20.0, 0.0]), np.array([347.5, 167.5, 40.0]), ASCENDING
    )
    np.testing.assert_allclose(factor, 1)
    assert seen.all()


def test_layover_and_shadow():
    slopes = np.array([32.0, 34.0])
    facing = slope_factor(np.array(33.0), slopes, 257.5, ASCENDING)
    assert facing[1].tolist() == [True, False]
    averted = slope_factor(np.array(33.0), np.array([56.0, 58.0]), 77.5, ASCENDING)
    assert averted[1].tolist() == [True, False]
    assert facing[0].max() <= 12
    assert averted[0].min() >= 0.02


@pytest.mark.parametrize("looks", [1.0, 4.4, 30.0])
def test_speckle_is_gamma_with_its_looks(looks):
    """Within four standard errors: mean by the central limit, looks from the fourth moment."""
    factors = speckle(np.random.default_rng(7), (700, 700), looks=looks).astype(float)
    n = factors.size
    assert factors.mean() == pytest.approx(1, abs=4 / np.sqrt(looks * n))
    kurtosis = 3 + 6 / looks
    assert 1 / factors.var() == pytest.approx(looks, rel=4 * np.sqrt((kurtosis - 1) / n))
    sample = factors.ravel()[::100]
    assert stats.kstest(sample, stats.gamma(looks, scale=1 / looks).cdf).pvalue > 1e-3


def test_speckle_is_independent_unless_asked():
    white = speckle(np.random.default_rng(1), (500, 500), looks=4.4).ravel()
    assert abs(np.corrcoef(white[1:], white[:-1])[0, 1]) < 4 / np.sqrt(white.size)
    correlated = speckle(np.random.default_rng(1), (500, 500), looks=4.4, correlation=0.8)
    assert np.corrcoef(correlated[1:].ravel(), correlated[:-1].ravel())[0, 1] > 0.5
    assert 1 / correlated.var() == pytest.approx(4.4, rel=0.03)
    assert correlated.mean() == pytest.approx(1, abs=0.01)


def test_no_speckle_and_bad_speckle():
    assert (speckle(np.random.default_rng(1), (2, 2), looks=np.inf) == 1).all()
    with pytest.raises(ValueError, match="looks must be positive, got 0"):
        speckle(np.random.default_rng(1), (2, 2), looks=0)
    with pytest.raises(ValueError, match="not negative; got -1"):
        speckle(np.random.default_rng(1), (2, 2), looks=4.4, correlation=-1)


@pytest.fixture(scope="module")
def clean(ground, places, grid):
    """Scenes that hold the truth and nothing else."""
    return Sentinel1Scenes(ground, places, grid, Noise.none())


@pytest.mark.parametrize("orbit", ORBITS, ids=lambda orbit: orbit.name)
def test_without_noise_the_truth_comes_back(clean, ground, places, decibel, orbit):
    """Angle and slope cancel within an orbit, so the difference alone gives soil moisture."""
    passes = [p for p in acquisitions((2020,)) if p.orbit == orbit]
    winter = clean.clean(next(p for p in passes if not p.thawed))
    seen = orbit.swath(places.x, places.y)
    ordinary = seen & places.retrievable & ~places.subsurface_scattering
    for summer in [p for p in passes if p.thawed][:2]:
        rise = decibel(clean.clean(summer)) - decibel(winter)
        assert (np.isfinite(rise) == seen).all()
        found = soil_moisture_of_rise(
            rise, *ground.open_land_indices(places, summer.time), COEFFICIENTS[orbit.passing]
        )
        truth = ground.soil_moisture(places, summer.time)
        np.testing.assert_allclose(found[ordinary], truth[ordinary], atol=1e-9)
        assert (rise[seen & places.subsurface_scattering] < 0).all()


def test_winters_do_not_differ(clean):
    first, second = [p for p in acquisitions((2020,)) if not p.thawed and p.orbit == ORBITS[0]][:2]
    np.testing.assert_array_equal(clean.clean(first), clean.clean(second))


def test_backscatter_stays_where_the_paper_expects_it(clean, places, decibel):
    """Within -20 to -5 dB lie nine tenths of the land on any day, and nearly all in winter."""
    for acquisition in acquisitions((2020,))[::5]:
        level = decibel(clean.clean(acquisition))
        level = level[np.isfinite(level) & places.retrievable]
        inside = np.mean((level > -20) & (level < -5))
        assert inside > (0.9 if acquisition.thawed else 0.98)
        assert -15.5 < np.median(level) < -8


def test_residual_is_one_summer_field(ground, places, grid, decibel):
    """The residual is common to both passes of a summer, absent in winter, and as large as said."""
    quiet = Sentinel1Scenes(ground, places, grid, Noise.none())
    noisy = Sentinel1Scenes(ground, places, grid, replace(Noise.none(), residual_db=0.3))
    passes = acquisitions((2020, 2021))

    def change(name):
        acquisition = next(p for p in passes if p.name.startswith(name))
        return decibel(noisy.clean(acquisition)) - decibel(quiet.clean(acquisition))

    summer = change("20200725_A114")
    both = np.isfinite(summer) & np.isfinite(change("20200827_D077"))
    np.testing.assert_allclose(summer[both], change("20200827_D077")[both], atol=1e-9)
    assert np.nanstd(summer) == pytest.approx(0.3, rel=0.1)
    assert np.nanmax(np.abs(change("20200115_A114"))) == 0
    other_year = change("202107")
    both = np.isfinite(summer) & np.isfinite(other_year)
    assert abs(np.corrcoef(summer[both], other_year[both])[0, 1]) < 0.15


def test_scenes_as_earth_engine_has_them(ground, places, grid, decibel):
    scenes = Sentinel1Scenes(ground, places, grid, Noise())
    acquisition = next(p for p in acquisitions((2020,)) if p.orbit.slices == 2 and p.thawed)
    images = list(scenes.images(acquisition))
    assert [image["properties"]["sliceNumber"] for image in images] == [1, 2]
    clean_power = scenes.clean(acquisition)
    covered = np.zeros(grid.shape, int)
    ratios = []
    for image in images:
        transform = image["transform"]["VV"]
        row = round((grid.transform.f - transform.f) / 10)
        column = round((transform.c - grid.transform.c) / 10)
        power = image["bands"]["VV"]
        window = (slice(row, row + power.shape[0]), slice(column, column + power.shape[1]))
        valid = np.isfinite(power)
        covered[window] += valid
        ratios.append((power / clean_power[window])[valid])
        properties = image["properties"]
        assert properties["orbitProperties_pass"] == "DESCENDING"
        assert properties["relativeOrbitNumber_start"] == 150
        assert properties["platformHeading"] == 192.5
        assert properties["instrumentMode"] == "IW"
        assert "VV" in properties["transmitterReceiverPolarisation"]
        assert properties["resolution_meters"] == 10
        assert image["time_end"] > image["time_start"]
        angle, angle_grid = image["bands"]["angle"], image["transform"]["angle"]
        assert angle_grid.a == 1000
        x = angle_grid.c + 1000 * (np.arange(angle.shape[1]) + 0.5)
        y = angle_grid.f - 1000 * (np.arange(angle.shape[0]) + 0.5)
        expected = acquisition.orbit.incidence_angle(x[None, :], y[:, None])
        np.testing.assert_allclose(angle, expected, rtol=1e-6)
    np.testing.assert_array_equal(covered, np.isfinite(clean_power))
    ratio = np.concatenate(ratios)
    assert ratio.mean() == pytest.approx(1, abs=0.003)
    # Storing five bits of mantissa adds 0.0001 to a variance of 0.23.
    assert 1 / ratio.var() == pytest.approx(4.4, rel=0.02)


def test_a_scene_may_lack_its_heading(ground, places, grid):
    scenes = Sentinel1Scenes(ground, places, grid, Noise())
    (image,) = scenes.images(acquisitions((2020,))[0], with_heading=False)
    assert "platformHeading" not in image["properties"]


def test_same_seed_same_bytes(ground, places, grid):
    acquisition = acquisitions((2020,))[30]
    first, second = (
        next(Sentinel1Scenes(ground, places, grid, Noise()).images(acquisition))["bands"]["VV"]
        for _ in range(2)
    )
    assert first.tobytes() == second.tobytes()
