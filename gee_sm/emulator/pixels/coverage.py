"""How much of each pixel a shape covers."""

from __future__ import annotations

import warnings

import numpy as np
import shapely
from rasterio.errors import NotGeoreferencedWarning
from rasterio.features import rasterize
from scipy import ndimage
from shapely.geometry.base import BaseGeometry

from gee_sm.emulator.pixels.grid import Grid

# rasterio warns of the array it burns into itself. Set once: tiles are computed in threads, and
# catching a warning there would change what the others see.
warnings.filterwarnings("ignore", category=NotGeoreferencedWarning, module="rasterio.features")

# Coverage is kept in 8 bits; what is below one step is nothing.
_STEPS = 255


def coverage(shape: BaseGeometry, grid: Grid) -> np.ndarray:
    """Return the covered fraction of each pixel, in steps of 1/255.

    Parameters
    ----------
    shape : shapely geometry
        In the grid's coordinate system. Points and lines count as full for the pixels they touch.
    grid : Grid
        The pixels.

    Returns
    -------
    ndarray of float32, shape (height, width)
    """
    if shape.is_empty:
        return np.zeros(grid.shape, np.float32)
    left, bottom, right, top = grid.bounds()
    box = shapely.box(left, bottom, right, top)
    if shape.geom_type == "Polygon" and shape.equals(shape.envelope) and grid.is_rectilinear:
        return _quantised(_rectangle(shape.bounds, grid))
    if not shape.intersects(box):
        return np.zeros(grid.shape, np.float32)
    if shape.covers(box):
        return np.ones(grid.shape, np.float32)
    if shape.area == 0:
        return _burned(shape, grid, all_touched=True).astype(np.float32)
    found = _burned(shape, grid, all_touched=True).astype(np.float64)
    # Which pixels an edge touches near their corners depends on the window that is burned, so the
    # pixels around those are measured too.
    margin = _burned(shape.boundary, grid.padded(1, 1, 1, 1), all_touched=True)
    near = ndimage.binary_dilation(margin, np.ones((3, 3)))[1:-1, 1:-1]
    rows, columns = np.nonzero(near)
    if rows.size:
        pixels = _pixel_boxes(grid, rows, columns)
        shapely.prepare(shape)
        part = shapely.intersection(shape, pixels)
        found[rows, columns] = shapely.area(part) / shapely.area(pixels)
    return _quantised(found)


def centers_inside(shape: BaseGeometry, grid: Grid) -> np.ndarray:
    """Return which pixels have their centre inside a shape, as booleans."""
    if shape.is_empty:
        return np.zeros(grid.shape, bool)
    if shape.area == 0:
        return _burned(shape, grid, all_touched=True)
    xs, ys = grid.centers()
    shapely.prepare(shape)
    return shapely.intersects_xy(shape, np.ascontiguousarray(xs), np.ascontiguousarray(ys))


def _quantised(fraction: np.ndarray) -> np.ndarray:
    return (np.rint(fraction * _STEPS) / _STEPS).astype(np.float32)


def _rectangle(bounds: tuple[float, float, float, float], grid: Grid) -> np.ndarray:
    """Covered fractions of an upright rectangle: the product of those of its sides."""
    west, south, east, north = bounds
    a, _, c, _, e, f = grid.lattice.transform
    columns = np.sort([(west - c) / a, (east - c) / a])
    rows = np.sort([(south - f) / e, (north - f) / e])
    across = _overlap(columns, grid.x, grid.width)
    down = _overlap(rows, grid.y, grid.height)
    return down[:, None] * across[None, :]


def _overlap(interval: np.ndarray, first: int, size: int) -> np.ndarray:
    start = np.arange(first, first + size)
    # A millionth of a pixel is the noise of coordinate arithmetic, not coverage.
    overlap = np.minimum(interval[1], start + 1) - np.maximum(interval[0], start)
    return np.where(overlap > 1 - 1e-6, 1.0, np.where(overlap < 1e-6, 0.0, overlap))


def _burned(shape: BaseGeometry, grid: Grid, *, all_touched: bool) -> np.ndarray:
    return rasterize(
        [(shape, 1)],
        out_shape=grid.shape,
        transform=grid.affine,
        all_touched=all_touched,
        dtype="uint8",
    ).astype(bool)


def _pixel_boxes(grid: Grid, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    # Counted on the lattice, so that a pixel has the same corners in every window.
    affine = grid.lattice.affine
    rows, columns = rows + grid.y, columns + grid.x
    corners = []
    for dx, dy in ((0, 0), (1, 0), (1, 1), (0, 1)):
        x = affine.a * (columns + dx) + affine.b * (rows + dy) + affine.c
        y = affine.d * (columns + dx) + affine.e * (rows + dy) + affine.f
        corners.append(np.stack([x, y], axis=-1))
    rings = np.stack([*corners, corners[0]], axis=1)
    return shapely.polygons(rings)
