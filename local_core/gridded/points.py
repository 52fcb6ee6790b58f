"""Series at points from a gridded product: the pixel around each, or the mean of a footprint."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Literal

import numpy as np
import pandas as pd
import pyproj
import xarray as xr

from local_core.gridded.coordinates import pixel_size, reference_system, within_180
from local_core.gridded.footprint import circle_weights
from local_core.gridded.nearest_pixel import containing_pixels, geodesic_km
from local_core.status_flags import flag_attributes

Sizes = tuple[float | None, float | None]
Points = pd.DataFrame | xr.Dataset | Mapping[str, Sequence]

_NOT_AVERAGED = ("class", "bit mask", "day of year")


class PointStatus(IntEnum):
    """Whether a point has a pixel."""

    INSIDE = 0
    OUTSIDE_GRID = 1
    NO_COORDINATES = 2


def at_points(
    dataset: xr.Dataset,
    points: Points,
    how: Literal["nearest", "footprint"] = "nearest",
    *,
    diameter_m: float | None = None,
) -> xr.Dataset:
    """Take the series of a gridded product at points.

    Parameters
    ----------
    dataset : Dataset (time, y, x)
        From :func:`local_core.gridded.open_product`, or any with y, x and a grid mapping.
    points : DataFrame, Dataset or mapping
        ``latitude`` and ``longitude`` in degrees, and ``station`` names (a column, the index, or
        the coordinate of a Dataset by station); numbers stand in for names that are not given.
    how : {"nearest", "footprint"}
        The pixel that holds the point, or the mean of the pixels under a circle around it, each
        weighed by its area under the circle. Missing pixels do not count.
    diameter_m : float, optional
        Diameter of the circle on the ground, m; needed for "footprint".

    Returns
    -------
    xarray.Dataset (station, time)
        The variables, lazy if they were. Coordinates by station: ``latitude``, ``longitude``,
        ``pixel_latitude``, ``pixel_longitude`` and ``distance_km`` of the pixel that holds the
        point (geodesic, to its centre), and ``point_status``. Points outside have NaN.

    Raises
    ------
    ValueError
        If points lack coordinates altogether, names repeat, `how` is unknown, the diameter
        does not go with it, or classes are to be averaged.

    Examples
    --------
    >>> grid = xr.Dataset(
    ...     {"soil_moisture": (("time", "y", "x"), [[[0.1, 0.2], [0.3, 0.4]]])},
    ...     {"time": pd.date_range("2020-07-01", periods=1),
    ...      "y": ("y", [33.25, 33.0], {"units": "degrees_north"}),
    ...      "x": ("x", [91.0, 91.25], {"units": "degrees_east"})},
    ... )
    >>> sites = {"station": ["A", "far"], "latitude": [33.01, 10.0], "longitude": [91.3, 91.0]}
    >>> near = at_points(grid, sites)
    >>> near["soil_moisture"].values.tolist(), near["point_status"].values.tolist()
    ([[0.4], [nan]], [0, 1])
    >>> near["distance_km"].values.round(2).tolist()
    [4.8, nan]
    """
    if how not in ("nearest", "footprint"):
        raise ValueError(f"how is 'nearest' or 'footprint'; got {how!r}")
    if (how == "footprint") != (diameter_m is not None):
        raise ValueError(
            f"a footprint needs diameter_m, the nearest pixel takes none; got how={how!r}, "
            f"diameter_m={diameter_m}"
        )
    names, latitude, longitude = _places(points)
    crs = reference_system(dataset, "y", "x")
    y, x = dataset["y"].values.astype(float), dataset["x"].values.astype(float)
    sizes = pixel_size(dataset, "y"), pixel_size(dataset, "x")
    rows, columns, status = _pixels(y, x, crs, latitude, longitude, sizes)
    gridded = dataset[[n for n, a in dataset.data_vars.items() if {"y", "x"} <= set(a.dims)]]
    gridded = gridded.drop_vars([c for c in gridded.coords if c not in ("time", "y", "x")])
    if how == "nearest":
        at_row = xr.DataArray(np.maximum(rows, 0), dims="station")
        at_column = xr.DataArray(np.maximum(columns, 0), dims="station")
        taken = gridded.isel(y=at_row, x=at_column).drop_vars(["y", "x"])
        taken = taken.where(xr.DataArray(status == PointStatus.INSIDE, dims="station"))
    else:
        taken = _footprint_means(gridded, y, x, crs, latitude, longitude, status, diameter_m, sizes)
    for name, array in taken.data_vars.items():
        array.attrs = dict(dataset[name].attrs)
        array.attrs.pop("grid_mapping", None)
        array.encoding = {}
    bounds = dataset["time"].attrs.get("bounds") if "time" in dataset.coords else None
    if bounds in dataset.coords:
        taken = taken.assign_coords({bounds: dataset[bounds].variable})
    if diameter_m is not None:
        taken = taken.assign_attrs(footprint_diameter_m=float(diameter_m))
    return _described(taken, names, latitude, longitude, y, x, crs, rows, columns, status)


def _places(points: Points) -> tuple[list[str], np.ndarray, np.ndarray]:
    if isinstance(points, xr.Dataset):
        wanted = [n for n in ("latitude", "longitude") if n in points]
        table = pd.DataFrame({n: np.atleast_1d(points[n].values) for n in wanted})
        if "station" in points:
            table["station"] = np.atleast_1d(points["station"].values)
    else:
        table = pd.DataFrame(points).copy()
        if "station" not in table and table.index.name == "station":
            table = table.reset_index()
    lacking = [name for name in ("latitude", "longitude") if name not in table]
    if lacking or table.empty:
        raise ValueError(
            f"points have {', '.join(map(str, table.columns)) or 'nothing'} for {len(table)} "
            "stations; expected latitude and longitude in degrees, and station"
        )
    names = (
        [str(name) for name in table["station"]]
        if "station" in table
        else [str(i) for i in range(len(table))]
    )
    index = pd.Index(names)
    if index.has_duplicates:
        twice = index[index.duplicated()].unique()
        raise ValueError(f"station names repeat: {', '.join(twice[:5])}")
    latitude = table["latitude"].to_numpy(dtype=np.float64)
    longitude = table["longitude"].to_numpy(dtype=np.float64)
    wrong = (np.abs(latitude) > 90) | (np.abs(longitude) > 360)
    if wrong.any():
        first = int(np.flatnonzero(wrong)[0])
        raise ValueError(
            f"{names[first]} lies at latitude {latitude[first]:g}, longitude {longitude[first]:g}; "
            "expected degrees within -90..90 and -180..180 (are they swapped?)"
        )
    return names, latitude, within_180(longitude)


def _pixels(
    y: np.ndarray,
    x: np.ndarray,
    crs: pyproj.CRS,
    latitude: np.ndarray,
    longitude: np.ndarray,
    sizes: Sizes,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    known = np.isfinite(latitude) & np.isfinite(longitude)
    to_grid = pyproj.Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    at_x, at_y = to_grid.transform(np.where(known, longitude, 0), np.where(known, latitude, 0))
    at_x, at_y = np.where(known, at_x, np.nan), np.where(known, at_y, np.nan)
    rows = containing_pixels(y, at_y, sizes[0])
    columns = containing_pixels(x, at_x, sizes[1])
    if crs.is_geographic:
        # The last pixel of a globe may reach over the date line.
        for turn in (360.0, -360.0):
            turned = containing_pixels(x, at_x + turn, sizes[1])
            columns = np.where(columns < 0, turned, columns)
    outside = (rows < 0) | (columns < 0)
    status = np.where(outside, PointStatus.OUTSIDE_GRID, PointStatus.INSIDE)
    status = np.where(known, status, PointStatus.NO_COORDINATES).astype(np.int8)
    inside = status == PointStatus.INSIDE
    return np.where(inside, rows, -1), np.where(inside, columns, -1), status


def _footprint_means(
    gridded: xr.Dataset,
    y: np.ndarray,
    x: np.ndarray,
    crs: pyproj.CRS,
    latitude: np.ndarray,
    longitude: np.ndarray,
    status: np.ndarray,
    diameter_m: float,
    sizes: Sizes,
) -> xr.Dataset:
    classes = [
        str(n) for n, a in gridded.data_vars.items() if a.attrs.get("units") in _NOT_AVERAGED
    ]
    if classes:
        raise ValueError(
            f"{', '.join(classes)} hold classes, whose mean means nothing; leave them out or use "
            "how='nearest'"
        )
    inside = np.flatnonzero(status == PointStatus.INSIDE)
    under = [
        circle_weights(latitude[i], longitude[i], diameter_m, y, x, crs, sizes) for i in inside
    ]
    if not under:
        shape = gridded.isel(y=0, x=0, drop=True).expand_dims(station=len(status))
        return shape.where(False)
    rows, columns, weight = (np.concatenate(part) for part in zip(*under, strict=True))
    starts = np.cumsum([0, *[len(area) for _, _, area in under[:-1]]])
    picked = gridded.isel(
        y=xr.DataArray(rows, dims="member"), x=xr.DataArray(columns, dims="member")
    ).drop_vars(["y", "x"])
    picked = picked.chunk(member=-1) if picked.chunks else picked

    def means(values: np.ndarray) -> np.ndarray:
        """Weighted mean of each station's members, which lie one after the other."""
        valid = np.isfinite(values)
        total = np.add.reduceat(np.where(valid, values, 0.0) * weight, starts, axis=-1)
        counted = np.add.reduceat(valid * weight, starts, axis=-1)
        with np.errstate(invalid="ignore"):
            mean = np.where(counted > 0, total / np.where(counted > 0, counted, 1.0), np.nan)
        every = np.full((*values.shape[:-1], len(status)), np.nan, dtype=np.float64)
        every[..., inside] = mean
        return every

    return xr.apply_ufunc(
        means,
        picked,
        input_core_dims=[["member"]],
        output_core_dims=[["station"]],
        dask="parallelized",
        output_dtypes=[np.float64],
        dask_gufunc_kwargs={"output_sizes": {"station": len(status)}},
    )


def _described(
    taken: xr.Dataset,
    names: list[str],
    latitude: np.ndarray,
    longitude: np.ndarray,
    y: np.ndarray,
    x: np.ndarray,
    crs: pyproj.CRS,
    rows: np.ndarray,
    columns: np.ndarray,
    status: np.ndarray,
) -> xr.Dataset:
    inside = status == PointStatus.INSIDE
    to_ground = pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    lon, lat = to_ground.transform(x[np.maximum(columns, 0)], y[np.maximum(rows, 0)])
    lon, lat = np.where(inside, lon, np.nan), np.where(inside, lat, np.nan)
    distance = geodesic_km(latitude, longitude, lat, lon)
    north = {"units": "degrees_north", "standard_name": "latitude"}
    east = {"units": "degrees_east", "standard_name": "longitude"}
    taken = taken.assign_coords(
        station=("station", names),
        latitude=("station", latitude, north),
        longitude=("station", longitude, east),
        pixel_latitude=("station", lat, {**north, "long_name": "centre of the pixel"}),
        pixel_longitude=("station", lon, {**east, "long_name": "centre of the pixel"}),
        distance_km=("station", distance, {"units": "km", "long_name": "to the pixel's centre"}),
        point_status=("station", status, flag_attributes(PointStatus, "status of the point")),
    )
    order = ["station", *[d for d in taken.dims if d != "station"]]
    return taken.transpose(*order)
