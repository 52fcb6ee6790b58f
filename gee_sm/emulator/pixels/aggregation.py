"""Aggregation of fine pixels into coarse ones, each weighted by the part it covers."""

from __future__ import annotations

import math

import numpy as np

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.pixels.footprints import Footprints, footprints
from gee_sm.emulator.pixels.grid import Grid, Projection, grid_covering
from gee_sm.emulator.pixels.source import Shared, Source
from gee_sm.emulator.pixels.tile import Tile, empty
from gee_sm.emulator.values.pixel_type import PixelType
from gee_sm.emulator.values.reducer import Reducer, settled

_STACK_PIXELS = 4_000_000


class Aggregated(Shared):
    """Bands read on their own grid and reduced to the pixels of the request.

    The weight of an input pixel is its mask times the fraction of the *output* pixel it covers.

    Parameters
    ----------
    inputs : tuple of Source
        The bands.
    types : tuple of PixelType
        Their types.
    projection : Projection
        Their own grid.
    reducer : Reducer
        What makes one value of many.
    max_pixels : int
        Most input pixels for one output pixel.
    best_effort : bool
        Read a coarser pyramid level instead of failing. The level follows from the nominal scales
        of the two grids alone, so that it is one for all tiles.
    """

    __slots__ = ("best_effort", "max_pixels", "projection", "reducer", "types")

    def __init__(
        self,
        inputs: tuple[Source, ...],
        types: tuple[PixelType, ...],
        projection: Projection,
        reducer: Reducer,
        max_pixels: int,
        best_effort: bool,
    ):
        super().__init__(lambda grid, tiles: (), inputs)
        self.types = types
        self.projection = projection
        self.reducer = reducer
        self.max_pixels = max_pixels
        self.best_effort = best_effort

    def _native(self, grid: Grid) -> Projection:
        native = self.projection
        if self.best_effort:
            factor = grid.lattice.nominal_scale / native.nominal_scale
            level = math.ceil(math.log2(factor / math.sqrt(self.max_pixels)) - 1e-9)
            return native.scaled(2**level) if level > 0 else native
        needed = _pixels_per_output(native, grid)
        if needed > self.max_pixels:
            raise EarthEngineError(
                f"Image.reduceResolution: Too many input pixels per output pixel: {needed}. "
                f"Specify maxPixels of at least that (it is {self.max_pixels}), or bestEffort."
            )
        return native

    def demand(self, grid: Grid) -> list[Grid | None]:
        """Return the own pixels under the request, with a margin of one output pixel."""
        if Grid.of(self.projection, 1, 1).lattice == grid.lattice:
            return [grid] * len(self.inputs)
        native = self._native(grid)
        return [grid_covering(native, grid.padded(1, 1, 1, 1), 1)] * len(self.inputs)

    def compute(self, grid: Grid, tiles: list[Tile | None]) -> tuple[Tile, ...]:  # type: ignore[override]
        """Reduce the pixels under each output pixel."""
        dtypes = [rule(self.types[0]).dtype for rule in self.reducer.types]
        (have, *_) = self.demand(grid)
        if have is None or any(tile is None or tile.is_empty for tile in tiles):
            return tuple(empty(dtype) for dtype in dtypes)
        inputs = [tile.filled(have.shape) for tile in tiles]
        masks = tiles[0].weights(have.shape)
        for tile in tiles[1:]:
            masks = np.minimum(masks, tile.weights(have.shape))
        with np.errstate(all="ignore"):
            results = self._reduce(grid, have, inputs, masks)
        found = []
        for (value, valid), dtype in zip(results, dtypes, strict=True):
            data = settled(value, valid, dtype)
            found.append(Tile(data, None if np.all(valid) else np.asarray(valid)))
        return tuple(found)

    def _reduce(
        self, grid: Grid, have: Grid, inputs: list[np.ndarray], masks: np.ndarray
    ) -> list[tuple[np.ndarray, np.ndarray]]:
        if have == grid:
            return self.reducer.over_arrays([i[None] for i in inputs], masks[None])
        found = footprints(have.lattice, grid)
        first_column, first_row, across, down = found.cells()
        rows_each = max(1, _STACK_PIXELS // max(1, across * down * grid.width))
        parts = []
        for start in range(0, grid.height, rows_each):
            strip = slice(start, start + rows_each)
            firsts = [
                a[strip] if a.shape[0] > 1 or grid.height == 1 else a
                for a in (first_column, first_row)
            ]
            shape = (min(rows_each, grid.height - start), grid.width)
            some = found.rows(strip, grid.height)
            parts.append(self._strip(have, inputs, masks, some, firsts, (down, across), shape))
        return [
            (
                np.concatenate([np.asarray(part[i][0]) for part in parts]),
                np.concatenate([np.asarray(part[i][1]) for part in parts]),
            )
            for i in range(len(self.reducer.outputs))
        ]

    def _strip(
        self,
        have: Grid,
        inputs: list[np.ndarray],
        masks: np.ndarray,
        under: Footprints,
        firsts: list[np.ndarray],
        cells: tuple[int, int],
        shape: tuple[int, int],
    ) -> list[tuple[np.ndarray, np.ndarray]]:
        first_column, first_row = firsts
        height, width = have.shape
        stacks: list[list[np.ndarray]] = [[] for _ in inputs]
        weights = []
        down, across = cells
        column = first_column + np.arange(across)[:, None, None]
        inside_x = (column >= have.x) & (column < have.x + width)
        column_index = np.where(inside_x, column - have.x, 0).astype(np.intp)
        for j in range(down):
            row = first_row + j
            inside_y = (row >= have.y) & (row < have.y + height)
            row_index = np.where(inside_y, row - have.y, 0).astype(np.intp)
            share = under.shares(row, first_column, across) * (inside_x & inside_y)
            index = (row_index, column_index)
            weights.append(np.broadcast_to(share * masks[index], (across, *shape)))
            for stack, values in zip(stacks, inputs, strict=True):
                stack.append(np.broadcast_to(values[index], (across, *shape)))
        return self.reducer.over_arrays(
            [np.concatenate(stack) for stack in stacks], np.concatenate(weights)
        )


def _pixels_per_output(native: Projection, grid: Grid) -> int:
    """Return how many input pixels one output pixel touches at most."""
    counts = footprints(Grid.of(native, 1, 1).lattice, grid).counts()
    known = np.isfinite(counts)
    return int(counts[known].max()) if known.any() else 0
