"""CSV, GeoJSON and shapefiles of a bucket made into table assets."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import shapely
import shapely.geometry
import shapely.wkt

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.service.bucket import bucket_file
from gee_sm.emulator.service.destinations import AssetDestination
from gee_sm.emulator.service.manifest import check_members, manifest_properties, members
from gee_sm.emulator.service.shapefile_upload import in_degrees, shapefile_rows, to_degrees
from gee_sm.emulator.service.table_asset import store_table
from gee_sm.emulator.service.task import Task

if TYPE_CHECKING:
    from gee_sm.emulator.emulator import Emulator

__all__ = ["upload_table"]

_X = ("longitude", "lon", "x")
_Y = ("latitude", "lat", "y")
_SHAPE = ("geometry", ".geo", "wkt")
_SOURCE = frozenset(
    {
        "uris",
        "charset",
        "crs",
        "xColumn",
        "yColumn",
        "primaryGeometryColumn",
        "csvDelimiter",
        "maxErrorMeters",  # coordinates are kept as they are, to the last digit
    }
)
_BESIDE_SHP = frozenset({".shx", ".dbf", ".prj", ".cpg", ".fix", ".qix", ".sbn", ".sbx"})


def upload_table(
    emulator: Emulator, manifest: dict[str, Any], destination: AssetDestination, task: Task
) -> list[str]:
    """Make an asset of a manifest's file; return its URI.

    Parameters
    ----------
    emulator : Emulator
        Whose bucket is read and whose store is written.
    manifest : dict
        ``name``, ``sources`` with one CSV, GeoJSON or shapefile, and optionally ``properties``,
        ``startTime`` and ``endTime``. A source may name ``xColumn``, ``yColumn``,
        ``primaryGeometryColumn``, ``csvDelimiter``, ``charset`` and ``crs``. A shapefile is named
        by its ``.shp``, with or without its other files, or is a ``.zip`` of them.
    destination : AssetDestination
        The asset.
    task : Task
        Told of the progress.

    Raises
    ------
    EarthEngineError
        If the file is not there, or not what its name says.
    """
    check_members(manifest, {"name", "sources", "startTime", "endTime", "properties"}, "a table")
    for source in members(manifest, "sources"):
        check_members(source, _SOURCE, "a source")
    sources = [
        (uri, source)
        for source in members(manifest, "sources")
        for uri in source.get("uris", ())
        if Path(str(uri)).suffix.lower() not in _BESIDE_SHP
    ]
    if len(sources) != 1:
        raise EarthEngineError(
            f"A table of {len(sources)} files is not implemented by the emulator: give one."
        )
    uri, source = sources[0]
    path = bucket_file(emulator.exports / "gcs", uri)
    suffix = path.suffix.lower()
    if suffix == ".csv":
        rows = _csv_rows(path, source)
    elif suffix in (".geojson", ".json"):
        rows = _geojson_rows(path)
    elif suffix in (".shp", ".zip"):
        rows = shapefile_rows(path, source.get("charset"), source.get("crs"))
    else:
        raise EarthEngineError(
            f"A '{suffix}' file cannot be uploaded to the emulator: expected .csv, .geojson, .shp "
            "or .zip."
        )
    # A shapefile says itself where its coordinates lie.
    projection = None if suffix in (".shp", ".zip") else to_degrees(source.get("crs"))
    records = []
    for index, (geometry, properties) in enumerate(rows):
        task.advance(0.0)
        if geometry is not None and projection is not None:
            geometry = in_degrees(geometry, projection)
        properties.setdefault("system:index", f"{index:020d}")
        records.append({"geometry": geometry, "properties": properties})
    store_table(emulator, destination, records, manifest_properties(manifest), task)
    return [destination.uri]


def _csv_rows(
    path: Path, source: dict[str, Any]
) -> Iterator[tuple[dict[str, Any] | None, dict[str, Any]]]:
    try:
        text = path.read_text(encoding=str(source.get("charset") or "utf-8"))
    except (LookupError, UnicodeDecodeError) as error:
        raise EarthEngineError(f"The CSV file cannot be read: {error}.") from error
    delimiter = source.get("csvDelimiter") or ","
    if not isinstance(delimiter, str) or len(delimiter) != 1:
        raise EarthEngineError(f"Invalid csvDelimiter {delimiter!r:.40}: expected one character.")
    reader = csv.DictReader(io.StringIO(text), delimiter=delimiter)
    columns = list(reader.fieldnames or ())
    rows = list(reader)
    x = _column(columns, source.get("xColumn"), _X)
    y = _column(columns, source.get("yColumn"), _Y)
    shape = _column(columns, source.get("primaryGeometryColumn"), _SHAPE)
    numeric = {name for name in columns if all(_is_number(row[name]) for row in rows)}
    numeric.discard("system:index")  # digits, as exports write it, and yet a name
    for row in rows:
        geometry = None
        if shape is not None and row[shape]:
            geometry = _geometry(row[shape])
        elif x is not None and y is not None and _is_number(row[x]) and row[x] and row[y]:
            geometry = {"type": "Point", "coordinates": [float(row[x]), float(row[y])]}
        yield (
            geometry,
            {
                name: float(row[name]) if name in numeric else row[name]
                for name in columns
                if row[name] not in (None, "") and name != shape
            },
        )


def _column(columns: list[str], asked: Any, usual: tuple[str, ...]) -> str | None:
    if asked:
        if asked not in columns:
            raise EarthEngineError(f"The CSV file has no column '{asked!s:.80}'.")
        return str(asked)
    return next((name for name in columns if name.lower() in usual), None)


def _is_number(text: str | None) -> bool:
    try:
        float(text or 0)
    except ValueError:
        return False
    return True


def _geometry(text: str) -> dict[str, Any]:
    try:
        if text.lstrip().startswith("{"):
            return dict(shapely.geometry.mapping(shapely.geometry.shape(json.loads(text))))
        return dict(shapely.geometry.mapping(shapely.wkt.loads(text)))
    except (AttributeError, KeyError, TypeError, ValueError, shapely.errors.ShapelyError):
        raise EarthEngineError(f"'{text:.80}' is no geometry in GeoJSON or WKT.") from None


def _geojson_rows(path: Path) -> Iterator[tuple[dict[str, Any] | None, dict[str, Any]]]:
    try:
        features = json.loads(path.read_text(encoding="utf-8"))["features"]
    except (KeyError, TypeError, ValueError) as error:
        raise EarthEngineError(f"The file is no GeoJSON FeatureCollection: {error}.") from error
    for feature in features:
        geometry = feature.get("geometry")
        properties = dict(feature.get("properties") or {})
        if "id" in feature:
            properties["system:index"] = str(feature["id"])
        yield None if geometry is None else _geometry(json.dumps(geometry)), properties
