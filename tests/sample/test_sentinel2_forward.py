"""Sentinel-2: indices, clouds and what the bands of a scene say of each other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from gee_sm.sample.clouds import cloud_cover
from gee_sm.sample.land_cover import WATER
from gee_sm.sample.noise import Noise
from gee_sm.sample.orbits import acquisitions
from gee_sm.sample.region import scene_grid
from gee_sm.sample.sentinel1_forward import COEFFICIENTS
from gee_sm.sample.sentinel2_forward import (
    Overpass,
    digital_numbers,
    digital_numbers_20m,
    index_noise,
    reflectance,
)
from gee_sm.sample.sentinel2_scenes import (
    ASSET_ID,
    CLOUD_SCORE_ID,
    Sentinel2Scenes,
    scenes_of_thaw,
)

NOON = datetime(2020, 8, 1, 4, 27, tzinfo=UTC)


def normalised(first, second):
    first, second = first.astype(float), second.astype(float)
    return (first - second) / (first + second)


@pytest.fixture(scope="module")
def clear(ground, places):
    """Clear-sky reflectance of 1 August."""
    return reflectance(places, *ground.open_land_indices(places, NOON))


@pytest.fixture(scope="module")
def scenes(ground, places, grid):
    return Sentinel2Scenes(
        ground,
        places,
        grid=grid,
        grid_20m=scene_grid(20),
        grid_60m=scene_grid(60),
        noise=Noise(),
    )


@pytest.fixture(scope="module")
def scene(scenes):
    """One scene with its cloud score."""
    overpass = scenes_of_thaw(2020)[1]
    return overpass, *scenes.images(overpass)


def test_reflectance_has_the_indices_of_the_truth(ground, places, clear):
    ndvi, ndmi = ground.open_land_indices(places, NOON)
    open_land = places.retrievable
    np.testing.assert_allclose(
        normalised(clear["B8"], clear["B4"])[open_land], ndvi[open_land], atol=1e-12
    )
    np.testing.assert_allclose(
        normalised(clear["B8"], clear["B11"])[open_land], ndmi[open_land], atol=1e-12
    )
    for band in clear.values():
        assert band.min() > 0
        assert band.max() < 0.6


def test_only_water_has_a_positive_ndwi(places, clear):
    ndwi = normalised(clear["B3"], clear["B8"])
    np.testing.assert_array_equal(ndwi > 0, places.land_cover == WATER)


def test_index_noise_against_monte_carlo(places, clear):
    """The 10 m and 20 m parts together explain the scatter of b NDVI + c NDMI."""
    k, noise = COEFFICIENTS["ASCENDING"], 0.0012
    fine, coarse = index_noise(clear, k.b, k.c, noise)
    window = np.s_[100:300, 300:500]
    calm = {band: np.full((200, 200), values[window].mean()) for band, values in clear.items()}
    draws = []
    for seed in range(20):
        random = np.random.default_rng(seed)
        dn = {band: digital_numbers(calm[band], random, noise) for band in ("B4", "B8")}
        swir = digital_numbers_20m(calm["B11"], random, noise)
        swir = np.repeat(np.repeat(swir, 2, axis=0), 2, axis=1)
        draws.append(k.b * normalised(dn["B8"], dn["B4"]) + k.c * normalised(dn["B8"], swir))
    calm_fine, calm_coarse = index_noise(calm, k.b, k.c, noise)
    expected = np.hypot(calm_fine, calm_coarse).mean()
    assert np.std(draws) == pytest.approx(expected, rel=0.02)
    assert 0 < fine.max() < 0.01
    assert 0 < coarse.max() < 0.01


def test_a_scene_as_earth_engine_has_it(grid, scene):
    overpass, image, score = scene
    assert image["asset_id"] == ASSET_ID
    assert score["asset_id"] == CLOUD_SCORE_ID
    assert score["index"] == image["index"] == overpass.index
    assert overpass.index.startswith(f"{overpass.time:%Y%m%dT%H%M%S}_")
    assert list(image["bands"]) == ["B3", "B4", "B8", "B11", "SCL", "QA60"]
    pixel = {band: image["transform"][band].a for band in image["bands"]}
    assert pixel == {"B3": 10, "B4": 10, "B8": 10, "B11": 20, "SCL": 20, "QA60": 60}
    for band, values in image["bands"].items():
        rows, columns = values.shape
        assert rows * pixel[band] >= grid.shape[0] * 10
        assert columns * pixel[band] >= grid.shape[1] * 10
    assert {values.dtype.name for values in image["bands"].values()} == {"uint16", "uint8"}
    assert all(image["bands"][band].min() > 0 for band in ("B3", "B4", "B8", "B11", "SCL"))
    assert score["bands"]["cs"].min() >= 0
    assert score["bands"]["cs_cdf"].max() <= 1


def test_clouds_are_flagged_by_score_and_classes(ground, places, scene):
    """What both call clear has the truth's NDVI; the flagged rest is off."""
    overpass, image, score = scene
    cloud = cloud_cover(ground.seed, overpass.number, places.x, places.y)
    spoilt = (cloud.opacity > 0) | (cloud.shade > 0)
    assert 0.02 < spoilt.mean() < 0.6
    flagged = score["bands"]["cs_cdf"] < 0.6
    classes = np.repeat(np.repeat(image["bands"]["SCL"], 2, axis=0), 2, axis=1)
    by_class = np.isin(classes, (3, 8, 9, 10, 11))
    assert not (spoilt & ~flagged).any()
    assert not (spoilt & ~by_class).any()
    assert flagged.mean() < spoilt.mean() + 0.25
    ndvi, _ = ground.open_land_indices(places, overpass.time)
    error = normalised(image["bands"]["B8"], image["bands"]["B4"]) - ndvi
    good = places.retrievable & ~flagged
    assert np.abs(error[good]).mean() < 0.01
    assert abs(error[good].mean()) < 0.001
    assert np.abs(error[places.retrievable & (cloud.opacity > 0.9)]).mean() > 0.05
    assert set(np.unique(image["bands"]["SCL"])) <= {3, 4, 5, 6, 8, 9}
    opaque = np.repeat(np.repeat(image["bands"]["QA60"] == 1024, 6, axis=0), 6, axis=1)
    opaque = opaque[: spoilt.shape[0], : spoilt.shape[1]]
    assert cloud.opacity[opaque].mean() > 0.8


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_pass_has_clear_views_within_a_week(seed):
    grid = scene_grid(100)
    views = {
        overpass.time: cloud_cover(seed, overpass.number, grid.x, grid.y)
        for overpass in scenes_of_thaw(2020)
    }
    for acquisition in acquisitions((2020,)):
        if acquisition.thawed:
            near = [
                ~(cloud.cloudy | cloud.shaded)
                for time, cloud in views.items()
                if abs(time - acquisition.time) <= timedelta(days=7)
            ]
            assert len(near) >= 2
            assert np.any(near, axis=0).mean() > 0.9
            assert all(view.mean() < 1 for view in near)


def test_qa60_is_empty_while_earth_engine_had_none(scenes):
    (image, _) = scenes.images(Overpass(200, datetime(2022, 8, 1, tzinfo=UTC)))
    assert np.ma.getmaskarray(image["bands"]["QA60"]).all()
    (image, _) = scenes.images(Overpass(300, datetime(2024, 8, 1, tzinfo=UTC)))
    assert not np.ma.getmaskarray(image["bands"]["QA60"]).any()


def test_same_seed_same_bytes(scenes, scene):
    overpass, image, _ = scene
    again, _ = scenes.images(overpass)
    for band, values in image["bands"].items():
        assert values.tobytes() == again["bands"][band].tobytes()
