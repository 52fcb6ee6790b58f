"""Computations on fixed cells of a lattice, for what cannot be told pixel by pixel.

Segments, lines and cheapest paths depend on everything around a pixel. The service computes them
tile by tile with some overlap; here the tiles are cells counted from the lattice's origin, so that
a map is the same however it is requested.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from gee_sm.emulator.pixels.grid import Grid
from gee_sm.emulator.pixels.source import Shared, Source
from gee_sm.emulator.pixels.tile import Tile

__all__ = ["Cells"]


class Cells(Shared):
    """Several results of a function that is called once for each cell.

    Parameters
    ----------
    function : callable
        ``(cell, tiles) -> [(values, valid), ...]``: the cell, the inputs' tiles over it and its
        overlap, and for each result two arrays of the cell's shape, without overlap.
    inputs : sequence of Source
        What it reads.
    dtypes : sequence of dtype
        Of the results.
    side : int
        Pixels of a cell's side.
    overlap : int or callable
        Pixels around the cell that the function sees too; may depend on the grid.
    """

    __slots__ = ("cell_function", "dtypes", "overlap", "side")

    def __init__(
        self,
        function: Callable[[Grid, list[Tile]], Sequence[tuple[np.ndarray, np.ndarray]]],
        inputs: Sequence[Source],
        dtypes: Sequence[np.dtype],
        side: int,
        overlap: int | Callable[[Grid], int] = 0,
    ):
        super().__init__(lambda grid, tiles: (), inputs)
        self.cell_function = function
        self.dtypes = [np.dtype(dtype) for dtype in dtypes]
        self.side = side
        self.overlap = overlap

    def _whole(self, grid: Grid) -> Grid:
        """Return the window of whole cells around a grid."""
        side = self.side
        left, top = grid.x // side * side, grid.y // side * side
        right = -(-(grid.x + grid.width) // side) * side
        bottom = -(-(grid.y + grid.height) // side) * side
        return grid.window(left, top, right - left, bottom - top)

    def _margin(self, grid: Grid) -> int:
        return self.overlap(grid) if callable(self.overlap) else self.overlap

    def demand(self, grid: Grid) -> list[Grid | None]:
        """Return the whole cells and their overlap."""
        margin = self._margin(grid)
        return [self._whole(grid).padded(*(margin,) * 4)] * len(self.inputs)

    def compute(self, grid: Grid, tiles: list[Tile | None]) -> tuple[Tile, ...]:  # type: ignore[override]
        """Call the function for each cell, and cut its results to the grid."""
        margin = self._margin(grid)
        whole = self._whole(grid)
        around = whole.padded(*(margin,) * 4)
        found = [np.zeros(grid.shape, dtype) for dtype in self.dtypes]
        valid = [np.zeros(grid.shape, bool) for _ in self.dtypes]
        for cell in whole.tiles(self.side):
            index = around.slices(cell.padded(*(margin,) * 4))
            with np.errstate(all="ignore"):
                results = self.cell_function(cell, [tile.window(*index) for tile in tiles])
            common = cell.intersection(grid)
            here, there = grid.slices(common), cell.slices(common)
            for data, mask, (values, good) in zip(found, valid, results, strict=True):
                data[here] = np.where(good, values, 0)[there]
                mask[here] = good[there]
        return tuple(
            Tile(data, None if mask.all() else mask)
            for data, mask in zip(found, valid, strict=True)
        )
