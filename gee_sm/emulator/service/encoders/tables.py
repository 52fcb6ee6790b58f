"""Tables as files: CSV, GeoJSON, KML, shapefiles and TFRecord."""

from __future__ import annotations

import csv
import gzip
import io
import json
import math
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import numpy as np

from gee_sm.emulator.encode import encode
from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.service.encoders.shapefile import shapefile_parts
from gee_sm.emulator.service.encoders.tfrecord import example, record
from gee_sm.emulator.service.feature_json import geojson_feature

__all__ = [
    "TABLE_FORMATS",
    "checked_selectors",
    "content_type_of",
    "extension_of",
    "table_bytes",
    "table_files",
]

TABLE_FORMATS = {
    "CSV": "csv",
    "GEO_JSON": "geojson",
    "JSON": "geojson",  # the client's word for it in downloads
    "KML": "kml",
    "KMZ": "kmz",
    "SHP": "zip",
    "TF_RECORD_TABLE": "tfrecord.gz",
}
_CONTENT_TYPES = {
    "CSV": "text/csv; charset=utf-8",
    "GEO_JSON": "application/geo+json",
    "JSON": "application/geo+json",
    "KML": "application/vnd.google-earth.kml+xml",
    "KMZ": "application/vnd.google-earth.kmz",
    "SHP": "application/zip",
    "TF_RECORD_TABLE": "application/gzip",
}
_INDEX, _GEOMETRY = "system:index", ".geo"
# XML has no way to write these, not even as references.
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_KML_TYPES = {"Point": "Point", "LineString": "LineString", "LinearRing": "LinearRing"}


def extension_of(file_format: Any) -> str:
    """Return the extension of the one file that is a table in a format.

    Raises
    ------
    EarthEngineError
        If there is no such format.
    """
    if not isinstance(file_format, str) or file_format not in TABLE_FORMATS:
        raise EarthEngineError(
            f"Table file format '{file_format!s:.40}' is not available in the emulator; expected "
            f"one of {', '.join(TABLE_FORMATS)}."
        )
    return TABLE_FORMATS[file_format]


def content_type_of(file_format: str) -> str:
    """Return the media type of a table format."""
    return _CONTENT_TYPES[file_format]


def table_bytes(
    features: Iterable[Any],
    file_format: Any,
    selectors: Sequence[str] | None = None,
    *,
    name: str = "table",
) -> bytes:
    """Return features as one file; a shapefile's are archived under a name.

    Parameters and errors are those of :func:`table_files`.
    """
    files = table_files(features, file_format, selectors)
    if len(files) == 1:
        return next(iter(files.values()))
    return _archive({f"{name}.{extension}": body for extension, body in files.items()})


def table_files(
    features: Iterable[Any], file_format: Any, selectors: Sequence[str] | None = None
) -> dict[str, bytes]:
    """Return features as a file, or the several files of a shapefile, by extension.

    Parameters
    ----------
    features : iterable of Feature
        Rows.
    file_format : str
        One of ``TABLE_FORMATS``.
    selectors : sequence of str, optional
        Properties to keep, in order; ``.geo`` is the geometry. Without them a CSV starts with
        ``system:index``, has the properties in alphabetical order and ends with ``.geo``.

    Raises
    ------
    EarthEngineError
        If there is no such format, the selectors are no list of names, or the format cannot hold
        the table.
    """
    extension = extension_of(file_format)
    selectors = checked_selectors(selectors)
    if file_format == "TF_RECORD_TABLE":
        return {extension: _tfrecord(features, selectors)}
    rows = [geojson_feature(feature) for feature in features]
    if file_format == "CSV":
        return {extension: _csv(rows, selectors)}
    if file_format == "SHP":
        columns = selectors and [name for name in selectors if name != _GEOMETRY]
        return shapefile_parts(rows, columns)
    rows = [_selected(row, selectors) for row in rows]
    if file_format in ("GEO_JSON", "JSON"):
        document = {"type": "FeatureCollection", "columns": {}, "features": rows}
        body = json.dumps(document, ensure_ascii=False, allow_nan=False).encode()
        return {extension: body}
    kml = _kml(rows)
    return {extension: kml if file_format == "KML" else _archive({"doc.kml": kml})}


def _archive(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in files.items():
            archive.writestr(name, body)
    return buffer.getvalue()


def _tfrecord(features: Iterable[Any], selectors: list[str] | None) -> bytes:
    """Return one example a feature, its properties as numbers, arrays of them, or text."""
    buffer = io.BytesIO()
    # Without a time in the archive the same table is the same file.
    with gzip.GzipFile(fileobj=buffer, mode="wb", mtime=0) as file:
        for feature in features:
            properties = feature.properties
            names = sorted(properties) if selectors is None else selectors
            values = {
                name: _tensor(name, properties[name])
                for name in names
                if properties.get(name) is not None
            }
            file.write(record(example(values)))
    return buffer.getvalue()


def _tensor(name: str, value: Any) -> Any:
    """Return a property as numbers or text."""
    value = encode(value)
    if isinstance(value, str):
        return value
    try:
        if isinstance(value, dict):
            raise TypeError
        if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
            return value
        return np.asarray(value, dtype=np.float32)
    except (TypeError, ValueError):
        raise EarthEngineError(
            f"Property '{name:.80}' cannot be exported to TFRecord: expected a number, an array, "
            f"or text, got {value!r:.80}."
        ) from None


def checked_selectors(selectors: Any) -> list[str] | None:
    """Return the names of the properties to keep, None for all.

    Raises
    ------
    EarthEngineError
        If it is no list of names.
    """
    if not selectors:
        return None
    if not isinstance(selectors, list | tuple) or not all(isinstance(s, str) for s in selectors):
        raise EarthEngineError("Invalid request: 'selectors' is a list of property names.")
    return list(selectors)


def _csv(rows: list[dict[str, Any]], selectors: list[str] | None) -> bytes:
    if selectors is None:
        names = sorted({name for row in rows for name in row["properties"]})
        selectors = [_INDEX, *names, _GEOMETRY]
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(selectors)
    for row in rows:
        cells = {**row["properties"], _INDEX: row.get("id"), _GEOMETRY: row["geometry"]}
        writer.writerow([_cell(cells.get(name)) for name in selectors])
    return buffer.getvalue().encode()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dict | list):
        return json.dumps(encode(value), separators=(",", ":"), ensure_ascii=False)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and math.isfinite(value) and value == int(value):
        return f"{value:.1f}" if abs(value) < 1e7 else repr(value)
    return str(value)


def _selected(row: dict[str, Any], selectors: list[str] | None) -> dict[str, Any]:
    if selectors is None:
        return row
    properties = {name: row["properties"].get(name) for name in selectors if name != _GEOMETRY}
    properties.pop(_INDEX, None)
    geometry = row["geometry"] if _GEOMETRY in selectors else None
    return {**row, "properties": properties, "geometry": geometry}


def _kml(rows: list[dict[str, Any]]) -> bytes:
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>\n',
        '<kml xmlns="http://www.opengis.net/kml/2.2"><Document>',
    ]
    for row in rows:
        parts.append(f"<Placemark><name>{escape(str(row.get('id', '')))}</name><ExtendedData>")
        for name, value in row["properties"].items():
            parts.append(
                f"<Data name={quoteattr(name)}><value>{escape(_cell(value))}</value></Data>"
            )
        parts.append("</ExtendedData>")
        if row["geometry"] is not None:
            parts.append(_kml_geometry(row["geometry"]))
        parts.append("</Placemark>")
    parts.append("</Document></kml>")
    return _NOT_IN_XML.sub("\ufffd", "".join(parts)).encode()


def _kml_geometry(geometry: dict[str, Any]) -> str:
    kind = geometry["type"]
    if kind == "GeometryCollection":
        inner = "".join(_kml_geometry(part) for part in geometry["geometries"])
        return f"<MultiGeometry>{inner}</MultiGeometry>"
    coordinates = geometry["coordinates"]
    if kind.startswith("Multi"):
        single = kind.removeprefix("Multi")
        inner = "".join(_kml_geometry({"type": single, "coordinates": c}) for c in coordinates)
        return f"<MultiGeometry>{inner}</MultiGeometry>"
    if kind == "Polygon":
        rings = [
            f"<{side}BoundaryIs><LinearRing>{_kml_points(ring)}</LinearRing></{side}BoundaryIs>"
            for side, ring in zip(
                ["outer"] + ["inner"] * (len(coordinates) - 1), coordinates, strict=True
            )
        ]
        return f"<Polygon>{''.join(rings)}</Polygon>"
    points = [coordinates] if kind == "Point" else coordinates
    return f"<{_KML_TYPES[kind]}>{_kml_points(points)}</{_KML_TYPES[kind]}>"


def _kml_points(points: list[list[float]]) -> str:
    text = " ".join(",".join(repr(value) for value in point) for point in points)
    return f"<coordinates>{text}</coordinates>"
