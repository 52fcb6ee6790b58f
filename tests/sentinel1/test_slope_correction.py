from __future__ import annotations

import ee
import numpy as np
import pytest

from gee_sm.catalog.terrain import elevation
from gee_sm.sentinel1.collection import backscatter, incidence_angle
from gee_sm.sentinel1.slope_correction import (
    UnknownSlopeModelError,
    correct_slope,
    layover,
    look_azimuth_from_heading,
    seen_by_radar,
    shadow,
    slopes_seen_by_radar,
    with_look_azimuth,
)

COLLECTION = "COPERNICUS/S1_GRD_FLOAT"
ASCENDING, DESCENDING = 348.0, 192.0
INSIDE = (slice(2, -2), slice(2, -2))


def _plane(slope, aspect, size=80):
    """Heights of a plane that falls with a slope towards an aspect, both in degrees."""
    rows, columns = np.mgrid[0:size, 0:size]
    east, north = 10.0 * columns, -10.0 * rows
    azimuth = np.radians(aspect)
    fall = np.tan(np.radians(slope)) * (east * np.sin(azimuth) + north * np.cos(azimuth))
    return 4500 - fall


def _twin(sigma0, theta, slope, aspect, heading, model):
    """Vollrath et al. (2020) from the terrain normal instead of from slope tangents."""
    theta, slope, aspect = np.radians(theta), np.radians(slope), np.radians(aspect)
    towards = np.radians(heading - 90)
    normal = np.array(
        [np.sin(slope) * np.sin(aspect), np.sin(slope) * np.cos(aspect), np.cos(slope)]
    )
    look = np.array([np.sin(towards), np.cos(towards), 0.0])
    alpha_r = np.arctan2(normal @ look, normal[2])
    across = np.array([np.cos(towards), -np.sin(towards), 0.0])
    alpha_az = np.arctan2(normal @ across, normal[2])
    if model == "volume":
        factor = np.tan(np.pi / 2 - theta + alpha_r) / np.tan(np.pi / 2 - theta)
    else:
        factor = np.sin(theta) / (np.cos(alpha_az) * np.sin(theta - alpha_r))
    return sigma0 / np.cos(theta) / factor


def _corrected(synthetic, *, slope, aspect, heading, theta=38.0, model="volume"):
    synthetic.add_s1("2020-07-05T12:00:00", 0.05, angle=theta, heading=heading)
    synthetic.add_elevation(_plane(slope, aspect))
    synthetic.connect()
    scene = ee.ImageCollection(COLLECTION).first()
    slopes = slopes_seen_by_radar(elevation(), look_azimuth_from_heading(heading))
    angle = incidence_angle(scene)
    image = correct_slope(backscatter(scene), angle, slopes, model=model)
    hidden = layover(angle, slopes).addBands(shadow(angle, slopes))
    found = synthetic.read(image.addBands(hidden))
    return {name: values[INSIDE] for name, values in found.items()}


@pytest.mark.parametrize("model", ["volume", "surface"])
@pytest.mark.parametrize("heading", [ASCENDING, DESCENDING])
@pytest.mark.parametrize(("slope", "aspect"), [(15, 258), (15, 78), (25, 0), (25, 180), (20, 305)])
def test_equals_the_twin(synthetic, slope, aspect, heading, model):
    found = _corrected(synthetic, slope=slope, aspect=aspect, heading=heading, model=model)["VV"]
    wanted = _twin(np.float32(0.05), 38.0, slope, aspect, heading, model)
    np.testing.assert_allclose(found, wanted, rtol=2e-3)


@pytest.mark.parametrize(
    ("slope", "model", "facing_db", "away_db"),
    [
        (15, "volume", -2.65, 2.30),
        (15, "surface", -1.97, 1.13),
        (30, "volume", -7.45, 5.01),
        (30, "surface", -6.46, 1.78),
    ],
)
def test_foreslopes_darken_and_back_slopes_brighten(
    synthetic, slope, model, facing_db, away_db, tmp_path
):
    """Sizes at 38 degrees, worked out by hand from the two formulas."""
    level = 10 * np.log10(0.05 / np.cos(np.radians(38)))
    # Ascending passes look from the west-south-west, so foreslopes face 258 degrees.
    for aspect, wanted in ((258, facing_db), (78, away_db)):
        synthetic.folder = tmp_path / f"{aspect}"
        found = _corrected(synthetic, slope=slope, aspect=aspect, heading=ASCENDING, model=model)
        change = 10 * np.log10(found["VV"]) - level
        np.testing.assert_allclose(change, wanted, atol=0.02)


def test_level_ground_keeps_its_backscatter(synthetic):
    found = _corrected(synthetic, slope=0, aspect=0, heading=ASCENDING)["VV"]
    np.testing.assert_allclose(found, np.float32(0.05) / np.cos(np.radians(38)), rtol=1e-9)


def test_model_none_changes_nothing_and_an_unknown_one_is_refused(synthetic):
    found = _corrected(synthetic, slope=20, aspect=258, heading=ASCENDING, model="none")["VV"]
    np.testing.assert_allclose(found, 0.05, rtol=1e-6)
    with pytest.raises(UnknownSlopeModelError, match="'volume', 'surface' or 'none'"):
        correct_slope(ee.Image(1), ee.Image(38), ee.Image(0), model="direct")


@pytest.mark.parametrize(
    ("heading", "facing"), [(ASCENDING, 258), (DESCENDING, 102)], ids=["ascending", "descending"]
)
@pytest.mark.parametrize(
    ("theta", "turned", "has_layover", "has_shadow"),
    [
        (38, 0, True, False),
        (38, 180, False, False),
        (46, 0, False, False),
        (46, 180, False, True),
    ],
)
def test_layover_and_shadow_of_45_degree_slopes_fall_on_the_right_side(
    synthetic, heading, facing, theta, turned, has_layover, has_shadow
):
    """Facing the sensor: layover below 45 degrees of incidence. Facing away: shadow above it."""
    found = _corrected(
        synthetic, slope=45, aspect=facing + turned, heading=heading, theta=float(theta)
    )
    assert (found["layover"] == has_layover).all()
    assert (found["shadow"] == has_shadow).all()


def test_buffer_grows_the_mask_by_its_metres(synthetic):
    # A cliff of one column facing west, in otherwise level ground.
    heights = np.full((80, 80), 4500.0)
    heights[:, 40:] += 60
    synthetic.add_elevation(heights)
    synthetic.connect()
    slopes = slopes_seen_by_radar(elevation(), 270)
    angle = ee.Image.constant(38)
    bare = synthetic.read(seen_by_radar(angle, slopes))["seen"][30]
    wide = synthetic.read(seen_by_radar(angle, slopes, buffer_m=30))["seen"][30]
    hidden, grown = np.flatnonzero(bare == 0), np.flatnonzero(wide == 0)
    assert hidden.size
    assert grown.min() == hidden.min() - 3
    assert grown.max() == hidden.max() + 3
    with pytest.raises(ValueError, match="must not be negative"):
        seen_by_radar(angle, slopes, buffer_m=-1)


def _tilted_angle(heading, size=60):
    rows, columns = np.mgrid[0:size, 0:size]
    away = np.radians(heading + 90)
    range_m = 10.0 * (columns * np.sin(away) - rows * np.cos(away))
    return 38 + 6e-5 * (range_m - range_m.mean())


@pytest.mark.parametrize(("heading", "wanted"), [(348.0, 258.0), (192.0, 102.0), (10.0, 280.0)])
def test_look_azimuth_from_heading_and_from_angle_agree(synthetic, heading, wanted):
    angle = _tilted_angle(heading)
    synthetic.add_s1("2020-07-05T12:00:00", 0.05, angle=angle, heading=heading, index="known")
    synthetic.add_s1("2020-07-17T12:00:00", 0.05, angle=angle, heading=None, index="unknown")
    synthetic.connect()
    scenes = with_look_azimuth(ee.ImageCollection(COLLECTION))
    found = {
        scene["properties"].get("platformHeading"): scene["properties"]["look_azimuth"]
        for scene in scenes.getInfo()["features"]
    }
    assert found[heading] == pytest.approx(wanted)
    assert found[None] == pytest.approx(wanted, abs=0.5)


def test_without_heading_and_with_a_flat_angle_it_fails(synthetic):
    synthetic.add_s1("2020-07-05T12:00:00", 0.05, angle=38.0, heading=None)
    synthetic.add_elevation(_plane(10, 258))
    synthetic.connect()
    scene = ee.Image(with_look_azimuth(ee.ImageCollection(COLLECTION)).first())
    slopes = slopes_seen_by_radar(elevation(), ee.Number(scene.get("look_azimuth")))
    with pytest.raises(ee.EEException):
        synthetic.read(slopes)
