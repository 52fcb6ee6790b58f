"""Numbers and expressions against Python and scipy, and what the reference says in words."""

from __future__ import annotations

import math

import ee
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gee_sm.emulator.expression_parser import evaluate, names_of, parse
from gee_sm.emulator.functions import number as numbers
from gee_sm.emulator.registry import implementations
from gee_sm.emulator.values.java_format import java_format, java_text

finite = st.floats(-1e12, 1e12)
integers = st.integers(-(2**40), 2**40)


def call(name, *values):
    return implementations()[f"Number.{name}"].function(*values)


# What the reference describes in words; what it prints is in gee_sm.emulator.documented.
DESCRIBED = [
    ("ee.Number(10).unitScale(3, 3)", 0),
    ("ee.Number(255 + 12345).byte()", 255),
    ("ee.Number(-12345).byte()", 0),
    ("ee.Number(127 + 12345).toInt8()", 127),
    ("ee.Number(-128 - 12345).toInt8()", -128),
]


@pytest.mark.parametrize(("text", "expected"), DESCRIBED)
def test_described_outputs(run, text, expected):
    assert run(eval(text, {"ee": ee})) == expected


@given(finite, finite)
def test_arithmetic_is_that_of_doubles(a, b):
    assert call("add", a, b) == a + b
    assert call("subtract", a, b) == a - b
    assert call("multiply", a, b) == a * b
    assert call("divide", a, b) == (a / b if b else 0)
    assert call("mod", a, b) == (math.fmod(a, b) if b else 0)
    assert call("hypot", a, b) == pytest.approx(math.hypot(a, b), rel=1e-15)
    assert call("atan2", a, b) == pytest.approx(math.atan2(b, a), rel=1e-15)
    assert call("lt", a, b) == int(a < b)
    assert call("max", a, b) == max(a, b)


@given(integers, integers)
def test_integers_stay_integers(a, b):
    for name, expected in (("add", a + b), ("subtract", a - b), ("max", max(a, b))):
        found = call(name, a, b)
        assert isinstance(found, int)
        assert found == expected
    assert call("bitwiseAnd", a, b) == a & b
    assert call("bitwiseOr", a, b) == a | b
    assert call("bitwiseXor", a, b) == a ^ b
    assert call("bitwiseNot", a) == ~a


@given(st.integers(-(2**62), 2**62), st.integers(-(2**62), 2**62))
def test_products_beyond_64_bits_become_doubles(a, b):
    found = call("multiply", a, b)
    exact = a * b
    assert found == (exact if -(2**63) <= exact < 2**63 else float(exact))


@given(st.floats(-40, 40))
def test_special_functions_obey_their_recurrences(x):
    assert call("erf", x) == pytest.approx(math.erf(x), rel=1e-13, abs=1e-300)
    if abs(x - round(x)) < 1e-3:
        return  # poles
    assert call("digamma", x + 1) == pytest.approx(call("digamma", x) + 1 / x, rel=1e-9, abs=1e-9)
    assert call("trigamma", x + 1) == pytest.approx(
        call("trigamma", x) - 1 / x**2, rel=1e-6, abs=1e-7
    )


@given(st.floats(0.1, 40))
def test_lanczos_gives_gamma(x):
    """Gamma follows from the series by its defining formula (g = 607/128)."""
    t = x + 607 / 128 + 0.5
    found = math.sqrt(2 * math.pi) / x * t ** (x + 0.5) * math.exp(-t) * call("lanczos", x)
    assert found == pytest.approx(math.gamma(x), rel=1e-12)


@given(
    st.floats(-1e6, 1e6), st.sampled_from(["%.0f", "%.1f", "%.3f", "%12.2f", "%-9.1f|", "%+.2f"])
)
def test_fixed_point_formats_agree_with_c_away_from_ties(value, pattern):
    digits = int(pattern.split(".")[1][0])
    if abs((abs(value) * 10**digits) % 1 - 0.5) < 1e-4:
        return  # Java rounds halves up by their decimal digits, C by their binary ones
    assert java_format(pattern, value) == pattern % value


def test_format_as_java_documents_it():
    assert java_format("%,d", 1234567) == "1,234,567"
    assert java_format("%(.1f", -2.5) == "(2.5)"
    assert java_format("%x", 255) == "ff"
    assert java_format("%X", -1) == "F" * 16
    assert java_format("%o", 8) == "10"
    assert java_format("%#x", 255) == "0xff"
    assert java_format("%.0f", 0.5) == "1"  # half up, not half even
    assert java_format("%g", 0.0001) == "0.000100000"
    assert java_format("%g", 123456789.0) == "1.23457e+08"
    assert java_format("%a", 1.0) == "0x1.0p0"
    assert java_format("a%sb", 7) == "a7b"
    assert java_text(1e7) == "1.0E7"
    assert java_text(1.5e-4) == "1.5E-4"
    assert java_text(0.001) == "0.001"
    assert java_text(100.0) == "100.0"


def test_bad_formats_and_texts_say_so(message, earth_engine):
    assert "Number.format: Invalid format pattern: '%d %d'" in message(ee.Number(1).format("%d %d"))
    assert "Unable to parse 'abc'" in message(ee.Number.parse("abc"))


def test_null_is_refused_in_the_service_s_words(message, earth_engine):
    nothing = ee.Number(ee.Feature(None).get("x"))
    assert message(nothing.multiply(2)) == (
        "Number.multiply: Parameter 'left' is required and may not be null."
    )


VARIABLES = {"x": 5, "y": 10}
EXPRESSIONS = {
    "x + y": 15,
    "x - y": -5,
    "x * y": 50,
    "x / y": 0.5,
    "x ** y": 9765625,
    "x % y": 5,
    "x || y": 1,
    "x && y": 1,
    "!(x)": 0,
    "x > y": 0,
    "x >= y": 0,
    "x < y": 1,
    "x <= y": 1,
    "x == y": 0,
    "x != y": 1,
    "(x < y) ? 100 : 1000": 100,
    "100 * (x + y)": 1500,
    "Math.PI": math.pi,
    "Math.E": math.e,
    "add(x, y)": 15,
    "subtract(add(x, y), 5)": 10,
    "x / 0": 0,
    "-x ** 2": -25,
    "2 ** 3 ** 2": 512,
    "1 + 2 * 3 - 4 / 2": 5,
    "x < y ? x > y ? 1 : 2 : 3": 2,
    "0x1F + 0b101 + 1e2 + .5": 136.5,
    "6 & 3 | 8": 10,
    "1 << 4 >> 2": 4,
    "~0": -1,
    "1 ^ 0": 1,
    "5 ^ 3": 0,
}


@pytest.mark.parametrize(("text", "expected"), EXPRESSIONS.items())
def test_expressions(run, earth_engine, text, expected):
    assert run(ee.Number.expression(text, VARIABLES)) == pytest.approx(expected)


def test_expressions_reach_into_dictionaries(run, message, earth_engine):
    assert run(ee.Number.expression("vals.x * vals['y']", {"vals": VARIABLES})) == 50
    assert run(ee.Number.expression("l[1]", {"l": [3, 4]})) == 4
    assert "Unknown variable 'z'. Available: [x, y]" in message(
        ee.Number.expression("z", VARIABLES)
    )


@pytest.mark.parametrize("text", ["1 +", "(1", "1 2", "a..b", "f(1,", "#", "1 ? 2", ""])
def test_broken_expressions_name_the_place(message, earth_engine, text):
    assert "Unable to parse the expression" in message(ee.Number.expression(text, VARIABLES))


@st.composite
def formulas(draw, depth=0):
    """Text that Python and the service read alike, with its value in Python."""
    if depth > 3 or draw(st.booleans()):
        number = draw(st.integers(0, 99))
        return str(number), number
    left, a = draw(formulas(depth + 1))
    right, b = draw(formulas(depth + 1))
    mark = draw(st.sampled_from(["+", "-", "*"]))
    value = {"+": a + b, "-": a - b, "*": a * b}[mark]
    return f"({left} {mark} {right})", value


@given(formulas(), formulas(), st.sampled_from(["+", "-", "*", "<", "=="]))
def test_formulas_agree_with_python(first, second, mark):
    text = f"{first[0]} {mark} {second[0]}"
    found = evaluate(parse(text), {}.__getitem__, numbers._call)
    assert found == eval(text)


def test_names_of_an_expression():
    assert names_of(parse("a + b.c * f(d) + Math.PI ? e : 1")) == {"a", "b", "d", "e"}
    assert parse("ndvi = (n - r) / (n + r)").name == "ndvi"


def test_image_expression_leaves_bands_to_the_caller():
    calls = []

    def call_function(name, values):
        calls.append((name, list(values)))
        return f"<{name}>"

    tree = parse("b('B4') - i['B3'] * b(0)")
    assert evaluate(tree, lambda name: name, call_function) == "<subtract>"
    assert ("b", ["B4"]) in calls
    assert ("member", ["i", "B3"]) in calls
    assert ("b", [0]) in calls


@pytest.mark.parametrize(
    ("number", "whole"),
    [(0.49999999999999994, 0), (0.5, 1), (-0.5, 0), (-0.5000000000000001, -1), (-1e-20, 0),
     (4503599627370497.5, 4503599627370498), (1e300, 1e300), (2.5, 3), (-2.5, -2)],
)  # fmt: skip
def test_rounding_takes_the_nearest_whole_number_and_the_higher_of_two(run, number, whole):
    assert run(ee.Number(number).round()) == whole
    assert run(ee.Array([number]).round()) == [whole]
