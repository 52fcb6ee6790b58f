"""Strings, lists and dictionaries against Python, and what the reference says in words."""

from __future__ import annotations

import ee
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gee_sm.emulator.registry import implementations

# What the reference describes in words; what it prints is in gee_sm.emulator.documented.
DESCRIBED = [
    ("ee.String('a').compareTo('c')", -1),
    ("ee.String('c').compareTo('a')", 1),
    ("ee.String('a').compareTo('a')", 0),
    (r"ee.String('\t a\r\n').trim()", "a"),
    ("ee.String('a').equals(ee.Number(1))", False),
    ("ee.String('a').equals('a')", True),
    ("ee.String('{\"a\": \"abc\", \"b\": 1}').decodeJSON()", {"a": "abc", "b": 1}),
    ("ee.List([1, 2, 3, None, 6, 7]).filter(ee.Filter.eq('item', 3))", [3]),
    ("ee.List([1, 2, 3, None, 6, 7]).filter(ee.Filter.gt('item', 4))", [6, 7]),
    ("ee.List([1, 2, 3, None, 6, 7]).filter(ee.Filter.notNull(['item']))", [1, 2, 3, 6, 7]),
    ("ee.List([1, 2, 3, None, 6, 7]).filter(ee.Filter.inList('item', [1, 98, 99]))", [1]),
    ("ee.List([5, 1, 4]).sort()", [1, 4, 5]),
    ("ee.List(['a', 'b', 'c']).sort([3, 1, 2])", ["b", "c", "a"]),
    ("ee.List([1, [2, [3, 4]], 5]).flatten()", [1, 2, 3, 4, 5]),
    ("ee.List([1, 2, 3]).zip(['a', 'b'])", [[1, "a"], [2, "b"]]),
    ("ee.List([[1, 2, 3], [4, 5]]).unzip()", [[1, 4], [2, 5]]),
    ("ee.List([1, 2, 1]).frequency(1)", 2),
    ("ee.List([1, 2, 1]).frequency(9)", 0),
    ("ee.List([1, 2, 3]).indexOf(9)", -1),
    ("ee.List([1, 2, 1, 2]).indexOfSublist([1, 2])", 0),
    ("ee.List([1, 2, 1, 2]).lastIndexOfSubList([1, 2])", 2),
    ("ee.List([1, 2, 3, 4]).splice(1, 2, ['x'])", [1, "x", 4]),
    ("ee.List([1, 2, 3, 4]).splice(-1, 1)", [1, 2, 3]),
    ("ee.List([1, 2, 3]).slice(1, 99)", [2, 3]),
    ("ee.List([1, 2, 3, 4]).slice(0, 4, 2)", [1, 3]),
    ("ee.List([1, 2, 3]).get(-1)", 3),
    ("ee.List([1, 2, 3]).set(-1, 9)", [1, 2, 9]),
    ("ee.List([1, 2, 3]).insert(1, 9)", [1, 9, 2, 3]),
    ("ee.List([1, 2, 3]).swap(0, -1)", [3, 2, 1]),
    ("ee.List([1, 2, 2, 3]).remove(2)", [1, 2, 3]),
    ("ee.List([1, 2, 2, 3]).removeAll([2])", [1, 3]),
    ("ee.List([1, 2, 2]).replace(2, 9)", [1, 9, 2]),
    ("ee.List([1, 2, 2]).replaceAll(2, 9)", [1, 9, 9]),
    ("ee.List([1, 1.0, 2]).distinct()", [1, 2]),
    ("ee.List([1, 2]).containsAll([2, 1])", True),
    ("ee.List(['a', 1]).join('-')", "a-1"),
    ("ee.List.repeat(7, 3)", [7, 7, 7]),
    ("ee.List([1, 2, 3]).iterate(lambda i, s: ee.Number(s).add(i), 0)", 6),
    ("ee.List([1, 2]).map(lambda i: ee.Number(i).add(1))", [2, 3]),
    ("ee.List([1, None]).map(lambda i: i)", [1, None]),
    ("ee.List([1, None]).map(lambda i: i, True)", [1]),
    ("ee.List([1, 2, 3]).reduce(ee.Reducer.sum())", 6),
    ("ee.List([1, 2, 3]).reduce(ee.Reducer.minMax())", {"max": 3, "min": 1}),
    ("ee.List([1, None, 3]).reduce(ee.Reducer.count())", 2),
    ("ee.Dictionary(['B1', 182, 'B2', 219])", {"B1": 182, "B2": 219}),
    ("ee.Dictionary({'b': 1, 'a': 2}).keys()", ["a", "b"]),
    ("ee.Dictionary({'b': 1, 'a': 2}).values()", [2, 1]),
    ("ee.Dictionary({'b': 1, 'a': 2}).values(['b'])", [1]),
    ("ee.Dictionary({'B1': 182, 'B2': 219, 'B3': 443}).toArray(['B1', 'B2'])", [182, 219]),
    ("ee.Dictionary({'B1': 182, 'B2': 219, 'B3': 443}).toArray()", [182, 219, 443]),
    ("ee.Dictionary({'a': 1, 'b': 2}).combine({'b': 3}, False)", {"a": 1, "b": 2}),
    ("ee.Dictionary({'a': 1, 'b': 2}).combine({'b': 3})", {"a": 1, "b": 3}),
    ("ee.Dictionary({'a': 1}).get('b', 7)", 7),
    ("ee.Dictionary({'a': 1}).contains('a')", True),
    ("ee.Dictionary({'a1': 1, 'a2': 2, 'b': 3}).select(['a.'])", {"a1": 1, "a2": 2}),
    ("ee.Dictionary({'a1': 1, 'a2': 2, 'b': 3}).remove(['a.'])", {"b": 3}),
    ("ee.Dictionary({'a': 1, 'b': 2}).rename(['a'], ['c'])", {"b": 2, "c": 1}),
    ("ee.Dictionary({'a': 1, 'b': 2}).map(lambda k, v: ee.Number(v).add(1))", {"a": 2, "b": 3}),
    ("ee.Dictionary.fromLists(['a', 'b'], [1, 2])", {"a": 1, "b": 2}),
    ("ee.Dictionary({'a': 1}).set('b', 2).size()", 2),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), DESCRIBED)
def test_described_outputs(run, earth_engine, text, expected):
    assert run(eval(text, {"ee": ee})) == expected


@pytest.mark.parametrize(
    "text",
    [
        "ee.Dictionary.fromLists(['a'], [1, 2])",
        "ee.Dictionary({'a': 1}).select(['z'])",
        "ee.Dictionary({'a': 1, 'b': 2}).rename(['a'], ['b'])",
        "ee.List([1]).sort([1, 2])",
        "ee.List.sequence(0, 1, 0)",
        "ee.String('a').match('(')",
        "ee.String('a').match('a', 'x')",
        r"ee.String('a').match('(a)\\1')",
        "ee.String('{').decodeJSON()",
    ],
)
def test_bad_input_is_refused_with_the_function_s_name(message, earth_engine, text):
    said = message(eval(text, {"ee": ee}))
    assert said.split(":")[0] in implementations()


def call(name, *values):
    return implementations()[name].function(*values)


values = st.one_of(st.integers(-5, 5), st.sampled_from(["a", "b"]))
lists = st.lists(values, max_size=8)


@given(lists, lists)
def test_lists_as_python_has_them(first, second):
    assert call("List.cat", first, second) == first + second
    assert call("List.reverse", first) == first[::-1]
    assert call("List.zip", first, second) == [list(pair) for pair in zip(first, second)]
    assert call("List.distinct", first) == list(dict.fromkeys(first))
    assert call("List.removeAll", first, second) == [v for v in first if v not in second]
    assert call("List.containsAll", first, second) == set(second).issubset(first)


@given(lists, st.integers(-20, 20))
def test_rotations_undo_each_other(items, distance):
    there = call("List.rotate", items, distance)
    assert call("List.rotate", there, -distance) == items
    assert call("List.rotate", items, 1) == items[-1:] + items[:-1]


@given(lists, st.integers(-9, 9), st.integers(-9, 9))
def test_slices_as_python_has_them(items, start, end):
    assert call("List.slice", items, start, end, None) == items[start:end]
    text = "".join(map(str, items))
    assert call("String.slice", text, start, end) == text[start:end]


@given(lists, st.integers(0, 2**40))
def test_shuffling_depends_on_the_seed_alone(items, seed):
    once = call("List.shuffle", items, seed)
    assert once == call("List.shuffle", items, seed)
    assert sorted(map(str, once)) == sorted(map(str, items))


@given(st.lists(st.integers(-50, 50)), st.lists(st.integers(-50, 50)))
def test_sorting_by_keys_is_stable(items, keys):
    count = min(len(items), len(keys))
    items, keys = items[:count], keys[:count]
    pairs = sorted(zip(keys, range(count)), key=lambda pair: pair[0])
    assert call("List.sort", items, keys) == [items[i] for _, i in pairs]
    assert call("List.sort", items, None) == sorted(items)


@given(st.floats(-1e3, 1e3), st.integers(1, 50), st.floats(0.01, 10))
def test_sequences_have_equal_steps(start, count, step):
    found = call("List.sequence", start, None, step, count)
    assert len(found) == count
    assert found[0] == start
    inclusive = call("List.sequence", start, found[-1], step, None)
    assert inclusive == pytest.approx(found)


@given(
    st.dictionaries(st.sampled_from("abcd"), st.one_of(st.none(), st.integers())),
    st.dictionaries(st.sampled_from("abcd"), st.one_of(st.none(), st.integers())),
)
def test_combining_drops_nulls(first, second):
    found = call("Dictionary.combine", first, second, True)
    assert None not in found.values()
    for key in set(first) | set(second):
        wanted = second.get(key) if second.get(key) is not None else first.get(key)
        assert found.get(key) == wanted


def test_positions_in_a_text_count_utf16_units_as_java_does(run):
    text = ee.String("a\U0001f600b\U0001f600")
    assert run(text.length()) == 6
    assert run(text.index("b")) == 3
    assert run(text.rindex("\U0001f600")) == 4
    assert run(text.slice(1, 3)) == "\U0001f600"
    assert run(text.slice(3)) == "b\U0001f600"
    assert run(text.slice(-2)) == "\U0001f600"
