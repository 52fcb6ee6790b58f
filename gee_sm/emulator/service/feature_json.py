"""Features as plain GeoJSON: longitude and latitude, straight edges."""

from __future__ import annotations

from typing import Any

import shapely
import shapely.geometry

from gee_sm.emulator.encode import encode
from gee_sm.emulator.values.geometry import Geometry
from gee_sm.emulator.values.image import Image

__all__ = ["geojson_feature", "geojson_geometry"]

_WGS84 = "EPSG:4326"


def geojson_feature(element: Any) -> dict[str, Any]:
    """Return a feature (or an image, by its footprint) as GeoJSON.

    Parameters
    ----------
    element : Feature or Image
        Element of a collection.
    """
    geometry = element.footprint if isinstance(element, Image) else element.geometry
    found = {
        "type": "Feature",
        "geometry": geojson_geometry(geometry),
        "properties": encode({k: v for k, v in element.properties.items() if k != "system:index"}),
    }
    if "system:index" in element.properties:
        found["id"] = str(element.properties["system:index"])
    return found


def geojson_geometry(geometry: Any) -> dict[str, Any] | None:
    """Return a geometry's GeoJSON in degrees, without the service's extra members."""
    if not isinstance(geometry, Geometry):
        return None
    shape = geometry.in_crs(_WGS84)
    if shape.is_empty:
        return None
    return encode(_lists(shapely.geometry.mapping(shape)))


def _lists(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _lists(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_lists(item) for item in value]
    return value
