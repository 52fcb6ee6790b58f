"""Cutting a map into requests that Earth Engine accepts."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

REQUEST_BYTES = 48 * 1024 * 1024
"""Largest answer of one request, in bytes, uncompressed."""

REQUEST_SIDE = 32_768
"""Largest width or height of one request, in pixels."""

MASK_BYTES = 1
"""Earth Engine counts a mask byte for each band and pixel."""


@dataclass(frozen=True)
class Tile:
    """A window of a map: its first row and column, and its size."""

    row: int
    column: int
    height: int
    width: int

    def halves(self) -> tuple[Tile, Tile]:
        """Cut the window across its longer side."""
        if self.width >= self.height:
            left = self.width // 2
            return (
                Tile(self.row, self.column, self.height, left),
                Tile(self.row, self.column + left, self.height, self.width - left),
            )
        top = self.height // 2
        return (
            Tile(self.row, self.column, top, self.width),
            Tile(self.row + top, self.column, self.height - top, self.width),
        )


def tile_side(bytes_per_pixel: int, bands: int, *, block: int = 256, largest: int = 1024) -> int:
    """Return the side of a square tile in pixels, a multiple of ``block``.

    Parameters
    ----------
    bytes_per_pixel : int
        Bytes of all bands of one pixel.
    bands : int
        How many bands; each costs a mask byte more.
    block : int
        Side of the file's blocks.
    largest : int
        A side not to exceed, whatever the limit allows, so that memory and lost work stay small.

    Raises
    ------
    ValueError
        If not even one block fits into a request.

    Examples
    --------
    >>> tile_side(28, 7, largest=4096)
    1024
    """
    pixels = REQUEST_BYTES // (bytes_per_pixel + bands * MASK_BYTES)
    side = min(math.isqrt(pixels), REQUEST_SIDE, largest) // block * block
    if side == 0:
        raise ValueError(f"{bands} bands of {bytes_per_pixel} bytes do not fit into a request")
    return side


def tiles_of(height: int, width: int, side: int) -> Iterator[Tile]:
    """Yield the tiles of a map, row by row."""
    for row in range(0, height, side):
        for column in range(0, width, side):
            yield Tile(row, column, min(side, height - row), min(side, width - column))
