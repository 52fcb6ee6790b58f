"""Collections of images: mapping, iterating, filtering by time, joining and reducing."""

from __future__ import annotations

import ee
import numpy as np
import pytest


@pytest.fixture
def series():
    return ee.ImageCollection("TEST/SERIES")


def test_dates_filter_the_start_with_an_open_end(series):
    assert series.filterDate("2020-07-01", "2020-07-03").size().getInfo() == 2
    assert series.filterDate("2020-07-02").size().getInfo() == 1


def test_properties_and_bounds_filter(series):
    assert series.filter(ee.Filter.gte("day", 2)).aggregate_array("day").getInfo() == [2, 3]
    inside = ee.Geometry.Point([93.005, 32.53])
    assert series.filterBounds(inside).size().getInfo() == 3
    assert series.filterBounds(ee.Geometry.Point([95, 32.5])).size().getInfo() == 0


def test_mapped_functions_see_their_own_image_and_the_scope_around(series, pull, rasters):
    def outer(image):
        day = ee.Number(image.get("day"))
        inner = ee.List([1, 2]).map(lambda k: ee.Number(k).multiply(day))
        return image.select("value").multiply(ee.Number(ee.List(inner).get(1))).set("twice", inner)

    mapped = series.map(outer)
    assert mapped.aggregate_array("twice").getInfo() == [[1, 2], [2, 4], [3, 6]]
    assert mapped.aggregate_array("system:index").getInfo() == ["day1", "day2", "day3"]
    found = pull(mapped.sum())["value"]
    np.testing.assert_allclose(found, rasters["value"].astype(float) * (2 + 8 + 18), rtol=1e-6)


def test_iterate_carries_a_state(series):
    total = series.iterate(
        lambda image, state: ee.Number(state).add(ee.Number(image.get("day"))), ee.Number(0)
    )
    assert ee.Number(total).getInfo() == 6


def test_iterate_stacks_bands_as_xee_does(series, pull, rasters):
    stacked = ee.Image(
        series.select("value").iterate(
            lambda image, state: ee.Image(state).addBands(image, ["value"]), ee.Image()
        )
    )
    stacked = stacked.select(stacked.bandNames().slice(1))
    assert stacked.bandNames().getInfo() == ["value", "value_1", "value_2"]
    found = pull(stacked)
    np.testing.assert_allclose(found["value_2"], rasters["value"] * 3, rtol=1e-6)


def test_reductions_over_time(series, pull, rasters):
    value = rasters["value"].astype(float)
    for name, expected in (("mean", 2), ("median", 2), ("max", 3), ("min", 1), ("sum", 6)):
        np.testing.assert_allclose(
            pull(getattr(series.select("value"), name)())["value"],
            value * expected,
            rtol=1e-6,
            err_msg=name,
        )
    spread = pull(series.select("value").reduce(ee.Reducer.stdDev()))["value_stdDev"]
    np.testing.assert_allclose(spread, np.abs(value) * np.sqrt(2 / 3), rtol=1e-6)


def test_quality_mosaic_takes_whole_pixels(series, pull, rasters):
    scored = series.map(
        lambda i: i.select("value").addBands(
            ee.Image.constant(ee.Number(i.get("day")).subtract(2).abs().multiply(-1))
            .rename("score")
            .toFloat()
        )
    )
    found = pull(scored.qualityMosaic("score"))["value"]
    np.testing.assert_allclose(found, rasters["value"] * 2, rtol=1e-6)


def test_joins_by_time(series):
    other = series.map(
        lambda image: ee.Image(image).set(
            "system:time_start", ee.Number(image.get("system:time_start")).add(36 * 3600 * 1000)
        )
    )
    near = ee.Filter.maxDifference(24 * 3600 * 1000, "system:time_start", None, "system:time_start")
    joined = ee.ImageCollection(ee.Join.saveAll("near").apply(series, other, near))
    sizes = joined.aggregate_array("near").getInfo()
    assert joined.aggregate_array("day").getInfo() == [2, 3]
    assert [len(s) for s in sizes] == [1, 2]


def test_linked_bands_and_the_lack_of_a_match(series, pull):
    link = ee.ImageCollection([ee.Image(5).rename("score").set("system:index", "day2")])
    linked = series.map(lambda image: image.linkCollection(link, ["score"]))
    assert linked.first().bandNames().getInfo() == ["value", "gappy", "score"]
    found = pull(linked.select("score").toBands(), (3, 3))
    assert np.ma.getmaskarray(found["day1_score"]).all()
    assert (found["day2_score"] == 5).all()


def test_empty_collections_become_images_without_bands(series):
    nothing = series.filterDate("1999-01-01", "1999-02-01")
    assert nothing.mean().bandNames().getInfo() == []
    with pytest.raises(ee.EEException, match="Image with no bands"):
        nothing.mean().select("value").getInfo()


def test_unlike_images_cannot_be_reduced(series):
    mixed = series.map(lambda image: image.select("value")).merge(
        series.map(lambda image: image.select("gappy"))
    )
    with pytest.raises(ee.EEException, match="Expected a homogeneous image collection"):
        mixed.mean().getInfo()


def test_to_bands_names_by_index(series):
    assert series.select("value").toBands().bandNames().getInfo() == [
        "day1_value",
        "day2_value",
        "day3_value",
    ]


def test_an_unknown_function_says_what_there_is():
    with pytest.raises(ee.EEException, match=r"Image.displacement is not implemented .*Image"):
        ee.Image(1).displacement(ee.Image(2), 10).getInfo()


def test_a_missing_asset_is_named_in_the_services_words():
    with pytest.raises(ee.EEException, match="Image asset 'NO/SUCH' not found"):
        ee.Image("NO/SUCH").getInfo()
