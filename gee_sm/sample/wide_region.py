"""The 3 x 3 degrees of the coarse products: their grids, and how the truth is averaged onto them.

The truth of the wide region is kept on one 1 km grid (UTM 46N, aligned with the scenes). A product
pixel is the mean of that grid over the pixel's area, by :class:`PixelMean`; so what a product
should show is defined whatever its projection.
"""

from __future__ import annotations

import functools
import math
from functools import cached_property

import numpy as np
from affine import Affine
from rasterio.warp import transform, transform_bounds
from scipy import sparse

from gee_sm.sample.region import CRS, Grid, scene_grid

__all__ = [
    "CHIRPS_GRID",
    "ERA5_GRID",
    "GLDAS_GRID",
    "MODIS_500M",
    "MODIS_500M_BOUNDS",
    "MODIS_CRS",
    "MODIS_GRID",
    "SMAP_GRID",
    "TRUTH_GRID",
    "WIDE_BOUNDS",
    "PixelMean",
    "basin_weight",
    "inside_bounds",
    "longitude_latitude",
    "pixel_mean",
    "sinusoidal_grid",
]

WIDE_BOUNDS = (91.0, 31.0, 94.0, 34.0)
"""West, south, east and north edge of the wide region in degrees; the scenes lie inside."""

MODIS_CRS = "+proj=sinu +lon_0=0 +x_0=0 +y_0=0 +R=6371007.181 +units=m +no_defs"
"""MODIS' sinusoidal system, which Earth Engine calls SR-ORG:6974."""

_MODIS_TILE = 1111950.519667
_MODIS_WEST, _MODIS_NORTH = -18 * _MODIS_TILE, 9 * _MODIS_TILE

_BASIN_FADE = 12_000.0
_MARGIN = 12_000.0
_POINTS_PER_CELL = 3
_OUTLINE_ROWS = 10


def _geographic(resolution: float, west: float, north: float) -> Grid:
    """Return a WGS84 grid over the region whose edges lie on a global lattice."""
    left = math.ceil((WIDE_BOUNDS[0] - west) / resolution - 1e-6)
    right = math.floor((WIDE_BOUNDS[2] - west) / resolution + 1e-6)
    top = math.ceil((north - WIDE_BOUNDS[3]) / resolution - 1e-6)
    bottom = math.floor((north - WIDE_BOUNDS[1]) / resolution + 1e-6)
    origin = Affine(
        resolution,
        0,
        round(west + left * resolution, 9),
        0,
        -resolution,
        round(north - top * resolution, 9),
    )
    return Grid("EPSG:4326", origin, (bottom - top, right - left))


SMAP_GRID = _geographic(0.08, -180, 90)
"""SMAP L3 enhanced as Earth Engine keeps it: warped from EASE-2 to 0.08 degrees."""

ERA5_GRID = _geographic(0.1, -180.05, 90.05)
"""ERA5-Land: pixel centres on whole tenths of a degree."""

GLDAS_GRID = _geographic(0.25, -180, 90)
CHIRPS_GRID = _geographic(0.05, -180, 50)


def sinusoidal_grid(
    pixels_per_tile: int, bounds: tuple[float, float, float, float] = WIDE_BOUNDS
) -> Grid:
    """Return the part of MODIS' global grid that covers a region.

    Parameters
    ----------
    pixels_per_tile : int
        Pixels across a tile of 10 degrees: 1200 for 1 km, 2400 for 500 m.
    bounds : tuple of float
        West, south, east and north edge in degrees.

    Returns
    -------
    Grid
        The grid. A region bounded by meridians is slanted in it, see :func:`inside_bounds`.
    """
    size = _MODIS_TILE / pixels_per_tile
    west, south, east, north = transform_bounds("EPSG:4326", MODIS_CRS, *bounds, densify_pts=41)
    left = math.floor((west - _MODIS_WEST) / size)
    right = math.ceil((east - _MODIS_WEST) / size)
    top = math.floor((_MODIS_NORTH - north) / size)
    bottom = math.ceil((_MODIS_NORTH - south) / size)
    origin = Affine(size, 0, _MODIS_WEST + left * size, 0, -size, _MODIS_NORTH - top * size)
    return Grid(MODIS_CRS, origin, (bottom - top, right - left))


MODIS_GRID = sinusoidal_grid(1200)

MODIS_500M_BOUNDS = (91.5, 32.0, 92.5, 33.0)
"""The 500 m products cover one degree around the scenes."""

MODIS_500M = sinusoidal_grid(2400, MODIS_500M_BOUNDS)


def _truth_grid() -> Grid:
    west, south, east, north = transform_bounds("EPSG:4326", CRS, *WIDE_BOUNDS, densify_pts=41)
    left, _, _, top = scene_grid().bounds
    # Whole kilometres from the scenes' corner, so a truth pixel holds 100 x 100 pixels of 10 m.
    columns_west = math.ceil((left - west + _MARGIN) / 1000)
    rows_north = math.ceil((north - top + _MARGIN) / 1000)
    columns = columns_west + math.ceil((east - left + _MARGIN) / 1000)
    rows = rows_north + math.ceil((top - south + _MARGIN) / 1000)
    origin = Affine(1000, 0, left - columns_west * 1000, 0, -1000, top + rows_north * 1000)
    return Grid(CRS, origin, (rows, columns))


TRUTH_GRID = _truth_grid()
"""The 1 km grid of the truth: the wide region and a margin."""


def longitude_latitude(grid: Grid) -> tuple[np.ndarray, np.ndarray]:
    """Return longitude and latitude of a grid's pixel centres, each of shape (rows, columns)."""
    x, y = np.broadcast_arrays(grid.x, grid.y)
    if grid.crs == "EPSG:4326":
        return x.copy(), y.copy()
    longitude, latitude = transform(grid.crs, "EPSG:4326", x.ravel(), y.ravel())
    return np.reshape(longitude, grid.shape), np.reshape(latitude, grid.shape)


def inside_bounds(
    grid: Grid, bounds: tuple[float, float, float, float] = WIDE_BOUNDS
) -> np.ndarray:
    """Return where a product of MODIS' grid has pixels, shape (rows, columns).

    The outline goes in steps of some rows, none of which ends inside the region: a slanted edge
    would cost more space than the masks of clouds.
    """
    longitude, latitude = longitude_latitude(grid)
    west, south, east, north = bounds
    inside = (west < longitude) & (longitude < east) & (south < latitude) & (latitude < north)
    for top in range(0, grid.shape[0], _OUTLINE_ROWS):
        rows = inside[top : top + _OUTLINE_ROWS]
        columns = np.flatnonzero(rows.any(axis=0))
        if columns.size:
            rows[rows.any(axis=1), columns[0] : columns[-1] + 1] = True
    return inside


def basin_weight(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return how much of the wide region's variety a place has: 0 in the scenes, 1 far away.

    The scenes' ground is the basin that it was before there was a wide region, so what varies
    over tens of kilometres fades out towards it.

    Parameters
    ----------
    x, y : ndarray
        Coordinates in metres (UTM 46N), broadcast against each other.

    Returns
    -------
    ndarray
        Weight, 0 to 1, smooth.
    """
    west, south, east, north = scene_grid().bounds
    outside_x = np.maximum(np.maximum(west - x, x - east), 0)
    outside_y = np.maximum(np.maximum(south - y, y - north), 0)
    ramp = np.clip(np.hypot(outside_x, outside_y) / _BASIN_FADE, 0, 1)
    return ramp**2 * (3 - 2 * ramp)


@functools.lru_cache(maxsize=2)
def _points_of_cells(crs: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the points that stand for the area of the truth's pixels, in another system."""
    rows, columns = TRUTH_GRID.shape
    offsets = (np.arange(_POINTS_PER_CELL) + 0.5) / _POINTS_PER_CELL
    fine_columns = (np.arange(columns)[:, None] + offsets).ravel()
    fine_rows = (np.arange(rows)[:, None] + offsets).ravel()
    t = TRUTH_GRID.transform
    x, y = np.broadcast_arrays(
        (t.c + t.a * fine_columns)[None, :], (t.f + t.e * fine_rows)[:, None]
    )
    to_x, to_y = transform(CRS, crs, x.ravel(), y.ravel())
    return np.array(to_x), np.array(to_y)


class PixelMean:
    """Means of the truth's 1 km pixels over the pixels of another grid.

    Parameters
    ----------
    grid : Grid
        The product's grid.

    Notes
    -----
    Each truth pixel counts with the share of its area that lies in the product's pixel, found
    from 3 x 3 points in it. A pixel smaller than these points are apart takes the nearest truth
    pixel's value.
    """

    def __init__(self, grid: Grid) -> None:
        self.grid = grid

    @cached_property
    def weights(self) -> sparse.csr_array:
        """Weights, shape (product pixels, truth pixels), each row summing to 1."""
        rows, columns = TRUTH_GRID.shape
        to_x, to_y = _points_of_cells(self.grid.crs)
        inverse = ~self.grid.transform
        column = np.floor(inverse.a * to_x + inverse.c).astype(np.int64)
        row = np.floor(inverse.e * to_y + inverse.f).astype(np.int64)
        height, width = self.grid.shape
        inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
        cell = (
            (np.arange(rows)[:, None] * columns + np.arange(columns))
            .repeat(_POINTS_PER_CELL, axis=0)
            .repeat(_POINTS_PER_CELL, axis=1)
            .ravel()
        )
        counts = sparse.coo_array(
            (np.ones(inside.sum()), ((row * width + column)[inside], cell[inside])),
            shape=(height * width, rows * columns),
        ).tocsr()
        total = counts.sum(axis=1)
        if (total == 0).any():
            counts = counts + self._nearest(total == 0)
            total = counts.sum(axis=1)
        return sparse.diags_array(1 / total) @ counts

    def _nearest(self, empty: np.ndarray) -> sparse.csr_array:
        """Return the truth pixel under the centre of each pixel that no point fell into."""
        x, y = np.broadcast_arrays(self.grid.x, self.grid.y)
        pixels = np.flatnonzero(empty)
        to_x, to_y = map(
            np.asarray, transform(self.grid.crs, CRS, x.ravel()[pixels], y.ravel()[pixels])
        )
        inverse, (rows, columns) = ~TRUTH_GRID.transform, TRUTH_GRID.shape
        column = np.clip((inverse.a * to_x + inverse.c).astype(int), 0, columns - 1)
        row = np.clip((inverse.e * to_y + inverse.f).astype(int), 0, rows - 1)
        return sparse.csr_array(
            (np.ones(pixels.size), (pixels, row * columns + column)),
            shape=(empty.size, rows * columns),
        )

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """Average.

        Parameters
        ----------
        values : ndarray, shape (..., y, x) on the truth's grid
            What to average.

        Returns
        -------
        ndarray, shape (..., rows, columns) of the product
            Means.
        """
        values = np.asarray(values, float)
        lead = values.shape[:-2]
        flat = values.reshape(-1, values.shape[-2] * values.shape[-1])
        return np.asarray((self.weights @ flat.T).T).reshape(*lead, *self.grid.shape)


@functools.lru_cache(maxsize=8)
def pixel_mean(grid: Grid) -> PixelMean:
    """Return the means over a grid's pixels; the weights are made once."""
    return PixelMean(grid)
