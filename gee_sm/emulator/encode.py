"""Values as the JSON that ``value:compute`` answers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.pixels.grid import Projection
from gee_sm.emulator.values.collection import Collection
from gee_sm.emulator.values.feature import Feature
from gee_sm.emulator.values.image import Band, Image

COLLECTION_LIMIT = 5000
_LARGEST_WHOLE = 2**53  # beyond it not every whole number is a double


def encode(value: Any, *, limit: int = COLLECTION_LIMIT) -> Any:
    """Return a value as JSON.

    Parameters
    ----------
    value : object
        What an expression evaluated to.
    limit : int
        Elements a collection may have before the service refuses.

    Raises
    ------
    EarthEngineError
        If a collection is too long, or the value has no JSON form.
    """
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return _number(float(value))
    if isinstance(value, list | tuple):
        return [encode(item, limit=limit) for item in value]
    if isinstance(value, dict):
        return {key: encode(value[key], limit=limit) for key in sorted(value)}
    if isinstance(value, Image):
        return image_json(value, limit=limit)
    if isinstance(value, Collection):
        return _collection(value, limit)
    if isinstance(value, Feature):
        return _feature(value, limit)
    to_json = getattr(value, "to_json", None)
    if to_json is not None:
        return _finite(to_json())
    raise EarthEngineError(f"A value of type {type(value).__name__} cannot be returned.")


def answer(json: Any) -> Any:
    """Return the JSON of a value with whole numbers as integers, as the service writes it."""
    if isinstance(json, float) and json.is_integer() and abs(json) < _LARGEST_WHOLE:
        return int(json)
    if isinstance(json, list):
        return [answer(item) for item in json]
    if isinstance(json, dict):
        return {key: answer(item) for key, item in json.items()}
    return json


def _finite(json: Any) -> Any:
    """Return JSON with numbers that it does not have as text, in the order it has."""
    if isinstance(json, float):
        return _number(json)
    if isinstance(json, list):
        return [_finite(item) for item in json]
    if isinstance(json, dict):
        return {key: _finite(value) for key, value in json.items()}
    return json


def _number(value: float) -> float | str:
    if math.isfinite(value):
        return value
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"


def _crs(projection: Projection) -> dict[str, Any]:
    json = projection.to_json()
    key = "crs" if "crs" in json else "wkt"
    return {key: json[key], "crs_transform": list(projection.transform)}


def _band(band: Band) -> dict[str, Any]:
    found: dict[str, Any] = {"id": band.name, "data_type": band.type.to_json()}
    if band.size is not None:
        found["dimensions"] = list(band.size)
    found.update(_crs(band.projection))
    return found


def image_json(image: Image, *, limit: int = COLLECTION_LIMIT) -> dict[str, Any]:
    """Return the service's JSON of an image."""
    found: dict[str, Any] = {"type": "Image", "bands": [_band(band) for band in image.bands]}
    if image.version is not None:
        found["version"] = image.version
    if image.id is not None:
        found["id"] = image.id
    properties = dict(image.properties)
    if image.footprint is not None and image.id is not None:
        properties.setdefault("system:footprint", image.footprint)
    if properties:
        found["properties"] = encode(properties, limit=limit)
    return found


def _feature(feature: Feature, limit: int, *, as_element: bool = False) -> dict[str, Any]:
    properties = {k: v for k, v in feature.properties.items() if k != "system:index"}
    found: dict[str, Any] = {
        "type": "Feature",
        "geometry": encode(feature.geometry),
        "properties": encode(properties, limit=limit),
    }
    if as_element or "system:index" in feature.properties:
        found["id"] = feature.properties.get("system:index", "")
    return found


def _collection(collection: Collection, limit: int) -> dict[str, Any]:
    features = []
    for element in collection:
        if len(features) == limit:
            raise EarthEngineError(
                f"Collection query aborted after accumulating over {limit} elements."
            )
        if isinstance(element, Feature):
            features.append(_feature(element, limit, as_element=True))
        else:
            features.append(encode(element, limit=limit))
    if collection.of_images:
        found: dict[str, Any] = {"type": "ImageCollection", "bands": []}
        if features:  # the reference prints an empty one without
            found["features"] = features
    else:
        found = {"type": "FeatureCollection", "columns": {}, "features": features}
    if collection.id is not None:
        found["id"] = collection.id
    if collection.version is not None:
        found["version"] = collection.version
    if collection.properties:
        found["properties"] = encode(collection.properties, limit=limit)
    return found
