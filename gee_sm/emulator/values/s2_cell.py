"""S2 cells: the squares of Google's hierarchy on the sphere, from their 64-bit ids.

An id is three bits of a face of the cube around the Earth, then two bits a level along a Hilbert
curve, then a one and zeros.
"""

from __future__ import annotations

import numpy as np
import shapely

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.values.geometry import Geometry
from gee_sm.emulator.values.sphere import longitudes_latitudes

_LEVELS = 30
_SWAP, _INVERT = 1, 2

# Quadrant (2 i + j) at each position along the curve, for each of its four orientations, and what
# a position does to the orientation of the level below.
_QUADRANTS = ((0, 1, 3, 2), (0, 2, 3, 1), (3, 2, 0, 1), (3, 1, 0, 2))
_TURNS = (_SWAP, 0, 0, _INVERT | _SWAP)


def cell_of_token(token: str) -> int:
    """Return the id that a token (hexadecimal, with or without ``0x``) stands for.

    Raises
    ------
    EarthEngineError
        If it is not a token.
    """
    try:
        return int(token.removeprefix("0x").removeprefix("0X").ljust(16, "0"), 16)
    except ValueError:
        raise EarthEngineError(f"Invalid S2 cell token '{token}'.") from None


def cell_polygon(cell_id: int) -> Geometry:
    """Return the square of a cell, with great circles as edges.

    Raises
    ------
    EarthEngineError
        If the number is not a cell's id.
    """
    face, i, j, size = _square(cell_id & (2**64 - 1))
    corners = [(i, j), (i + size, j), (i + size, j + size), (i, j + size)]
    vectors = np.array([_vector(face, a / 2**_LEVELS, b / 2**_LEVELS) for a, b in corners])
    lonlat = longitudes_latitudes(vectors)
    lonlat[:, 0] -= 360 * np.round((lonlat[:, 0] - lonlat[0, 0]) / 360)
    return Geometry(shapely.Polygon(lonlat))


def _square(cell_id: int) -> tuple[int, int, int, int]:
    """Return face, lowest column and row, and side, in units of the smallest cell."""
    face = cell_id >> 61
    lowest = cell_id & -cell_id
    trailing = lowest.bit_length() - 1
    if cell_id == 0 or face > 5 or trailing % 2 or trailing > 2 * _LEVELS:
        raise EarthEngineError(f"Invalid S2 cell id {cell_id:#018x}.")
    level = _LEVELS - trailing // 2
    orientation = face & _SWAP
    i = j = 0
    for step in range(level):
        position = (cell_id >> (59 - 2 * step)) & 3
        quadrant = _QUADRANTS[orientation][position]
        i, j = 2 * i + (quadrant >> 1), 2 * j + (quadrant & 1)
        orientation ^= _TURNS[position]
    size = 2 ** (_LEVELS - level)
    return face, i * size, j * size, size


def _vector(face: int, s: float, t: float) -> tuple[float, float, float]:
    u, v = _bent(s), _bent(t)
    return (
        (1.0, u, v),
        (-u, 1.0, v),
        (-u, -v, 1.0),
        (-1.0, -v, -u),
        (v, -1.0, -u),
        (v, u, -1.0),
    )[face]


def _bent(s: float) -> float:
    """Return the coordinate on the cube's face, by the quadratic projection."""
    if s >= 0.5:
        return (4 * s * s - 1) / 3
    return (1 - 4 * (1 - s) * (1 - s)) / 3
