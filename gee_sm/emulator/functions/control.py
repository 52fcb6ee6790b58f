"""Choice, equality and the few functions that belong to no class."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gee_sm.emulator.coercion import truth, type_name
from gee_sm.emulator.encode import encode
from gee_sm.emulator.registry import implements


@implements("If", lazy=True)
def if_(
    condition: Callable[[], Any], trueCase: Callable[[], Any], falseCase: Callable[[], Any]
) -> Any:
    """Evaluate one of two cases."""
    return trueCase() if truth(condition()) else falseCase()


@implements("ObjectType")
def object_type(value: Any) -> str:
    """Return the name of a value's type."""
    return type_name(value)


@implements("IsEqual")
def is_equal(left: Any, right: Any) -> bool:
    """Compare by value; numbers whatever their type."""
    return bool(left == right)


@implements("Describe")
def describe(input: Any) -> Any:
    """Return a value as plain numbers, strings, lists and dictionaries: what getInfo shows."""
    return encode(input)
