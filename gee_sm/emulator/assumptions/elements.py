"""What the emulator assumes of elements."""

from __future__ import annotations

from gee_sm.emulator.assumptions.assumption import Assumption, Section

ELEMENTS = Section(
    "Elements",
    "",
    (
        Assumption(
            "Element.set",
            "A null is kept as the value of the property.",
            "ee.Feature(None).set('a', None).propertyNames()",
            '["a"]',
        ),
        Assumption(
            "Element.toDictionary",
            "A listed property that is missing is an error of these words.",
            "ee.Feature(None, {}).toDictionary(['a'])",
            "error: Element.toDictionary: Property 'a' of element '' is missing.",
        ),
        Assumption(
            "Element.copyProperties",
            "Listed properties that are missing are passed over.",
            (
                "ee.Feature(None, {}).copyProperties(ee.Feature(None, {'a': 1}), ['a', 'b'])"
                ".toDictionary()"
            ),
            '{"a": 1}',
        ),
        Assumption(
            "Element.replaceProperties",
            "The index of the destination stays.",
            (
                "ee.Feature(None, {'system:index': 'd', 'a': 1})"
                ".replaceProperties(ee.Feature(None, {'b': 2})).get('system:index')"
            ),
            '"d"',
        ),
        Assumption(
            "Feature.select",
            "Selectors that match nothing are passed over.",
            "ee.Feature(None, {'a': 1}).select(['a', 'z']).toDictionary()",
            '{"a": 1}',
        ),
        Assumption(
            "Element.get",
            "A dotted name reaches into an element that is a property.",
            "ee.Feature(None, {'p': ee.Feature(None, {'x': 3})}).get('p.x')",
            "3",
        ),
    ),
)
