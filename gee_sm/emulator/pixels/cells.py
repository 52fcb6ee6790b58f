"""Computations on fixed cells of a lattice, for what cannot be told pixel by pixel.

Segments, lines and cheapest paths depend on everything around a pixel. The service computes them
tile by tile with some overlap; here the tiles are cells counted from the lattice's origin, so that
a map is the same however it is requested.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence

import numpy as np

from gee_sm.emulator.pixels.grid import Grid
from gee_sm.emulator.pixels.source import Shared, Source
from gee_sm.emulator.pixels.tile import Tile

__all__ = ["Cells"]

# Cells whose results are kept: pieces of a request meet in the same ones.
_KEPT = 16

Results = Sequence[tuple[np.ndarray, np.ndarray]]


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

    __slots__ = ("_known", "_lock", "cell_function", "dtypes", "overlap", "side")

    def __init__(
        self,
        function: Callable[[Grid, list[Tile]], Results],
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
        self._known: OrderedDict[Grid, Results] = OrderedDict()
        self._lock = threading.Lock()

    def _results(self, cell: Grid, tiles: list[Tile]) -> Results:
        """Return what the function makes of a cell, computed once while it is remembered."""
        with self._lock:
            if cell in self._known:
                self._known.move_to_end(cell)
                return self._known[cell]
        with np.errstate(all="ignore"):
            results = self.cell_function(cell, tiles)
        with self._lock:
            self._known[cell] = results
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)
        return results

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
            results = self._results(cell, [tile.window(*index) for tile in tiles])
            common = cell.intersection(grid)
            here, there = grid.slices(common), cell.slices(common)
            for data, mask, (values, good) in zip(found, valid, results, strict=True):
                data[here] = np.where(good, values, 0)[there]
                mask[here] = good[there]
        return tuple(
            Tile(data, None if mask.all() else mask)
            for data, mask in zip(found, valid, strict=True)
        )
