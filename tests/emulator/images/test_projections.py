"""Default projections, reprojection, resampling and aggregation, against GDAL and by hand."""

from __future__ import annotations

import ee
import numpy as np
import pyproj
import pytest
import rasterio
from affine import Affine
from rasterio.warp import Resampling, reproject

UTM = "EPSG:32646"
NATIVE = Affine(10, 0, 500_000, 0, -10, 3_600_000)
ONE_DEGREE = {"type": "Projection", "crs": "EPSG:4326", "transform": [1, 0, 0, 0, 1, 0]}


def test_composites_and_constants_have_one_degree_pixels():
    series = ee.ImageCollection("TEST/SERIES")
    for image in (ee.Image(1), series.mean(), series.mosaic(), ee.Image.pixelArea()):
        assert image.select(0).projection().getInfo() == ONE_DEGREE
    assert series.first().select(0).projection().getInfo()["crs"] == UTM


def test_the_left_operand_gives_the_default_projection():
    native = ee.Image("TEST/IMAGE").select("value")
    assert native.multiply(2).projection().getInfo()["crs"] == UTM
    assert ee.Image(2).multiply(native).projection().getInfo() == ONE_DEGREE


def test_nominal_scale_of_a_degree():
    assert ee.Image(1).projection().nominalScale().getInfo() == pytest.approx(111319.49079327357)


def test_native_pixels_come_back_untouched(pull, rasters):
    found = pull(ee.Image("TEST/IMAGE"))
    np.testing.assert_array_equal(found["value"].data, rasters["value"])
    np.testing.assert_array_equal(found["gappy"].mask, np.isnan(rasters["gappy"]))


def test_nearest_is_the_default_and_agrees_with_gdal(pull, rasters):
    target = Affine(0.00009, 0, 93.0003, 0, -0.00009, 32.537)
    shape = (100, 110)
    expected = np.full(shape, np.nan, np.float32)
    reproject(
        rasters["value"],
        expected,
        src_transform=NATIVE,
        src_crs=UTM,
        dst_transform=target,
        dst_crs="EPSG:4326",
        resampling=Resampling.nearest,
        tolerance=0,
        dst_nodata=np.nan,
    )
    found = pull(ee.Image("TEST/IMAGE").select("value"), shape, target, "EPSG:4326")["value"]
    same = np.where(np.ma.getmaskarray(found), np.isnan(expected), found.data == expected)
    # GDAL approximates the transformation: a pixel whose centre is on an edge may differ.
    assert same.mean() > 0.999
    assert (~np.ma.getmaskarray(found)).sum() > 5000


def test_bilinear_is_exact_on_a_plane(pull):
    x = ee.Image.pixelCoordinates(ee.Projection(UTM, [10, 0, 500_000, 0, -10, 3_600_000]))
    plane = x.select("x").multiply(3).add(x.select("y").multiply(-2))
    pinned = plane.reproject(UTM, [10, 0, 500_000, 0, -10, 3_600_000])
    fine = Affine(4, 0, 500_203, 0, -4, 3_599_802)
    smooth = pull(pinned.resample("bilinear"), (40, 50), fine)["x"]
    direct = pull(plane, (40, 50), fine)["x"]
    np.testing.assert_allclose(smooth, direct, atol=1e-6)
    blocky = pull(pinned, (40, 50), fine)["x"]
    assert np.abs(blocky - direct).max() > 0.5


def test_bilinear_agrees_with_gdal_inside(pull, rasters):
    target = Affine(7, 0, 500_103, 0, -7, 3_599_904)
    expected = np.zeros((90, 90), np.float32)
    reproject(
        rasters["value"],
        expected,
        src_transform=NATIVE,
        src_crs=UTM,
        dst_transform=target,
        dst_crs=UTM,
        resampling=Resampling.bilinear,
    )
    found = pull(ee.Image("TEST/IMAGE").select("value").resample("bilinear"), (90, 90), target)
    np.testing.assert_allclose(found["value"], expected, rtol=2e-6)


def test_pyramids_average_two_by_two_and_keep_partial_masks(pull, rasters):
    double = Affine(20, 0, 500_000, 0, -20, 3_600_000)
    image = ee.Image("TEST/BIG").select("big")
    found = pull(image, (240, 300), double)["big"]
    blocks = np.ma.masked_invalid(rasters["big"].astype(float)).reshape(240, 2, 300, 2)
    np.testing.assert_allclose(found, blocks.mean(axis=(1, 3)), rtol=1e-6)
    weights = pull(image.mask(), (240, 300), double)["big"].filled(0)
    np.testing.assert_allclose(weights, (~np.ma.getmaskarray(blocks)).mean(axis=(1, 3)))


def test_class_pyramids_take_the_mode(pull, rasters):
    double = Affine(20, 0, 500_000, 0, -20, 3_600_000)
    image = ee.Image("TEST/BIG").select("big_classes")
    found = pull(image, (240, 300), double)["big_classes"]
    blocks = rasters["big_classes"].reshape(240, 2, 300, 2).swapaxes(1, 2).reshape(240, 300, 4)
    counts = np.stack([(blocks == value).sum(-1) for value in range(5)], -1)
    picked = np.take_along_axis(counts, found.data.astype(int)[..., None], -1)[..., 0]
    np.testing.assert_array_equal(picked, counts.max(-1))


def test_a_scale_between_two_levels_reads_the_finer_one(pull):
    image = ee.Image("TEST/BIG").select("big")
    at_35 = Affine(35, 0, 500_000, 0, -35, 3_600_000)
    found = pull(image, (30, 40), at_35)["big"]
    level = pull(image, (240, 300), Affine(20, 0, 500_000, 0, -20, 3_600_000))["big"]
    rows = np.floor((np.arange(30) + 0.5) * 35 / 20).astype(int)
    columns = np.floor((np.arange(40) + 0.5) * 35 / 20).astype(int)
    np.testing.assert_array_equal(found.data, level.data[np.ix_(rows, columns)])


def test_the_pyramid_ends_where_the_image_fits_one_tile(pull, rasters):
    image = ee.Image("TEST/IMAGE").select("value")
    found = pull(image, (60, 75), Affine(20, 0, 500_000, 0, -20, 3_600_000))["value"]
    np.testing.assert_array_equal(found.data, rasters["value"][1::2, 1::2])


def test_reduce_resolution_weights_by_area_and_mask(pull, rasters):
    image = ee.Image("TEST/IMAGE").select("gappy")
    coarse = Affine(100, 0, 500_000, 0, -100, 3_600_000)
    found = pull(image.reduceResolution(ee.Reducer.mean(), False, 256), (12, 15), coarse)["gappy"]
    blocks = np.ma.masked_invalid(rasters["gappy"].astype(float)).reshape(12, 10, 15, 10)
    np.testing.assert_allclose(found, blocks.mean(axis=(1, 3)), rtol=1e-6)


def test_reduce_resolution_splits_pixels_that_straddle(pull, rasters):
    coarse = Affine(25, 0, 500_000, 0, -25, 3_600_000)
    image = ee.Image("TEST/IMAGE").select("value")
    found = pull(image.reduceResolution(ee.Reducer.mean(), False, 64), (20, 20), coarse)["value"]
    fine = np.kron(rasters["value"][:50, :50].astype(float), np.ones((2, 2)))
    expected = fine.reshape(20, 5, 20, 5).mean(axis=(1, 3))
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_the_sum_of_reduce_resolution_is_in_units_of_output_pixels(pull):
    coarse = Affine(100, 0, 500_000, 0, -100, 3_600_000)
    one = ee.Image("TEST/IMAGE").select("value").multiply(0).add(1)
    found = pull(one.reduceResolution(ee.Reducer.sum(), False, 256), (12, 15), coarse)["value"]
    np.testing.assert_allclose(found, 1, rtol=1e-6)


def test_reduce_resolution_refuses_composites_and_too_many_pixels():
    with pytest.raises(ee.EEException, match="does not have a valid default projection"):
        ee.Image(1).reduceResolution(ee.Reducer.mean()).getInfo()
    image = ee.Image("TEST/IMAGE").select("value").reduceResolution(ee.Reducer.mean())
    region = ee.Geometry.Rectangle([500_000, 3_599_000, 501_000, 3_600_000], UTM, False)
    with pytest.raises(ee.EEException, match="Too many input pixels"):
        image.reduceRegion(ee.Reducer.mean(), region, 500).getInfo()


def test_reproject_pins_what_comes_before_it(pull, rasters):
    image = ee.Image("TEST/IMAGE").select("value")
    pinned = image.reproject(UTM, None, 30)
    found = pull(pinned, (12, 15), NATIVE)["value"]
    thirty = pull(image, (40, 60), Affine(30, 0, 499_980, 0, -30, 3_600_000))["value"]
    assert np.unique(thirty.data[:3, :5]).size > 10
    rows = (np.arange(12) * 10 + 5) // 30
    columns = (20 + np.arange(15) * 10 + 5) // 30
    np.testing.assert_array_equal(found.data, thirty.data[np.ix_(rows, columns)])


def test_longitude_and_latitude_are_of_the_pixel_centre(pull):
    transform = Affine(30, 0, 551_485, 0, -30, 4_179_915)
    found = pull(ee.Image.pixelLonLat(), (3, 3), transform, "EPSG:32610")
    lon, lat = pyproj.Transformer.from_crs("EPSG:32610", "EPSG:4326", always_xy=True).transform(
        551_500, 4_179_900
    )
    assert found["longitude"][0, 0] == pytest.approx(lon, abs=1e-9)
    assert found["latitude"][0, 0] == pytest.approx(lat, abs=1e-9)
    # recorded from the live service by xee's integration tests
    assert found["latitude"][0, 0] == pytest.approx(37.764977, abs=1e-5)
    assert found["longitude"][0, 0] == pytest.approx(-122.41528, abs=1e-5)


def test_pixel_area_is_that_of_the_ellipsoid(pull):
    grid = Affine(0.1, 0, 91.0, 0, -0.1, 33.0)
    found = pull(ee.Image.pixelArea(), (5, 2), grid, "EPSG:4326")["area"]
    geod = pyproj.Geod(ellps="WGS84")
    for row in range(5):
        top, bottom = 33 - 0.1 * row, 33 - 0.1 * (row + 1)
        # Parallels are not geodesics: follow them in small steps.
        lons = np.linspace(91.0, 91.1, 400)
        ring = (np.r_[lons, lons[::-1]], np.r_[np.full(400, bottom), np.full(400, top)])
        area = abs(geod.polygon_area_perimeter(*ring)[0])
        assert found[row, 0] == pytest.approx(area, rel=1e-6)


def test_tiles_are_the_same_as_one_piece_bit_for_bit(pull):
    image = ee.Image("TEST/IMAGE")
    chain = (
        image.select("gappy")
        .reduceNeighborhood(ee.Reducer.stdDev(), ee.Kernel.square(2))
        .add(image.select("value").convolve(ee.Kernel.gaussian(4, 1.5)))
        .add(image.select("value").resample("bicubic").reproject(UTM, None, 7).log())
        .addBands(ee.Terrain.slope(ee.Image("TEST/DEM")))
        .addBands(ee.Image.random(3))
        .addBands(image.select("count").fastDistanceTransform(6))
    )
    whole = pull(chain)
    for top, left, height, width in ((0, 0, 47, 61), (47, 61, 73, 89), (13, 90, 1, 1)):
        part = pull(chain, (height, width), NATIVE @ Affine.translation(left, top))
        for name, values in part.items():
            window = whole[name][top : top + height, left : left + width]
            np.testing.assert_array_equal(values.filled(-9), window.filled(-9), err_msg=name)


def test_written_rasters_are_cogs(catalog):
    path = next(catalog.rglob("*value*.tif"))
    with rasterio.open(path) as dataset:
        assert dataset.tags(ns="IMAGE_STRUCTURE").get("LAYOUT") == "COG"


@pytest.mark.parametrize(
    ("crs", "transform", "place"),
    [
        ("EPSG:4326", [1e-3, 0, 0, 0, -2e-3, 0], [10.0003, 50.0007]),
        ("EPSG:4258", [1e-3, 0, 0, 0, -2e-3, 0], [10.0003, 50.0007]),
        ("EPSG:4326", [6e-4, 8e-4, 0, 8e-4, -6e-4, 0], [10.0003, 50.0007]),
        ("EPSG:32632", [60, 80, 0, 80, -60, 0], [10.0003, 50.0007]),
        ("EPSG:2263", [100, 0, 0, 0, -100, 0], [-74.0003, 40.7007]),
        ("EPSG:3857", [100, 0, 0, 0, -100, 0], [10.0003, 50.0007]),
    ],
)
def test_the_area_of_a_pixel_is_that_of_its_outline_on_the_ellipsoid(crs, transform, place):
    """In degrees of any datum, in feet, and where the pixels are turned."""
    to_crs = pyproj.Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    affine = Affine(*transform)
    column, row = np.floor(~affine @ to_crs.transform(*place))
    along = np.linspace(0, 1, 50)
    edges = [
        (along, 0 * along),
        (0 * along + 1, along),
        (1 - along, 0 * along + 1),
        (0 * along, 1 - along),
    ]
    corners = np.concatenate([np.stack(edge) for edge in edges], axis=1)
    xs, ys = affine @ (column + corners[0], row + corners[1])
    lon, lat = to_crs.transform(xs, ys, direction="INVERSE")
    expected = abs(pyproj.Geod(ellps="WGS84").polygon_area_perimeter(lon, lat)[0])
    point = ee.Geometry.Point(place)
    found = ee.Image.pixelArea().reduceRegion(ee.Reducer.first(), point, None, crs, transform)
    assert found.getInfo()["area"] == pytest.approx(expected, rel=2e-5)


def test_pixels_of_the_modis_grid_have_one_area():
    found = ee.Image.pixelArea().reduceRegion(
        ee.Reducer.first(), ee.Geometry.Point([10, 50]), 500, "SR-ORG:6974"
    )
    assert found.getInfo()["area"] == pytest.approx(250_000, rel=1e-6)
