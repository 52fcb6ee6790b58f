"""Features: a geometry with properties."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from gee_sm.emulator.coercion import NotConvertible, converts
from gee_sm.emulator.values.image import Image


@dataclass(frozen=True)
class Feature:
    """A geometry (or None) with properties; ``system:index`` among them is its id."""

    geometry: Any = None
    properties: dict[str, Any] = field(default_factory=dict)

    type_name = "Feature"

    def with_properties(self, properties: dict[str, Any]) -> Feature:
        """Return the feature with other properties."""
        return Feature(self.geometry, properties)


def with_index(element: Any, index: str) -> Any:
    """Return the element under another ``system:index``."""
    return element.with_properties({**element.properties, "system:index": index})


@converts("Element", "Feature")
def _element(value: Any) -> Any:
    if isinstance(value, Feature | Image) or hasattr(value, "properties"):
        return value
    if getattr(value, "type_name", "") == "Geometry":
        return Feature(value)
    raise NotConvertible
