"""ErrorMargin: how far a geometry may be off."""

from __future__ import annotations

from gee_sm.emulator.registry import implements
from gee_sm.emulator.values.error_margin import ErrorMargin, error_margin


@implements("ErrorMargin")
def construct(value: float | None, unit: str) -> ErrorMargin:
    """Return a margin of so many units."""
    return error_margin(value, unit)
