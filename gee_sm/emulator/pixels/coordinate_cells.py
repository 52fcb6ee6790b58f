"""Coordinates of a grid's pixels in another system, interpolated between transformed points.

A map projection is smooth, and to transform every pixel costs twenty times as much as to sample
one. The lattice of a grid is therefore cut into cells of 64 by 64 pixels. In a cell, 25 points are
transformed exactly, and a polynomial of the fourth degree in column and row passes through them.
At 16 points between them, where the error of such a polynomial peaks, it is compared with the
exact transform. If it is off by more than :data:`TOLERANCE` anywhere - the pixels are very large,
or a pole, the antimeridian or the end of a projection is near - every pixel of the cell is
transformed.

Cells are counted from the lattice's origin, never from the corner of a request, and each is
computed by itself and whole. So a pixel has the same coordinates, to the last bit, in any tile.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

TOLERANCE = 1e-6
"""Largest accepted error of an interpolated coordinate, in pixels of the grid that is read."""

SIDE = 64
_DEGREE = 4
# Adding and subtracting it rounds to 2**-23 of a pixel: finer than the tolerance, and coarse enough
# that points on the edge of a pixel do not fall to either side by the last digit.
_ROUNDING = 1.5 * 2.0**29

Points = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]


# Where in [-1, 1] a cell is transformed: the extremes of a Chebyshev polynomial; -1 and 1 are the
# centres of its first and last pixels.
_NODES = -np.cos(np.pi * np.arange(_DEGREE + 1) / _DEGREE)
_BETWEEN = (_NODES[:-1] + _NODES[1:]) / 2


def _basis(at: np.ndarray) -> np.ndarray:
    """Return the Lagrange polynomials of the nodes, one a column, at some points."""
    found = np.ones((len(at), len(_NODES)))
    for j, node in enumerate(_NODES):
        for other in np.delete(_NODES, j):
            found[:, j] *= (at - other) / (node - other)
    return found


_PIXELS = _basis(np.linspace(-1, 1, SIDE))
_PIXELS_ACROSS = np.ascontiguousarray(_PIXELS.T)
_CHECKS = _basis(_BETWEEN)
_CHECKS_ACROSS = np.ascontiguousarray(_CHECKS.T)


def _points() -> tuple[np.ndarray, np.ndarray]:
    """Return columns and rows within a cell of what is transformed: the nodes, then the checks."""
    places = [SIDE / 2 + within * (SIDE - 1) / 2 for within in (_NODES, _BETWEEN)]
    columns = [np.tile(place, len(place)) for place in places]
    rows = [np.repeat(place, len(place)) for place in places]
    return np.concatenate(columns), np.concatenate(rows)


_POINT_COLUMNS, _POINT_ROWS = _points()


def interpolated(
    exact: Points, column: int, row: int, width: int, height: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the coordinates of each pixel centre in a window.

    Parameters
    ----------
    exact : callable
        ``(columns, rows) -> (x, y)``, the exact transform of points counted in pixels of the
        window's lattice. Pixel (0, 0) spans [0, 1).
    column, row, width, height : int
        The window on that lattice.

    Returns
    -------
    x, y : ndarray of float64, shape (height, width)
        In pixels of the other lattice; infinite or NaN where its system does not reach.

    Examples
    --------
    >>> x, y = interpolated(lambda columns, rows: (2 * columns, rows / 4), 10, 20, 3, 2)
    >>> x[0], y[:, 0]
    (array([21., 23., 25.]), array([5.125, 5.375]))
    """
    first_column, first_row = column // SIDE, row // SIDE
    across = np.arange(first_column, (column + width - 1) // SIDE + 1)
    down = np.arange(first_row, (row + height - 1) // SIDE + 1)
    cells, shape = (len(down), len(across)), (len(down) * SIDE, len(across) * SIDE)
    known, checks = len(_NODES), len(_BETWEEN)
    points = (*cells, known**2 + checks**2)
    with np.errstate(all="ignore"):  # points outside of the system are infinite
        transformed = exact(
            np.broadcast_to((across * SIDE)[None, :, None] + _POINT_COLUMNS, points).copy(),
            np.broadcast_to((down * SIDE)[:, None, None] + _POINT_ROWS, points).copy(),
        )
        found, error = [], np.zeros(cells)
        for values in transformed:
            nodes = values[..., : known**2].reshape(*cells, known, known)
            right = values[..., known**2 :].reshape(*cells, checks, checks)
            checked = np.matmul(np.matmul(_CHECKS, nodes), _CHECKS_ACROSS)
            error = np.maximum(error, np.abs(checked - right).max(axis=(2, 3)))
            pixels = np.empty(shape)
            by_cell = pixels.reshape(len(down), SIDE, len(across), SIDE).transpose(0, 2, 1, 3)
            np.matmul(np.matmul(_PIXELS, nodes), _PIXELS_ACROSS, out=by_cell)
            found.append(pixels)
        bad = ~(error <= TOLERANCE)  # also where it is not a number
        top, left = row % SIDE, column % SIDE
        x, y = (pixels[top : top + height, left : left + width] for pixels in found)
        if bad.any():
            alone = np.repeat(np.repeat(bad, SIDE, axis=0), SIDE, axis=1)
            rows, columns = np.nonzero(alone[top : top + height, left : left + width])
            x[rows, columns], y[rows, columns] = exact(column + columns + 0.5, row + rows + 0.5)
        for pixels in (x, y):
            pixels += _ROUNDING
            pixels -= _ROUNDING
    return x, y
