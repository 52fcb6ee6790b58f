"""Spectral distances, Canny's edges, shadows and filled hollows, against scipy and analysis."""

from __future__ import annotations

import ee
import numpy as np
import pytest
from scipy import ndimage, special, stats

BANDS = ["value", "count", "classes"]


def _spectra(rasters) -> np.ndarray:
    return np.stack([rasters[name].astype(float) for name in BANDS], axis=-1)


def _expected(metric: str, a: np.ndarray, b: np.ndarray) -> float:
    if metric == "sam":
        return np.arccos(np.clip(a @ b / np.linalg.norm(a) / np.linalg.norm(b), -1, 1))
    if metric == "sed":
        return ((a - b) ** 2).sum()
    if metric == "emd":
        return np.abs(np.cumsum(a - b)).sum()
    p, q = a / a.sum(), b / b.sum()
    return special.rel_entr(p, q).sum() + special.rel_entr(q, p).sum()


@pytest.mark.parametrize("metric", ["sam", "sid", "sed", "emd"])
def test_spectral_distances(pull_tiled, rasters, metric):
    image = ee.Image("TEST/IMAGE").select(BANDS)
    other = ee.Image.constant([40, 100, 3])
    found = pull_tiled(image.spectralDistance(other, metric))["distance"]
    spectra = _spectra(rasters)
    for row, column in ((4, 9), (60, 75), (119, 149)):
        expected = _expected(metric, spectra[row, column], np.array([40.0, 100, 3]))
        assert found[row, column] == pytest.approx(expected, rel=1e-9)
    arrays = image.toArray().spectralDistance(other.toArray(), metric)
    np.testing.assert_allclose(pull_tiled(arrays)["distance"].data, found.data, rtol=1e-12)


def test_the_work_of_the_earth_mover_is_scipys(pull):
    a, b = [2.0, 7.0, 1.0, 5.0], [6.0, 1.0, 3.0, 5.0]
    found = pull(ee.Image(a).spectralDistance(ee.Image(b), "emd"), (1, 1))["distance"]
    places = np.arange(4)
    assert found[0, 0] == pytest.approx(15 * stats.wasserstein_distance(places, places, a, b))


@pytest.mark.parametrize("centroid", [False, True])
def test_spectral_morphology_takes_whole_spectra(pull_tiled, rasters, centroid):
    image = ee.Image("TEST/IMAGE").select(BANDS)
    kernel = ee.Kernel.plus(1)
    found = {
        name: pull_tiled(getattr(image, name)("sed", kernel, centroid))
        for name in ("spectralErosion", "spectralDilation", "spectralGradient")
    }
    spectra = _spectra(rasters)
    for row, column in ((30, 40), (77, 90), (100, 10)):
        cells = [(0, -1), (-1, 0), (0, 0), (1, 0), (0, 1)]
        under = np.stack([spectra[row + dy, column + dx] for dx, dy in cells])
        centre = under.mean(0) if centroid else spectra[row, column]
        distance = ((under - centre) ** 2).sum(1)
        nearest, farthest = under[distance.argmin()], under[distance.argmax()]
        for name, expected in (("spectralErosion", nearest), ("spectralDilation", farthest)):
            given = [found[name][band][row, column] for band in BANDS]
            np.testing.assert_allclose(given, expected)
        gradient = ((nearest - farthest) ** 2).sum()
        assert found["spectralGradient"]["gradient"][row, column] == pytest.approx(gradient)


def test_spectra_that_cannot_be_compared():
    image = ee.Image("TEST/IMAGE").select(BANDS)
    with pytest.raises(ee.EEException, match="same number of bands, got 3 and 2"):
        image.spectralDistance(ee.Image([1, 2])).bandNames().getInfo()
    with pytest.raises(ee.EEException, match="must be one of sam, sid, sed, emd, got 'cos'"):
        image.spectralGradient("cos").bandNames().getInfo()


def test_edges_are_thin_ridges_of_the_smoothed_gradient(pull_tiled, rasters):
    image = ee.Image("TEST/IMAGE").select("value")
    found = pull_tiled(ee.Algorithms.CannyEdgeDetector(image, 0.4, 1.5))["value"].data
    smooth = ndimage.gaussian_filter(rasters["value"].astype(float), 1.5, truncate=4)
    down, across = np.gradient(smooth)
    magnitude = np.hypot(across, down)
    steps = {0: (0, 1), 1: (1, 1), 2: (1, 0), 3: (1, -1)}
    expected = np.zeros_like(magnitude)
    for row in range(10, 110):
        for column in range(10, 140):
            angle = np.degrees(np.arctan2(down[row, column], across[row, column]))
            dy, dx = steps[round(angle / 45) % 4]
            here = magnitude[row, column]
            ahead, behind = magnitude[row + dy, column + dx], magnitude[row - dy, column - dx]
            if here > 0.4 and here > behind and here >= ahead:
                expected[row, column] = here
    inner = np.s_[10:110, 10:140]
    assert 50 < (expected > 0).sum() < 4000
    np.testing.assert_allclose(found[inner], expected[inner], rtol=1e-9)


def test_a_step_is_one_line_of_the_height_of_its_blurred_slope(pull):
    x = ee.Image.pixelCoordinates(ee.Projection("EPSG:32646").atScale(10)).select("x")
    step = x.gte(50_010).multiply(10)
    found = pull(ee.Algorithms.CannyEdgeDetector(step, 1, 2), (5, 20))["x"].data
    kernel = np.exp(-(np.arange(-8, 9) ** 2) / 8)
    slope = 10 * (kernel[7] + kernel[8]) / kernel.sum() / 2
    assert ((found > 0).sum(axis=1) == 1).all()
    np.testing.assert_allclose(found[:, 9] + found[:, 10], slope, rtol=1e-9)


def test_a_wall_casts_a_shadow_as_long_as_the_light_is_low(pull_tiled):
    place = ee.Image.pixelCoordinates(ee.Projection("EPSG:32646").atScale(10)).floor()
    column = place.select("x").subtract(50_000)
    wall = column.eq(80).multiply(100)
    # Light from the east, 40 degrees high: 100 m reach 119 m, so 11 pixels of 10 m to the west.
    found = pull_tiled(ee.Terrain.hillShadow(wall, 90, 50, 30))["shadow"].data
    expected = np.ones((120, 150))
    expected[:, 80 - 11 : 80] = 0
    np.testing.assert_array_equal(found, expected)
    # The same light from the west, and straight from above.
    found = pull_tiled(ee.Algorithms.HillShadow(wall, 270, 50, 30))["shadow"].data
    np.testing.assert_array_equal(found, np.roll(expected[:, ::-1], 11, axis=1))
    assert (pull_tiled(ee.Terrain.hillShadow(wall, 270, 0, 30))["shadow"] == 1).all()


def test_hysteresis_of_shadows_is_refused():
    with pytest.raises(ee.EEException, match="not documented; the emulator has hysteresis = False"):
        ee.Terrain.hillShadow(ee.Image(1), 90, 50, 30, True).bandNames().getInfo()


def _reconstructed(heights: np.ndarray, outlets: np.ndarray) -> np.ndarray:
    """Fill hollows by lowering a lid until nothing changes."""
    lid = np.where(outlets, heights, heights.max())
    while True:
        lower = np.maximum(ndimage.grey_erosion(lid, (3, 3)), heights)
        lower = np.where(outlets, heights, lower)
        if np.array_equal(lower, lid):
            return lid
        lid = lower


def test_hollows_are_filled_to_their_rims(pull_tiled, rasters):
    image = ee.Image("TEST/IMAGE").select("count")
    filled = ee.Terrain.fillMinima(image, neighborhood=160)
    found = pull_tiled(filled)["count"].data
    heights = rasters["count"].astype(int)
    # Around the stored raster all is masked: its rim lets the water out.
    outlets = np.zeros(heights.shape, bool)
    outlets[[0, -1]] = outlets[:, [0, -1]] = True
    np.testing.assert_array_equal(found, _reconstructed(heights, outlets))
    assert (found > heights).mean() > 0.1


def test_pixels_of_the_borders_value_let_the_water_out(pull_tiled, rasters):
    image = ee.Image("TEST/IMAGE").select("classes")
    found = pull_tiled(ee.Algorithms.FMask.fillMinima(image, 0, 160))["classes"].data
    heights = rasters["classes"].astype(int)
    outlets = heights == 0
    outlets[[0, -1]] = outlets[:, [0, -1]] = True
    expected = _reconstructed(np.where(heights == 0, -1, heights), outlets)
    np.testing.assert_array_equal(found, np.where(heights == 0, 0, expected))
    with pytest.raises(ee.EEException, match="band 'value' is float"):
        ee.Terrain.fillMinima(ee.Image("TEST/IMAGE").select("value")).bandNames().getInfo()
