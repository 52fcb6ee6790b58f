"""Element.*: the properties and geometry that images, features and collections share."""

from __future__ import annotations

from typing import Any

from gee_sm.emulator.coercion import coerce
from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.functions.geometry import in_projection
from gee_sm.emulator.pixels.grid import Projection
from gee_sm.emulator.registry import implements
from gee_sm.emulator.values.element import (
    geometry_of,
    is_system,
    property_value,
    select,
    system_properties,
)
from gee_sm.emulator.values.error_margin import ErrorMargin
from gee_sm.emulator.values.geometry import EVERYWHERE, Geometry
from gee_sm.emulator.values.image import Image


@implements("Element.get")
def get(object: Any, property: str) -> Any:
    """Return a property; null where there is none."""
    return select(object, property) if property else None


@implements("Element.getNumber")
def get_number(object: Any, property: str) -> Any:
    """Return a property that is a number."""
    return _typed(object, property, "Number")


@implements("Element.getString")
def get_string(object: Any, property: str) -> Any:
    """Return a property that is a text."""
    return _typed(object, property, "String")


@implements("Element.getArray")
def get_array(object: Any, property: str) -> Any:
    """Return a property that is an array."""
    return _typed(object, property, "Array")


def _typed(element: Any, name: str, kind: str) -> Any:
    value = get(element, name)
    return None if value is None else coerce(value, kind, f"Element.get{kind}", name)


@implements("Element.set")
def set_(object: Any, key: str, value: Any) -> Any:
    """Return the element with a property set; null is kept as a value."""
    return object.with_properties({**object.properties, key: value})


@implements("Element.setMulti")
def set_multi(object: Any, properties: dict[str, Any]) -> Any:
    """Return the element with several properties set."""
    return object.with_properties({**object.properties, **properties})


@implements("Element.propertyNames")
def property_names(element: Any) -> list[str]:
    """Return the names of all properties, those of the service first."""
    made = [name for name in system_properties(element) if name not in element.properties]
    return made + list(element.properties)


@implements("Element.toDictionary")
def to_dictionary(element: Any, properties: list[str] | None) -> dict[str, Any]:
    """Return the listed properties, or all that are not the service's own."""
    if properties is None:
        return {name: v for name, v in element.properties.items() if not is_system(name)}
    found = {}
    for name in properties:
        if name not in element.properties and property_value(element, name) is None:
            index = element.properties.get("system:index", "")
            raise EarthEngineError(f"Property '{name}' of element '{index}' is missing.")
        found[name] = property_value(element, name)
    return found


@implements("Element.copyProperties", "Image.copyProperties")
def copy_properties(
    destination: Any, source: Any, properties: list[str] | None, exclude: list[str] | None
) -> Any:
    """Return the destination with properties of the source."""
    if destination is None:
        raise EarthEngineError("Parameter 'destination' is required and may not be null.")
    if source is None:
        return destination
    if properties is not None and exclude is not None:
        raise EarthEngineError("Only one of 'properties' and 'exclude' may be specified.")
    if properties is None:
        left_out = set(exclude or ())
        copied = {
            name: value
            for name, value in source.properties.items()
            if not is_system(name) and name not in left_out
        }
    else:
        values = {name: property_value(source, name) for name in properties}
        copied = {name: value for name, value in values.items() if value is not None}
    return destination.with_properties({**destination.properties, **copied})


@implements("Element.replaceProperties")
def replace_properties(destination: Any, source: Any) -> Any:
    """Return the destination with the properties of the source alone; its index stays."""
    kept = {k: v for k, v in destination.properties.items() if k == "system:index"}
    given = {} if source is None else source.properties
    return destination.with_properties(
        {**kept, **{k: v for k, v in given.items() if k != "system:index"}}
    )


@implements("Element.geometry", "Feature.geometry", "Image.geometry")
def geometry(
    feature: Any,
    maxError: ErrorMargin | None,
    proj: Projection | None,
    geodesics: bool | None,
) -> Geometry | None:
    """Return the geometry, in another projection if one is given."""
    found = geometry_of(feature)
    if found is None:
        return EVERYWHERE if isinstance(feature, Image) else None
    if proj is None:
        return found
    return in_projection(found, proj, maxError, found.geodesic if geodesics is None else geodesics)


@implements("Feature.id")
def id_(element: Any) -> str | None:
    """Return the index of an element in its collection; null outside of one."""
    return element.properties.get("system:index")
