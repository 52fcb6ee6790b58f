"""What an output pixel covers of the input pixels of another lattice, and by which share."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np

from gee_sm.emulator.pixels.grid import Grid, Projection, transformer

_NOISE = 1e-7
"""Of a pixel: what coordinate arithmetic leaves over is no cell of its own."""


@dataclass(frozen=True)
class Upright:
    """Output pixels whose sides are columns and rows of the input.

    Attributes
    ----------
    left, right : ndarray, shape (1, width)
        In columns of the input's lattice.
    top, bottom : ndarray, shape (height, 1)
        In rows of it.
    """

    left: np.ndarray
    right: np.ndarray
    top: np.ndarray
    bottom: np.ndarray

    def cells(self) -> tuple[np.ndarray, np.ndarray, int, int]:
        """Return the first column and row under each pixel, and how many there are at most."""
        return _cells(self.left, self.right, self.top, self.bottom)

    def counts(self) -> np.ndarray:
        """Return the number of input pixels under each pixel."""
        return _counts(self.left, self.right, self.top, self.bottom)

    def rows(self, strip: slice, height: int) -> Upright:
        """Return the footprints of some rows of pixels."""
        return Upright(self.left, self.right, self.top[strip], self.bottom[strip])

    def shares(self, row: np.ndarray, column: np.ndarray, across: int) -> np.ndarray:
        """Return the share of each output pixel in the input pixels of a row.

        Parameters
        ----------
        row, column : ndarray
            The row, and the first column in it, for each output pixel.
        across : int
            How many columns to go on.

        Returns
        -------
        ndarray of float, shape (across, height, width)
        """
        area = (self.right - self.left) * (self.bottom - self.top)
        part_y = np.clip(np.minimum(self.bottom, row + 1) - np.maximum(self.top, row), 0, None)
        start = column + np.arange(across)[:, None, None]
        part_x = np.minimum(self.right, start + 1) - np.maximum(self.left, start)
        return np.clip(part_x, 0, None) * part_y / area


@dataclass(frozen=True)
class Slanted:
    """Output pixels whose sides run across the columns and rows of the input.

    Attributes
    ----------
    columns, row_corners : ndarray, shape (4, height, width)
        Corners in order around the pixel, counted on the input's lattice.
    across, down : ndarray, shape (height, width)
        Columns and rows between the middles of opposite sides.
    """

    columns: np.ndarray
    row_corners: np.ndarray
    across: np.ndarray
    down: np.ndarray

    def cells(self) -> tuple[np.ndarray, np.ndarray, int, int]:
        """Return the first column and row under each pixel, and how many there are at most."""
        c, r = self.columns, self.row_corners
        return _cells(c.min(axis=0), c.max(axis=0), r.min(axis=0), r.max(axis=0))

    def counts(self) -> np.ndarray:
        """Return the number of input pixels under each pixel, as if it stood upright."""
        return np.ceil(self.across + 1) * np.ceil(self.down + 1)

    def rows(self, strip: slice, height: int) -> Slanted:
        """Return the footprints of some rows of pixels."""
        return Slanted(
            self.columns[:, strip], self.row_corners[:, strip], self.across[strip], self.down[strip]
        )

    def shares(self, row: np.ndarray, column: np.ndarray, across: int) -> np.ndarray:
        """Return the share of each output pixel in the input pixels of a row, as for upright ones.

        The area within a row beyond a line x = c is the integral of the sides' distance from it
        over y (Green's theorem); that of a cell is the difference of two.
        """
        x, y = self.columns, self.row_corners
        x_next, y_next = np.roll(x, -1, axis=0), np.roll(y, -1, axis=0)
        area = np.abs((x * y_next - x_next * y).sum(axis=0)) / 2
        from_y, to_y = np.clip(y, row, row + 1), np.clip(y_next, row, row + 1)
        level = y_next == y
        slope = np.where(level, 0.0, (x_next - x) / np.where(level, 1.0, y_next - y))
        from_x, to_x = x + (from_y - y) * slope, x + (to_y - y) * slope
        low, high = np.minimum(from_x, to_x), np.maximum(from_x, to_x)
        line = column + np.arange(across + 1)[:, None, None]
        beyond = np.zeros(line.shape)
        for side in range(4):
            a, b = low[side] - line, high[side] - line
            crossing = b * b / (2 * np.where(b > a, b - a, 1.0))
            mean = np.where(a >= 0, (a + b) / 2, np.where(b <= 0, 0.0, crossing))
            beyond += mean * (to_y[side] - from_y[side])
        share = np.abs(beyond[:-1] - beyond[1:])
        known = (area > 0) & (share > _NOISE)
        return np.where(known, share / np.where(area > 0, area, 1.0), 0.0)


Footprints = Upright | Slanted


@functools.lru_cache(maxsize=4)
def footprints(lattice: Projection, grid: Grid) -> Footprints:
    """Return what each output pixel covers, in columns and rows of the input's lattice.

    They are counted on the lattices, not in the windows, so that a pixel has the same footprint to
    the last bit whatever the tile. Across coordinate systems its sides are straight lines between
    its corners.

    Parameters
    ----------
    lattice : Projection
        Of the input.
    grid : Grid
        The output pixels.
    """
    inverse = ~lattice.affine
    affine = grid.lattice.affine
    if lattice.crs == grid.lattice.crs and grid.is_rectilinear and not (inverse.b or inverse.d):
        xs = affine.c + (grid.x + np.arange(grid.width + 1)) * affine.a
        ys = affine.f + (grid.y + np.arange(grid.height + 1)) * affine.e
        columns = np.round(inverse.a * xs + inverse.c, 6)
        rows = np.round(inverse.e * ys + inverse.f, 6)
        left, right = np.minimum(columns[:-1], columns[1:]), np.maximum(columns[:-1], columns[1:])
        top, bottom = np.minimum(rows[:-1], rows[1:]), np.maximum(rows[:-1], rows[1:])
        return Upright(left[None, :], right[None, :], top[:, None], bottom[:, None])
    columns = grid.x + np.arange(grid.width + 1)[None, :]
    rows = grid.y + np.arange(grid.height + 1)[:, None]
    shape = (grid.height + 1, grid.width + 1)
    xs = np.ascontiguousarray(
        np.broadcast_to(affine.c + affine.a * columns + affine.b * rows, shape)
    )
    ys = np.ascontiguousarray(
        np.broadcast_to(affine.f + affine.d * columns + affine.e * rows, shape)
    )
    if lattice.crs != grid.lattice.crs:
        xs, ys = transformer(grid.lattice.crs, lattice.crs).transform(xs, ys)
    at_x = np.round(inverse.a * xs + inverse.b * ys + inverse.c, 6)
    at_y = np.round(inverse.d * xs + inverse.e * ys + inverse.f, 6)
    # A corner that the input's system does not reach leaves its pixels without area.
    reached = np.isfinite(at_x) & np.isfinite(at_y)
    corners = [(slice(-1), slice(-1)), (slice(-1), slice(1, None))]
    corners += [(slice(1, None), slice(1, None)), (slice(1, None), slice(-1))]
    whole = np.logical_and.reduce([reached[corner] for corner in corners])
    x = np.stack([np.where(whole, at_x[corner], 0.0) for corner in corners])
    y = np.stack([np.where(whole, at_y[corner], 0.0) for corner in corners])
    # Middles of the left and right sides, and of the upper and lower.
    across = np.abs(x[1] + x[2] - x[0] - x[3]) / 2, np.abs(x[2] + x[3] - x[0] - x[1]) / 2
    down = np.abs(y[1] + y[2] - y[0] - y[3]) / 2, np.abs(y[2] + y[3] - y[0] - y[1]) / 2
    return Slanted(x, y, np.maximum(*across), np.maximum(*down))


def _cells(
    left: np.ndarray, right: np.ndarray, top: np.ndarray, bottom: np.ndarray
) -> tuple[np.ndarray, np.ndarray, int, int]:
    first_column, first_row = np.floor(left + _NOISE), np.floor(top + _NOISE)
    across = int(np.max(np.ceil(right - _NOISE) - first_column))
    down = int(np.max(np.ceil(bottom - _NOISE) - first_row))
    return first_column, first_row, across, down


def _counts(left: np.ndarray, right: np.ndarray, top: np.ndarray, bottom: np.ndarray) -> np.ndarray:
    across = np.ceil(right - 1e-6) - np.floor(left + 1e-6)
    down = np.ceil(bottom - 1e-6) - np.floor(top + 1e-6)
    return np.maximum(across, 1) * np.maximum(down, 1)
