"""What the emulator assumes of lists."""

from __future__ import annotations

from gee_sm.emulator.assumptions.assumption import Assumption, Section

LISTS = Section(
    "Lists",
    "",
    (
        Assumption(
            "List.rotate",
            "A positive distance moves items to higher positions.",
            "ee.List([1, 2, 3]).rotate(1)",
            "[3, 1, 2]",
        ),
        Assumption(
            "List.sort",
            "Nulls come last; equal items keep their order.",
            "ee.List([3, None, 2, 1]).sort()",
            "[1, 2, 3, null]",
        ),
        Assumption(
            "List.sort",
            (
                "Numbers and texts have no common order, here as in Collection.sort, the "
                "aggregates and the reducers min and max, of one of which users quote these words."
            ),
            "ee.List([0, '10']).sort()",
            "error: List.sort: Cannot compare values '0' (Type:Integer) and '10' (Type:String).",
        ),
        Assumption(
            "List.equals",
            "Numbers are equal by value whatever their type.",
            "ee.List([1]).equals([ee.Number(1).toDouble()])",
            "true",
        ),
        Assumption(
            "List.flatten",
            "All levels are taken out.",
            "ee.List([1, [2, [3]]]).flatten()",
            "[1, 2, 3]",
        ),
        Assumption(
            "List.get",
            "An empty list has its own message.",
            "ee.List([]).get(0)",
            "error: List.get: List index 0 is out of range of an empty list.",
        ),
        Assumption(
            "List.map",
            "A null result stays in the list unless nulls are dropped.",
            "ee.List([1]).map(lambda i: ee.Algorithms.If(0, 1, None))",
            "[null]",
        ),
        Assumption(
            "List.join",
            "A null item is an empty text.",
            "ee.List(['a', None, 'b']).join('-')",
            '"a--b"',
        ),
        Assumption(
            "List.sequence",
            "With a count of one the end is ignored.",
            "ee.List.sequence(3, 9, None, 1)",
            "[3]",
        ),
        Assumption(
            "List.sequence",
            "A last step that falls short of the end by rounding still counts.",
            "ee.List.sequence(0, 0.3, 0.1).size()",
            "4",
        ),
        Assumption(
            "List.sequence",
            "Items are real numbers: samples cast them before they become text.",
            "ee.List.sequence(0, 1).map(lambda n: ee.Number(n).format())",
            '["0.0", "1.0"]',
        ),
        Assumption(
            "List.shuffle",
            "The order depends on the seed; which order cannot be known.",
            "ee.List([1, 2, 3, 4]).shuffle(1).sort()",
            "[1, 2, 3, 4]",
        ),
        Assumption(
            "List.splice",
            "A count beyond the end is cut.",
            "ee.List([1, 2, 3]).splice(1, 9)",
            "[1]",
        ),
    ),
)
