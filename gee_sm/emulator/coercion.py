"""Arguments brought to the type that the official signature declares.

Each kind of value registers how it is made from other values; what cannot be converted fails with
the service's message.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from gee_sm.emulator.errors import EarthEngineError

# Items of lists that are checked one by one; others are left to the function.
_PLAIN_ITEMS = frozenset({"Integer", "Float", "Number", "String"})

_CONVERTERS: dict[str, Callable[[Any], Any]] = {}


class NotConvertible(Exception):
    """A value cannot become what is asked for."""


def converts(type_name: str) -> Callable[[Callable[[Any], Any]], Callable[[Any], Any]]:
    """Register the converter of a declared type (without its parameters)."""

    def register(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
        _CONVERTERS[type_name] = function
        return function

    return register


@functools.cache
def _parts(declared: str) -> tuple[str, str | None]:
    """Return a declared type without its parameters, and the type of a list's items."""
    name = declared.split("<", maxsplit=1)[0]
    return name, declared.removeprefix("List<").removesuffix(">") if name == "List" else None


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
        message = (
            f"{function}, argument '{argument}': Invalid type.\nExpected type: {declared}.\n"
            f"Actual type: {type_name(value)}."
        )
        if isinstance(value, str | int | float):
            message += f"\nActual value: {value}"
        raise EarthEngineError(message) from None
    if item in _PLAIN_ITEMS:
        return [None if v is None else coerce(v, item, function, argument) for v in found]
    return found


def type_name(value: Any) -> str:
    """Return the service's name of a value's type."""
    if isinstance(value, bool):
        return "Boolean"
    if isinstance(value, int | np.integer):
        return "Integer"
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


@converts("Number")
@converts("Float")
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


@converts("Integer")
@converts("Long")
def _integer(value: Any) -> int:
    number = _number(value)
    if isinstance(number, float) and not np.isfinite(number):
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
