"""Filters that ask stored elements all at once pass what a walk over the elements passes."""

import math

import numpy as np
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from shapely.geometry import Point, box

from gee_sm.emulator.coercion import NotConvertible
from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.functions import filter as make
from gee_sm.emulator.values.collection import Collection
from gee_sm.emulator.values.date import Date
from gee_sm.emulator.values.date_range import DateRange
from gee_sm.emulator.values.element_columns import ElementColumns
from gee_sm.emulator.values.error_margin import ErrorMargin
from gee_sm.emulator.values.feature import Feature
from gee_sm.emulator.values.geometry import WGS84, Geometry
from gee_sm.emulator.values.image import Image

PLACES = [Geometry(box(x, 0, x + 1, 1), WGS84, geodesic=False) for x in (0, 0.5, 5)]
NAMES = ("system:time_start", "orbit", "pass.name", "mixed", "absent")
numbers = st.one_of(
    st.integers(-3, 3),
    st.sampled_from([2**53, 2**53 + 1, -(2**60), math.nan, math.inf, -0.0, 0.5, True]),
    st.builds(Date, st.integers(-3, 3)),
)
texts = st.sampled_from(["A", "D", "", "1"])
anything = st.one_of(st.none(), numbers, texts, st.lists(st.integers(0, 2), max_size=2))
properties = st.fixed_dictionaries(
    {},
    optional={
        "system:time_start": st.one_of(st.none(), st.integers(-3, 3)),
        "orbit": st.one_of(st.none(), texts),
        "pass.name": numbers,
        "mixed": anything,
    },
)
elements = st.one_of(
    st.builds(
        lambda p, place: Image((), p, place),
        properties,
        st.one_of(st.none(), st.sampled_from(PLACES)),
    ),
    st.builds(
        lambda p, place: Feature(place, p),
        properties,
        st.one_of(st.none(), st.sampled_from(PLACES)),
    ),
)
# Few kinds, many times: what stored collections are like.
collections = st.lists(elements, min_size=1, max_size=4).flatmap(
    lambda kinds: st.lists(st.sampled_from(kinds), max_size=12)
)
MARGIN = ErrorMargin(1)


def comparison(function):
    return st.one_of(
        st.builds(lambda n, v: function(n, v, None, None), st.sampled_from(NAMES), anything),
        st.builds(
            lambda n, v: function(None, None, n, v),
            st.sampled_from(NAMES),
            anything.filter(lambda value: value is not None),
        ),
        st.builds(lambda n, m: function(n, None, m, None), *[st.sampled_from(NAMES)] * 2),
    )


def spatial(function, *first):
    place = st.sampled_from([*PLACES, Geometry(Point(0.7, 0.5), WGS84)])
    return st.builds(
        lambda field, shape: function(*first, field, shape, None, None, MARGIN),
        st.sampled_from([".all", ".geo", "orbit"]),
        place,
    )


leaves = st.one_of(
    *(
        comparison(function)
        for function in (
            make.equals,
            make.not_equals,
            make.less_than,
            make.greater_than,
            make.at_least,
            make.at_most,
            make.string_starts_with,
            make.list_contains,
            lambda *sides: make.max_difference(1, *sides),
        )
    ),
    st.builds(
        lambda name, start, days: make.date_range_contains(
            None, None, name, DateRange(start, start + days)
        ),
        st.sampled_from(NAMES),
        st.sampled_from([-(2**63), -2, 0, 1]),
        st.integers(0, 4),  # an empty range is an error
    ),
    st.builds(lambda name: make.not_null([name]), st.sampled_from(NAMES)),
    st.builds(
        lambda name, low: make.range_contains(name, low, low + 2),
        st.sampled_from(NAMES),
        st.integers(-3, 3),
    ),
    spatial(make.intersects),
    spatial(make.contains),
    spatial(make.within_distance, 1000),
    st.sampled_from([make.always(), make.never()]),
)
filters = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(make.and_, st.lists(inner, max_size=3)),
        st.builds(make.or_, st.lists(inner, max_size=3)),
        st.builds(make.not_, inner),
    ),
    max_leaves=5,
)


def passing(collection, conditions):
    for condition in conditions:
        collection = collection.filtered(condition)
    try:
        return [id(element) for element in collection]
    except (EarthEngineError, NotConvertible) as error:
        return repr(error)


@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(collections, st.lists(filters, min_size=1, max_size=3))
@example([Feature(None, {"mixed": 1})] * 3, [make.equals("mixed", None, None, None)])
@example(
    [Feature(None, {"mixed": "A"}), Feature(None, {"mixed": 1})],
    [make.max_difference(1, "mixed", 1, None, None), make.never()],
)
@example([Feature(None, {"mixed": 2**53 + 1})], [make.equals("mixed", 2**53, None, None)])
@example([Feature(None, {"mixed": 1})] * 3, [make.less_than("mixed", DateRange(0, 2), None, None)])
@example(
    [Feature(None, {"mixed": value}) for value in (1, 1.5, 1.0, 1, 1.0, 1)],
    [make.has_type("mixed", "Integer", None, None)],
)
def test_a_stored_collection_is_filtered_as_by_a_walk(stored, conditions):
    at_once = Collection(stored, columns=ElementColumns(stored))
    assert passing(at_once, conditions) == passing(Collection(stored), conditions)


def test_dates_places_and_properties_are_asked_for_at_once():
    stored = [
        Image((), {"system:time_start": day, "orbit": "AD"[day % 2], "n": day / 2}, PLACES[day % 3])
        for day in range(12)
    ]
    columns = ElementColumns(stored)
    place = Geometry(Point(5.5, 0.5), WGS84)
    for condition, expected in (
        (make.date_range_contains(None, None, "system:time_start", DateRange(2, 5)), {2, 3, 4}),
        (make.equals("orbit", "D", None, None), {1, 3, 5, 7, 9, 11}),
        (make.at_least("n", 5, None, None), {10, 11}),
        (make.intersects(".all", place, None, None, MARGIN), {2, 5, 8, 11}),
    ):
        assert set(np.flatnonzero(condition.at_once(columns))) == expected
