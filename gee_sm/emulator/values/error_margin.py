"""Error margins: how far a geometry may be off when it must be reprojected."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from gee_sm.emulator.coercion import NotConvertible, converts
from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.values.java_format import java_text

_UNITS = ("meters", "projected", "infinite")
_HALF_THE_EARTH = 2e7
_SMALLEST = 0.001


@dataclass(frozen=True)
class ErrorMargin:
    """A margin in metres, in units of a projection, or without bound."""

    value: float | None
    unit: str = "meters"

    type_name = "ErrorMargin"

    @property
    def meters(self) -> float:
        """The margin as a number, infinite for one without bound."""
        return math.inf if self.value is None else self.value

    def to_json(self) -> dict[str, Any]:
        """Return the service's JSON."""
        json: dict[str, Any] = {"type": "ErrorMargin", "unit": self.unit}
        if self.value is not None:
            json["value"] = self.value
        return json


def error_margin(value: float | None, unit: str = "meters") -> ErrorMargin:
    """Return a margin; the sign is dropped, and half the circumference has no bound.

    Raises
    ------
    EarthEngineError
        If the unit is unknown, a finite margin has no value, or it is below a millimetre.
    """
    if unit not in _UNITS:
        raise EarthEngineError(f"Unknown unit '{unit}'. Expected one of: {', '.join(_UNITS)}.")
    if unit == "infinite":
        return ErrorMargin(None, unit)
    if value is None:
        raise EarthEngineError(f"A margin in {unit} needs a value.")
    size = abs(value)
    if unit == "meters" and (size >= _HALF_THE_EARTH or math.isnan(size)):
        return ErrorMargin(None, "infinite")
    if unit == "meters" and 0 < size < _SMALLEST:
        raise EarthEngineError(
            f"Invalid ErrorMargin value: {java_text(float(value))}. When units are 'meters', value "
            "must be either >= 0.001, or 0 to disallow any lossy reprojection."
        )
    return ErrorMargin(size, unit)


@converts("ErrorMargin")
def _error_margin(value: Any) -> ErrorMargin:
    if isinstance(value, ErrorMargin):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return error_margin(float(value))
    if isinstance(value, dict) and value.get("type") == "ErrorMargin":
        return error_margin(value.get("value"), value.get("unit", "meters"))
    raise NotConvertible
