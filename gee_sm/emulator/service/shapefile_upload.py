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

__all__ = ["shapefile_rows"]

_DAMAGED = (
    shapefile.ShapefileException,
    zipfile.BadZipFile,
    struct.error,
    LookupError,
    OSError,
    ValueError,
)

Row = tuple[dict[str, Any] | None, dict[str, Any]]


def shapefile_rows(path: Path, charset: Any = None) -> Iterator[Row]:
    """Yield geometry (GeoJSON in degrees, or None) and properties of each record.

    Parameters
    ----------
    path : Path
        A ``.shp`` beside its other files, or a ``.zip``.
    charset : str, optional
        Encoding of texts; that of the ``.cpg`` file, or UTF-8, by default.

    Raises
    ------
    EarthEngineError
        If a file is missing or damaged, or its coordinate system is not known.
    """
    try:
        encoding = str(charset or _beside(path, ".cpg") or "utf-8").strip()
        to_degrees = _to_degrees(_beside(path, ".prj"))
        with shapefile.Reader(str(path), encoding=encoding) as reader:
            for record in reader.iterShapeRecords():
                shape = record.shape.__geo_interface__ if record.shape.shapeType else None
                yield (
                    None if shape is None else _in_degrees(shape, to_degrees),
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


def _to_degrees(projection: str | None) -> pyproj.Transformer | None:
    """Return what turns coordinates into degrees; None when they are already that."""
    if projection is None:
        return None
    try:
        crs = pyproj.CRS.from_wkt(projection)
    except CRSError as error:
        raise EarthEngineError(f"The .prj file names no known coordinate system: {error}") from None
    return pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True)


def _in_degrees(geometry: dict[str, Any], transformer: pyproj.Transformer | None) -> dict[str, Any]:
    shape = shapely.geometry.shape(geometry)
    if transformer is not None:
        shape = shapely.transform(shape, transformer.transform, interleaved=False)
    return dict(shapely.geometry.mapping(shape))


def _plain(value: Any) -> Any:
    """Return a value that an asset can store: dates become text."""
    if isinstance(value, datetime.date):
        return value.isoformat()
    return int(value) if isinstance(value, bool) else value
