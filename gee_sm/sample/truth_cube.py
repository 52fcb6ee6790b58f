"""The wide region's truth read from a sample's folder: what products should be judged against."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike
from rasterio.warp import transform

from gee_sm.sample.coarse_writing import PARAMETERS_FILE
from gee_sm.sample.region import CRS, Grid
from gee_sm.sample.truth_folder import FOLDER, read_parameters
from gee_sm.sample.wide_region import TRUTH_GRID, PixelMean, pixel_mean
from gee_sm.sample.wide_truth import Depth, WideTruth

__all__ = ["truth_cube", "truth_series", "wide_parameters_of", "wide_truth_of"]

_QUANTITIES = {
    "soil_moisture": ("m3 m-3", "liquid volumetric soil moisture"),
    "total_water": ("m3 m-3", "volumetric water, liquid and frozen"),
    "soil_temperature": ("degC", "soil temperature"),
    "ndvi": ("1", "NDVI"),
    "precipitation": ("mm", "precipitation of the UTC day"),
}


def wide_parameters_of(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Return what a sample says of its coarse products: the content of ``truth/wide.json``.

    Parameters
    ----------
    path : path-like
        Folder of the sample.

    Returns
    -------
    dict
        Seed, years, grids, and the parameters of the truth and of every product's error.

    Raises
    ------
    TruthError
        The folder holds no coarse products of a sample.
    """
    return read_parameters(
        path,
        PARAMETERS_FILE,
        "only folders written by `gee-sm sample` (without --only scenes) know the truth of coarse "
        "products",
    )


def wide_truth_of(path: str | os.PathLike[str]) -> WideTruth:
    """Return the truth that a sample's folder holds.

    Raises
    ------
    TruthError
        The folder holds no coarse products of a sample.
    """
    wide_parameters_of(path)
    return _loaded(str(Path(path).resolve()))


def truth_cube(
    path: str | os.PathLike[str],
    times: ArrayLike,
    *,
    quantity: str = "soil_moisture",
    depth: Depth = 0.0,
    grid: Grid | None = None,
) -> xr.DataArray:
    """Return the truth over a grid.

    Parameters
    ----------
    path : path-like
        Folder of the sample.
    times : array-like of datetime64, shape (n,)
        UTC. States are linear between midnights, so noon has the day's mean.
    quantity : str, default "soil_moisture"
        ``soil_moisture`` (liquid), ``total_water`` (with ice), ``soil_temperature``, ``ndvi`` or
        ``precipitation`` (of the UTC day that holds the time).
    depth : float or (float, float), default 0
        Depth in cm, or top and bottom of a layer in cm; 0 is the surface that satellites see.
    grid : gee_sm.sample.region.Grid, optional
        Pixels over which the truth is averaged by area; the truth's own 1 km grid by default.

    Returns
    -------
    xarray.DataArray (time, y, x)
        The truth, with ``units`` and ``crs``.

    Raises
    ------
    TruthError
        The folder holds no coarse products of a sample.
    ValueError
        The quantity or depth is unknown, or a time is out of range.

    Examples
    --------
    >>> import gee_sm.sample
    >>> from gee_sm.sample.wide_region import ERA5_GRID
    >>> folder = gee_sm.sample.write(
    ...     "sample", parts=["coarse"], products=["chirps"], coarse_years=[2020]
    ... )
    >>> days = np.arange("2020-07-01T12", "2020-07-04T12", 24, dtype="datetime64[h]")
    >>> cube = truth_cube(folder, days, depth=(0, 7), grid=ERA5_GRID)
    >>> cube.dims, cube.units
    (('time', 'y', 'x'), 'm3 m-3')
    """
    truth = wide_truth_of(path)
    at = np.asarray(times, "datetime64[ns]").reshape(-1)
    over = None if grid is None else pixel_mean(grid)
    values = _values(truth, at, quantity, depth, over)
    target = TRUTH_GRID if grid is None else grid
    return xr.DataArray(
        values,
        dims=("time", "y", "x"),
        coords={"time": at, "y": target.y[:, 0], "x": target.x[0]},
        name=quantity,
        attrs={**_attributes(quantity, depth), "crs": target.crs},
    )


def truth_series(
    path: str | os.PathLike[str],
    times: ArrayLike,
    longitude: ArrayLike,
    latitude: ArrayLike,
    *,
    quantity: str = "soil_moisture",
    depth: Depth = 0.0,
) -> xr.DataArray:
    """Return the truth of the 1 km pixels under some points.

    Parameters
    ----------
    path, times, quantity, depth
        As for :func:`truth_cube`.
    longitude, latitude : array-like, shape (points,)
        Degrees.

    Returns
    -------
    xarray.DataArray (point, time)
        The truth, with ``units``.

    Raises
    ------
    TruthError
        The folder holds no coarse products of a sample.
    ValueError
        A point lies outside the wide region, or as for :func:`truth_cube`.
    """
    truth = wide_truth_of(path)
    at = np.asarray(times, "datetime64[ns]").reshape(-1)
    east, north = np.atleast_1d(longitude).astype(float), np.atleast_1d(latitude).astype(float)
    x, y = map(np.asarray, transform("EPSG:4326", CRS, east, north))
    inverse, (rows, columns) = ~TRUTH_GRID.transform, TRUTH_GRID.shape
    column, row = np.floor(inverse.a * x + inverse.c), np.floor(inverse.e * y + inverse.f)
    outside = ~((column >= 0) & (column < columns) & (row >= 0) & (row < rows))
    if outside.any():
        k = int(np.flatnonzero(outside)[0])
        raise ValueError(
            f"point {k} at {east[k]} E, {north[k]} N lies outside the wide region: "
            "expected 91 to 94 E, 31 to 34 N"
        )
    pick = (row.astype(int), column.astype(int))
    parts = [
        _values(truth, at[start : start + 64], quantity, depth, None)[:, *pick]
        for start in range(0, at.size, 64)
    ]
    return xr.DataArray(
        np.concatenate(parts).T,
        dims=("point", "time"),
        coords={"time": at, "longitude": ("point", east), "latitude": ("point", north)},
        name=quantity,
        attrs=_attributes(quantity, depth),
    )


@lru_cache(maxsize=2)
def _loaded(path: str) -> WideTruth:
    return WideTruth.load(Path(path) / FOLDER)


def _values(
    truth: WideTruth, times: np.ndarray, quantity: str, depth: Depth, over: PixelMean | None
) -> np.ndarray:
    if quantity == "soil_moisture":
        return truth.soil_moisture(times, depth, over)
    if quantity == "total_water":
        return truth.total_water(times, depth, over)
    if quantity == "soil_temperature":
        return truth.soil_temperature(times, depth, over)
    if quantity == "ndvi":
        return truth.ndvi(times, over)
    if quantity == "precipitation":
        return truth.rain(times, over)
    raise ValueError(f"quantity must be one of {', '.join(_QUANTITIES)}; got {quantity!r}")


def _attributes(quantity: str, depth: Depth) -> dict[str, Any]:
    units, name = _QUANTITIES[quantity]
    about = {"units": units, "long_name": f"true {name}"}
    if quantity in ("soil_moisture", "total_water", "soil_temperature"):
        about["depth_cm"] = list(depth) if isinstance(depth, Sequence) else float(depth)
    return about
