"""Feature.*: features, and the operations on geometries done on features."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.functions import geometry as on_geometry
from gee_sm.emulator.pixels.grid import Projection
from gee_sm.emulator.registry import implements
from gee_sm.emulator.values.element import geometry_of, is_element, property_value
from gee_sm.emulator.values.error_margin import ErrorMargin
from gee_sm.emulator.values.feature import Feature
from gee_sm.emulator.values.geometry import EVERYWHERE, Geometry
from gee_sm.emulator.values.image import Image
from gee_sm.emulator.values.regex import compile_re2

_PLAIN_NAME = re.compile(r"[\w:]+")


@implements("Feature")
def construct(geometry: Any, metadata: dict[str, Any], geometryKey: str | None) -> Feature:
    """Return a feature of a geometry, which may be null, and properties."""
    return Feature(geometry, dict(metadata or {}))


@implements("Feature.setGeometry")
def set_geometry(feature: Any, geometry: Geometry | None) -> Feature:
    """Return the feature with another geometry."""
    return Feature(geometry, feature.properties)


@implements("Feature.select")
def select(
    input: Any,
    propertySelectors: list[str],
    newProperties: list[str] | None,
    retainGeometry: bool,
) -> Any:
    """Return the feature with the properties that match names or regular expressions."""
    names = list(
        dict.fromkeys(name for selector in propertySelectors for name in _matches(input, selector))
    )
    if newProperties is not None and len(newProperties) != len(names):
        raise EarthEngineError(
            f"The number of new names ({len(newProperties)}) does not match the number of "
            f"properties selected ({len(names)})."
        )
    kept = {
        new: property_value(input, old)
        for old, new in zip(names, newProperties or names, strict=True)
        if old in input.properties or property_value(input, old) is not None
    }
    if "system:index" in input.properties:
        kept.setdefault("system:index", input.properties["system:index"])
    if not isinstance(input, Feature):
        return input.with_properties(kept)
    return Feature(input.geometry if retainGeometry else None, kept)


def _matches(element: Any, selector: str) -> list[str]:
    """Return the properties that a selector names; a plain name stands for itself.

    A feature that lacks a property that others have can so be renamed with them.
    """
    if _PLAIN_NAME.fullmatch(selector) or selector in element.properties:
        return [selector]
    pattern = compile_re2(selector)
    return [name for name in element.properties if pattern.fullmatch(name)]


def _geometry(element: Any) -> Geometry:
    found = geometry_of(element) if is_element(element) else element
    if found is None:
        if isinstance(element, Image):
            return EVERYWHERE
        raise EarthEngineError("Feature has a null geometry.")
    return found


def _changed(element: Any, geometry: Any) -> Feature:
    return Feature(geometry, element.properties)


def _register_unary(name: str, function: Callable[..., Any], *, changes: bool) -> None:
    """Offer a function of one geometry on features."""

    def on_feature(
        feature: Any, maxError: ErrorMargin | None, proj: Projection | None, **others: Any
    ) -> Any:
        found = function(geometry=_geometry(feature), maxError=maxError, proj=proj, **others)
        return _changed(feature, found) if changes else found

    on_feature.__doc__ = f"Do ``Geometry.{name}`` on a feature's geometry."
    implements(f"Feature.{name}")(on_feature)


def _register_binary(name: str, function: Callable[..., Any], *, changes: bool) -> None:
    """Offer a function of two geometries on features."""

    def on_features(
        left: Any,
        right: Any,
        maxError: ErrorMargin | None,
        proj: Projection | None,
        **others: Any,
    ) -> Any:
        found = function(
            left=_geometry(left), right=_geometry(right), maxError=maxError, proj=proj, **others
        )
        return _changed(left, found) if changes else found

    on_features.__doc__ = f"Do ``Geometry.{name}`` on the geometries of two features."
    implements(f"Feature.{name}")(on_features)


for _name, _function in on_geometry.SIZES.items():
    _register_unary(_name, _function, changes=False)

for _name, _function in {
    **on_geometry.SHAPES,
    "buffer": on_geometry.buffer,
    "cutLines": on_geometry.cut_lines,
    "simplify": on_geometry.simplify,
    "transform": on_geometry.transform,
}.items():
    _register_unary(_name, _function, changes=True)

for _name, _function in {
    **on_geometry.RELATIONS,
    "withinDistance": on_geometry.within_distance,
    "distance": on_geometry.distance,
    "closestPoint": on_geometry.closest_point,
    "closestPoints": on_geometry.closest_points,
}.items():
    _register_binary(_name, _function, changes=False)

for _name, _function in on_geometry.OVERLAYS.items():
    _register_binary(_name, _function, changes=True)


@implements("ProjectionTransform")
def projection_transform(
    feature: Any, proj: Projection, maxError: ErrorMargin | None, geodesic: bool | None
) -> Any:
    """Return the feature with its geometry in another projection."""
    geometry = geometry_of(feature)
    if not isinstance(geometry, Geometry):
        return Feature(geometry, feature.properties)
    return Feature(on_geometry.transform(geometry, proj, maxError, geodesic), feature.properties)
