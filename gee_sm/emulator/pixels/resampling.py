"""From one grid to another: nearest, bilinear and bicubic sampling, and the pinning of a grid."""

from __future__ import annotations

import functools
import math
from typing import NamedTuple

import numpy as np

from gee_sm.emulator.pixels.grid import (
    Grid,
    Projection,
    grid_covering,
    pixel_coordinates,
)
from gee_sm.emulator.pixels.source import Source
from gee_sm.emulator.pixels.tile import EMPTY_MASK, Tile, empty

# How far around the nearest pixel each mode reads.
MARGIN = {"nearest": 0, "bilinear": 1, "bicubic": 2}


def level_of(native: Projection, grid: Grid) -> int:
    """Return the pyramid level to read: the coarsest that is not coarser than the request."""
    ratio = grid.lattice.nominal_scale / native.nominal_scale
    return max(0, math.floor(math.log2(max(ratio, 1e-9)) + 1e-9))


def sample(tile: Tile, have: Grid, projection: Projection, grid: Grid, mode: str) -> Tile:
    """Sample a tile at the pixel centres of another grid.

    Parameters
    ----------
    tile : Tile
        Values over ``have``.
    have : Grid
        A window on the lattice of ``projection``.
    projection : Projection
        The grid the values lie on.
    grid : Grid
        Where values are wanted.
    mode : {"nearest", "bilinear", "bicubic"}
        How they are interpolated.
    """
    if tile.is_empty:
        return tile
    columns, rows = pixel_coordinates(projection, grid)
    return _sampled(
        tile, have, columns, rows, grid.shape, mode, nearest_pixels(projection, have, grid)
    )


def sample_at(
    tile: Tile,
    have: Grid,
    columns: np.ndarray,
    rows: np.ndarray,
    shape: tuple[int, int],
    mode: str,
) -> Tile:
    """Sample a tile at real columns and rows of its lattice, broadcastable to a shape."""
    return _sampled(tile, have, columns, rows, shape, mode, _pixels_at(columns, rows, have))


class Pixels(NamedTuple):
    """Rows and columns of pixels in a window, and which of them it holds; None for all of them."""

    rows: np.ndarray
    columns: np.ndarray
    inside: np.ndarray | None


@functools.lru_cache(maxsize=8)
def nearest_pixels(projection: Projection, have: Grid, grid: Grid) -> Pixels:
    """Return the pixels of a window under those of a grid; a stack of images asks for the same."""
    found = _pixels_at(*pixel_coordinates(projection, grid), have)
    for array in found:
        if array is not None:
            array.setflags(write=False)
    return found


def _pixels_at(columns: np.ndarray, rows: np.ndarray, have: Grid) -> Pixels:
    nearest_column, inside_x = _index(np.floor(columns) - have.x, have.width)
    nearest_row, inside_y = _index(np.floor(rows) - have.y, have.height)
    return Pixels(nearest_row, nearest_column, _both(inside_x, inside_y))


def _sampled(
    tile: Tile,
    have: Grid,
    columns: np.ndarray,
    rows: np.ndarray,
    shape: tuple[int, int],
    mode: str,
    nearest: Pixels,
) -> Tile:
    inside = nearest.inside
    if inside is not None and not inside.any():
        return empty(tile.data.dtype)
    data, mask = _picked(tile, have.shape, nearest.rows, nearest.columns)
    if inside is not None:
        outside = np.broadcast_to(inside, shape)
        mask = outside if mask is None else np.where(outside, mask, mask.dtype.type(0))
    if mode == "nearest" or tile.data.ndim != 2:
        return Tile(data, mask)
    return Tile(_interpolate(tile, have.shape, columns - have.x, rows - have.y, mode), mask)


def _index(values: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray | None]:
    """Return whole numbers as an index and which of them it holds, None if it holds them all."""
    if values.min() >= 0 and values.max() < size:  # false where one is not a number
        return values.astype(np.intp), None
    inside = (values >= 0) & (values < size)
    return np.where(inside, values, 0).astype(np.intp), inside


def _both(first: np.ndarray | None, second: np.ndarray | None) -> np.ndarray | None:
    if first is None or second is None:
        return second if first is None else first
    return first & second


def _picked(
    tile: Tile, shape: tuple[int, int], rows: np.ndarray, columns: np.ndarray
) -> tuple[np.ndarray, np.ndarray | None]:
    """Return values and mask of the pixels at some rows and columns."""
    place = None
    found = []
    for array in (tile.data, tile.mask):
        if array is None or array.ndim < 2:
            found.append(array)
        elif array.ndim == 2 and array.shape == shape and rows.shape == columns.shape:
            # One index into the flat array is half as expensive as two.
            place = rows * shape[1] + columns if place is None else place
            found.append(np.take(array, place))
        else:
            found.append(array[rows, columns])
    return found[0], found[1]


def _cubic(distance: np.ndarray) -> np.ndarray:
    """Weights of cubic convolution with a = -1/2 (Keys 1981)."""
    d = np.abs(distance)
    near = (1.5 * d - 2.5) * d * d + 1
    far = ((-0.5 * d + 2.5) * d - 4) * d + 2
    return np.where(d < 1, near, np.where(d < 2, far, 0.0))


def _interpolate(
    tile: Tile, shape: tuple[int, int], columns: np.ndarray, rows: np.ndarray, mode: str
) -> np.ndarray:
    """Weighted mean of the valid neighbours of each point.

    Neighbours that are masked or beyond the edge leave the mean to the others.
    """
    base_column, base_row = np.floor(columns - 0.5), np.floor(rows - 0.5)
    part_x, part_y = columns - 0.5 - base_column, rows - 0.5 - base_row
    offsets = (0, 1) if mode == "bilinear" else (-1, 0, 1, 2)
    values = tile.filled(shape)
    weights = None if tile.mask is None else tile.weights(shape)
    total: np.ndarray | float = 0.0
    norm: np.ndarray | float = 0.0
    for dy in offsets:
        row, inside_y = _index(base_row + dy, shape[0])
        for dx in offsets:
            column, inside_x = _index(base_column + dx, shape[1])
            inside = _both(inside_x, inside_y)
            if mode == "bilinear":
                weight = np.abs(1 - dx - part_x) * np.abs(1 - dy - part_y)
            else:
                weight = _cubic(dx - part_x) * _cubic(dy - part_y)
            if inside is not None:
                weight = weight * inside
            if weights is not None:
                weight = weight * weights[row, column]
            total = total + weight * values[row, column]
            norm = norm + weight
    result = np.where(norm != 0, total / np.where(norm == 0, 1, norm), 0.0)
    if values.dtype.kind in "iu":
        info = np.iinfo(values.dtype)
        return np.clip(np.rint(result), info.min, info.max).astype(values.dtype)
    return result.astype(values.dtype)


class Reprojected(Source):
    """A source read on a grid of its own, whatever grid is asked for.

    Parameters
    ----------
    source : Source
        What is read.
    projection : Projection
        The grid it is read on.
    mode : str
        How the answer is sampled from there.
    pyramid : bool
        Read on pixels 2, 4, 8 ... times larger when the request is that much coarser, as
        ``resample`` does; ``reproject`` always reads its own pixels.
    """

    __slots__ = ("mode", "projection", "pyramid")

    def __init__(
        self,
        source: Source,
        projection: Projection,
        mode: str = "nearest",
        *,
        pyramid: bool = False,
    ):
        super().__init__((source,))
        self.projection = projection
        self.mode = mode
        self.pyramid = pyramid

    def _native(self, grid: Grid) -> Projection:
        level = level_of(self.projection, grid) if self.pyramid else 0
        return self.projection.scaled(2**level) if level else self.projection

    def demand(self, grid: Grid) -> list[Grid | None]:
        """Return the window of the own grid that lies under the request."""
        native = self._native(grid)
        if Grid.of(native, 1, 1).lattice == grid.lattice:
            return [grid]
        return [grid_covering(native, grid, MARGIN[self.mode])]

    def compute(self, grid: Grid, tiles: list[Tile | None]) -> Tile:
        """Sample the own grid at the centres of the request."""
        (tile,) = tiles
        if tile is None:
            return Tile(np.zeros(()), EMPTY_MASK)
        native = self._native(grid)
        (have,) = self.demand(grid)
        if have == grid:
            return tile
        return sample(tile, have, native, grid, self.mode)
