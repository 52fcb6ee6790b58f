"""Where the sample lies, and its grids."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from affine import Affine
from rasterio.warp import transform_bounds

__all__ = ["BOUNDS", "CRS", "Grid", "geographic_grid", "scene_grid"]

BOUNDS = (92.0, 32.5, 92.1, 32.565)
"""West, south, east and north edge of the region in degrees: the headwaters of the Yangtze."""

CRS = "EPSG:32646"
"""UTM zone 46 north: the system of all scenes, and the metres of all fields."""

_MARGIN = 100.0
_SNAP = 100.0


@dataclass(frozen=True)
class Grid:
    """A raster grid.

    Parameters
    ----------
    crs : str
        Coordinate reference system.
    transform : affine.Affine
        Pixel (column, row) to the coordinates of its upper-left corner; north up.
    shape : tuple of int
        Rows and columns.
    """

    crs: str
    transform: Affine
    shape: tuple[int, int]

    @property
    def x(self) -> np.ndarray:
        """Coordinates of the pixel centres along a row, shape (1, columns)."""
        return (self.transform.c + self.transform.a * (np.arange(self.shape[1]) + 0.5))[None, :]

    @property
    def y(self) -> np.ndarray:
        """Coordinates of the pixel centres along a column, shape (rows, 1)."""
        return (self.transform.f + self.transform.e * (np.arange(self.shape[0]) + 0.5))[:, None]

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east and north edge, in the units of the system."""
        t, (rows, columns) = self.transform, self.shape
        return t.c, t.f + t.e * rows, t.c + t.a * columns, t.f

    def window(self, rows: slice, columns: slice) -> Grid:
        """Return the part of the grid that slices of an array would take."""
        row, last_row, _ = rows.indices(self.shape[0])
        column, last_column, _ = columns.indices(self.shape[1])
        t = self.transform
        return Grid(
            self.crs,
            Affine(t.a, 0, t.c + t.a * column, 0, t.e, t.f + t.e * row),
            (last_row - row, last_column - column),
        )


def scene_grid(resolution: float = 10.0) -> Grid:
    """Return the UTM grid that covers the region with a margin.

    Parameters
    ----------
    resolution : float, default 10
        Pixel size in metres. Grids of all resolutions start at the same upper-left corner, and
        stick out on the right and below where the size does not divide.

    Returns
    -------
    Grid
        The grid.

    Examples
    --------
    >>> scene_grid(10).shape
    (760, 980)
    """
    west, south, east, north = transform_bounds("EPSG:4326", CRS, *BOUNDS)
    left = math.floor((west - _MARGIN) / _SNAP) * _SNAP
    top = math.ceil((north + _MARGIN) / _SNAP) * _SNAP
    right = math.ceil((east + _MARGIN) / _SNAP) * _SNAP
    bottom = math.floor((south - _MARGIN) / _SNAP) * _SNAP
    shape = (math.ceil((top - bottom) / resolution), math.ceil((right - left) / resolution))
    return Grid(CRS, Affine(resolution, 0, left, 0, -resolution, top), shape)


def geographic_grid(resolution: float, margin: float) -> Grid:
    """Return a WGS84 grid around the region, aligned to whole multiples of its pixel size.

    Parameters
    ----------
    resolution : float
        Pixel size in degrees.
    margin : float
        Degrees by which the grid exceeds the region on every side.

    Returns
    -------
    Grid
        The grid.
    """
    west, south, east, north = BOUNDS
    left = math.floor((west - margin) / resolution + 1e-9)
    right = math.ceil((east + margin) / resolution - 1e-9)
    bottom = math.floor((south - margin) / resolution + 1e-9)
    top = math.ceil((north + margin) / resolution - 1e-9)
    transform = Affine(resolution, 0, left * resolution, 0, -resolution, top * resolution)
    return Grid("EPSG:4326", transform, (top - bottom, right - left))
