"""What the emulator assumes of dictionaries."""

from __future__ import annotations

from gee_sm.emulator.assumptions.assumption import Assumption, Section

DICTIONARIES = Section(
    "Dictionaries",
    "",
    (
        Assumption(
            "Dictionary.combine",
            "A null on one side does not hide the value of the other.",
            "ee.Dictionary({'a': 1}).combine({'a': None})",
            '{"a": 1}',
        ),
        Assumption(
            "Dictionary.select",
            "A selector without a match is an error of these words.",
            "ee.Dictionary({'a': 1}).select(['z'])",
            (
                "error: Dictionary.select: Key pattern 'z' did not match any keys. Available keys: "
                "[a]"
            ),
        ),
        Assumption(
            "Dictionary.fromLists",
            "Lists of different lengths are an error of these words.",
            "ee.Dictionary.fromLists(['a'], [1, 2])",
            (
                "error: Dictionary.fromLists: Keys and values must have the same length, got 1 and "
                "2."
            ),
        ),
        Assumption(
            "Dictionary.rename",
            "Landing on an existing key is an error of these words.",
            "ee.Dictionary({'a': 1, 'b': 2}).rename(['a'], ['b'])",
            (
                "error: Dictionary.rename: The new name 'b' is already in use; set 'overwrite' to "
                "replace it."
            ),
        ),
        Assumption(
            "Dictionary.toArray",
            "Along axis 1 the numbers become a row.",
            "ee.Dictionary({'a': 1, 'b': 2}).toArray(None, 1)",
            "[[1, 2]]",
        ),
    ),
)
