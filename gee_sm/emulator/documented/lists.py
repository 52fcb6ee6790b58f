"""Documented outputs of lists."""

from __future__ import annotations

from gee_sm.emulator.documented.output import outputs

ONE_TO_SEVEN = "ee.List([1, 2, 3, None, 6, 7])"
FIVES = "ee.List([5, 10, 15, 20, 25, 30])"
TO_FOUR = "ee.List([0, 1, 2, 3, 4])"
GROWING = "lambda n, done: ee.List(done).add(ee.Number(ee.List(done).get(-1)).divide(2))"

LISTS = (
    *outputs("List", "apidocs/ee-list", {
        "ee.List([])": "[]",
        "ee.List([None])": "[null]",
        "ee.List([True])": "[true]",
        "ee.List([1])": "[1]",
        "ee.List([ee.Number(1)])": "[1]",
        "ee.List(['a'])": '["a"]',
        "ee.List([[]])": "[[]]",
        "ee.List([ee.List([])])": "[[]]",
        "ee.List([[], [[]], [1, [], 'a']])": '[[], [[]], [1, [], "a"]]',
    }),
    *outputs("List.add", "apidocs/ee-list-add", {
        "ee.List([]).add('b')": '["b"]',
        "ee.List(['a']).add('b')": '["a", "b"]',
        "ee.List(['a']).add(ee.String('b'))": '["a", "b"]',
        "ee.List(['a']).add(1)": '["a", 1]',
        "ee.List(['a']).add(ee.Number(1))": '["a", 1]',
        "ee.List(['a']).add(True)": '["a", true]',
        "ee.List(['a']).add([])": '["a", []]',
        "ee.List(['a']).add(ee.List([]))": '["a", []]',
        "ee.List(['a']).add(['b'])": '["a", ["b"]]',
        "ee.List(['a']).add(ee.List(['b']))": '["a", ["b"]]',
        "ee.List(['a']).add(ee.Dictionary())": '["a", {}]',
        "ee.List(['a']).add(ee.Dictionary({'b': 'c'}))": '["a", {"b": "c"}]',
        "ee.Image(ee.List(['a']).add(ee.Image.constant(1)).get(1)).bandNames().size()": "1",
        "ee.List(['a']).add(ee.ImageCollection([]))": (
            '["a", {"type": "ImageCollection", "bands": []}]'
        ),
    }),
    *outputs("List.cat", "apidocs/ee-list-cat", {
        "ee.List(['dog']).cat(['squirrel'])": '["dog", "squirrel"]',
        "ee.List(['moose']).cat(['&', 'squirrel'])": '["moose", "&", "squirrel"]',
        "ee.List([['a', 'b']]).cat(ee.List([['1', 1]]))": '[["a", "b"], ["1", 1]]',
        "ee.List([]).cat(ee.List([]))": "[]",
        "ee.List([1]).cat(ee.List([]))": "[1]",
        "ee.List([]).cat(ee.List([2]))": "[2]",
    }),
    *outputs("List.sequence", "apidocs/ee-list-sequence", {
        "ee.List.sequence(0, 5)": "[0, 1, 2, 3, 4, 5]",
        "ee.List.sequence(0, 10, 2)": "[0, 2, 4, 6, 8, 10]",
        "ee.List.sequence(0, None, 2, 6)": "[0, 2, 4, 6, 8, 10]",
        "ee.List.sequence(0, None, -2, 6)": "[0, -2, -4, -6, -8, -10]",
        "ee.List.sequence(0, 10, 2, 999).size()": "999",
        "ee.List.sequence(0, 10, 2, 3)": "[0, 5, 10]",
        "ee.List.sequence(start=10, count=3)": "[10, 11, 12]",
        "ee.List.sequence(start=3, step=2, end=6)": "[3, 5]",
        "ee.List.sequence(start=-1e9, end=1e9, count=3)": "[-1000000000, 0, 1000000000]",
    }),
    *outputs("List.filter", "apidocs/ee-list-filter", {
        f"{ONE_TO_SEVEN}.filter(ee.Filter.eq('item', 3))": "[3]",
        f"{ONE_TO_SEVEN}.filter(ee.Filter.gt('item', 4))": "[6, 7]",
        f"{ONE_TO_SEVEN}.filter(ee.Filter.notNull(['item']))": "[1, 2, 3, 6, 7]",
        f"{ONE_TO_SEVEN}.filter(ee.Filter.inList('item', [1, 98, 99]))": "[1]",
    }, source="stated"),
    *outputs("List.filter", "apidocs/ee-list-filter", {
        f"{ONE_TO_SEVEN}.filter(ee.Filter.And(ee.Filter.gte('item', 3), "
        "ee.Filter.lte('item', 6)))": "[3, 6]",
    }, source="stated", disagrees=(
        "The client sends gte and lte as Filter.not of less and greater, which are false of a "
        "null; Filter.not is documented to match what its filter does not, so the null passes."
    )),
    *outputs("List.frequency", "apidocs/ee-list-frequency", {
        "ee.List([0, 1, 2, 2, 3, 4]).frequency(0)": "1",
        "ee.List([0, 1, 2, 2, 3, 4]).frequency(2)": "2",
        "ee.List([0, 1, 2, 2, 3, 4]).frequency(9)": "0",
    }, source="stated"),
    *outputs("List.get", "apidocs/ee-list-get", {
        f"{FIVES}.get(1)": "10",
        f"{FIVES}.get(3)": "20",
        f"{FIVES}.get(-1)": "30",
        f"{FIVES}.get(-2)": "25",
        f"{FIVES}.get({FIVES}.get(0))": "30",
        f"ee.Number({FIVES}.get(1)).add(2)": "12",
    }, source="stated"),
    *outputs("List.get", 'search?q="List+index+must+be+between"&type=code', {
        "ee.List.sequence(0, 18).get(19)": (
            "error: List.get: List index must be between 0 and 18, or -19 and -1. Found 19."
        ),
    }, source="recorded"),
    *outputs("List.iterate", "apidocs/ee-list-iterate", {
        f"ee.List.sequence(1, 3).iterate({GROWING}, [1000])": "[1000, 500, 250, 125]",
    }, source="stated"),
    *outputs("List.splice", "apidocs/ee-list-splice", {
        f"{TO_FOUR}.splice(2, 1, None)": "[0, 1, 3, 4]",
        f"{TO_FOUR}.splice(-2, 1)": "[0, 1, 2, 4]",
        f"{TO_FOUR}.splice(1, 3)": "[0, 4]",
        f"{TO_FOUR}.splice(2, 0, ['X', 'Y', 'Z'])": '[0, 1, "X", "Y", "Z", 2, 3, 4]',
        f"{TO_FOUR}.splice(2, 3, ['X', 'Y', 'Z'])": '[0, 1, "X", "Y", "Z"]',
    }, source="stated"),
)  # fmt: skip
