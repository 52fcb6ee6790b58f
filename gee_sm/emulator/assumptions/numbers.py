"""What the emulator assumes of numbers."""

from __future__ import annotations

from gee_sm.emulator.assumptions.assumption import Assumption, Section

NUMBERS = Section(
    "Numbers",
    (
        "Printed outputs of the reference settle most of it: x / 0 is 0, a remainder has "
        "the sign of the dividend, `atan2` takes x first, `gammainc` takes x before a, "
        "`lanczos` is the series of the gamma function. Whole numbers are answered as integers, "
        "whatever their type, as recordings of recent years have them."
    ),
    (
        Assumption(
            "Number.toInt",
            (
                "Casts of numbers drop decimals (arrays round, as printed for Array.byte; the "
                "reference only says that 1.7 loses its decimals)."
            ),
            "ee.List([ee.Number(1.7).toInt(), ee.Number(-1.7).toInt()])",
            "[1, -1]",
        ),
        Assumption(
            "Number.round",
            "Halves go up, also negative ones, as Java's Math.round does.",
            "ee.List([ee.Number(10.5).round(), ee.Number(-10.5).round()])",
            "[11.0, -10.0]",
        ),
        Assumption(
            "Number.mod",
            "The remainder of a division by zero is zero, like the quotient.",
            "ee.Number(5).mod(0)",
            "0",
        ),
        Assumption(
            "Number.add",
            "Whole results that 64 bits cannot hold become doubles.",
            "ee.Number(9223372036854775807).add(1)",
            "9.223372036854776e+18",
        ),
        Assumption(
            "Number.leftShift",
            "Only the six lowest bits of the distance count, as in Java.",
            "ee.Number(1).leftShift(65)",
            "2",
        ),
        Assumption(
            "Number.bitwiseAnd",
            "Operands with decimals lose them.",
            "ee.Number(5.7).bitwiseAnd(7)",
            "5",
        ),
        Assumption(
            "Number.format",
            "Rounding is by decimal digits, halves up, as in Java's Formatter.",
            "ee.Number(0.125).format('%.2f')",
            '"0.13"',
        ),
        Assumption(
            "Number.format",
            "The default pattern writes doubles as Java's Double.toString does.",
            "ee.Number(12345678.5).format()",
            '"1.23456785E7"',
        ),
        Assumption(
            "Number.parse",
            "Whole numbers that 64 bits cannot hold become doubles.",
            "ee.Number.parse('9223372036854775808').format()",
            '"9.223372036854776E18"',
        ),
        Assumption(
            "Number.parse",
            "White space around the number is ignored.",
            "ee.Number.parse(' 12 ')",
            "12",
        ),
        Assumption(
            "Number.parse",
            "Text that is not a number is an error of these words.",
            "ee.Number.parse('abc')",
            "error: Number.parse: Unable to parse 'abc' as a number with radix 10.",
        ),
        Assumption(
            "Number.clamp",
            "Limits in the wrong order are an error.",
            "ee.Number(1).clamp(3, 2)",
            "error: Number.clamp: The minimum (3) is larger than the maximum (2).",
        ),
        Assumption(
            "Number.expression",
            "A sign binds less than a power.",
            "ee.Number.expression('-2 ** 2')",
            "-4.0",
        ),
        Assumption(
            "Number.expression",
            "The circumflex is the exclusive or of truths.",
            "ee.Number.expression('5 ^ 3')",
            "0",
        ),
        Assumption(
            "Number.expression",
            "Text that cannot be parsed is an error of these words.",
            "ee.Number.expression('1 +')",
            (
                "error: Number.expression: Unable to parse the expression '1 +': expected a value "
                "at position 3, found the end."
            ),
        ),
    ),
)
