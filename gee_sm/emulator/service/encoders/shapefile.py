"""Features as a shapefile: the three files that it consists of, and two that explain them."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from typing import Any

import pyproj
import shapefile

from gee_sm.emulator.errors import EarthEngineError

__all__ = ["shapefile_parts"]

_INTEGER = ("N", 18, 0)
_NUMBER = ("F", 24, 15)  # no double needs more than 24 characters
_NAME_BYTES = 10
_TEXT_BYTES = 254
_SHAPES = {
    "Point": shapefile.POINT,
    "MultiPoint": shapefile.MULTIPOINT,
    "LineString": shapefile.POLYLINE,
    "MultiLineString": shapefile.POLYLINE,
    "Polygon": shapefile.POLYGON,
    "MultiPolygon": shapefile.POLYGON,
}
_NAMES = {
    shapefile.POINT: "points",
    shapefile.MULTIPOINT: "sets of points",
    shapefile.POLYLINE: "lines",
    shapefile.POLYGON: "polygons",
}


def shapefile_parts(
    rows: Sequence[dict[str, Any]], columns: Sequence[str] | None = None
) -> dict[str, bytes]:
    """Return features as the files of a shapefile.

    Parameters
    ----------
    rows : sequence of dict
        GeoJSON features in degrees.
    columns : sequence of str, optional
        Properties that become columns, in order; all, in alphabetical order, by default. Their
        names are cut to 10 bytes. Whole numbers, numbers and texts each have a type of their own;
        a column of anything else, or of several of them, holds text of at most 254 bytes.

    Returns
    -------
    dict of str to bytes
        By extension: shp, shx, dbf, prj and cpg.

    Raises
    ------
    EarthEngineError
        If the geometries are of several types, or two columns would have one name.
    """
    if columns is None:
        columns = sorted({name for row in rows for name in row["properties"]})
    shape_type = _shape_type(rows)
    fields = _fields(rows, columns)
    files = {name: io.BytesIO() for name in ("shp", "shx", "dbf")}
    with shapefile.Writer(shapeType=shape_type, **files) as writer:
        for short, (_, (kind, size, decimals)) in fields.items():
            # Numbers go in as text, see _cell.
            writer.field(short, *(("C", size, 0) if kind == "F" else (kind, size, decimals)))
        if not fields:
            writer.field("index", "C", _TEXT_BYTES)  # a table has at least one column
        for row in rows:
            if row["geometry"] is None:
                writer.null()
            else:
                writer.shape(row["geometry"])
            cells = [_cell(row["properties"].get(name), k) for name, (k, *_) in fields.values()]
            writer.record(*(cells or [str(row.get("id", ""))]))
    return {
        **{name: file.getvalue() for name, file in files.items()},
        "dbf": _with_types(files["dbf"].getvalue(), [kind for _, kind in fields.values()]),
        "prj": pyproj.CRS.from_epsg(4326).to_wkt("WKT1_ESRI").encode(),
        "cpg": b"UTF-8",
    }


def _shape_type(rows: Sequence[dict[str, Any]]) -> int:
    kinds = [row["geometry"]["type"] for row in rows if row["geometry"] is not None]
    unknown = next((kind for kind in kinds if kind not in _SHAPES), None)
    if unknown is not None:
        raise EarthEngineError(f"A shapefile cannot hold a geometry of type {unknown}.")
    found = sorted({_SHAPES[kind] for kind in kinds})
    if len(found) > 1:
        raise EarthEngineError(
            "A shapefile holds geometries of one type, and the table has "
            f"{' and '.join(_NAMES[kind] for kind in found)}."
        )
    return found[0] if found else shapefile.NULL


def _fields(
    rows: Sequence[dict[str, Any]], columns: Sequence[str]
) -> dict[str, tuple[str, tuple[str, int, int]]]:
    """Return name in full and type by the name of the column."""
    fields: dict[str, tuple[str, tuple[str, int, int]]] = {}
    for name in columns:
        short = name.encode()[:_NAME_BYTES].decode(errors="ignore")
        if short in fields:
            raise EarthEngineError(
                f"Columns '{fields[short][0]}' and '{name}' have one name in a shapefile: "
                f"'{short}', the first {_NAME_BYTES} bytes. Select or rename them."
            )
        values = [row["properties"].get(name) for row in rows]
        fields[short] = (name, _type([value for value in values if value is not None]))
    return fields


def _type(values: Sequence[Any]) -> tuple[str, int, int]:
    """Return the type, size and decimals of a column."""
    if values and all(isinstance(v, int) and len(str(int(v))) <= _INTEGER[1] for v in values):
        return _INTEGER
    if values and all(isinstance(value, int | float) for value in values):
        return _NUMBER
    return "C", _TEXT_BYTES, 0


def _cell(value: Any, kind: str) -> Any:
    """Return a value as its column holds it.

    A number is given as the text that stands for no other double: with 15 decimals, which is what
    the library would write, small ones lose digits, and large ones are cut off.
    """
    if value is None:
        return None if kind == "N" else ""
    if kind == "N":
        return int(value)
    if kind == "F":
        return repr(float(value)).rjust(_NUMBER[1])
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text.encode()[:_TEXT_BYTES].decode(errors="ignore").rstrip(" \0")


def _with_types(dbf: bytes, kinds: Sequence[tuple[str, int, int]]) -> bytes:
    """Return a table whose columns of numbers, written as text, are declared as numbers."""
    found = bytearray(dbf)
    for position, (kind, _, decimals) in enumerate(kinds):
        start = 32 * (position + 1)  # behind a header of 32 bytes, 32 bytes a column
        if kind == "F":
            found[start + 11], found[start + 17] = ord(kind), decimals
    return bytes(found)
