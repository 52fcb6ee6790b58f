"""Aggregation to coarser grids against block means in numpy."""

from __future__ import annotations

import ee
import numpy as np
import pyproj
import pytest

from gee_sm.composites import target_grid
from gee_sm.composites.land_surface_temperature import elevation_corrected
from gee_sm.composites.target_grid import GRIDS, TargetGrid, UnknownMethodError, to_grid
from gee_sm.composites.temporal import composites

CRS, WEST, NORTH = "EPSG:32646", 406000, 3600000
FINE, FACTOR, BLOCKS = 10, 6, 4
COARSE = TargetGrid("test", CRS, FINE * FACTOR, WEST, NORTH)


@pytest.fixture
def stored(synthetic):
    """Arrays to an image of 24 x 24 pixels of 10 m."""
    synthetic.size = FACTOR * BLOCKS

    def make(**bands):
        synthetic.add("users/me/test", None, bands, pyramiding=dict.fromkeys(bands, "SAMPLE"))
        synthetic.connect()
        return ee.Image("users/me/test")

    return make


@pytest.fixture
def coarse(read_at):
    return lambda image: read_at(image, scale=COARSE.pixel, width=BLOCKS)


def _blocks(values):
    """Blocks of the coarse pixels, flattened along the last axis."""
    split = values.reshape(BLOCKS, FACTOR, BLOCKS, FACTOR)
    return split.swapaxes(1, 2).reshape(BLOCKS, BLOCKS, -1)


def _gappy(seed=0):
    rng = np.random.default_rng(seed)
    values = rng.uniform(0, 1, (24, 24)).astype("float32")
    # Gaps that cluster: a mean of means would weigh the pixels around them too much.
    values[:5, :3] = np.nan
    values[6:12, 6:12] = np.nan
    return values


def test_states_are_means_of_the_valid_pixels(stored, coarse):
    values = _gappy()
    found = coarse(to_grid(stored(v=values), COARSE, native_scale_m=FINE))["v"]
    blocks = _blocks(values.astype(float))
    count = np.isfinite(blocks).sum(axis=-1)
    with np.errstate(invalid="ignore"):
        expected = np.nansum(blocks, axis=-1) / np.where(count, count, np.nan)
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    assert np.isnan(found[1, 1])


def test_pixels_cut_by_the_grid_and_by_the_end_of_the_image_count_by_their_area(stored, read_at):
    values = _gappy(8)
    # The grid begins 25 m further to the west and north: it cuts pixels in half.
    shifted = TargetGrid("shifted", CRS, 60, WEST - 25, NORTH + 25)
    # In pixels of 5 m nothing is cut: 12 make a target pixel, the first five lie outside.
    halves = np.kron(values.astype(float), np.ones((2, 2)))
    padded = np.full((60, 60), np.nan)
    padded[5:53, 5:53] = halves
    blocks = padded.reshape(5, 12, 5, 12).swapaxes(1, 2).reshape(5, 5, -1)
    count = np.isfinite(blocks).sum(axis=-1)
    with np.errstate(invalid="ignore"):
        expected = np.nansum(blocks, axis=-1) / np.where(count, count, np.nan)
    image = stored(v=values)
    for share in (0.001, 0.3, 0.55):
        moved = to_grid(image, shifted, native_scale_m=FINE, smallest_share=share)
        found = read_at(moved, scale=60, width=5, west=WEST - 25, north=NORTH + 25)["v"]
        kept = np.where(count / 144 >= share, expected, np.nan)
        np.testing.assert_allclose(found, kept, rtol=1e-6)


def test_means_in_two_steps_are_the_same(stored, coarse, monkeypatch):
    values = _gappy(1)
    image = stored(v=values)
    at_once = coarse(to_grid(image, COARSE, native_scale_m=FINE))["v"]
    monkeypatch.setattr(target_grid, "_MOST_PIXELS", 100)
    two_steps = to_grid(image, COARSE, native_scale_m=FINE)
    assert two_steps.serialize().count("Image.reduceResolution") > 1
    np.testing.assert_allclose(coarse(two_steps)["v"], at_once, rtol=1e-6)


def test_classes_are_the_most_frequent(stored, coarse):
    rng = np.random.default_rng(2)
    main = rng.choice([10, 30, 60], (BLOCKS, BLOCKS))
    values = np.kron(main, np.ones((FACTOR, FACTOR)))
    values = np.where(rng.random((24, 24)) < 0.2, 80, values).astype("uint8")
    found = coarse(to_grid(stored(c=values), COARSE, native_scale_m=FINE, kind="class"))["c"]
    np.testing.assert_array_equal(found, main)


def test_pixels_with_too_few_values_are_masked(stored, coarse):
    values = np.ones((24, 24), "float32")
    values[:6, :4] = np.nan
    image = stored(v=values)
    # A third of the first pixel has values.
    for share, masked in ((0.3, False), (0.4, True)):
        found = to_grid(image, COARSE, native_scale_m=FINE, smallest_share=share)
        assert np.isnan(coarse(found)["v"][0, 0]) == masked
    assert np.isfinite(coarse(found)["v"].ravel()[1:]).all()


def test_directions_are_averaged_around_the_circle(stored, coarse):
    rng = np.random.default_rng(3)
    values = ((rng.normal(0, 20, (24, 24))) % 360).astype("float32")
    found = coarse(to_grid(stored(a=values), COARSE, native_scale_m=FINE, kind="direction"))["a"]
    blocks = np.radians(_blocks(values.astype(float)))
    expected = np.degrees(np.arctan2(np.sin(blocks).mean(-1), np.cos(blocks).mean(-1))) % 360
    difference = (found - expected + 180) % 360 - 180
    np.testing.assert_allclose(difference, 0, atol=1e-4)


def test_nearest_takes_one_pixel_and_so_does_a_finer_grid(stored, coarse, read_at):
    values = _gappy(4)
    image = stored(v=values)
    found = coarse(to_grid(image, COARSE, native_scale_m=FINE, method="nearest"))["v"]
    # The middle of a block of six is a corner of four pixels; any of them is the nearest.
    for (i, j), value in np.ndenumerate(found):
        block = values[6 * i + 2 : 6 * i + 4, 6 * j + 2 : 6 * j + 4]
        assert value in block or (np.isnan(value) and np.isnan(block).any())
    finer = TargetGrid("finer", CRS, 5, WEST, NORTH)
    fine = read_at(to_grid(image, finer, native_scale_m=FINE), scale=5, width=48)["v"]
    np.testing.assert_array_equal(fine, np.kron(values, np.ones((2, 2))))


def test_properties_survive(stored):
    image = stored(v=_gappy()).set({"system:time_start": 5, "unit_v": "K"})
    found = to_grid(image, COARSE, native_scale_m=FINE)
    assert found.get("system:time_start").getInfo() == 5
    assert found.get("unit_v").getInfo() == "K"
    assert found.bandNames().getInfo() == ["v"]


def test_grids_of_degrees_and_ease2_tile_the_globe():
    for name, grid in GRIDS.items():
        assert grid.name == name
    for name, columns in (("0.01 degrees", 36000), ("0.25 degrees", 1440), ("0.36 degrees", 1000)):
        assert 360 / GRIDS[name].pixel == pytest.approx(columns)
    # EASE-2: 964, 3856 and 34704 columns span the circumference of the projection.
    east, _ = pyproj.Transformer.from_crs(4326, 6933, always_xy=True).transform(180, 0)
    for name, columns in (("36 km", 964), ("9 km", 3856), ("1 km", 34704)):
        grid = GRIDS[f"EASE-2 {name}"]
        assert grid.west == pytest.approx(-east, abs=0.01)
        assert columns * grid.pixel == pytest.approx(2 * east, abs=0.5)


def test_wrong_arguments():
    with pytest.raises(UnknownMethodError, match="'aggregate' or 'nearest'"):
        to_grid(None, COARSE, native_scale_m=10, method="bilinear")
    with pytest.raises(ValueError, match="must be positive"):
        to_grid(None, COARSE, native_scale_m=0)
    with pytest.raises(ValueError, match="between 0 and 1"):
        to_grid(None, COARSE, native_scale_m=10, smallest_share=2)


def test_a_composite_of_a_product_goes_to_a_coarse_grid(synthetic, coarse):
    synthetic.size = FACTOR * BLOCKS
    rng = np.random.default_rng(6)
    rain = rng.uniform(0, 20, (3, 24, 24)).astype("float32")
    for day, values in enumerate(rain, 1):
        bands = {"precipitation": values}
        synthetic.add("UCSB-CHG/CHIRPS/DAILY", f"d{day}", bands, time=f"2020-07-0{day}")
    synthetic.connect()
    july = composites("chirps", "2020-07-01", "2020-08-01", step="month").first()
    found = to_grid(july.select("precipitation"), COARSE, native_scale_m=FINE, kind="total")
    # A depth of water: summed over time, averaged over area.
    expected = _blocks(rain.astype(float).sum(axis=0)).mean(axis=-1)
    np.testing.assert_allclose(coarse(found)["precipitation"], expected, rtol=1e-6)


def test_elevation_correction_against_the_mean_of_the_coarse_pixel(stored, read_at):
    rng = np.random.default_rng(7)
    height = rng.uniform(4000, 5000, (24, 24)).astype("float32")
    image = stored(h=height)
    coarse_height = to_grid(image, COARSE, native_scale_m=FINE)
    lst = ee.Image.constant(280.0).rename("lst_day")
    found = read_at(elevation_corrected(lst, image, coarse_height), scale=FINE, width=24)
    means = np.kron(_blocks(height.astype(float)).mean(axis=-1), np.ones((FACTOR, FACTOR)))
    np.testing.assert_allclose(found["lst_day"], 280 + 0.006 * (height - means), rtol=1e-6)
