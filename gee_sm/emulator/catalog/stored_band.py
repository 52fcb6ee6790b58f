"""What one band must be to be stored, and the STAC asset that describes it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pystac
import shapely
import shapely.geometry
from affine import Affine
from rasterio.crs import CRS
from rasterio.errors import CRSError
from rasterio.warp import transform_geom

from gee_sm.emulator.errors import CatalogError

__all__ = [
    "FILE_NAME",
    "PYRAMIDING_POLICIES",
    "StoredBand",
    "checked_bands",
    "crs_of",
    "footprint_of",
]

FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.\-]*\Z")
"""What names a band, an image or a part of an asset id, and so a file."""

PYRAMIDING_POLICIES = ("MEAN", "MODE", "SAMPLE", "MIN", "MAX", "MEDIAN")
"""Ways in which Earth Engine makes the coarser levels of a band."""

_BAND_TYPES = ("uint8", "int8", "uint16", "int16", "uint32", "int32", "float32", "float64")
_POINTS_PER_SIDE = 8


@dataclass(frozen=True)
class StoredBand:
    """One checked band, ready to be written."""

    name: str
    values: np.ndarray
    transform: Affine
    nodata: float | int | None
    policy: str

    def asset(self, crs: CRS) -> pystac.Asset:
        """Return the STAC asset of the band's file."""
        authority = crs.to_authority()
        fields: dict[str, Any] = {
            "proj:code": None if authority is None else ":".join(authority),
            "proj:shape": list(self.values.shape),
            "proj:transform": list(self.transform)[:6],
            "data_type": self.values.dtype.name,
            "gee:pyramiding_policy": self.policy,
        }
        if authority is None:
            fields["proj:wkt2"] = crs.to_wkt()
        if self.nodata is not None:
            fields["nodata"] = "nan" if math.isnan(self.nodata) else self.nodata
        return pystac.Asset(
            href=f"./{self.name}.tif",
            media_type=pystac.MediaType.COG,
            roles=["data"],
            extra_fields=fields,
        )

    def ring(self) -> shapely.Polygon:
        """Return the outline of the grid, with points along its sides."""
        height, width = self.values.shape
        side = np.arange(_POINTS_PER_SIDE) / _POINTS_PER_SIDE
        zeros, ones = np.zeros(_POINTS_PER_SIDE), np.ones(_POINTS_PER_SIDE)
        columns = np.concatenate([side, ones, 1 - side, zeros]) * width
        rows = np.concatenate([zeros, side, ones, 1 - side]) * height
        grid = self.transform
        x = grid.c + grid.a * columns + grid.b * rows
        y = grid.f + grid.d * columns + grid.e * rows
        return shapely.Polygon(np.column_stack([x, y]))


def checked_bands(
    bands: Mapping[str, np.ndarray],
    transform: Affine | Mapping[str, Affine],
    nodata: float | Mapping[str, float | None] | None,
    pyramiding: Mapping[str, str],
    where: str,
) -> list[StoredBand]:
    """Return the bands of one image ready to be written.

    Parameters
    ----------
    bands : mapping of str to ndarray, shape (y, x)
        Values by band name, in band order.
    transform, nodata, pyramiding
        As in :meth:`gee_sm.emulator.catalog.CatalogWriter.add_image`.
    where : str
        The image, as messages name it.

    Returns
    -------
    list of StoredBand
        In the order of `bands`.

    Raises
    ------
    CatalogError
        A band cannot be stored; the message names it and says what to change.
    """
    if not bands:
        raise CatalogError(f"{where} has no bands: give at least one array (y, x)")
    for option, named in (("transform", transform), ("nodata", nodata), ("pyramiding", pyramiding)):
        unknown = sorted(set(named) - set(bands)) if isinstance(named, Mapping) else []
        if unknown:
            raise CatalogError(
                f"{where}: {option} names bands that are not given: {unknown}; "
                f"the bands are {list(bands)}"
            )
    checked = []
    for name, values in bands.items():
        here = f"band {name!r} of {where}"
        if not isinstance(name, str) or FILE_NAME.match(name) is None:
            raise CatalogError(
                f"{here}: a band name is made of letters, digits, '_', '-' and '.', "
                "and names a file"
            )
        grid = transform.get(name) if isinstance(transform, Mapping) else transform
        if not isinstance(grid, Affine) or grid.is_degenerate:
            raise CatalogError(f"{here}: expected an invertible affine.Affine grid, got {grid!r}")
        policy = pyramiding.get(name, "MEAN")
        if policy not in PYRAMIDING_POLICIES:
            raise CatalogError(
                f"{here}: unknown pyramiding policy {policy!r}; "
                f"expected one of {', '.join(PYRAMIDING_POLICIES)}"
            )
        marker = nodata.get(name) if isinstance(nodata, Mapping) else nodata
        array, marker = _stored(values, marker, here)
        checked.append(StoredBand(name, array, grid, marker, policy))
    return checked


def _stored(
    values: np.ndarray, nodata: float | int | None, here: str
) -> tuple[np.ndarray, float | int | None]:
    """Return a plain array in a type that a COG can hold, and the value of its masked pixels."""
    array = np.ma.asanyarray(values)
    if array.ndim != 2 or 0 in array.shape:
        raise CatalogError(f"{here}: expected an array (y, x), got shape {array.shape}")
    if array.dtype == bool:
        array = array.astype(np.uint8)
    if array.dtype.name not in _BAND_TYPES:
        raise CatalogError(
            f"{here}: cannot store {array.dtype}; cast it to one of {', '.join(_BAND_TYPES)}"
        )
    floating = array.dtype.kind == "f"
    if nodata is None:
        nodata = math.nan if floating else None
    elif not floating:
        limits = np.iinfo(array.dtype)
        if not (float(nodata).is_integer() and limits.min <= nodata <= limits.max):
            raise CatalogError(
                f"{here}: nodata {nodata!r} is not a value of {array.dtype} "
                f"({limits.min} to {limits.max})"
            )
        nodata = int(nodata)
    else:
        nodata = float(nodata)
    if np.ma.is_masked(array) and nodata is None:
        raise CatalogError(f"{here} has masked pixels but no nodata value: give nodata=")
    return np.ascontiguousarray(array.filled(nodata) if np.ma.is_masked(array) else array.data), (
        nodata
    )


def crs_of(crs: str | CRS, where: str) -> CRS:
    """Return a coordinate reference system; `where` names the image in the error."""
    try:
        return CRS.from_user_input(crs)
    except (CRSError, ValueError) as error:
        raise CatalogError(
            f"{where}: unknown coordinate reference system {crs!r}; "
            "expected a code such as 'EPSG:32646', or WKT"
        ) from error


def footprint_of(bands: Sequence[StoredBand], crs: CRS) -> dict[str, Any]:
    """Return the union of the bands' grids as GeoJSON in WGS84 degrees."""
    outline = shapely.union_all([band.ring() for band in bands])
    return transform_geom(crs, "EPSG:4326", shapely.geometry.mapping(outline), precision=9)
