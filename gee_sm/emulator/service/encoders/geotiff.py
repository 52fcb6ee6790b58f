"""Pixels as GeoTIFF: types, values of masked pixels, and a whole file in memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from rasterio.crs import CRS
from rasterio.io import MemoryFile

from gee_sm.emulator.pixels.grid import Grid, crs_of
from gee_sm.emulator.pixels.tile import positive
from gee_sm.emulator.pixels.zeroing import selected
from gee_sm.emulator.service.raster import Raster

__all__ = [
    "fill_value",
    "filled",
    "gdal_type",
    "geotiff_bytes",
    "joint_type",
    "profile",
    "stored_type",
]

_GDAL_TYPES = {
    "uint8": "Byte",
    "int8": "Int8",
    "uint16": "UInt16",
    "int16": "Int16",
    "uint32": "UInt32",
    "int32": "Int32",
    "float32": "Float32",
    "float64": "Float64",
}
_BLOCK = 256


def stored_type(dtype: np.dtype) -> np.dtype:
    """Return the type in which a band is stored: 64-bit integers become doubles."""
    return np.dtype(np.float64) if dtype.kind in "iu" and dtype.itemsize == 8 else dtype


def gdal_type(dtype: np.dtype) -> str:
    """Return GDAL's name of a type, as the service's messages write it."""
    return _GDAL_TYPES[stored_type(np.dtype(dtype)).name]


def joint_type(dtypes: Sequence[np.dtype]) -> np.dtype:
    """Return the type that holds all bands of a file."""
    return stored_type(np.result_type(*map(stored_type, dtypes)))


def fill_value(dtype: np.dtype) -> float | int:
    """Return what masked pixels hold: 0, the smallest integer, or minus infinity."""
    if dtype.kind == "f":
        return -np.inf
    return 0 if dtype.kind == "u" else int(np.iinfo(dtype).min)


def rasterio_crs(name: str) -> CRS:
    """Return a coordinate reference system for GDAL."""
    return CRS.from_wkt(crs_of(name).to_wkt())


def profile(grid: Grid, dtype: np.dtype, count: int, nodata: float | int | None) -> dict[str, Any]:
    """Return rasterio's options for a tiled, compressed GeoTIFF over a grid."""
    return {
        "driver": "GTiff",
        "width": grid.width,
        "height": grid.height,
        "count": count,
        "dtype": dtype.name,
        "crs": rasterio_crs(grid.lattice.crs),
        "transform": grid.affine,
        "nodata": nodata,
        "tiled": True,
        "blockxsize": _BLOCK,
        "blockysize": _BLOCK,
        "compress": "DEFLATE",
        "interleave": "band",
        "NUM_THREADS": "ALL_CPUS",
        "BIGTIFF": "IF_SAFER",
    }


def filled(values: np.ndarray, valid: np.ndarray, dtype: np.dtype, fill: float | int) -> np.ndarray:
    """Return values in a type, with one value for all masked pixels."""
    return selected(~valid, np.asarray(fill, dtype), values.astype(dtype, copy=False))


def geotiff_bytes(raster: Raster) -> bytes:
    """Return a raster as GeoTIFF: bands described by name, all of the type that holds each.

    Parameters
    ----------
    raster : Raster
        The pixels; those masked hold :func:`fill_value`, which the nodata tag names.
    """
    dtype = joint_type([values.dtype for values in raster.values])
    fill = fill_value(dtype)
    with MemoryFile() as memory:
        with memory.open(**profile(raster.grid, dtype, len(raster.values), fill)) as dataset:
            for index, (name, values, weights) in enumerate(
                zip(raster.names, raster.values, raster.weights, strict=True), start=1
            ):
                dataset.write(filled(values, positive(weights), dtype, fill), index)
                dataset.set_band_description(index, name)
        return memory.read()
