"""Which coordinate is time, y or x, where its pixels are, and in which reference system."""

from __future__ import annotations

import re
from collections.abc import Hashable

import numpy as np
import pyproj
import xarray as xr

from local_core.gridded.products import LocalProductError

SPATIAL_REF = "spatial_ref"
"""Name of the scalar coordinate that holds the reference system, as rioxarray and GDAL read it."""

_STANDARD_NAMES = {
    "time": "time",
    "latitude": "y",
    "projection_y_coordinate": "y",
    "longitude": "x",
    "projection_x_coordinate": "x",
}
# "degrees_north", "degree_N", "degreesN" and so on, as CF allows.
_NORTH = re.compile(r"degrees?_?n(orth)?$")
_EAST = re.compile(r"degrees?_?e(ast)?$")
_NAMES = {
    "time": ("time", "valid_time", "date", "datetime", "t"),
    "y": ("y", "lat", "latitude", "northing", "nav_lat"),
    "x": ("x", "lon", "long", "longitude", "easting", "nav_lon"),
}


def standard_axes(dataset: xr.Dataset, where: str = "dataset") -> dict[str, str]:
    """Find the coordinates of time, y and x: by their CF attributes first, then by name.

    Parameters
    ----------
    dataset : Dataset
        As opened.
    where : str
        Name for messages.

    Returns
    -------
    dict
        "time", "y" and "x" to the names they have; time may be absent.

    Raises
    ------
    LocalProductError
        If y or x is not found, is found twice, or is not one-dimensional.

    Examples
    --------
    >>> grid = xr.Dataset(coords={"northing": [1.0, 0.0], "easting": [0.0, 1.0]})
    >>> standard_axes(grid)
    {'y': 'northing', 'x': 'easting'}
    """
    found: dict[str, str] = {}
    for axis in ("time", "y", "x"):
        by_attribute = [str(n) for n in dataset.coords if _axis_of(dataset[n]) == axis]
        # Projected files carry two-dimensional latitudes besides: what spans a dimension counts.
        spanning = [name for name in by_attribute if dataset[name].dims == (name,)]
        candidates = spanning or [n for n in by_attribute if dataset[n].ndim == 1]
        if not candidates:
            names = [str(n) for n in (*dataset.coords, *dataset.dims)]
            candidates = list(
                dict.fromkeys(
                    name
                    for known in _NAMES[axis]
                    for name in names
                    if name.lower() == known and (name not in dataset or dataset[name].ndim <= 1)
                )
            )[:1]
        if len(candidates) > 1:
            raise LocalProductError(
                f"{where}: {' and '.join(candidates)} are both {axis} coordinates by their "
                "attributes; expected one"
            )
        if candidates:
            found[axis] = candidates[0]
    _require_both(found, dataset, where)
    return found


def _require_both(found: dict[str, str], dataset: xr.Dataset, where: str) -> None:
    lacking = [axis for axis in ("y", "x") if axis not in found]
    if not lacking:
        return
    shapes = ", ".join(f"{name} {dict(dataset[name].sizes)}" for name in dataset.coords) or "none"
    hint = ""
    if any(dataset[name].ndim == 2 for name in dataset.coords):
        hint = "; two-dimensional latitudes and longitudes are a swath: put it on a grid first"
    raise LocalProductError(
        f"{where}: no {' and no '.join(lacking)} coordinate among {shapes} (dimensions "
        f"{', '.join(map(str, dataset.dims)) or 'none'}); expected one-dimensional coordinates "
        f"with a CF axis, standard_name or units of degrees, or named lat/lon, y/x or "
        f"northing/easting{hint}"
    )


def _axis_of(coordinate: xr.DataArray) -> str | None:
    attributes = {k: str(v).strip().lower() for k, v in coordinate.attrs.items()}
    if np.issubdtype(coordinate.dtype, np.datetime64):
        return "time" if coordinate.ndim <= 1 and _is_main_time(coordinate) else None
    axis = attributes.get("axis", "")
    if axis in ("t", "y", "x"):
        return {"t": "time"}.get(axis, axis)
    standard = _STANDARD_NAMES.get(attributes.get("standard_name", ""))
    if standard:
        return standard
    units = attributes.get("units", "")
    if _NORTH.match(units):
        return "y"
    return "x" if _EAST.match(units) else None


def _is_main_time(coordinate: xr.DataArray) -> bool:
    """Tell the time axis from reference times and the like."""
    standard = str(coordinate.attrs.get("standard_name", "time"))
    return standard == "time" and "bnds" not in str(coordinate.name)


def reference_system(dataset: xr.Dataset, y: str, x: str, where: str = "dataset") -> pyproj.CRS:
    """Return the reference system of a grid.

    Parameters
    ----------
    dataset : Dataset
        With its grid mapping among the coordinates or variables.
    y, x : str
        Names of its coordinates.
    where : str
        Name for messages.

    Raises
    ------
    LocalProductError
        If there is none, and the coordinates are not degrees.
    """
    names: list[Hashable] = []
    for variable in dataset.data_vars.values():
        named = variable.encoding.get("grid_mapping") or variable.attrs.get("grid_mapping")
        if named:
            names.append(str(named).split(":")[0].strip())
    names += [SPATIAL_REF, "crs", "grid_mapping"]
    for name in dict.fromkeys(names):
        if name in dataset.variables:
            attributes = dataset[name].attrs
            text = attributes.get("crs_wkt") or attributes.get("spatial_ref")
            try:
                if text:
                    return pyproj.CRS.from_user_input(text)
                if "grid_mapping_name" in attributes:
                    return pyproj.CRS.from_cf(dict(attributes))
            except pyproj.exceptions.CRSError as error:
                raise LocalProductError(
                    f"{where}: the grid mapping {name!r} cannot be read ({error})"
                ) from error
    if _in_degrees(dataset[y], _NORTH, "lat") and _in_degrees(dataset[x], _EAST, "lon"):
        return pyproj.CRS.from_epsg(4326)
    raise LocalProductError(
        f"{where}: no grid mapping, and {y}, {x} are not in degrees; expected a variable with "
        "crs_wkt or grid_mapping_name (rioxarray's rio.write_crs adds one)"
    )


def _in_degrees(coordinate: xr.DataArray, units: re.Pattern[str], name: str) -> bool:
    unit = str(coordinate.attrs.get("units", "")).strip().lower()
    return bool(units.match(unit)) or str(coordinate.name).lower().startswith(name)


def clean_values(coordinate: xr.DataArray) -> np.ndarray:
    """Return coordinates in double precision without the noise of single precision.

    Examples
    --------
    >>> clean_values(xr.DataArray(np.array([33.1], "float32"))).tolist()
    [33.1]
    """
    values = coordinate.values
    if values.dtype == np.float32:
        # The shortest decimal number that single precision cannot tell from the stored one.
        return np.array([float(str(value)) for value in values])
    return values.astype(np.float64)


def wrapped(longitude: np.ndarray) -> np.ndarray:
    """Return longitudes from -180 up to, but not including, 180 where any exceeds 180.

    Examples
    --------
    >>> wrapped(np.array([0.0, 90.0, 180.0, 359.75])).tolist()
    [0.0, 90.0, -180.0, -0.25]
    """
    if longitude.max(initial=0.0) <= 180.0:
        return longitude
    return np.where(longitude >= 180.0, longitude - 360.0, longitude)


def within_180(longitude: np.ndarray) -> np.ndarray:
    """Return longitudes from -180 up to, but not including, 180; those within stay as they are.

    Examples
    --------
    >>> within_180(np.array([92.2, 180.0, 359.75, -181.0])).tolist()
    [92.2, -180.0, -0.25, 179.0]
    """
    within = (longitude >= -180.0) & (longitude < 180.0)
    return np.where(within, longitude, (longitude + 180.0) % 360.0 - 180.0)


def pixel_size(dataset: xr.Dataset, axis: str) -> float | None:
    """Return the size of a pixel along y or x, negative where the axis descends.

    From the coordinates, or of one pixel alone from the GeoTransform of its grid mapping; None if
    neither tells.

    Examples
    --------
    >>> pixel_size(xr.Dataset(coords={"y": [33.5, 33.25]}), "y")
    -0.25
    """
    values = dataset[axis].values
    if values.size > 1:
        return float(values[-1] - values[0]) / (values.size - 1)
    stated = dataset[SPATIAL_REF].attrs.get("GeoTransform") if SPATIAL_REF in dataset else None
    return None if stated is None else float(str(stated).split()[5 if axis == "y" else 1])


def with_reference_system(
    dataset: xr.Dataset, crs: pyproj.CRS, sizes: tuple[float | None, float | None] = (None, None)
) -> xr.Dataset:
    """Return the dataset with its reference system as the coordinate ``spatial_ref``.

    Parameters
    ----------
    dataset : Dataset (..., y, x)
        Without it, or with another one.
    crs : pyproj.CRS
        The reference system.
    sizes : tuple of float, optional
        Size of a pixel along y and x, kept so that one pixel alone still has its size.
    """
    attributes = crs.to_cf()
    attributes["spatial_ref"] = attributes["crs_wkt"]
    down, across = sizes
    if down is not None and across is not None:
        west = dataset["x"].values[0] - across / 2
        north = dataset["y"].values[0] - down / 2
        attributes["GeoTransform"] = " ".join(
            map(repr, map(float, (west, across, 0, north, 0, down)))
        )
    dataset = dataset.assign_coords({SPATIAL_REF: ((), np.int32(0), attributes)})
    for variable in dataset.data_vars.values():
        variable.attrs.pop("grid_mapping", None)
        variable.encoding["grid_mapping"] = SPATIAL_REF
    if crs.is_geographic:
        dataset["y"].attrs = {
            "standard_name": "latitude",
            "units": "degrees_north",
            "axis": "Y",
        }
        dataset["x"].attrs = {
            "standard_name": "longitude",
            "units": "degrees_east",
            "axis": "X",
        }
    else:
        unit = crs.axis_info[0].unit_name.replace("metre", "m")
        dataset["y"].attrs = {
            "standard_name": "projection_y_coordinate",
            "units": unit,
            "axis": "Y",
        }
        dataset["x"].attrs = {
            "standard_name": "projection_x_coordinate",
            "units": unit,
            "axis": "X",
        }
    return dataset
