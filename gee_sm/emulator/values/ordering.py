"""The order in which values are sorted: by kind first, so that mixed ones have an order too."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from gee_sm.emulator.values.element import select
from gee_sm.emulator.values.filters import sortable


def sort_key(value: Any) -> tuple[int, Any]:
    """Return a key that orders numbers, then text, then lists, then everything else, then null."""
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


def sort_elements(elements: Sequence[Any], name: str, *, ascending: bool = True) -> list[Any]:
    """Sort elements by a property; equal ones keep their order, those without it come last."""
    have, lack = [], []
    for element in elements:
        value = select(element, name)
        (lack if value is None else have).append((value, element))
    have.sort(key=lambda pair: sort_key(pair[0]), reverse=not ascending)
    return [element for _, element in (*have, *lack)]
