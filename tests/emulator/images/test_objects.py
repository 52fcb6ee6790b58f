"""Objects, vectors, mixtures and entropy, against scipy, shapely and numpy."""

from __future__ import annotations

import ee
import numpy as np
import pytest
import shapely.geometry
from affine import Affine
from scipy import ndimage, optimize, stats

from gee_sm.emulator.pixels import components
from gee_sm.emulator.pixels.grid import Grid, Projection
from gee_sm.emulator.pixels.plan import Plan
from gee_sm.emulator.pixels.source import Constant, Neighbourhood

WINDOW = Affine(10, 0, 500_310, 0, -10, 3_599_830)
EDGES = [500_000, 3_598_800, 501_500, 3_600_000]


def same_in_a_window(pull, image):
    whole, part = pull(image), pull(image, (13, 53), WINDOW)
    for name in whole:
        masks = np.ma.getmaskarray(whole[name])[17:30, 31:84]
        np.testing.assert_array_equal(masks, np.ma.getmaskarray(part[name]))
        np.testing.assert_array_equal(whole[name].filled(0)[17:30, 31:84], part[name].filled(0))
    return whole


def scipy_labels(classes, eight):
    """Components by scipy, value by value."""
    structure = np.ones((3, 3)) if eight else None
    found = np.zeros(classes.shape, int)
    for value in np.unique(classes):
        labels, _ = ndimage.label(classes == value, structure)
        found[labels > 0] = labels[labels > 0] + found.max()
    return found


@pytest.mark.parametrize("eight", [True, False])
def test_components_as_scipy(pull, rasters, eight):
    kernel = ee.Kernel.square(1) if eight else ee.Kernel.plus(1)
    image = ee.Image("TEST/IMAGE").select("classes").connectedComponents(kernel, 12)
    found = same_in_a_window(pull, image)["labels"]
    expected = scipy_labels(rasters["classes"], eight)
    sizes = np.bincount(expected.ravel())[expected]
    assert (np.ma.getmaskarray(found) == (sizes > 12)).all()
    kept = sizes <= 12
    pairs = np.unique(np.stack([found.data[kept], expected[kept]]), axis=1)
    # One number for one object, and the other way round.
    assert pairs.shape[1] == len(np.unique(pairs[0])) == len(np.unique(pairs[1]))


def test_reductions_over_objects_as_scipy(pull, rasters):
    image = ee.Image("TEST/IMAGE").select(["classes", "value", "gappy"])
    computed = image.reduceConnectedComponents(ee.Reducer.mean(), "classes", 9)
    assert computed.bandNames().getInfo() == ["value", "gappy"]
    found = same_in_a_window(pull, computed)
    labels = scipy_labels(rasters["classes"], True)
    spans = ndimage.find_objects(labels)
    largest = [0] + [max(p.stop - p.start for p in span) for span in spans]
    fits = np.array(largest)[labels] <= 9
    assert (np.ma.getmaskarray(found["value"]) == ~fits).all()
    with np.errstate(invalid="ignore"):  # of the background, which has no pixels
        mean = ndimage.mean(rasters["value"], labels, np.arange(labels.max() + 1))[labels]
    np.testing.assert_allclose(found["value"].data[fits], mean[fits], rtol=1e-6)
    valid = ~np.isnan(rasters["gappy"])
    counts = ndimage.sum(valid, labels, np.arange(labels.max() + 1))[labels]
    assert (np.ma.getmaskarray(found["gappy"]) == (~fits | (counts == 0))).all()
    both = image.reduceConnectedComponents(ee.Reducer.minMax(), "classes", 9)
    assert both.bandNames().getInfo() == ["value_min", "value_max", "gappy_min", "gappy_max"]


@pytest.mark.parametrize("eight", [True, False])
def test_vectors_cover_the_objects(rasters, eight):
    edges = [500_000, 3_599_800, 500_300, 3_600_000]
    region = ee.Geometry.Rectangle(edges, "EPSG:32646", False)
    image = ee.Image("TEST/IMAGE").select(["classes", "value"])
    arguments = {"geometry": region, "scale": 10, "eightConnected": eight}
    vectors = image.reduceToVectors(
        ee.Reducer.mean(), **arguments, geometryInNativeProjection=True
    ).getInfo()["features"]
    part, value = rasters["classes"][:20, :30], rasters["value"][:20, :30]
    labels = scipy_labels(part, eight)
    assert len(vectors) == labels.max()
    xs, ys = np.meshgrid(500_005 + 10 * np.arange(30), 3_599_995 - 10 * np.arange(20))
    painted = np.zeros(part.shape, int)
    for vector in vectors:
        shape = shapely.geometry.shape(vector["geometry"])
        inside = shapely.intersects_xy(shape, xs, ys)
        painted += inside
        assert len(np.unique(labels[inside])) == 1
        assert shape.area == pytest.approx(100 * inside.sum())
        assert set(part[inside]) == {vector["properties"]["label"]}
        assert vector["properties"]["mean"] == pytest.approx(value[inside].mean(), rel=1e-5)
    assert (painted == 1).all()


def test_kinds_of_vectors(rasters):
    region = ee.Geometry.Rectangle(EDGES, "EPSG:32646", False)
    image = ee.Image("TEST/IMAGE").select("classes").gt(2).selfMask()
    arguments = {"geometry": region, "scale": 10}
    vectors = image.reduceToVectors(**arguments)
    total = vectors.aggregate_sum("count").getInfo()
    assert total == (rasters["classes"] > 2).sum()
    assert vectors.aggregate_array("label").distinct().getInfo() == [1]
    centre = image.reduceToVectors(**arguments, geometryType="centroid").first()
    assert centre.geometry().type().getInfo() == "Point"
    box = image.reduceToVectors(**arguments, geometryType="bb").first().geometry()
    inside = vectors.first().geometry()
    assert box.contains(inside.centroid(1), 1).getInfo()
    with pytest.raises(ee.EEException, match="Too many pixels"):
        image.reduceToVectors(**arguments, maxPixels=100).getInfo()
    with pytest.raises(ee.EEException, match="integer typed"):
        ee.Image("TEST/IMAGE").select("value").reduceToVectors(**arguments).getInfo()


def test_features_become_pixels(pull):
    def box(left, top, right, bottom, **properties):
        corners = [500_000 + left, 3_600_000 - bottom, 500_000 + right, 3_600_000 - top]
        return ee.Feature(ee.Geometry.Rectangle(corners, "EPSG:32646", False), properties)

    features = ee.FeatureCollection(
        [box(0, 0, 300, 200, a=1), box(100, 100, 500, 400, a=5), box(0, 0, 1500, 1200)]
    )
    image = features.reduceToImage(["a"], ee.Reducer.mean())
    assert image.bandNames().getInfo() == ["mean"]
    found = same_in_a_window(pull, image)["mean"]
    expected = np.full((120, 150), np.nan)
    expected[10:40, 10:50] = 5
    expected[:20, :30] = 1
    expected[10:20, 10:30] = 3
    np.testing.assert_array_equal(found.filled(np.nan), expected)
    clipped = pull(ee.Image(1).clipToCollection(features.limit(2)))["constant"]
    assert (np.ma.getmaskarray(clipped) == np.isnan(expected)).all()


def test_entropy_as_scipy(pull, rasters):
    image = ee.Image("TEST/IMAGE").select("classes").entropy(ee.Kernel.square(2))
    found = same_in_a_window(pull, image)["classes"]
    for row, column in [(2, 2), (60, 71), (117, 140)]:
        window = rasters["classes"][row - 2 : row + 3, column - 2 : column + 3]
        expected = stats.entropy(np.bincount(window.ravel()), base=2)
        assert found[row, column] == pytest.approx(expected, rel=1e-6)


SPECTRA = [[10.0, 20, 1], [90, 40, 2], [50, 200, 0.5]]


def test_mixtures_as_scipy(pull, rasters):
    image = ee.Image("TEST/IMAGE").select(["value", "count", "gappy"])
    pixels = [rasters[k].astype(float) for k in ("value", "count", "gappy")]
    two = SPECTRA[:2]
    plain = same_in_a_window(pull, image.unmix(two))
    assert list(plain) == ["band_0", "band_1"]
    positive = pull(image.unmix(two, False, True))
    one = pull(image.unmix(SPECTRA, True))
    bounded = pull(image.unmix(SPECTRA, True, True))
    matrix, whole = np.array(two).T, np.array(SPECTRA).T
    checked = 0
    for place in [(0, 0), (5, 5), (60, 71), (90, 20), (119, 3), (33, 77)]:
        pixel = np.array([band[place] for band in pixels])
        if np.isnan(pixel).any():
            assert np.ma.getmaskarray(plain["band_0"])[place]
            continue
        checked += 1
        best = np.linalg.lstsq(matrix, pixel, rcond=None)[0]
        np.testing.assert_allclose([plain[k][place] for k in plain], best, rtol=1e-9)
        best = optimize.nnls(matrix, pixel)[0]
        np.testing.assert_allclose([positive[k][place] for k in positive], best, atol=1e-9)
        shares = np.array([one[k][place] for k in one])
        assert shares.sum() == pytest.approx(1)
        got = np.array([bounded[k][place] for k in bounded])
        assert got.sum() == pytest.approx(1)
        assert (got >= 0).all()
        # Weighting the sum heavily makes a peer of the constrained problem.
        heavy = np.vstack([whole, np.full(3, 1e4)])
        best = optimize.nnls(heavy, np.append(pixel, 1e4))[0]
        np.testing.assert_allclose(got, best, atol=1e-4)
    assert checked >= 3
    with pytest.raises(ee.EEException, match="list of 3 numbers"):
        image.unmix([[1, 2]]).getInfo()


@pytest.mark.parametrize("eight", [True, False])
@pytest.mark.parametrize("band", ["classes", "count", "gappy"])
def test_connected_pixels_are_counted_as_scipy_labels_them(pull_tiled, rasters, band, eight):
    """Also of values that hardly two pixels share."""
    image = ee.Image("TEST/IMAGE").select(band)
    found = pull_tiled(image.connectedPixelCount(6, eight))[band]
    values = rasters[band]
    expected = np.zeros(values.shape, int)
    structure = np.ones((3, 3)) if eight else None
    shared, count = np.unique(values[~np.isnan(values)], return_counts=True)
    expected[~np.isnan(values)] = 1
    for value in shared[count > 1]:
        labels, _ = ndimage.label(values == value, structure)
        sizes = np.bincount(labels.ravel())
        expected = np.where(labels > 0, np.minimum(sizes[labels], 6), expected)
    np.testing.assert_array_equal(found.filled(0), expected)


def test_a_pixel_of_nan_is_an_object_of_its_own_among_few_values_and_among_many():
    for others in (np.zeros(100), np.arange(100.0)):
        values = np.append(others, [np.nan, np.nan])[None]
        labels = components.label(values, np.ones(values.shape, bool), components.FOUR)
        assert labels[0, -3:].tolist() == (labels[0, -3] + np.arange(3)).tolist()


@pytest.mark.parametrize("kind", ["count", "number"])
def test_the_largest_objects_that_may_be_asked_for(pull, rasters, kind):
    """What lies within 1024 pixels must not be computed again for every few pixels."""
    classes = ee.Image("TEST/IMAGE").select("classes").gt(1)
    labels, _ = ndimage.label(rasters["classes"] > 1, np.ones((3, 3)))
    sizes = np.bincount(labels.ravel())[labels]
    if kind == "count":
        found = pull(classes.selfMask().connectedPixelCount(1024))["classes"]
        expected = np.where(labels > 0, np.minimum(sizes, 1024), 0)
        np.testing.assert_array_equal(found.filled(0), expected)
        return
    found = pull(classes.selfMask().connectedComponents(ee.Kernel.square(1), 1024))["labels"]
    np.testing.assert_array_equal(~np.ma.getmaskarray(found), (labels > 0) & (sizes <= 1024))


def test_a_window_that_stays_large_is_not_cut_for_ever():
    source = Neighbourhood(lambda grid, tiles: tiles[0], (Constant(np.zeros(())),), (1500,) * 4)
    grid = Grid.of(Projection("EPSG:32646", (10, 0, 0, 0, -10, 0)), 512, 512)
    pieces = Plan([source]).pieces(grid)
    assert len(pieces) <= 4
    assert sum(piece.width * piece.height for piece in pieces) == 512 * 512
