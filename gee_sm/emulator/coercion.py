"""Arguments brought to the type that the official signature declares.

Each kind of value registers how it is made from other values; what cannot be converted fails with
the service's message.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from gee_sm.emulator.errors import EarthEngineError

_CONVERTERS: dict[str, Callable[[Any], Any]] = {}


class NotConvertible(Exception):
    """A value cannot become what is asked for."""


def converts(*names: str) -> Callable[[Callable[[Any], Any]], Callable[[Any], Any]]:
    """Register the converter of declared types (without their parameters).

    Called by its own name a converter fails in the service's words, too.
    """

    def register(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
        for name in names:
            _CONVERTERS[name] = function

        @functools.wraps(function)
        def convert(value: Any) -> Any:
            try:
                return function(value)
            except NotConvertible:
                raise EarthEngineError(invalid_type(value, names[0])) from None

        return convert

    return register


@functools.cache
def _parts(declared: str) -> tuple[str, str | None]:
    """Return a declared type without its parameters, and the type of a list's items."""
    name, _, parameter = declared.removesuffix(">").partition("<")
    return name, parameter if name == "List" and parameter not in ("", "Object") else None


def coerce(value: Any, declared: str, function: str, argument: str) -> Any:
    """Return the value as the declared type.

    Raises
    ------
    EarthEngineError
        If it cannot be converted, in the service's words.
    """
    name, item = _parts(declared)
    converter = _CONVERTERS.get(name)
    if converter is None:
        return value
    try:
        found = converter(value)
    except NotConvertible:
        message = f"{function}, argument '{argument}': {invalid_type(value, declared)}"
        raise EarthEngineError(message) from None
    if item is not None:
        return [coerce(v, item, function, argument) for v in found]
    return found


def invalid_type(value: Any, expected: str) -> str:
    """Return the service's words for a value that is not of the type expected."""
    message = f"Invalid type.\nExpected type: {expected}.\nActual type: {type_name(value)}."
    if isinstance(value, str | int | float):
        message += f"\nActual value: {value}"
    return message


def type_name(value: Any) -> str:
    """Return the service's name of a value's type."""
    if isinstance(value, bool):
        return "Boolean"
    if isinstance(value, int | np.integer):
        return "Integer" if is_long(value) else "Float"
    if isinstance(value, float | np.floating):
        return "Float"
    if isinstance(value, str):
        return "String"
    if isinstance(value, list):
        return "List"
    if isinstance(value, dict):
        return "Dictionary"
    if value is None:
        return "Null"
    return getattr(value, "type_name", type(value).__name__)


@converts("Number", "Float")
def _number(value: Any) -> int | float:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int | float):
        return value
    if isinstance(value, np.number):
        return value.item()
    if isinstance(value, str) and value in ("Infinity", "-Infinity", "NaN"):
        return float(value.replace("Infinity", "inf"))
    raise NotConvertible


def is_long(value: int) -> bool:
    """Whether a whole number is one of 64 bits; the service has no larger ones, but doubles."""
    return -(2**63) <= value < 2**63


def double_of(value: float) -> float:
    """Return the double next to a number; whole numbers of Python's may be beyond all of them."""
    try:
        return float(value)
    except OverflowError:
        return math.copysign(math.inf, value)


def shown(value: Any) -> str:
    """Return how a message shows a value: itself if that is short and plain, or else its type."""
    if value is None:
        return "null"
    if isinstance(value, str):
        return f"'{value:.80}'"
    if isinstance(value, int | float | np.number):
        return str(value)
    if isinstance(value, list):
        items = [shown(item) for item in value[:6]]
        return f"[{', '.join([*items, '...'] if len(value) > len(items) else items)}]"
    name = type_name(value)
    return f"{'an' if name[0] in 'AEIO' else 'a'} {name}"


@converts("Integer", "Long")
def _integer(value: Any) -> int:
    """Return a number without its fraction, if it fits into 64 bits."""
    number = _number(value)
    if isinstance(number, float) and not np.isfinite(number):
        raise NotConvertible
    if not is_long(int(number)):
        raise NotConvertible
    return int(number)


@converts("String")
def _string(value: Any) -> str:
    if isinstance(value, str):
        return value
    raise NotConvertible


@converts("Boolean")
def _boolean(value: Any) -> bool:
    return truth(value)


@converts("List")
def _list(value: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    if isinstance(value, tuple):
        return list(value)
    to_list = getattr(value, "to_list", None)
    found = None if to_list is None else to_list()
    if isinstance(found, list):  # an array without dimensions is a number
        return found
    raise NotConvertible


@converts("Dictionary")
def _dictionary(value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    raise NotConvertible


def truth(value: Any) -> bool:
    """Return the service's truth of a value: 0, NaN, null and what is empty are false."""
    if value is None:
        return False
    if isinstance(value, bool | int):
        return bool(value)
    if isinstance(value, float):
        return not (value == 0 or np.isnan(value))
    if isinstance(value, str | list | dict):
        return len(value) > 0
    return True
