"""Elements of the catalog as STAC and GeoJSON: Items, Collections, features and their values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pystac
import shapely
import shapely.geometry

from gee_sm.emulator.catalog.series import milliseconds
from gee_sm.emulator.catalog.stored_band import FILE_NAME
from gee_sm.emulator.errors import CatalogError
from gee_sm.emulator.whole_file import replacing

__all__ = [
    "NO_TIME",
    "check_index",
    "checked_feature",
    "checked_geometry",
    "folder_name",
    "json_values",
    "new_collection",
    "new_item",
    "read_json",
    "write_json",
]

_PROJECTION_EXTENSION = "https://stac-extensions.github.io/projection/v2.0.0/schema.json"
NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)
"""STAC asks every item for a time; an image without one carries this and no system:time_start."""


def new_item(
    name: str,
    collection_id: str,
    footprint: dict[str, Any],
    properties: dict[str, Any],
    time_start: datetime | None,
    time_end: datetime | None,
) -> pystac.Item:
    """Return the Item of an image: its place, its times, its properties and its links."""
    start = None if time_start is None else _utc(time_start)
    end = None if time_end is None else _utc(time_end)
    if end is not None and start is None:
        raise CatalogError(
            f"image {name!r} of {collection_id!r} has time_end but no time_start: give both"
        )
    if end is not None and end < start:
        raise CatalogError(
            f"image {name!r} of {collection_id!r} ends ({end:%Y-%m-%d %H:%M}) before it starts "
            f"({start:%Y-%m-%d %H:%M}): exchange time_start and time_end"
        )
    if start is not None:
        properties = {"system:time_start": milliseconds(start), **properties}
        if end is not None:
            properties["system:time_end"] = milliseconds(end)
    item = pystac.Item(
        id=name,
        geometry=footprint,
        bbox=list(shapely.geometry.shape(footprint).bounds),
        datetime=start or NO_TIME,
        properties=properties,
        start_datetime=None if end is None else start,
        end_datetime=end,
        stac_extensions=[_PROJECTION_EXTENSION],
    )
    item.collection_id = collection_id
    for relation, href in (
        ("root", "../../catalog.json"),
        ("parent", "../collection.json"),
        ("collection", "../collection.json"),
    ):
        item.add_link(pystac.Link(relation, href, pystac.MediaType.JSON))
    return item


def check_index(name: str, where: str) -> None:
    """Refuse an index that cannot name a folder."""
    if FILE_NAME.match(name) is None:
        raise CatalogError(
            f"{where}: an index is made of letters, digits, '_', '-' and '.', "
            f"and names a folder; got {name!r}"
        )


def new_collection(asset_id: str, kind: str) -> pystac.Collection:
    """Return the Collection of an asset that has no members yet."""
    collection = pystac.Collection(
        id=asset_id,
        description=f"Earth Engine asset {asset_id}",
        extent=pystac.Extent(
            pystac.SpatialExtent([[-180.0, -90.0, 180.0, 90.0]]),
            pystac.TemporalExtent([[None, None]]),
        ),
        license="other",
        extra_fields={"gee:type": kind, "gee:properties": {}},
    )
    collection.clear_links()
    for relation in ("root", "parent"):
        collection.add_link(pystac.Link(relation, "../catalog.json", pystac.MediaType.JSON))
    return collection


def folder_name(asset_id: str) -> str:
    """Return the name of an asset's folder."""
    parts = asset_id.split("/") if isinstance(asset_id, str) else [""]
    if any(FILE_NAME.match(part) is None for part in parts):
        raise CatalogError(
            f"{asset_id!r} is not an asset id: expected names joined by '/', "
            "such as 'COPERNICUS/S1_GRD_FLOAT'"
        )
    return "__".join(parts)


def checked_geometry(geometry: Mapping[str, Any]) -> dict[str, Any]:
    """Return a GeoJSON geometry, or say that it is none."""
    try:
        return shapely.geometry.mapping(shapely.geometry.shape(geometry))
    except (KeyError, TypeError, ValueError, AttributeError, shapely.errors.ShapelyError) as error:
        raise CatalogError(f"not a GeoJSON geometry: {geometry!r}") from error


def checked_feature(feature: Any, position: int, asset_id: str) -> dict[str, Any]:
    """Return a GeoJSON feature with values that JSON knows."""
    where = f"feature {position} of table {asset_id!r}"
    feature = getattr(feature, "__geo_interface__", feature)
    if not isinstance(feature, Mapping) or feature.get("type") != "Feature":
        raise CatalogError(f"{where} is not a GeoJSON Feature: {feature!r}")
    geometry = feature.get("geometry")
    checked = {
        "type": "Feature",
        "geometry": None if geometry is None else checked_geometry(geometry),
        "properties": json_values(feature.get("properties") or {}, "property", where),
    }
    return checked if feature.get("id") is None else {**checked, "id": str(feature["id"])}


def json_values(values: Mapping[str, Any], what: str, where: str) -> dict[str, Any]:
    """Return values as JSON knows them; numpy scalars and arrays become numbers and lists."""

    def plain(value: Any) -> Any:
        if isinstance(value, np.ndarray | np.generic):
            return value.tolist()
        raise TypeError(f"a {type(value).__name__} is not JSON")

    checked = {}
    for name, value in values.items():
        try:
            checked[name] = json.loads(json.dumps(value, default=plain, allow_nan=False))
        except (TypeError, ValueError) as error:
            raise CatalogError(
                f"{what} {name!r} of {where} cannot be stored ({error}): give a finite number, "
                "a text, a list or None; times in milliseconds since 1970"
            ) from error
    return checked


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def read_json(path: Path) -> dict[str, Any]:
    """Return what a file of the catalog says."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, json.JSONDecodeError) as error:
        raise CatalogError(
            f"{path} cannot be read as part of a catalog ({error}): "
            "choose another folder, or repair it"
        ) from error


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write a file of the catalog, whole or not at all."""
    text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
    with replacing(path) as partial:
        partial.write_text(text, encoding="utf-8")
