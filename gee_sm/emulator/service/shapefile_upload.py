"""Rows of a shapefile, or of an archive that holds one."""

from __future__ import annotations

import datetime
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyproj
import shapefile
import shapely
import shapely.geometry
from pyproj.exceptions import CRSError

from gee_sm.emulator.errors import EarthEngineError

__all__ = ["in_degrees", "shapefile_rows", "to_degrees"]

_DAMAGED = (
    shapefile.ShapefileException,
    zipfile.BadZipFile,
    struct.error,
    LookupError,
    OSError,
    ValueError,
)

Row = tuple[dict[str, Any] | None, dict[str, Any]]


def shapefile_rows(path: Path, charset: Any = None, crs: Any = None) -> Iterator[Row]:
    """Yield geometry (GeoJSON in degrees, or None) and properties of each record.

    Parameters
    ----------
    path : Path
        A ``.shp`` beside its other files, or a ``.zip``.
    charset : str, optional
        Encoding of texts; that of the ``.cpg`` file, or UTF-8, by default.
    crs : str, optional
        Coordinate system; that of the ``.prj`` file, or degrees, by default.

    Raises
    ------
    EarthEngineError
        If a file is missing or damaged, or its coordinate system is not known.
    """
    try:
        encoding = str(charset or _beside(path, ".cpg") or "utf-8").strip()
        projection = to_degrees(crs or _beside(path, ".prj"))
        with shapefile.Reader(str(path), encoding=encoding) as reader:
            for record in reader.iterShapeRecords():
                shape = record.shape.__geo_interface__ if record.shape.shapeType else None
                yield (
                    None if shape is None else in_degrees(shape, projection),
                    {k: _plain(v) for k, v in record.record.as_dict().items() if v is not None},
                )
    except UnicodeDecodeError as error:
        raise EarthEngineError(f"A text cannot be read: {error}. Name the charset.") from error
    except _DAMAGED as error:
        raise EarthEngineError(f"The file is no shapefile: {error}") from error


def _beside(path: Path, suffix: str) -> str | None:
    """Return the text of one of a shapefile's small files, None when it has none."""
    if path.suffix.lower() == ".zip":
        with zipfile.ZipFile(path) as archive:
            name = next((n for n in archive.namelist() if n.lower().endswith(suffix)), None)
            return None if name is None else archive.read(name).decode("utf-8", "replace")
    found = path.with_suffix(suffix)
    return found.read_text("utf-8", "replace") if found.is_file() else None


def to_degrees(crs: Any) -> pyproj.Transformer | None:
    """Return what turns coordinates into degrees; None when no coordinate system is given.

    Raises
    ------
    EarthEngineError
        If there is no such coordinate system.
    """
    if not crs:
        return None
    try:
        known = pyproj.CRS.from_user_input(str(crs))
    except CRSError as error:
        raise EarthEngineError(f"Unknown coordinate system of the table: {error}") from None
    return pyproj.Transformer.from_crs(known, "EPSG:4326", always_xy=True)


def in_degrees(geometry: dict[str, Any], transformer: pyproj.Transformer | None) -> dict[str, Any]:
    """Return a GeoJSON geometry with its coordinates transformed."""
    shape = shapely.geometry.shape(geometry)
    if transformer is not None:
        shape = shapely.transform(shape, transformer.transform, interleaved=False)
    return dict(shapely.geometry.mapping(shape))


def _plain(value: Any) -> Any:
    """Return a value that an asset can store: dates become text."""
    if isinstance(value, datetime.date):
        return value.isoformat()
    return int(value) if isinstance(value, bool) else value
