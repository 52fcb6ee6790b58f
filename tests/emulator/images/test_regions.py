"""Regions as numbers: which pixels count, with what weight, and the service's refusals."""

from __future__ import annotations

import ee
import numpy as np
import pytest

UTM = "EPSG:32646"


def _box(west, south, east, north):
    return ee.Geometry.Rectangle([west, south, east, north], UTM, False)


@pytest.fixture
def value():
    return ee.Image("TEST/IMAGE").select("value")


def test_means_weight_by_coverage_and_counts_go_by_centres(value, rasters):
    region = _box(500_000, 3_599_990, 500_016, 3_600_000)
    first, second = rasters["value"][0, :2].astype(float)
    found = value.reduceRegion(ee.Reducer.mean(), region, 10).getInfo()["value"]
    weight = np.rint(0.6 * 255) / 255
    assert found == pytest.approx((first + weight * second) / (1 + weight), rel=1e-6)
    count = value.reduceRegion(ee.Reducer.count(), region, 10).getInfo()["value"]
    assert count == 2
    plain = value.reduceRegion(ee.Reducer.mean().unweighted(), region, 10).getInfo()["value"]
    assert plain == pytest.approx((first + second) / 2, rel=1e-6)


def test_the_weight_is_the_lesser_of_mask_and_coverage(rasters):
    one = ee.Image("TEST/IMAGE").select("value").multiply(0).add(1).updateMask(0.5)
    half = _box(500_000, 3_599_990, 500_005, 3_600_000)
    found = one.reduceRegion(ee.Reducer.sum(), half, 10).getInfo()["value"]
    assert found == pytest.approx(0.5, abs=1 / 255)


def test_a_point_reads_the_pixel_that_holds_it(value, rasters):
    point = ee.Geometry.Point([500_037.0, 3_599_912.0], UTM)
    found = value.reduceRegion(ee.Reducer.first(), point, 10).getInfo()["value"]
    assert found == rasters["value"][8, 3]


def test_names_of_results(value):
    region = _box(500_000, 3_599_900, 500_100, 3_600_000)
    both = ee.Reducer.mean().combine(ee.Reducer.stdDev(), "", True)
    found = value.reduceRegion(both, region, 10).getInfo()
    assert set(found) == {"value_mean", "value_stdDev"}


def test_linear_fit_agrees_with_numpy(rasters):
    image = ee.Image("TEST/IMAGE").select(["count", "value"])
    region = _box(500_000, 3_599_800, 500_200, 3_600_000)
    found = image.reduceRegion(ee.Reducer.linearFit(), region, 10).getInfo()
    x, y = rasters["count"][:20, :20].ravel(), rasters["value"][:20, :20].ravel()
    slope, offset = np.polyfit(x.astype(float), y.astype(float), 1)
    assert found["scale"] == pytest.approx(slope, rel=1e-6)
    assert found["offset"] == pytest.approx(offset, rel=1e-6)


@pytest.mark.parametrize(
    ("reducer", "function"),
    [
        ("median", np.median),
        ("min", np.min),
        ("max", np.max),
        ("variance", np.var),
        ("sampleStdDev", lambda v: np.std(v, ddof=1)),
    ],
)
def test_reducers_agree_with_numpy(value, rasters, reducer, function):
    region = _box(500_000, 3_599_800, 500_200, 3_600_000)
    found = value.reduceRegion(getattr(ee.Reducer, reducer)(), region, 10).getInfo()["value"]
    assert found == pytest.approx(function(rasters["value"][:20, :20].astype(float)), rel=1e-6)


def test_groups_and_histograms(rasters):
    image = ee.Image("TEST/IMAGE").select(["value", "classes"])
    region = _box(500_000, 3_599_800, 500_200, 3_600_000)
    grouped = image.reduceRegion(ee.Reducer.mean().group(1, "class"), region, 10).getInfo()
    values, classes = rasters["value"][:20, :20].astype(float), rasters["classes"][:20, :20]
    for group in grouped["groups"]:
        assert group["mean"] == pytest.approx(values[classes == group["class"]].mean(), rel=1e-6)
    counts = image.select("classes").reduceRegion(ee.Reducer.frequencyHistogram(), region, 10)
    assert counts.getInfo()["classes"] == {
        str(k): n for k, n in zip(*np.unique(classes, return_counts=True), strict=True)
    }


def test_too_many_pixels_are_refused_or_coarsened(value):
    region = _box(500_000, 3_598_800, 501_500, 3_600_000)
    with pytest.raises(ee.EEException, match=r"Found 18000, but maxPixels allows only 100"):
        value.reduceRegion(ee.Reducer.mean(), region, 10, maxPixels=100).getInfo()
    coarse = value.reduceRegion(ee.Reducer.mean(), region, 10, maxPixels=100, bestEffort=True)
    assert coarse.getInfo()["value"] == pytest.approx(50, abs=5)


def test_unbounded_and_unprojected_images_are_refused():
    with pytest.raises(ee.EEException, match="Provide 'geometry' parameter"):
        ee.Image(1).reduceRegion(ee.Reducer.mean()).getInfo()
    with pytest.raises(ee.EEException, match="default WGS84 projection is invalid"):
        ee.Image(1).reduceRegion(ee.Reducer.mean(), ee.Geometry.Point([0, 0])).getInfo()


def test_sampling_returns_pixels_and_their_places(value, rasters):
    region = _box(500_000, 3_599_970, 500_030, 3_600_000)
    table = value.sample(region, 10, geometries=True).getInfo()["features"]
    assert len(table) == 9
    np.testing.assert_array_equal(
        sorted(f["properties"]["value"] for f in table),
        sorted(rasters["value"][:3, :3].ravel().astype(float)),
    )
    assert table[0]["geometry"]["type"] == "Point"


def test_sampling_leaves_gaps_out(rasters):
    gappy = ee.Image("TEST/IMAGE").select("gappy")
    region = _box(500_000, 3_599_900, 500_100, 3_600_000)
    valid = np.isfinite(rasters["gappy"][:10, :10]).sum()
    assert gappy.sample(region, 10).size().getInfo() == valid
    assert gappy.sample(region, 10, dropNulls=False).size().getInfo() == 100


def test_regions_get_the_results_as_properties(value, rasters):
    stations = ee.FeatureCollection(
        [
            ee.Feature(ee.Geometry.Point([500_005 + 10 * i, 3_599_995], UTM), {"name": f"s{i}"})
            for i in range(3)
        ]
    )
    reduced = value.reduceRegions(stations, ee.Reducer.first(), 10).getInfo()["features"]
    assert [f["properties"]["name"] for f in reduced] == ["s0", "s1", "s2"]
    np.testing.assert_array_equal(
        [f["properties"]["first"] for f in reduced], rasters["value"][0, :3].astype(float)
    )
    sampled = value.sampleRegions(stations, ["name"], 10).getInfo()["features"]
    assert [f["properties"]["value"] for f in sampled] == list(
        rasters["value"][0, :3].astype(float)
    )


def test_results_of_one_band_are_properties_without_its_name(value):
    zones = ee.FeatureCollection([ee.Feature(_box(500_000, 3_599_900, 500_100, 3_600_000))])
    both = ee.Reducer.mean().combine(ee.Reducer.minMax(), None, True)
    one = value.reduceRegions(zones, both, 10).first().toDictionary().getInfo()
    assert set(one) == {"mean", "min", "max"}
    two = ee.Image("TEST/IMAGE").select(["value", "count"]).reduceRegions(zones, both, 10)
    assert set(two.first().toDictionary().getInfo()) == {
        f"{band}_{output}" for band in ("value", "count") for output in ("mean", "min", "max")
    }


@pytest.mark.parametrize("offset", [0, -1e-9, 1e-9, -1e-7, -5e-6, 5e-6, -1e-4])
def test_a_point_on_the_edges_of_pixels_is_in_one_of_them(value, offset):
    point = ee.Geometry.Point([500_040.0 + offset, 3_599_920.0 + offset], UTM)
    count = value.reduceRegion(ee.Reducer.count(), point, 10).getInfo()["value"]
    assert count == 1
    several = ee.Geometry.MultiPoint([[500_040.0 + offset, 3_599_920.0 + offset]] * 2, UTM)
    assert value.reduceRegion(ee.Reducer.count(), several, 10).getInfo()["value"] == 1
