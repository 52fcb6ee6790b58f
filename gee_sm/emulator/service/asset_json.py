"""Assets as the REST interface describes them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from gee_sm.emulator.encode import encode
from gee_sm.emulator.pixels.asset import AssetBand
from gee_sm.emulator.service.asset_names import asset_name_of
from gee_sm.emulator.service.asset_store import not_found
from gee_sm.emulator.service.feature_json import geojson_geometry
from gee_sm.emulator.values.image import Band, Image

if TYPE_CHECKING:
    from gee_sm.emulator.emulator import Emulator

__all__ = ["asset_json", "computed_image_json", "rfc3339"]

_PRECISION = {"int": "INT", "float": "FLOAT", "double": "DOUBLE"}
_HIDDEN = frozenset(
    {
        "system:asset_size",
        "system:footprint",
        "system:index",
        "system:time_end",
        "system:time_start",
    }
)
_TRANSFORM = ("scaleX", "shearX", "translateX", "shearY", "scaleY", "translateY")


def rfc3339(seconds: float) -> str:
    """Return a time in seconds since 1970 as the service writes it."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def asset_json(emulator: Emulator, asset_id: str, *, basic: bool = False) -> dict[str, Any]:
    """Return the description of an asset.

    Parameters
    ----------
    emulator : Emulator
        Whose asset it is.
    asset_id : str
        Its id.
    basic : bool
        Leave out bands, properties and geometry.

    Raises
    ------
    EarthEngineError
        If there is none, with code 404.
    """
    library = emulator.catalog
    kind = library.kind(asset_id)
    if kind is None:
        raise not_found(asset_id)
    found: dict[str, Any] = {"type": kind, "name": asset_name_of(asset_id), "id": asset_id}
    record = library.made.record(asset_id)
    if record is not None:
        found["updateTime"] = rfc3339(record["updated"])
    size = library.size(asset_id, kind)
    if size is not None:
        found["sizeBytes"] = str(size)
    if basic or kind in ("FOLDER", "CLASSIFIER"):
        if kind == "FOLDER" and record is not None and record["properties"]:
            found["properties"] = record["properties"]
        return found
    if kind == "IMAGE":
        found.update(_image_members(library.image(asset_id)))
        return found
    collection = (library.table if kind == "TABLE" else library.collection)(asset_id)
    if collection.properties:
        found["properties"] = encode(collection.properties)
    if kind == "TABLE":
        found["featureCount"] = str(len(collection))
    return found


def computed_image_json(image: Image) -> dict[str, Any]:
    """Return an image that need not be stored as an asset object."""
    found: dict[str, Any] = {"type": "IMAGE"}
    if image.id is not None:
        found.update({"name": asset_name_of(image.id), "id": image.id})
    elif "system:index" in image.properties:
        found["id"] = str(image.properties["system:index"])
    found.update(_image_members(image))
    return found


def _image_members(image: Image) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for field, name in (("startTime", "system:time_start"), ("endTime", "system:time_end")):
        value = image.properties.get(name)
        if isinstance(value, int | float):
            found[field] = rfc3339(value / 1000)
    geometry = geojson_geometry(image.footprint)
    if geometry is not None:
        found["geometry"] = geometry
    found["bands"] = [_band(band) for band in image.bands]
    properties = {k: v for k, v in image.properties.items() if k not in _HIDDEN}
    if properties:
        found["properties"] = encode(properties)
    return found


def _band(band: Band) -> dict[str, Any]:
    kind = band.type.to_json()
    data_type: dict[str, Any] = {"precision": _PRECISION[kind["precision"]]}
    bounds = {k: kind[k] for k in ("min", "max") if k in kind and kind[k] != 0}
    if bounds:
        data_type["range"] = bounds
    if band.type.dimensions:
        data_type["dimensionsCount"] = band.type.dimensions
    projection = band.projection.to_json()
    grid: dict[str, Any] = (
        {"crsCode": projection["crs"]} if "crs" in projection else {"crsWkt": projection["wkt"]}
    )
    if band.size is not None:
        grid["dimensions"] = {"width": band.size[0], "height": band.size[1]}
    terms = dict(zip(_TRANSFORM, band.projection.transform, strict=True))
    grid["affineTransform"] = {name: value for name, value in terms.items() if value}
    found = {"id": band.name, "dataType": data_type, "grid": grid}
    if isinstance(band.source, AssetBand):
        found["pyramidingPolicy"] = band.source.policy
    return found
