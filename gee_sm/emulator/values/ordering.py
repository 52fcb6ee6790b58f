"""The order in which values are sorted."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from gee_sm.emulator.coercion import type_name
from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.values.element import select
from gee_sm.emulator.values.filters import sortable


def sort_key(value: Any) -> tuple[int, Any]:
    """Return a key that orders numbers or texts, then lists, then everything else, then null."""
    value = sortable(value)
    if value is None:
        return (9, 0)
    if isinstance(value, int | float):
        return (0, math.inf) if value != value else (0, value)
    if isinstance(value, str):
        return (1, value)
    if isinstance(value, Sequence):
        return (2, [sort_key(item) for item in value])
    return (3, getattr(value, "type_name", type(value).__name__))


def check_comparable(values: Iterable[Any]) -> None:
    """Raise if there are both numbers and texts among values.

    Raises
    ------
    EarthEngineError
        In the service's words.
    """
    firsts: dict[bool, Any] = {}
    for value in values:
        if isinstance(value, str | int | float):
            firsts.setdefault(isinstance(value, str), value)
    if len(firsts) > 1:
        named = (f"'{value}' (Type:{type_name(value)})" for value in firsts.values())
        raise EarthEngineError(f"Cannot compare values {' and '.join(named)}.")


def sort_elements(elements: Sequence[Any], name: str, *, ascending: bool = True) -> list[Any]:
    """Sort elements by a property; equal ones keep their order, those without it come last."""
    have, lack = [], []
    for element in elements:
        value = select(element, name)
        (lack if value is None else have).append((value, element))
    check_comparable(value for value, _ in have)
    have.sort(key=lambda pair: sort_key(pair[0]), reverse=not ascending)
    return [element for _, element in (*have, *lack)]
