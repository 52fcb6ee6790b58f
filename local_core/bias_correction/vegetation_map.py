"""Read a map of vegetation types and bring it to the grid of a reanalysis."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import rasterio
import xarray as xr

from local_core.bias_correction.reanalysis_source import ReanalysisDataError


def read_vegetation_map(path: str | Path, *, like: xr.DataArray) -> xr.DataArray:
    """Read a vegetation map and take the type at the centre of each pixel of a grid.

    Parameters
    ----------
    path : path
        NetCDF with one variable over latitude and longitude (``flag_values`` and ``flag_meanings``
        say what numbers mean), or a GeoTIFF in geographic coordinates.
    like : DataArray
        Grid with the coordinates ``latitude`` and ``longitude``.

    Returns
    -------
    DataArray (latitude, longitude)
        On the grid of ``like``; outside of the map a number or name no type has.

    Raises
    ------
    ReanalysisDataError
        If the map cannot be read, is not in geographic coordinates, or misses the grid.

    Notes
    -----
    Where the map is finer than the grid, the pixel's centre decides; aggregate the map to the
    commonest type first if that is too coarse.
    """
    path = Path(path)
    if path.suffix.lower() in (".tif", ".tiff"):
        types = _from_geotiff(path)
    else:
        types = _from_netcdf(path)
    wanted = {name: like[name] for name in ("latitude", "longitude")}
    result = types
    for name, target in wanted.items():
        source = types[name].values.astype(float)
        values = target.values.astype(float)
        if name == "longitude" and source.min() >= 0 and values.min() < 0:
            values = values % 360
        elif name == "longitude" and source.min() < 0 and values.max() > 180:
            values = (values + 180) % 360 - 180
        order = np.argsort(source)
        near = order[np.abs(source[order][None, :] - values[:, None]).argmin(axis=1)]
        step = np.abs(np.diff(np.sort(source))).max() if source.size > 1 else np.inf
        inside = np.abs(source[near] - values) <= max(step, 1e-6) * 0.75
        if not inside.any():
            raise ReanalysisDataError(
                f"{path}: covers {name} {source.min():g} to {source.max():g}, the reanalysis "
                f"{values.min():g} to {values.max():g}"
            )
        result = result.isel({name: near})
        outside = -1 if result.dtype.kind in "iuf" else ""
        mask = xr.DataArray(inside, dims=name)
        result = result.astype(np.int64) if result.dtype.kind in "iu" else result
        result = result.where(mask, outside).assign_coords({name: target.values})
    return result.transpose("latitude", "longitude").assign_attrs(types.attrs)


def _from_netcdf(path: Path) -> xr.DataArray:
    try:
        with xr.open_dataset(path, mask_and_scale=False) as opened:
            dataset = opened.load()
    except (OSError, ValueError) as error:
        raise ReanalysisDataError(f"{path}: cannot be read as NetCDF ({error})") from error
    names = {
        old: new
        for old, new in (
            ("lat", "latitude"),
            ("lon", "longitude"),
            ("y", "latitude"),
            ("x", "longitude"),
        )
        if old in dataset.dims and new not in dataset.dims
    }
    dataset = dataset.rename(names)
    maps = [
        variable
        for variable in dataset.data_vars.values()
        if set(variable.dims) == {"latitude", "longitude"}
    ]
    if len(maps) != 1:
        raise ReanalysisDataError(
            f"{path}: {len(maps)} variables over latitude and longitude "
            f"({', '.join(map(str, dataset.data_vars))}); expected one"
        )
    return maps[0]


def _from_geotiff(path: Path) -> xr.DataArray:
    try:
        with rasterio.open(path) as source:
            if source.crs is None or not source.crs.is_geographic:
                raise ReanalysisDataError(
                    f"{path}: is in {source.crs}; expected geographic coordinates (EPSG:4326)"
                )
            values = source.read(1)
            transform = source.transform
    except rasterio.errors.RasterioIOError as error:
        raise ReanalysisDataError(f"{path}: cannot be read as GeoTIFF ({error})") from error
    rows, columns = values.shape
    return xr.DataArray(
        values,
        dims=("latitude", "longitude"),
        coords={
            "latitude": transform.f + transform.e * (np.arange(rows) + 0.5),
            "longitude": transform.c + transform.a * (np.arange(columns) + 0.5),
        },
    )
