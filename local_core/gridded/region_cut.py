"""Grids turned north up and west to east, and cut to a region."""

from __future__ import annotations

import numpy as np
import pyproj
import xarray as xr

from local_core.gridded.coordinates import pixel_size, wrapped
from local_core.gridded.nearest_pixel import edges
from local_core.gridded.products import LocalProductError

Region = tuple[float, float, float, float]


def checked_region(region: Region | None) -> Region | None:
    """Return west, south, east, north as numbers, or raise ValueError if they are no region."""
    if region is None:
        return None
    told = (
        "a region is west, south, east, north in degrees within -180..180 and -90..90; got "
        f"{region!r}"
    )
    try:
        west, south, east, north = map(float, region)
    except (TypeError, ValueError):
        raise ValueError(told) from None
    if -180 <= east < west <= 180:
        raise ValueError(f"{told}: across the date line ask for both sides, one after the other")
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise ValueError(told)
    return west, south, east, north


def within(
    dataset: xr.Dataset,
    crs: pyproj.CRS,
    box: Region | None,
    where: str,
) -> xr.Dataset:
    """Order the axes, wrap longitudes, and keep the pixels that touch the region.

    The attribute ``pixel_sizes`` is the size of a pixel along y and x before the cut, if known.

    Raises
    ------
    LocalProductError
        If none does, or a coordinate is there twice.
    """
    if crs.is_geographic:
        dataset = dataset.assign_coords(x=wrapped(dataset["x"].values))
    dataset = _ordered(_ordered(dataset, "x", descending=False), "y", descending=True)
    sizes = pixel_size(dataset, "y"), pixel_size(dataset, "x")
    dataset = dataset.assign_attrs(pixel_sizes=sizes)
    if box is not None:
        bounds = _bounds(box, crs)
        for axis, low, high, size in (
            ("x", bounds[0], bounds[2], sizes[1]),
            ("y", bounds[1], bounds[3], sizes[0]),
        ):
            outer = edges(dataset[axis].values, size)
            touches = (np.maximum(outer[1:], outer[:-1]) > low) & (
                np.minimum(outer[1:], outer[:-1]) < high
            )
            if not touches.any():
                raise LocalProductError(
                    f"{where}: {axis} runs from {outer.min():g} to {outer.max():g}, the region "
                    f"{box} from {low:g} to {high:g}: they do not meet"
                )
            inside = np.flatnonzero(touches)
            dataset = dataset.isel({axis: slice(inside[0], inside[-1] + 1)})
    return dataset


def _ordered(dataset: xr.Dataset, axis: str, *, descending: bool) -> xr.Dataset:
    values = dataset[axis].values
    if np.unique(values).size != values.size:
        raise LocalProductError(
            f"{axis} holds {values.size - np.unique(values).size} coordinates twice"
        )
    rising = np.argsort(values)
    order = rising[::-1] if descending else rising
    if (np.diff(order) == 1).all():
        return dataset
    if (np.diff(order) == -1).all():
        return dataset.isel({axis: slice(None, None, -1)})
    return dataset.isel({axis: order})


def _bounds(box: Region, crs: pyproj.CRS) -> Region:
    if crs.is_geographic:
        return box
    to_grid = pyproj.Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    return to_grid.transform_bounds(*box, densify_pts=51)
