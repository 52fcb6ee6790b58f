"""What the emulator assumes of strings."""

from __future__ import annotations

from gee_sm.emulator.assumptions.assumption import Assumption, Section

STRINGS = Section(
    "Strings",
    (
        "The pattern language is RE2's: references back and look-around are refused. Of Unicode "
        "its categories are known, not its scripts."
    ),
    (
        Assumption(
            "String.match",
            "No match gives an empty list.",
            "ee.String('a').match('b')",
            "[]",
        ),
        Assumption(
            "String.match",
            "A group that takes no part is null.",
            "ee.String('a').match('(b)?a')",
            '["a", null]',
        ),
        Assumption(
            "String.split",
            (
                "Empty parts at the end are dropped, as in the printed example that splits at "
                "letters."
            ),
            "ee.String('a,,').split(',')",
            '["a"]',
        ),
        Assumption(
            "String.replace",
            "Dollar and digit stand for a group.",
            "ee.String('ab').replace('(a)', '$1$1')",
            '"aab"',
        ),
        Assumption(
            "String.length",
            "Length counts UTF-16 units.",
            "ee.String('\\U0001f9f2').length()",
            "2",
        ),
        Assumption(
            "String",
            "Numbers become text as Java writes them, lists and dictionaries as JSON.",
            "ee.List([ee.String(ee.Number(1.5)), ee.String(ee.List([1, 2]))])",
            '["1.5", "[1,2]"]',
        ),
        Assumption(
            "String.encodeJSON",
            "Characters beyond ASCII are not escaped.",
            "ee.String.encodeJSON(ee.String('\\u00e9'))",
            '"\\"é\\""',
        ),
        Assumption(
            "String.match",
            "A pattern that cannot be compiled is an error of these words.",
            "ee.String('a').match('(')",
            (
                "error: String.match: Invalid regular expression: '(': missing ), unterminated "
                "subpattern at position 0."
            ),
        ),
    ),
)
