"""Kernels, convolution, neighbourhood reductions and terrain, against scipy, GDAL and analysis."""

from __future__ import annotations

import ee
import numpy as np
import pytest
from scipy import ndimage


def _rows(kernel: ee.Kernel) -> np.ndarray:
    text = kernel.getInfo()["weights"]
    return np.array(
        [[float(v) for v in row.strip(" []").split(",")] for row in text.strip().split("\n")]
    )


def test_shapes_of_kernels():
    np.testing.assert_array_equal(_rows(ee.Kernel.circle(1.5, "pixels", False)).shape, (3, 3))
    assert _rows(ee.Kernel.diamond(2, "pixels", False)).sum() == 13
    assert _rows(ee.Kernel.plus(2, "pixels", False)).sum() == 9
    assert _rows(ee.Kernel.square(2)).sum() == pytest.approx(1)
    # recorded: radius 3 and sigma 1 give 5 x 5
    gaussian = _rows(ee.Kernel.gaussian(3, 1))
    assert gaussian.shape == (5, 5)
    offsets = np.arange(-2, 3)
    expected = np.exp(-(offsets[:, None] ** 2 + offsets**2) / 2)
    np.testing.assert_allclose(gaussian, expected / expected.sum(), rtol=1e-9)


def test_rotation_is_clockwise():
    np.testing.assert_array_equal(
        _rows(ee.Kernel.sobel().rotate(1)), [[-1, -2, -1], [0, 0, 0], [1, 2, 1]]
    )


def test_convolution_does_not_mirror(pull):
    image = ee.Image("TEST/IMAGE").select("value")
    east = ee.Kernel.fixed(3, 3, [[0, 0, 0], [0, 0, 1], [0, 0, 0]])
    north = ee.Kernel.fixed(3, 3, [[0, 1, 0], [0, 0, 0], [0, 0, 0]])
    values = pull(image)["value"].data
    np.testing.assert_array_equal(pull(image.convolve(east))["value"][:, :-1], values[:, 1:])
    np.testing.assert_array_equal(pull(image.convolve(north))["value"][1:], values[:-1])


@pytest.mark.parametrize(
    "weights",
    [
        np.arange(9.0).reshape(3, 3) - 3,
        np.ones((7, 7)),
        np.tril(np.ones((7, 7))),
        np.pad(np.ones((3, 3)), ((4, 0), (0, 4))),
        np.outer([1, 2, 3], [4, 5, 6, 7, 8]),
    ],
)
def test_convolution_agrees_with_scipy(pull, rasters, weights):
    height, width = weights.shape
    kernel = ee.Kernel.fixed(width, height, weights.tolist())
    found = pull(ee.Image("TEST/IMAGE").select("value").convolve(kernel))["value"]
    expected = ndimage.correlate(rasters["value"].astype(float), weights, mode="constant")
    np.testing.assert_allclose(found.data, expected, rtol=1e-10, atol=1e-9)


@pytest.mark.parametrize(
    ("reducer", "function"),
    [
        ("mean", np.nanmean),
        ("median", np.nanmedian),
        ("min", np.nanmin),
        ("max", np.nanmax),
        ("stdDev", np.nanstd),
        ("variance", np.nanvar),
        ("count", lambda v: np.isfinite(v).sum()),
        ("sampleVariance", lambda v: np.nanvar(v, ddof=1)),
    ],
)
def test_neighbourhood_reductions_leave_gaps_out(pull, rasters, reducer, function):
    image = ee.Image("TEST/IMAGE").select("gappy")
    found = pull(image.reduceNeighborhood(getattr(ee.Reducer, reducer)(), ee.Kernel.square(2)))
    ((name, values),) = found.items()
    assert name == f"gappy_{reducer.replace('sampleV', 'v')}"
    expected = ndimage.generic_filter(
        rasters["gappy"].astype(float), function, size=5, mode="constant", cval=np.nan
    )
    np.testing.assert_array_equal(np.ma.getmaskarray(values), np.isnan(rasters["gappy"]))
    good = ~np.ma.getmaskarray(values)
    np.testing.assert_allclose(values.data[good], expected[good], rtol=1e-6, atol=1e-12)


def test_the_sum_under_a_normalised_kernel_is_a_mean(pull, rasters):
    image = ee.Image("TEST/IMAGE").select("value")
    found = pull(image.reduceNeighborhood(ee.Reducer.sum(), ee.Kernel.square(1)))["value_sum"]
    expected = ndimage.uniform_filter(rasters["value"].astype(float), 3)
    np.testing.assert_allclose(found[1:-1, 1:-1], expected[1:-1, 1:-1], rtol=1e-9)


def test_masked_centres_can_be_filled_from_around(pull, rasters):
    image = ee.Image("TEST/IMAGE").select("gappy")
    found = pull(
        image.reduceNeighborhood(ee.Reducer.mean(), ee.Kernel.square(2), skipMasked=False)
    )["gappy_mean"]
    assert not np.ma.getmaskarray(found)[10:-10, 10:-10].any()
    assert np.isnan(rasters["gappy"]).any()


def test_neighbourhood_as_bands(pull, rasters):
    image = ee.Image("TEST/IMAGE").select("value").neighborhoodToBands(ee.Kernel.square(1))
    names = image.bandNames().getInfo()
    assert names[0] == "value_-1_-1"
    assert names[4] == "value_0_0"
    found = pull(image)
    np.testing.assert_array_equal(found["value_1_-1"][1:, :-1], rasters["value"][:-1, 1:])


def test_focal_shortcuts_keep_band_names(pull, rasters):
    found = pull(ee.Image("TEST/IMAGE").select("count").focalMax(1, "square"))
    expected = ndimage.maximum_filter(rasters["count"], 3)
    np.testing.assert_array_equal(found["count"][1:-1, 1:-1], expected[1:-1, 1:-1])


def test_distances_are_squared_pixels(pull):
    target = ee.Image.pixelCoordinates(ee.Projection("EPSG:32646").atScale(10)).floor()
    seed = (
        target.select("x")
        .eq(50_010)
        .And(target.select("y").eq(-359_990).Or(target.select("y").eq(359_990)))
    )
    found = pull(seed.fastDistanceTransform(8).sqrt(), (20, 20))["distance"].data
    near = pull(seed, (20, 20))["x"].data
    assert near.sum() == 1
    expected = ndimage.distance_transform_edt(near == 0)
    inside = expected <= 8
    np.testing.assert_allclose(found[inside], expected[inside], rtol=1e-6)


def test_terrain_of_a_tilted_plane_is_exact(pull):
    x = ee.Image.pixelCoordinates(ee.Projection("EPSG:32646").atScale(10))
    # Falls by tan(30 degrees) to the east: faces 90 degrees.
    plane = x.select("x").multiply(-10 * np.tan(np.deg2rad(30)))
    slope = pull(ee.Terrain.slope(plane), (10, 10))["slope"]
    aspect = pull(ee.Terrain.aspect(plane), (10, 10))["aspect"]
    np.testing.assert_allclose(slope, 30, atol=1e-6)
    np.testing.assert_allclose(aspect, 90, atol=1e-6)


def test_terrain_agrees_with_the_four_neighbour_formula(pull, rasters):
    dem = rasters["elevation"].astype(float)
    east = (dem[1:-1, 2:] - dem[1:-1, :-2]) / 20
    north = (dem[:-2, 1:-1] - dem[2:, 1:-1]) / 20
    found = pull(ee.Terrain.products(ee.Image("TEST/DEM")))
    assert list(found) == ["elevation", "slope", "aspect", "hillshade"]
    inner = (slice(1, -1), slice(1, -1))
    np.testing.assert_allclose(
        found["slope"][inner], np.rad2deg(np.arctan(np.hypot(east, north))), rtol=1e-6
    )
    expected = np.rad2deg(np.arctan2(-east, -north)) % 360
    np.testing.assert_allclose(found["aspect"][inner], expected, atol=1e-6)
    edges = np.ma.getmaskarray(found["slope"])
    assert edges[0].all()
    assert edges[:, -1].all()


def test_slopes_in_degrees_use_metres(pull):
    lon = ee.Image.pixelLonLat().select("longitude")
    rise = lon.multiply(111_319.49079327357 * np.cos(np.deg2rad(33.0)))
    from affine import Affine

    found = pull(
        ee.Terrain.slope(rise), (3, 3), Affine(0.001, 0, 91, 0, -0.001, 33.0015), "EPSG:4326"
    )["slope"]
    assert found[1, 1] == pytest.approx(45, abs=1e-3)
