"""Distances to features and kriging, against pyproj, the plane and the textbook's system."""

from __future__ import annotations

import itertools

import ee
import numpy as np
import pyproj
import pytest
from affine import Affine

SPHERE = pyproj.Geod(a=6_367_000, f=0)
GRID = Affine(0.01, 0, 10, 0, -0.01, 51)


def _centres(shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    rows, columns = np.indices(shape)
    return 10 + (columns + 0.5) * 0.01, 51 - (rows + 0.5) * 0.01


def test_the_distance_to_points_is_that_on_the_sphere(pull):
    places = [(10.05, 50.9), (10.4, 50.75), (9.7, 50.95)]
    features = ee.FeatureCollection([ee.Geometry.Point(list(place)) for place in places])
    found = pull(features.distance(15_000), (30, 50), GRID, "EPSG:4326")["distance"]
    lon, lat = _centres((30, 50))
    each = [SPHERE.inv(lon, lat, np.full_like(lon, x), np.full_like(lat, y))[2] for x, y in places]
    expected = np.min(each, axis=0)
    near = expected <= 15_000
    assert 0 < near.sum() < near.size
    np.testing.assert_array_equal(~np.ma.getmaskarray(found), near)
    np.testing.assert_allclose(found.data[near], expected[near], rtol=1e-9)


def test_the_distance_to_lines_and_edges_is_that_to_their_nearest_points(pull):
    line = [[10.03, 50.97], [10.2, 50.8], [10.45, 50.95]]
    ring = [[10.3, 50.75], [10.42, 50.75], [10.42, 50.85], [10.3, 50.75]]
    features = ee.FeatureCollection(
        [ee.Feature(ee.Geometry.LineString(line)), ee.Feature(ee.Geometry.Polygon([ring]))]
    )
    found = pull(features.distance(1e6), (30, 50), GRID, "EPSG:4326")["distance"]
    lon, lat = _centres((30, 50))
    expected = np.full(lon.shape, np.inf)
    for corners in (line, ring):
        for (x1, y1), (x2, y2) in itertools.pairwise(corners):
            for x, y in SPHERE.npts(x1, y1, x2, y2, 300, initial_idx=0, terminus_idx=0):
                away = SPHERE.inv(lon, lat, np.full_like(lon, x), np.full_like(lat, y))[2]
                expected = np.minimum(expected, away)
    # Points every 80 m: the nearest is at most sqrt(d2 + 40 * 40) away; inside of the ring too.
    assert (found.data <= expected + 1e-6).all()
    assert (expected**2 <= found.data**2 + 42.0**2).all()


def test_distances_do_not_depend_on_the_tile(pull_tiled):
    rng = np.random.default_rng(2)
    points = 500_000 + rng.uniform(0, 1500, 40), 3_600_000 - rng.uniform(0, 1200, 40)
    features = ee.FeatureCollection(
        [
            ee.Feature(ee.Geometry.Point([float(x), float(y)], "EPSG:32646"), {"n": i % 5})
            for i, (x, y) in enumerate(zip(*points, strict=True))
        ]
    )
    found = pull_tiled(features.distance(300))["distance"]
    rows, columns = np.indices((120, 150))
    apart = np.hypot(
        500_005 + 10 * columns[..., None] - points[0], 3_599_995 - 10 * rows[..., None] - points[1]
    ).min(-1)
    good = ~np.ma.getmaskarray(found)
    # The plane of UTM zone 46 is 0.04 % smaller than the ellipsoid, the sphere 0.3 % or less.
    np.testing.assert_allclose(found.data[good], apart[good], rtol=4e-3)
    assert good[apart < 298].all()
    assert not good[apart > 302].any()


MODELS = {
    "exponential": lambda h: 1 - np.exp(-3 * h),
    "gaussian": lambda h: 1 - np.exp(-3 * h**2),
    "spherical": lambda h: np.where(h < 1, 1.5 * h - 0.5 * h**3, 1),
}


def _stations() -> tuple[np.ndarray, np.ndarray, ee.FeatureCollection]:
    rng = np.random.default_rng(4)
    places = np.stack([rng.uniform(9.9, 10.6, 12), rng.uniform(50.65, 51.05, 12)], axis=1)
    values = rng.normal(0.25, 0.1, 12)
    features = [
        ee.Feature(ee.Geometry.Point(place), {"sm": value})
        for place, value in zip(places.tolist(), values.tolist(), strict=True)
    ]
    return places, values, ee.FeatureCollection(features)


def _meters(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    a, b = np.broadcast_arrays(first[..., None, :], second)
    return SPHERE.inv(a[..., 0], a[..., 1], b[..., 0], b[..., 1])[2]


@pytest.mark.parametrize("shape", MODELS)
def test_kriging_solves_the_textbooks_system(pull, shape):
    places, values, features = _stations()
    image = features.kriging("sm", shape, 30_000, 0.02, 0.002, 60_000)
    found = pull(image, (30, 50), GRID, "EPSG:4326")
    assert list(found) == ["estimate"]

    def semivariance(meters):
        return np.where(meters > 0, 0.002 + 0.018 * MODELS[shape](meters / 30_000), 0)

    for row, column in ((0, 0), (13, 20), (29, 49)):
        pixel = np.array([10.005 + 0.01 * column, 50.995 - 0.01 * row])
        near = _meters(pixel[None], places)[0] <= 60_000
        some, count = places[near], near.sum()
        system = np.ones((count + 1, count + 1))
        system[:-1, :-1] = semivariance(_meters(some, some))
        system[-1, -1] = 0
        weights = np.linalg.solve(system, np.append(semivariance(_meters(pixel[None], some)), 1))
        assert weights[:-1].sum() == pytest.approx(1)
        expected = weights[:-1] @ values[near]
        assert found["estimate"][row, column] == pytest.approx(expected, rel=1e-9)


def test_kriging_returns_the_values_at_the_stations_and_masks_what_is_far(pull):
    features = ee.FeatureCollection(
        [
            ee.Feature(ee.Geometry.Point([10.005, 50.995]), {"sm": 1.5}),
            ee.Feature(ee.Geometry.Point([10.025, 50.985]), {"sm": 4.0}),
        ]
    )
    image = features.kriging("sm", "spherical", 2000, 1, 0)
    found = pull(image, (3, 30), GRID, "EPSG:4326")["estimate"]
    assert found[0, 0] == pytest.approx(1.5)
    assert found[1, 2] == pytest.approx(4.0)
    assert np.ma.getmaskarray(found)[:, 6:].all()


def test_kriging_has_the_same_bits_in_any_tile(pull_tiled):
    rng = np.random.default_rng(7)
    features = ee.FeatureCollection(
        [
            ee.Feature(
                ee.Geometry.Point([float(500_000 + x), float(3_600_000 - y)], "EPSG:32646"),
                {"n": float(v)},
            )
            for x, y, v in zip(
                rng.uniform(0, 1500, 9), rng.uniform(0, 1200, 9), rng.normal(size=9), strict=True
            )
        ]
    )
    found = pull_tiled(features.kriging("n", "exponential", 400, 1, 0.1, 700))["estimate"]
    assert (~np.ma.getmaskarray(found)).mean() > 0.9


def test_points_at_one_place_need_a_reducer(pull):
    points = [ee.Feature(ee.Geometry.Point([10.005, 50.995]), {"sm": v}) for v in (1, 2, 6)]
    features = ee.FeatureCollection(points)
    with pytest.raises(ee.EEException, match=r"3 points lie at \(10.005, 50.995\): give a reducer"):
        pull(features.kriging("sm", "spherical", 2000, 1, 0), (2, 2), GRID, "EPSG:4326")
    image = features.kriging("sm", "spherical", 2000, 1, 0, None, ee.Reducer.mean())
    found = pull(image, (2, 2), GRID, "EPSG:4326")["estimate"]
    np.testing.assert_allclose(found, 3)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("cubic", 1, 1, 0), "must be one of exponential, gaussian, spherical, got 'cubic'"),
        (("gaussian", 1, 1, 2), "Expected range > 0 and sill > nugget >= 0"),
    ],
)
def test_semivariograms_that_are_none(arguments, message):
    with pytest.raises(ee.EEException, match=message):
        ee.FeatureCollection([]).kriging("a", *arguments).bandNames().getInfo()
