"""Algorithms as values: functions that are handed to ``map``, ``iterate`` and the like."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gee_sm.emulator.coercion import NotConvertible, converts


@converts("Algorithm")
def _algorithm(value: Any) -> Callable[..., Any]:
    if callable(value):
        return value
    raise NotConvertible
