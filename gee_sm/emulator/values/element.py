"""Properties of elements: what images and features answer to a selector."""

from __future__ import annotations

from typing import Any

from gee_sm.emulator.values.feature import Feature
from gee_sm.emulator.values.geometry import as_geometry
from gee_sm.emulator.values.image import Image

_WHOLE = frozenset({".all", ""})
_MISSING = object()


def is_element(value: Any) -> bool:
    """Whether a value can be a member of a collection: an image, a feature or a collection."""
    return isinstance(value, Feature | Image) or hasattr(value, "properties")


def is_system(name: str) -> bool:
    """Whether a property is one of the service's own."""
    return name.startswith("system:")


def geometry_of(element: Any) -> Any:
    """Return the geometry of a feature, the footprint of an image, all of a collection's."""
    if isinstance(element, Image):
        return element.footprint
    if isinstance(element, Feature):
        return element.geometry
    return as_geometry(element)


def system_properties(element: Any) -> dict[str, Any]:
    """Return the properties of an image that the service makes rather than stores."""
    if not isinstance(element, Image):
        return {}
    made: dict[str, Any] = {
        "system:bands": {band.name: band.type for band in element.bands},
        "system:band_names": element.names,
    }
    if element.id is not None:
        made["system:id"] = element.id
    if element.version is not None:
        made["system:version"] = element.version
    if element.footprint is not None:
        made["system:footprint"] = element.footprint
    return made


def property_value(element: Any, name: str) -> Any:
    """Return a stored or made property of an element; None where there is none."""
    value = element.properties.get(name, _MISSING)
    if value is _MISSING:
        value = system_properties(element).get(name) if is_system(name) else None
    return value


def select(value: Any, selector: str) -> Any:
    """Return what a selector names in an element, dictionary or item of a list.

    ``.geo`` is the geometry, ``.all`` the whole element, ``a.b`` the property ``b`` of the element
    that is the property ``a``, and ``item`` a value that is not an element.
    """
    if selector in _WHOLE:
        return value
    if selector == ".geo":
        return geometry_of(value) if is_element(value) else None
    if is_element(value):
        found = property_value(value, selector)
        if found is not None or selector in value.properties:
            return found
    elif isinstance(value, dict) and selector in value:
        return value[selector]
    elif selector == "item":
        return value
    elif not isinstance(value, dict):
        return None
    head, dot, rest = selector.partition(".")
    if not dot or not head:
        return None
    inner = select(value, head)
    return None if inner is None else select(inner, rest)
