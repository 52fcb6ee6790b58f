"""Aggregation of fine pixels into coarse ones, each weighted by the part it covers."""

from __future__ import annotations

import functools
import math

import numpy as np

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.pixels.grid import Grid, Projection, grid_covering, transformer
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
        left, right, top, bottom = _footprints(have.lattice, grid)
        first_column, first_row = np.floor(left + 1e-7), np.floor(top + 1e-7)
        across = int(np.max(np.ceil(right - 1e-7) - first_column))
        down = int(np.max(np.ceil(bottom - 1e-7) - first_row))
        rows_each = max(1, _STACK_PIXELS // max(1, across * down * grid.width))
        parts = []
        for start in range(0, grid.height, rows_each):
            strip = slice(start, start + rows_each)
            parts.append(
                self._strip(
                    have,
                    inputs,
                    masks,
                    [
                        a[strip] if a.shape[0] > 1 or grid.height == 1 else a
                        for a in (left, right, top, bottom, first_column, first_row)
                    ],
                    across,
                    down,
                    (min(rows_each, grid.height - start), grid.width),
                )
            )
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
        edges: list[np.ndarray],
        across: int,
        down: int,
        shape: tuple[int, int],
    ) -> list[tuple[np.ndarray, np.ndarray]]:
        left, right, top, bottom, first_column, first_row = edges
        area = (right - left) * (bottom - top)
        height, width = have.shape
        stacks: list[list[np.ndarray]] = [[] for _ in inputs]
        weights = []
        for j in range(down):
            row = first_row + j
            part_y = np.clip(np.minimum(bottom, row + 1) - np.maximum(top, row), 0, None)
            inside_y = (row >= have.y) & (row < have.y + height)
            row_index = np.where(inside_y, row - have.y, 0).astype(np.intp)
            for i in range(across):
                column = first_column + i
                part_x = np.clip(np.minimum(right, column + 1) - np.maximum(left, column), 0, None)
                inside_x = (column >= have.x) & (column < have.x + width)
                column_index = np.where(inside_x, column - have.x, 0).astype(np.intp)
                share = part_x * part_y / area * (inside_x & inside_y)
                index = (row_index, column_index)
                weights.append(np.broadcast_to(share * masks[index], shape))
                for stack, values in zip(stacks, inputs, strict=True):
                    stack.append(np.broadcast_to(values[index], shape))
        return self.reducer.over_arrays([np.stack(s) for s in stacks], np.stack(weights))


def _pixels_per_output(native: Projection, grid: Grid) -> int:
    """Return how many input pixels one output pixel touches at most."""
    left, right, top, bottom = _footprints(Grid.of(native, 1, 1).lattice, grid)
    across = np.ceil(right - 1e-6) - np.floor(left + 1e-6)
    down = np.ceil(bottom - 1e-6) - np.floor(top + 1e-6)
    counts = np.maximum(across, 1) * np.maximum(down, 1)
    known = np.isfinite(counts)
    return int(counts[known].max()) if known.any() else 0


@functools.lru_cache(maxsize=4)
def _footprints(
    lattice: Projection, grid: Grid
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return the box of each output pixel in columns and rows of the input's lattice.

    They are counted on the lattices, not in the windows, so that a pixel has the same box to the
    last bit whatever the tile. Across coordinate systems the box is that of the midpoints of the
    pixel's four sides. For two grids of one system the arrays are one row or one column wide and
    broadcast.
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
        return left[None, :], right[None, :], top[:, None], bottom[:, None]

    def mapped(dx: float, dy: float) -> tuple[np.ndarray, np.ndarray]:
        columns = grid.x + np.arange(grid.width)[None, :] + dx
        rows = grid.y + np.arange(grid.height)[:, None] + dy
        xs = affine.c + affine.a * columns + affine.b * rows
        ys = affine.f + affine.d * columns + affine.e * rows
        if lattice.crs != grid.lattice.crs:
            xs, ys = transformer(grid.lattice.crs, lattice.crs).transform(
                np.ascontiguousarray(np.broadcast_to(xs, grid.shape)),
                np.ascontiguousarray(np.broadcast_to(ys, grid.shape)),
            )
        return (
            np.round(inverse.a * xs + inverse.b * ys + inverse.c, 6),
            np.round(inverse.d * xs + inverse.e * ys + inverse.f, 6),
        )

    sides = [mapped(0.0, 0.5), mapped(1.0, 0.5), mapped(0.5, 0.0), mapped(0.5, 1.0)]
    columns = np.stack([side[0] for side in sides])
    rows = np.stack([side[1] for side in sides])
    return columns.min(axis=0), columns.max(axis=0), rows.min(axis=0), rows.max(axis=0)
