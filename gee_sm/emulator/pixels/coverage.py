"""How much of each pixel a shape covers."""

from __future__ import annotations

import math
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
# A millionth of a pixel is the noise of coordinate arithmetic, not coverage.
_NOISE = 1e-6
# Sides, in pixels, of the blocks into which a shape with more corners than that is cut.
_BLOCKS = (256, 16)
_FEW_CORNERS = 200
# In a window of no more pixels each is looked at: burning costs more.
_FEW_PIXELS = 1024
# Between two pixels, so that nothing lies in both.
_GAP = 1e-8


def coverage(shape: BaseGeometry, grid: Grid) -> np.ndarray:
    """Return the covered fraction of each pixel, in steps of 1/255.

    Parameters
    ----------
    shape : shapely geometry
        In the grid's coordinate system. Points and lines count as full for the pixels they meet; of
        two pixels on whose common edge a line runs, the one right or below.
    grid : Grid
        The pixels.

    Returns
    -------
    ndarray of float32, shape (height, width)
    """
    found = np.zeros(grid.shape, np.float32)
    part = covered_part(shape, grid)
    if part is not None:
        window, fractions = part
        found[grid.slices(window)] = fractions
    return found


def covered_part(shape: BaseGeometry, grid: Grid) -> tuple[Grid, np.ndarray] | None:
    """Return the part of a grid that a shape can meet, and what :func:`coverage` is there.

    None if it meets no pixel. Of a small shape in a large grid this is all there is to look at.
    """
    part = None if shape.is_empty else window_of(shape, grid)
    if part is None:
        return None
    if shape.geom_type == "Polygon" and grid.is_rectilinear and shape.equals(shape.envelope):
        return part, _quantised(_rectangle(shape.bounds, part))
    # A pixel more, because a corner of the window may be off by its last digit.
    if not shape.intersects(shapely.box(*part.padded(1, 1, 1, 1).bounds())):
        return None
    shape = _mended(shape)
    if shape.area == 0:
        return part, _met(shape, part).astype(np.float32)
    if shape.covers(shapely.box(*part.bounds())):
        return part, np.ones(part.shape, np.float32)
    few = part.width * part.height <= _FEW_PIXELS
    found = np.zeros(part.shape, np.float32) if few else _burned(shape, part).astype(np.float32)
    rows, columns = _near(shape.boundary, part)
    if rows.size:
        found[rows, columns] = _quantised(_shares(shape, part, rows, columns, _BLOCKS))
    return part, found


def centers_inside(shape: BaseGeometry, grid: Grid) -> np.ndarray:
    """Return which pixels have their centre inside a shape, as booleans."""
    if shape.is_empty:
        return np.zeros(grid.shape, bool)
    shape = _mended(shape)
    if shape.area == 0:
        return _met(shape, grid)
    xs, ys = grid.centers()
    return shapely.intersects_xy(
        _prepared(shape), np.ascontiguousarray(xs), np.ascontiguousarray(ys)
    )


def _mended(shape: BaseGeometry) -> BaseGeometry:
    """Return a shape whose edges do not cross: GEOS cuts no pixel out of another."""
    return shape if shape.is_valid else _areas_of(shapely.make_valid(shape)) or shape


def _prepared(shape: BaseGeometry) -> BaseGeometry:
    """Return a copy that answers many questions fast.

    A copy, because the shape may be read in other threads while preparing changes it.
    """
    copy = shapely.force_2d(shape)
    shapely.prepare(copy)
    return copy


def _shares(
    shape: BaseGeometry,
    grid: Grid,
    rows: np.ndarray,
    columns: np.ndarray,
    sides: tuple[int, ...],
) -> np.ndarray:
    """Return the covered fraction of some pixels of a grid.

    A shape of many corners, such as the outline of a country, is first cut into blocks of pixels:
    each pixel then meets only the corners of its block. Blocks of ``sides`` pixels, from large to
    small, lie on the lattice, so that they are the same in every window.
    """
    if not sides or shapely.get_num_coordinates(shape) <= _FEW_CORNERS:
        pixels = _pixel_boxes(grid, rows, columns)
        prepared = _prepared(shape)
        inside = shapely.covers(prepared, pixels)
        found = inside.astype(np.float64)
        edge = ~inside & shapely.intersects(prepared, pixels)
        cut = shapely.intersection(shape, pixels[edge])
        found[edge] = shapely.area(cut) / shapely.area(pixels[edge])
        return found
    side = sides[0]
    blocks = np.stack([(rows + grid.y) // side, (columns + grid.x) // side], axis=-1)
    blocks, members = np.unique(blocks, axis=0, return_inverse=True)
    found = np.zeros(rows.size)
    for number, (down, across) in enumerate(blocks.tolist()):
        corners = [(across, down), (across + 1, down), (across + 1, down + 1), (across, down + 1)]
        block = shapely.Polygon([grid.lattice.affine @ (x * side, y * side) for x, y in corners])
        part = _areas_of(shapely.intersection(shape, block))
        if part is not None:
            inside = members.ravel() == number
            found[inside] = _shares(part, grid, rows[inside], columns[inside], sides[1:])
    return found


def _areas_of(shape: BaseGeometry) -> BaseGeometry | None:
    """Return a shape without the lines and points that cutting it may have left, None if empty."""
    if shape.geom_type in ("Polygon", "MultiPolygon"):
        return None if shape.is_empty else shape
    members = shapely.get_parts(shapely.get_parts(shape))
    areas = [part for part in members if part.geom_type == "Polygon"]
    return shapely.MultiPolygon(areas) if areas else None


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
    overlap = np.minimum(interval[1], start + 1) - np.maximum(interval[0], start)
    return np.where(overlap > 1 - _NOISE, 1.0, np.where(overlap < _NOISE, 0.0, overlap))


def _burned(shape: BaseGeometry, grid: Grid) -> np.ndarray:
    """Return the pixels that a shape touches; which ones near its edges depends on the grid."""
    return rasterize(
        [(shape, 1)],
        out_shape=grid.shape,
        transform=grid.affine,
        all_touched=True,
        dtype="uint8",
    ).astype(bool)


def _near(shape: BaseGeometry, grid: Grid) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows and columns of all pixels that a line may meet, and some around them.

    Which pixels a line touches near their corners depends on the window that is burned, so the
    pixels around those are named too.
    """
    part = window_of(shape, grid)
    if part is None:
        return np.zeros(0, np.intp), np.zeros(0, np.intp)
    if part.width * part.height <= _FEW_PIXELS:
        near = np.ones(part.shape, bool)
    else:
        margin = _burned(shape, part.padded(1, 1, 1, 1))
        near = ndimage.binary_dilation(margin, np.ones((3, 3)))[1:-1, 1:-1]
    rows, columns = np.nonzero(near)
    return rows + (part.y - grid.y), columns + (part.x - grid.x)


def window_of(shape: BaseGeometry, grid: Grid) -> Grid | None:
    """Return the part of a grid that a shape can meet, with two pixels to spare."""
    inverse = ~grid.lattice.affine
    left, bottom, right, top = shape.bounds
    corners = [inverse @ (x, y) for x in (left, right) for y in (bottom, top)]
    columns, rows = zip(*corners, strict=True)
    first_column, first_row = math.floor(min(columns)) - 2, math.floor(min(rows)) - 2
    window = grid.window(
        first_column,
        first_row,
        math.ceil(max(columns)) + 2 - first_column,
        math.ceil(max(rows)) + 2 - first_row,
    )
    return window.intersection(grid)


def _met(shape: BaseGeometry, grid: Grid) -> np.ndarray:
    """Return which pixels points or lines meet, whatever the window, as booleans."""
    found = np.zeros(grid.shape, bool)
    rows, columns = _near(shape, grid)
    if rows.size:
        # A pixel owns its first row and column edge, its neighbour the other two. What rounding
        # has put a little before an edge is on it.
        found[rows, columns] = shapely.intersects(
            _prepared(shape),
            _pixel_boxes(grid, rows, columns, start=-_NOISE, end=1 - _NOISE - _GAP),
        )
    return found


def _pixel_boxes(
    grid: Grid, rows: np.ndarray, columns: np.ndarray, start: float = 0.0, end: float = 1.0
) -> np.ndarray:
    # Counted on the lattice, so that a pixel has the same corners in every window.
    affine = grid.lattice.affine
    rows, columns = rows + grid.y, columns + grid.x
    corners = []
    for dx, dy in ((start, start), (end, start), (end, end), (start, end)):
        x = affine.a * (columns + dx) + affine.b * (rows + dy) + affine.c
        y = affine.d * (columns + dx) + affine.e * (rows + dy) + affine.f
        corners.append(np.stack([x, y], axis=-1))
    rings = np.stack([*corners, corners[0]], axis=1)
    return shapely.polygons(rings)
