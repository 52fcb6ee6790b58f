"""Number.*: arithmetic, comparison, bits, casts and text of single numbers."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from gee_sm.emulator.coercion import truth, type_name
from gee_sm.emulator.elementwise import BINARY, UNARY, Elementwise, spellings
from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.expression_parser import evaluate, parse
from gee_sm.emulator.functions.image_math import cast_function
from gee_sm.emulator.registry import implementations, implements
from gee_sm.emulator.signatures import signatures
from gee_sm.emulator.values.element import is_element, property_value
from gee_sm.emulator.values.java_format import java_format
from gee_sm.emulator.values.pixel_type import NAMED, PixelType

_SMALLEST, _LARGEST = -(2**63), 2**63 - 1


def _is_long(value: int) -> bool:
    """Whether a whole number fits into 64 bits."""
    return _SMALLEST <= value <= _LARGEST


def _operand(value: int | float) -> Any:
    """Return a number as numpy computes with it; whole ones in 64 bits if they fit."""
    if isinstance(value, int) and _is_long(value):
        return np.int64(value)
    return np.float64(value)


def _apply(operation: Elementwise, *values: int | float) -> int | float:
    if operation.result == "arithmetic" and all(isinstance(value, int) for value in values):
        # Python's integers do not overflow; what 64 bits cannot hold becomes a double.
        exact = operation.function(*(np.array(value, object) for value in values))
        return exact if _is_long(exact) else float(exact)
    with np.errstate(all="ignore"):
        found = operation.function(*(_operand(value) for value in values))
    whole = all(isinstance(value, int) for value in values)
    return _plain(found, whole=whole and operation.result not in ("real", "power"))


def _plain(found: Any, *, whole: bool) -> int | float:
    value = np.asarray(found).item()
    if isinstance(value, bool):
        return int(value)
    return int(value) if whole and np.isfinite(value) else value


def _register(names: list[str], operation: Elementwise, parameters: str) -> None:
    if parameters == "pair":

        def on_pair(left: float, right: float) -> float:
            return _apply(operation, left, right)

        function: Callable[..., Any] = on_pair
    else:

        def on_one(input: float) -> float:
            return _apply(operation, input)

        function = on_one
    function.__doc__ = signatures()[f"Number.{names[0]}"].description
    implements(*(f"Number.{name}" for name in names))(function)


for _name, _operation in BINARY.items():
    _register([n for n in spellings(_name) if f"Number.{n}" in signatures()], _operation, "pair")
for _name, _operation in UNARY.items():
    _register([n for n in spellings(_name) if f"Number.{n}" in signatures()], _operation, "one")


def _cast(names: tuple[str, ...], pixel_type: PixelType) -> None:
    change = cast_function(pixel_type)

    def function(input: float) -> float:
        with np.errstate(over="ignore"):  # a double beyond the range of floats is infinite
            return change(np.asarray(_operand(input))).item()

    function.__doc__ = signatures()[f"Number.{names[0]}"].description
    implements(*(f"Number.{name}" for name in names))(function)


for _name, _type in NAMED.items():
    _both = (_name, f"to{_name[0].upper()}{_name[1:]}")
    _cast(tuple(n for n in _both if f"Number.{n}" in signatures()), _type)


@implements("Number.clamp")
def clamp(number: float, min: float, max: float) -> float:
    """Return the value, or the limit that it is beyond."""
    if min > max:
        raise EarthEngineError(f"The minimum ({min}) is larger than the maximum ({max}).")
    return min if number < min else max if number > max else number


@implements("Number.unitScale")
def unit_scale(number: float, min: float, max: float) -> float:
    """Return where the value lies between two others, not clamped; 0 if they are equal."""
    return 0 if min == max else (number - min) / (max - min)


@implements("Number.format")
def format_(number: float, pattern: str) -> str:
    """Write a number by a pattern of Java's Formatter."""
    return java_format(pattern, number)


_NUMBER = re.compile(r"[+-]?(\d+\.?\d*([eE][+-]?\d+)?|\.\d+([eE][+-]?\d+)?|Infinity|NaN)")


@implements("Number.parse")
def parse_(input: Any, radix: int) -> float:
    """Read a number; in another base than ten, a whole one."""
    if isinstance(input, int | float) and not isinstance(input, bool):
        return input
    text = input.strip()
    try:
        if radix != 10:
            return int(text, radix)
        if _NUMBER.fullmatch(text):
            whole = int(text) if re.fullmatch(r"[+-]?\d+", text) else None
            return whole if whole is not None and _is_long(whole) else float(text)
    except ValueError:
        pass
    raise EarthEngineError(f"Unable to parse '{input}' as a number with radix {radix}.")


@implements("Number.expression")
def expression(expression: str, vars: dict[str, Any] | None) -> float:
    """Compute a formula of named values."""
    names = vars or {}

    def resolve(name: str) -> Any:
        if name not in names:
            raise EarthEngineError(
                f"Unknown variable '{name}'. Available: [{', '.join(sorted(names))}]."
            )
        return names[name]

    found = evaluate(parse(expression), resolve, _call)
    if isinstance(found, bool):
        return int(found)
    if not isinstance(found, int | float):
        raise EarthEngineError(f"The expression gave a {type_name(found)}, not a number.")
    return found


def _call(name: str, values: Sequence[Any]) -> Any:
    if name == "conditional":
        return values[1] if truth(values[0]) else values[2]
    if name == "member":
        return _member(*values)
    implementation = implementations().get(f"Number.{name}")
    if implementation is None or name == "expression":
        raise EarthEngineError(f"Unknown function '{name}' in the expression.")
    parameters = implementation.signature.arguments
    required = sum(parameter.required for parameter in parameters)
    if not required <= len(values) <= len(parameters):
        raise EarthEngineError(
            f"Function '{name}' takes {len(parameters)} arguments, got {len(values)}."
        )
    for value in values:
        if not isinstance(value, int | float):
            raise EarthEngineError(f"Function '{name}' needs numbers, found a {type_name(value)}.")
    return implementation.function(*values, *(p.default for p in parameters[len(values) :]))


def _member(target: Any, key: Any) -> Any:
    if isinstance(target, dict) and key in target:
        return target[key]
    if isinstance(target, list) and isinstance(key, int) and -len(target) <= key < len(target):
        return target[key]
    if is_element(target) and isinstance(key, str):
        return property_value(target, key)
    raise EarthEngineError(f"There is no '{key}' in a {type_name(target)} of the expression.")
