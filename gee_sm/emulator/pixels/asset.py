"""Bands of stored images: read from a COG, at the pyramid level the request calls for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import rasterio
import rasterio.errors

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.pixels.grid import Grid, Projection, grid_covering
from gee_sm.emulator.pixels.pyramid import parent
from gee_sm.emulator.pixels.resampling import MARGIN, level_of, sample
from gee_sm.emulator.pixels.source import Source
from gee_sm.emulator.pixels.stored_blocks import StoredFile, layout_of, read_window
from gee_sm.emulator.pixels.tile import Tile, empty

_STRIP_PIXELS = 8_000_000


class AssetBand(Source):
    """One band of a stored image.

    Parameters
    ----------
    path : Path
        The raster file.
    band : int
        Its band number, from 1.
    projection : Projection
        Grid whose origin is the file's upper left corner.
    width, height : int
        Size in pixels.
    policy : str
        Pyramiding policy: MEAN, MODE, SAMPLE, MIN, MAX or MEDIAN.
    mode : str
        How it is sampled into other grids; set by ``resample``.
    weights : Path, optional
        A raster of the same size whose one band holds the mask, for masks that are fractions.
    """

    __slots__ = ("band", "extent", "mode", "path", "policy", "projection", "weights")

    def __init__(
        self,
        path: Path,
        band: int,
        projection: Projection,
        width: int,
        height: int,
        policy: str = "MEAN",
        mode: str = "nearest",
        weights: Path | None = None,
    ):
        super().__init__()
        self.path = path
        self.band = band
        self.projection = projection
        self.extent = Grid.of(projection, width, height)
        self.policy = policy
        self.mode = mode
        self.weights = weights

    def resampled(self, mode: str) -> AssetBand:
        """Return the same band, sampled in another way."""
        return AssetBand(
            self.path,
            self.band,
            self.projection,
            self.extent.width,
            self.extent.height,
            self.policy,
            mode,
            self.weights,
        )

    def of_band(self, band: int) -> AssetBand:
        """Return another band of the same file: in a series, the same band of another image."""
        other = AssetBand.__new__(AssetBand)
        Source.__init__(other)
        other.path, other.band, other.projection = self.path, band, self.projection
        other.extent, other.policy, other.mode = self.extent, self.policy, self.mode
        other.weights = self.weights
        return other

    def compute(self, grid: Grid, tiles: list[Tile | None]) -> Tile:
        """Read what lies under the grid and sample it there."""
        try:
            return self._compute(grid)
        except (rasterio.errors.RasterioError, OSError) as error:
            raise EarthEngineError(
                f"Image asset file '{self.path.name}' of '{self.path.parent.name}' cannot be read "
                f"(truncated or not a raster): {error}. Write the file again.",
            ) from error

    def _compute(self, grid: Grid) -> Tile:
        if grid.lattice == self.extent.lattice:
            return self._over(0, self.extent, grid)
        level = min(level_of(self.projection, grid), self._levels())
        native = self.projection.scaled(2**level)
        extent = Grid.of(
            native, -(-self.extent.width // 2**level), -(-self.extent.height // 2**level)
        )
        window = grid_covering(native, grid, MARGIN[self.mode])
        window = None if window is None else window.intersection(extent)
        if window is None:
            return empty(self._dtype())
        return sample(self._over(level, extent, window), window, native, grid, self.mode)

    def _dtype(self) -> np.dtype:
        return layout_of(StoredFile.at(self.path), self.band).dtype

    def _levels(self) -> int:
        """Return the last level: the first at which the image fits into 256 x 256 pixels."""
        side, level = max(self.extent.width, self.extent.height), 0
        while side > 256:
            side, level = -(-side // 2), level + 1
        return level

    def _over(self, level: int, extent: Grid, window: Grid) -> Tile:
        """Return a level's pixels over a window, masked outside the image."""
        part = window.intersection(extent)
        if part is None:
            return empty(self._dtype())
        column, row = part.x - extent.x, part.y - extent.y
        tile = self._read(level, column, row, part.width, part.height)
        if part == window:
            return tile
        data = np.zeros(window.shape, tile.data.dtype)
        index = window.slices(part)
        data[index] = tile.data
        kind = bool if tile.mask is None else tile.mask.dtype
        mask = np.zeros(window.shape, kind)
        mask[index] = 1 if tile.mask is None else tile.mask
        return Tile(data, mask)

    def _read(self, level: int, column: int, row: int, width: int, height: int) -> Tile:
        if level == 0:
            window = (column, row, width, height)
            tile = read_window(StoredFile.at(self.path), self.band, *window)
            if self.weights is None:
                return tile
            return Tile(tile.data, read_window(StoredFile.at(self.weights), 1, *window).data)
        rows = max(1, _STRIP_PIXELS // (width * 4**level))
        parts = [
            parent(
                self._read_clipped(level - 1, 2 * column, 2 * start, 2 * width, 2 * count),
                self.policy,
            )
            for start in range(row, row + height, rows)
            for count in (min(rows, row + height - start),)
        ]
        return Tile(
            np.concatenate([part.data for part in parts]),
            np.concatenate([part.mask for part in parts]),
        )

    def _read_clipped(self, level: int, column: int, row: int, width: int, height: int) -> Tile:
        """Read a level's window that may stick out by a pixel on the right and at the bottom."""
        full_width = -(-self.extent.width // 2**level)
        full_height = -(-self.extent.height // 2**level)
        inner = self._read(
            level, column, row, min(width, full_width - column), min(height, full_height - row)
        )
        shape = inner.data.shape
        data = np.zeros((height, width), inner.data.dtype)
        weights = np.zeros((height, width), np.float32)
        data[: shape[0], : shape[1]] = inner.data
        weights[: shape[0], : shape[1]] = 1 if inner.mask is None else inner.mask
        return Tile(data, weights)
