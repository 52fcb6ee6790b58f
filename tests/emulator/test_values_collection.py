"""Collections, elements and aggregates against documented and recorded behaviour."""

from __future__ import annotations

import ee
import pytest

from gee_sm.emulator.values.collection import Collection
from gee_sm.emulator.values.feature import Feature


@pytest.fixture
def toy(earth_engine):
    def toy(*values, name="x"):
        return ee.FeatureCollection([ee.Feature(None, {name: value}) for value in values])

    return toy


def indices(collection):
    return collection.aggregate_array("system:index")


def test_features_are_numbered_unless_they_have_an_index(run, earth_engine):
    features = [
        ee.Feature(None, {}),
        ee.Feature(None, {"system:index": "abc"}),
        ee.Feature(None, {}),
    ]
    assert run(indices(ee.FeatureCollection(features))) == ["0", "abc", "2"]


def test_json_of_a_collection(run, earth_engine):
    found = run(ee.FeatureCollection([ee.Feature(None, {"a": 1})]))
    assert found["type"] == "FeatureCollection"
    assert found["features"] == [
        {"type": "Feature", "geometry": None, "id": "0", "properties": {"a": 1}}
    ]


def test_lone_feature_has_no_id(run, earth_engine):
    assert run(ee.Feature(None)) == {"type": "Feature", "geometry": None, "properties": {}}
    assert run(ee.Feature(None, {"id": "yada"}).id()) is None
    assert run(ee.Feature(None, {"system:index": "abc123"}).id()) == "abc123"


def test_merge_prefixes(run, toy):
    assert run(indices(toy(1, 2).merge(toy(3)))) == ["1_0", "1_1", "2_0"]


def test_flatten_joins_indices(run, toy):
    nested = ee.FeatureCollection([toy(1, 2), toy(3)])
    assert run(indices(nested.flatten())) == ["0_0", "0_1", "1_0"]


def test_map_keeps_the_index(run, toy):
    mapped = toy(1, 2).map(lambda f: ee.Feature(None, {"y": ee.Number(f.get("x")).add(1)}))
    assert run(mapped.aggregate_array("y")) == [2, 3]
    assert run(indices(mapped)) == ["0", "1"]


def test_map_prefixes_errors(message, toy):
    failing = toy(1).map(lambda f: f.set("y", ee.Dictionary({}).get("gone")))
    assert message(failing) == (
        "Error in map(ID=0):\nDictionary.get: Dictionary does not contain key: 'gone'."
    )


def test_map_refuses_what_is_not_an_element(message, toy):
    failing = toy(1).map(lambda f: ee.Number(1))
    assert message(failing) == "Collection.map: A mapped algorithm must return a Feature or Image."


def test_map_drops_nulls_only_when_told(run, message, toy):
    def keep_two(feature):
        return ee.Algorithms.If(ee.Number(feature.get("x")).eq(2), feature, None)

    assert run(toy(1, 2, 3).map(keep_two, True).aggregate_array("x")) == [2]
    assert "must return a Feature or Image" in message(toy(1, 2).map(keep_two))


def test_iterate(run, toy):
    total = toy(1, 2, 3).iterate(lambda f, s: ee.Number(s).add(f.get("x")), 10)
    assert run(total) == 16


def test_nested_maps_see_their_own_arguments(run, toy):
    def outer(feature):
        inner = toy(10, 20).map(lambda g: g.set("x", ee.Number(g.get("x")).add(feature.get("x"))))
        return feature.set("inner", inner.aggregate_array("x"))

    assert run(toy(1, 2).map(outer).aggregate_array("inner")) == [[11, 21], [12, 22]]


def test_limit_sorts_then_cuts(run, toy):
    ordered = toy(3, 1, 2)
    assert run(ordered.limit(2, "x").aggregate_array("x")) == [1, 2]
    assert run(ordered.limit(2, "x", False).aggregate_array("x")) == [3, 2]
    assert run(ordered.sort("x").aggregate_array("x")) == [1, 2, 3]
    assert run(ordered.limit(0).size()) == 0


def test_sort_is_stable(run, earth_engine):
    rows = [ee.Feature(None, {"k": k, "n": n}) for n, k in enumerate([1, 0, 1, 0])]
    found = ee.FeatureCollection(rows).sort("k").aggregate_array("n")
    assert run(found) == [1, 3, 0, 2]


def test_to_list_with_offset(run, toy):
    found = toy(5, 6, 7).toList(2, 1).map(lambda f: ee.Feature(f).get("x"))
    assert run(found) == [6, 7]


def test_first_of_nothing_is_null(run, message, toy):
    nothing = toy(1).filter(ee.Filter.eq("x", 9))
    assert run(nothing.first()) is None
    assert message(ee.Feature(nothing.first()).get("x")) == (
        "Element.get: Parameter 'object' is required and may not be null."
    )


def test_distinct_keeps_the_first(run, earth_engine):
    rows = [ee.Feature(None, {"k": k, "n": n}) for n, k in enumerate(["a", "b", "a"])]
    assert run(ee.FeatureCollection(rows).distinct("k").aggregate_array("n")) == [0, 1]


def test_distinct_geometries(run, earth_engine):
    points = [ee.Feature(ee.Geometry.Point(x, 0)) for x in (1, 2, 1)]
    assert run(ee.FeatureCollection(points).distinct(".geo").size()) == 2


def test_remap_drops_what_is_not_listed(run, toy):
    found = toy("a", "b", "c").remap(["a", "c"], [1, 3], "x")
    assert run(found.aggregate_array("x")) == [1, 3]


def test_random_column_depends_on_seed_and_index_alone(run, toy):
    def values(seed, **options):
        return run(toy(*range(200)).randomColumn(seed=seed, **options).aggregate_array("random"))

    first = values(1)
    assert first == values(1)
    assert first != values(2)
    assert all(0 <= value < 1 for value in first)
    assert 0.4 < sum(first) / 200 < 0.6
    normal = values(1, distribution="normal")
    assert -0.3 < sum(normal) / 200 < 0.3
    assert min(normal) < -1
    assert max(normal) > 1
    by_value = toy(7, 7).randomColumn(rowKeys=["x"]).aggregate_array("random")
    assert len(set(run(by_value))) == 1


def test_load_table(run, earth_engine, catalog_of):
    table = Collection([Feature(None, {"system:index": f"{i:020d}"}) for i in range(2)])
    found = run(ee.FeatureCollection("a/table").size(), catalog_of({"a/table": table}))
    assert found == 2


def test_from_columns(run, earth_engine):
    made = ee.ApiFunction.call_("Collection.fromColumns", [[1, 2], ["a", "b"]], ["n", "s"])
    found = run(made)["features"]
    assert [f["properties"] for f in found] == [{"n": 1, "s": "a"}, {"n": 2, "s": "b"}]
    assert [f["id"] for f in found] == ["0", "1"]


def test_copy_properties(run, earth_engine):
    source = ee.Feature(None, {"a": 1, "b": 2, "system:time_start": 5, "system:index": "i"})
    bare = ee.Feature(None, {"a": 0})
    assert run(ee.Feature(bare.copyProperties(source)))["properties"] == {"a": 1, "b": 2}
    listed = ee.Feature(bare.copyProperties(source, ["system:time_start"]))
    assert run(listed)["properties"] == {"a": 0, "system:time_start": 5}
    without = ee.Feature(bare.copyProperties(source, exclude=["b"]))
    assert run(without)["properties"] == {"a": 1}


def test_to_dictionary_leaves_system_properties_out(run, earth_engine):
    feature = ee.Feature(None, {"a": 1, "system:time_start": 5})
    assert run(feature.toDictionary()) == {"a": 1}
    assert run(feature.toDictionary(["system:time_start"])) == {"system:time_start": 5}


def test_set_several(run, earth_engine):
    feature = ee.Feature(None, {"a": 1}).set({"b": 2, "c": 3}).set("d", 4, "e", 5)
    assert run(feature)["properties"] == {"a": 1, "b": 2, "c": 3, "d": 4, "e": 5}


def test_select_properties(run, earth_engine):
    feature = ee.Feature(ee.Geometry.Point(1, 2), {"aa": 1, "ab": 2, "b": 3})
    assert run(feature.select(["a."]))["properties"] == {"aa": 1, "ab": 2}
    renamed = run(feature.select(["b"], ["c"], False))
    assert renamed["properties"] == {"c": 3}
    assert renamed["geometry"] is None


def test_geometry_is_not_a_property(run, earth_engine):
    feature = ee.Feature(ee.Geometry.Point(1, 2), {"a": 1})
    assert run(feature.propertyNames()) == ["a"]


def test_aggregates(run, toy):
    values = toy(1, 2, 3, 4)
    assert run(values.aggregate_sum("x")) == 10
    assert run(values.aggregate_mean("x")) == 2.5
    assert run(values.aggregate_min("x")) == 1
    assert run(values.aggregate_max("x")) == 4
    assert run(values.aggregate_product("x")) == 24
    assert run(values.aggregate_count("x")) == 4
    assert run(values.aggregate_total_var("x")) == pytest.approx(1.25)
    assert run(values.aggregate_sample_var("x")) == pytest.approx(5 / 3)
    assert run(values.aggregate_total_sd("x")) == pytest.approx(1.25**0.5)
    assert run(values.aggregate_sample_sd("x")) == pytest.approx((5 / 3) ** 0.5)
    assert run(values.aggregate_first("x")) == 1


def test_aggregates_skip_missing_values(run, earth_engine):
    rows = [ee.Feature(None, {"x": 2}), ee.Feature(None, {}), ee.Feature(None, {"x": 4})]
    collection = ee.FeatureCollection(rows)
    assert run(collection.aggregate_array("x")) == [2, 4]
    assert run(collection.aggregate_count("x")) == 2
    stats = run(collection.aggregate_stats("x"))
    assert stats["total_count"] == 3
    assert stats["valid_count"] == 2
    assert stats["mean"] == 3
    assert set(stats) == {
        "max", "mean", "min", "sample_sd", "sample_var", "sum", "sum_sq", "total_count",
        "total_sd", "total_var", "valid_count", "weight_sum", "weighted_sum",
    }  # fmt: skip


def test_aggregates_of_nothing(run, toy):
    nothing = toy(1).filter(ee.Filter.gt("x", 5))
    assert run(nothing.aggregate_mean("x")) is None
    assert run(nothing.aggregate_max("x")) is None
    assert run(nothing.aggregate_first("x")) is None
    assert run(nothing.aggregate_sum("x")) == 0
    assert run(nothing.aggregate_array("x")) == []


def test_aggregates_of_text(run, toy):
    assert run(toy("b", "a", "c").aggregate_min("x")) == "a"
    assert run(toy("b", "a", "b").aggregate_histogram("x")) == {"a": 1, "b": 2}
    assert run(toy("b", "a", "b").aggregate_count_distinct("x")) == 2


def test_error_matrix(run, earth_engine):
    pairs = [(1, 1), (1, 2), (2, 2), (3, 3), (3, 3)]
    rows = [ee.Feature(None, {"a": a, "p": p}) for a, p in pairs]
    matrix = ee.FeatureCollection(rows).errorMatrix("a", "p")
    assert run(matrix.array()) == [[0, 0, 0, 0], [0, 1, 1, 0], [0, 0, 1, 0], [0, 0, 0, 2]]
    ordered = ee.FeatureCollection(rows).errorMatrix("a", "p", [3, 1])
    assert run(ordered.array()) == [[2, 0], [0, 1]]
