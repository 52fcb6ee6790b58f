"""Filters and joins against the reference's rules, printed examples and brute force."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import ee
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gee_sm.emulator.filter_expression import parse_filter
from gee_sm.emulator.functions.filter import max_difference
from gee_sm.emulator.values.collection import Collection
from gee_sm.emulator.values.feature import Feature
from gee_sm.emulator.values.joins import Inner, SaveAll, Simple

DAY = 86_400_000


@pytest.fixture
def rows(earth_engine):
    """Ids 0 to 3: x is 1, 2, missing and null."""
    return ee.FeatureCollection(
        [
            ee.Feature(None, {"x": 1, "s": "apple"}),
            ee.Feature(None, {"x": 2, "s": "pear"}),
            ee.Feature(None, {"s": "fig"}),
            ee.Feature(None).set("x", None),
        ]
    )


@pytest.fixture
def passing(run):
    def passing(collection, condition):
        return run(collection.filter(condition).aggregate_array("system:index"))

    return passing


NULL_RULES = [
    ("ee.Filter.eq('x', 1)", ["0"]),
    ("ee.Filter.lt('x', 2)", ["0"]),
    ("ee.Filter.gt('x', 1)", ["1"]),
    # The client sends these three as negations, so what lacks the property passes.
    ("ee.Filter.neq('x', 1)", ["1", "2", "3"]),
    ("ee.Filter.gte('x', 2)", ["1", "2", "3"]),
    ("ee.Filter.lte('x', 1)", ["0", "2", "3"]),
    ("ee.Filter.neq('x', None)", ["0", "1"]),
    ("ee.Filter.eq('x', None)", ["2", "3"]),
    ("ee.Filter.notNull(['x'])", ["0", "1"]),
    ("ee.Filter.notNull(['x']).Not()", ["2", "3"]),
    ("ee.Filter.inList('x', [2, 7])", ["1"]),
    ("ee.Filter.rangeContains('x', 1, 2)", ["0", "1"]),
    ("ee.Filter.stringContains('s', 'p')", ["0", "1"]),
    ("ee.Filter.stringStartsWith('s', 'f')", ["2"]),
    ("ee.Filter.stringEndsWith('s', 'r')", ["1"]),
    ("ee.Filter.And(ee.Filter.gt('x', 0), ee.Filter.lt('x', 2))", ["0"]),
    ("ee.Filter.Or(ee.Filter.eq('x', 1), ee.Filter.eq('s', 'fig'))", ["0", "2"]),
    ("ee.Filter.eq('s', 1)", []),
    ("ee.Filter.lt('s', 1)", []),
    ("ee.Filter.maxDifference(1, 'x', 3)", ["1"]),
    ("ee.Filter.hasType('s', 'String')", ["0", "1", "2"]),
    ("ee.Filter.hasType('x', 'Number')", ["0", "1"]),
    ("ee.ApiFunction.call_('Filter.always')", ["0", "1", "2", "3"]),
    ("ee.ApiFunction.call_('Filter.never')", []),
    ("ee.ApiFunction.call_('Filter.hasGeometry')", []),
    ("ee.Filter.eq('system:index', '2')", ["2"]),
    ("'x > 1'", ["1"]),
    ("'x >= 2 and not (s == \"pear\")'", ["2", "3"]),
    ("'x == 1 || s == \"fig\"'", ["0", "2"]),
    ("'x in [1, 2]'", ["0", "1"]),
    ("'!(x < 2) && s != \"fig\"'", ["1", "3"]),
    ("ee.Filter.expression('x == null')", ["2", "3"]),
]


@pytest.mark.parametrize(("text", "expected"), NULL_RULES)
def test_rules(passing, rows, text, expected):
    assert passing(rows, eval(text, {"ee": ee})) == expected


@pytest.mark.parametrize("text", ["x >", "x", "(x > 1", "x > 1 y", "and x", "x not 3"])
def test_broken_text_names_the_place(message, rows, text):
    assert "Unable to parse the expression" in message(rows.filter(text).size())


@given(
    st.lists(st.integers(-3, 3), min_size=3, max_size=3),
    st.sampled_from(["<", "<=", ">", ">=", "==", "!="]),
    st.sampled_from(["and", "or"]),
)
def test_text_filters_agree_with_python(values, mark, word):
    a, b, c = values
    element = Feature(None, {"a": a, "b": b})
    text = f"a {mark} {c} {word} not b {mark} a"
    expected = eval(text, {}, {"a": a, "b": b})
    assert parse_filter(text).matches(element, element) == expected


@pytest.fixture
def times(earth_engine):
    stamps = ["2019-12-31T23:59:59", "2020-01-01", "2020-06-15T12:30", "2021-01-01"]
    return ee.FeatureCollection(
        [ee.Feature(None, {"system:time_start": ee.Date(s).millis()}) for s in stamps]
    )


def test_dates_are_half_open(passing, times):
    assert passing(times, ee.Filter.date("2020-01-01", "2021-01-01")) == ["1", "2"]
    assert passing(times, ee.Filter.date("2020-01-01")) == ["1"]


def test_only_the_start_counts(run, earth_engine):
    long = ee.Feature(None, {"system:time_start": 0, "system:time_end": 10 * DAY})
    found = ee.FeatureCollection([long]).filterDate("1970-01-05", "1970-01-06")
    assert run(found.size()) == 0


def test_a_date_may_stand_for_its_milliseconds(run, earth_engine):
    stamped = ee.Feature(None, {"system:time_start": ee.Date("2020-02-02")})
    collection = ee.FeatureCollection([stamped])
    assert run(collection.filterDate("2020-02-01", "2020-03-01").size()) == 1
    assert run(collection.filter(ee.Filter.calendarRange(2, 2, "month")).size()) == 1


def test_empty_ranges_fail_when_used(message, times, earth_engine):
    backwards = ee.Filter.date("2021-01-01", "2020-01-01")
    said = "Empty date ranges not supported for the current operation."
    assert message(times.filter(backwards).toList(5)) == f"Collection.toList: {said}"


CALENDAR = [
    ((2020, None, "year"), ["1", "2"]),
    ((12, 1, "month"), ["0", "1", "3"]),
    ((6, 6, "month"), ["2"]),
    ((12, 23, "hour"), ["0", "2"]),
    ((30, 59, "minute"), ["0", "2"]),
    ((1, 1, "day_of_year"), ["1", "3"]),
    ((365, 1, "day_of_year"), ["0", "1", "3"]),
    ((15, 31, "day_of_month"), ["0", "2"]),
    ((1, 2, "day_of_week"), ["0", "2"]),  # a Tuesday and a Monday
]


@pytest.mark.parametrize(("arguments", "expected"), CALENDAR)
def test_calendar_ranges(passing, times, arguments, expected):
    assert passing(times, ee.Filter.calendarRange(*arguments)) == expected


def test_days_of_the_year(passing, times):
    assert passing(times, ee.Filter.dayOfYear(1, 10)) == ["1", "3"]
    assert passing(times, ee.Filter.dayOfYear(365, 366)) == ["0"]


def test_calendar_agrees_with_datetime(run, earth_engine):
    stamps = [DAY * 37 * k + 3_600_000 * k for k in range(60)]
    collection = ee.FeatureCollection(
        [ee.Feature(None, {"system:time_start": stamp}) for stamp in stamps]
    )
    found = run(collection.filter(ee.Filter.calendarRange(11, 2, "month")).size())
    months = [datetime.fromtimestamp(stamp / 1000, UTC).month for stamp in stamps]
    assert found == sum(month in (11, 12, 1, 2) for month in months)


@pytest.fixture
def places(earth_engine):
    shapes = [
        ee.Geometry.Point(5, 5),
        ee.Geometry.Rectangle(0, 0, 10, 10),
        ee.Geometry.Rectangle(20, 20, 30, 30),
        None,
    ]
    return ee.FeatureCollection([ee.Feature(shape) for shape in shapes])


def test_bounds_test_the_shape_itself(passing, run, places):
    assert passing(places, ee.Filter.bounds(ee.Geometry.Rectangle(4, 4, 6, 6))) == ["0", "1"]
    assert run(places.filterBounds(ee.Geometry.Point(25, 25)).size()) == 1
    # Inside the bounding box, but not inside the triangle.
    triangle = ee.FeatureCollection([ee.Feature(ee.Geometry.Polygon([[0, 0], [10, 0], [0, 10]]))])
    assert run(triangle.filterBounds(ee.Geometry.Point(9, 9)).size()) == 0


def test_geometry_filters(passing, places):
    box = ee.Geometry.Rectangle(-1, -1, 11, 11)
    assert passing(places, ee.Filter.isContained(".geo", box)) == ["0", "1"]
    assert passing(places, ee.Filter.contains(".geo", ee.Geometry.Point(5, 5))) == ["0", "1"]
    assert passing(places, ee.Filter.disjoint(".geo", box)) == ["2", "3"]
    assert passing(places, ee.Filter.withinDistance(1e6, ".geo", ee.Geometry.Point(11, 5))) == [
        "0", "1",
    ]  # fmt: skip
    assert passing(places, ee.Filter.withinDistance(2e5, ".geo", ee.Geometry.Point(11, 5))) == ["1"]
    assert passing(places, ee.Filter.area(1e12, 1.3e12)) == ["1", "2"]


# -- joins ---------------------------------------------------------------------------------------


@pytest.fixture
def toys(earth_engine):
    """The toy collections of the guide on joins: foo and bar are small integers."""
    primary = ee.FeatureCollection([ee.Feature(None, {"foo": v}) for v in (0, 1, 1, 2)])
    secondary = ee.FeatureCollection([ee.Feature(None, {"bar": v}) for v in (1, 1, 2, 3)])
    return primary, secondary, ee.Filter.equals(leftField="foo", rightField="bar")


def test_simple_and_inverted(run, toys):
    assert run(ee.Join.simple().apply(*toys).aggregate_array("foo")) == [1, 1, 2]
    assert run(ee.Join.inverted().apply(*toys).aggregate_array("foo")) == [0]


def test_joined_features_keep_their_ids(run, toys):
    found = run(ee.Join.simple().apply(*toys))["features"]
    assert [f["id"] for f in found] == ["1", "2", "3"]


def test_inner_join_of_the_guide_has_five_pairs(run, toys):
    found = run(ee.Join.inner().apply(*toys))["features"]
    assert len(found) == 5
    first = found[0]
    assert first["geometry"] is None
    assert first["properties"]["primary"]["properties"] == {"foo": 1}
    assert first["properties"]["secondary"]["properties"] == {"bar": 1}
    assert first["id"] == "1_0"


def test_save_all(run, toys):
    joined = ee.Join.saveAll("matches").apply(*toys)
    sizes = joined.map(lambda f: f.set("n", ee.List(f.get("matches")).size()))
    assert run(sizes.aggregate_array("n")) == [2, 2, 1]
    outer = ee.Join.saveAll("matches", outer=True).apply(*toys)
    sizes = outer.map(lambda f: f.set("n", ee.List(f.get("matches")).size()))
    assert run(sizes.aggregate_array("n")) == [0, 2, 2, 1]


@pytest.fixture
def passes(earth_engine):
    def passes(days):
        return ee.FeatureCollection(
            [ee.Feature(None, {"day": d, "system:time_start": d * DAY}) for d in days]
        )

    return passes


def near_in_time(days):
    return ee.Filter.maxDifference(
        difference=days * DAY, leftField="system:time_start", rightField="system:time_start"
    )


def test_save_best_takes_the_closest_in_time(run, passes):
    joined = ee.Join.saveBest("best", "apart").apply(
        passes([10, 50]), passes([3, 9, 12]), near_in_time(7)
    )
    best = joined.map(lambda f: f.set("found", ee.Feature(f.get("best")).get("day")))
    assert run(best.aggregate_array("found")) == [9]
    apart = joined.map(lambda f: f.set("found", ee.Feature(f.get("best")).get("apart")))
    assert run(apart.aggregate_array("found")) == [DAY]


def test_differences_are_inclusive(run, passes):
    joined = ee.Join.simple().apply(passes([10]), passes([17]), near_in_time(7))
    assert run(joined.size()) == 1


def test_save_all_orders_and_measures(run, passes):
    joined = ee.Join.saveAll("matches", ordering="day", ascending=False, measureKey="apart").apply(
        passes([10]), passes([3, 9, 12, 40]), near_in_time(7)
    )
    matches = ee.List(joined.first().get("matches"))
    assert run(matches.map(lambda f: ee.Feature(f).get("day"))) == [12, 9, 3]
    assert run(matches.map(lambda f: ee.Feature(f).get("apart"))) == [2 * DAY, DAY, 7 * DAY]


def test_save_first(run, passes):
    joined = ee.Join.saveFirst("match", "day", False).apply(
        passes([10]), passes([3, 9, 12]), near_in_time(7)
    )
    assert run(ee.Feature(joined.first().get("match")).get("day")) == 12
    alone = ee.Join.saveFirst("match", outer=True).apply(
        passes([100]), passes([3]), near_in_time(7)
    )
    assert run(alone.first().propertyNames().contains("match")) is False


def test_combined_filters_have_no_measure(message, passes):
    both = ee.Filter.And(near_in_time(7), ee.Filter.neq("day", None))
    joined = ee.Join.saveBest("best", "apart").apply(passes([10]), passes([9]), both)
    assert "produces no measure" in message(joined)


def test_joins_by_distance(run, earth_engine):
    def at(*longitudes):
        return ee.FeatureCollection(
            [ee.Feature(ee.Geometry.Point(x, 0), {"x": x}) for x in longitudes]
        )

    near = ee.Filter.withinDistance(distance=150_000, leftField=".geo", rightField=".geo")
    joined = ee.Join.saveBest("best", "meters").apply(at(0, 50), at(1, 1.2, 5), near)
    match = ee.Feature(joined.first().get("best"))
    assert run(joined.size()) == 1
    assert run(match.get("x")) == 1
    assert run(match.get("meters")) == pytest.approx(math.radians(1) * 6_367_000)


@given(
    st.lists(st.integers(0, 30), max_size=6),
    st.lists(st.integers(0, 30), max_size=6),
    st.integers(0, 8),
)
def test_joins_agree_with_brute_force(left, right, reach):
    def made(values):
        return Collection(
            [Feature(None, {"system:index": str(i), "v": v}) for i, v in enumerate(values)]
        )

    condition = max_difference(reach, "v", None, "v", None)
    pairs = [(a, b) for a in left for b in right if abs(a - b) <= reach]
    found = Inner("p", "s", "d").of(made(left), made(right), condition)
    assert [
        (f.properties["p"].properties["v"], f.properties["s"].properties["v"]) for f in found
    ] == pairs
    assert [f.properties["d"] for f in found] == [abs(a - b) for a, b in pairs]
    kept = Simple().of(made(left), made(right), condition)
    lost = Simple(inverted=True).of(made(left), made(right), condition)
    assert len(kept) + len(lost) == len(left)
    saved = SaveAll("m", None, True, None, True).of(made(left), made(right), condition)
    assert [len(f.properties["m"]) for f in saved] == [
        sum(abs(a - b) <= reach for b in right) for a in left
    ]
