"""The ground truth: terrain, land cover, soil moisture and vegetation, for several seeds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from rasterio.warp import transform_bounds
from scipy.ndimage import label

from gee_sm.sample.ground import Ground
from gee_sm.sample.land_cover import BARE, BUILT_UP, CROPLAND, GRASSLAND, TREE_COVER, WATER
from gee_sm.sample.orbits import ORBITS
from gee_sm.sample.region import BOUNDS, scene_grid
from gee_sm.sample.sentinel1_forward import COEFFICIENTS, seasonal_rise_db, slope_factor
from gee_sm.sample.terrain import LAKE_LEVEL

SEEDS = [0, 1, 2, 3, 4, 12345]


@pytest.fixture(scope="module", params=SEEDS)
def coarse(request):
    """Ground and places of one seed on a 40 m grid."""
    grid, ground = scene_grid(40), Ground(request.param)
    return ground, ground.at(grid.x, grid.y)


def test_the_grid_covers_the_region(grid):
    west, south, east, north = transform_bounds("EPSG:4326", grid.crs, *BOUNDS)
    left, bottom, right, top = grid.bounds
    assert left < west
    assert right > east
    assert bottom < south
    assert top > north
    assert grid.shape[0] >= 700
    assert grid.shape[1] >= 900
    assert all(value % 100 == 0 for value in grid.bounds)


def test_slope_and_aspect_are_those_of_the_elevation(places):
    elevation, relief = places.relief.elevation, places.relief
    southward, eastward = np.gradient(elevation, 10.0)
    slope = np.degrees(np.arctan(np.hypot(southward, eastward)))
    inner = (slice(1, -1), slice(1, -1))
    np.testing.assert_allclose(relief.slope[inner], slope[inner], atol=1e-6)
    # On a slope that faces its aspect, a step that way leads downhill.
    steep = relief.slope > 5
    aspect = np.radians(relief.aspect)
    downhill = eastward * np.sin(aspect) - southward * np.cos(aspect)
    assert (downhill[inner][steep[inner]] < 0).all()


def test_the_lake_is_flat_and_one(coarse):
    _, places = coarse
    lake = places.land_cover == WATER
    assert 0.02 < lake.mean() < 0.08
    assert label(lake)[1] == 1
    assert (places.relief.elevation[lake] == LAKE_LEVEL).all()
    assert (places.relief.slope[places.relief.lake_distance < 0.9] == 0).all()
    assert (places.relief.elevation[~lake] >= LAKE_LEVEL).all()


def test_every_class_has_its_place(coarse):
    _, places = coarse
    share = {c: (places.land_cover == c).mean() for c in np.unique(places.land_cover)}
    assert share[TREE_COVER] > 0.015
    assert share[CROPLAND] > 0.01
    assert share[BUILT_UP] > 0.003
    assert share[BARE] > 0.05
    assert share[GRASSLAND] > 0.4
    assert places.retrievable.mean() > 0.8
    assert places.subsurface_scattering.mean() > 0.002


def test_the_truth_is_a_plausible_summer(coarse):
    ground, places = coarse
    land = places.retrievable
    start = datetime(2020, 7, 1, tzinfo=UTC)
    days = [ground.soil_moisture(places, start + timedelta(days=3 * i))[land] for i in range(21)]
    assert np.min(days) > 0.04
    assert np.max(days) < 0.4
    assert np.mean(days, axis=0).std() > 0.03
    assert np.ptp(np.mean(days, axis=1)) > 0.005
    # Three days change less than the land differs from place to place.
    assert np.abs(np.diff(days, axis=0)).max() < np.mean(days, axis=0).std()


def test_hollows_and_shores_are_wet(coarse):
    _, places = coarse
    moisture, position = places.moisture.mean, places.relief.position
    hills = places.relief.hilliness > 0.5
    assert moisture[hills & (position < -0.5)].mean() > moisture[hills & (position > 0.5)].mean()
    distance = places.relief.lake_distance
    assert moisture[(distance > 1) & (distance < 1.3)].mean() > moisture[distance > 2.5].mean()


def test_thawing_brightens_all_but_the_gravel(coarse):
    """The paper masks negative differences; the truth must not be lost to that mask."""
    ground, places = coarse
    ordinary = places.retrievable & ~places.subsurface_scattering
    for day in (1, 16, 31):
        for month in (7, 8):
            time = datetime(2020, month, day, tzinfo=UTC)
            indices = ground.open_land_indices(places, time)
            for coefficients in COEFFICIENTS.values():
                moisture = ground.soil_moisture(places, time)
                rise = seasonal_rise_db(moisture, *indices, coefficients)[ordinary]
                assert np.mean(rise < 0.5) < 0.002
                assert rise.max() < 10


def test_some_faces_are_in_layover(coarse):
    _, places = coarse
    hidden = [
        ~slope_factor(
            orbit.incidence_angle(places.x, places.y),
            places.relief.slope,
            places.relief.aspect,
            orbit.heading,
        )[1]
        for orbit in ORBITS
    ]
    assert any(mask.any() for mask in hidden)
    assert all(mask.mean() < 0.03 for mask in hidden)


def test_a_place_does_not_know_its_grid(ground, places):
    """The same truth on any grid: stations and coarse products share it with the scenes."""
    rows, columns = np.array([3, 400, 700]), np.array([11, 600, 900])
    alone = ground.at(places.x[0, columns], places.y[rows, 0])
    time = datetime(2020, 7, 20, tzinfo=UTC)
    np.testing.assert_allclose(
        ground.soil_moisture(alone, time),
        ground.soil_moisture(places, time)[rows, columns],
        atol=1e-12,
    )
    np.testing.assert_array_equal(alone.land_cover, places.land_cover[rows, columns])
