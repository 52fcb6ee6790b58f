"""Blocks of stored bands, decoded once for all requests and threads.

A file is compressed in blocks. A block that is read is decoded, its mask made and its masked pixels
set to 0; the result is kept, read-only, until newer ones need the room. Windows are put together
from blocks, and a window that is a block is that block, without a copy. GDAL's own cache holds the
raw pixels of one open file in one thread, which is why it cannot take this place.
"""

from __future__ import annotations

import functools
import os
import threading
from collections import OrderedDict
from pathlib import Path
from typing import NamedTuple

import numpy as np
import rasterio
from rasterio.enums import MaskFlags
from rasterio.windows import Window

from gee_sm.emulator.pixels.tile import Tile
from gee_sm.emulator.pixels.zeroing import kept

CACHE_BYTES = 256 * 2**20
_OPEN_FILES = 64
# Files in strips, or in blocks of other sizes, are read window by window.
_SIDES = range(128, 1025)


class StoredFile(NamedTuple):
    """A file as it is now: when it is written again, nothing that was kept of it counts."""

    path: Path
    inode: int
    modified: int
    size: int

    @classmethod
    def at(cls, path: Path) -> StoredFile:
        """Return the file at a path.

        Raises
        ------
        OSError
            If there is none.
        """
        found = os.stat(path)
        return cls(path, found.st_ino, found.st_mtime_ns, found.st_size)


class _Datasets(threading.local):
    """The datasets one thread keeps open: GDAL's handles must not cross threads."""

    def __init__(self) -> None:
        self.open: OrderedDict[StoredFile, rasterio.DatasetReader] = OrderedDict()

    def get(self, file: StoredFile) -> rasterio.DatasetReader:
        if file in self.open:
            self.open.move_to_end(file)
            return self.open[file]
        dataset = rasterio.open(file.path)
        self.open[file] = dataset
        if len(self.open) > _OPEN_FILES:
            self.open.popitem(last=False)[1].close()
        return dataset


_datasets = _Datasets()
Key = tuple[StoredFile, int, int, int]


class _Blocks:
    """Decoded blocks, the one used longest ago leaving first."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.bytes = 0
        self._tiles: OrderedDict[Key, Tile] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Key) -> Tile | None:
        with self._lock:
            tile = self._tiles.get(key)
            if tile is not None:
                self._tiles.move_to_end(key)
            return tile

    def put(self, key: Key, tile: Tile) -> None:
        with self._lock:
            if key in self._tiles:  # decoded by two threads at once
                return
            self._tiles[key] = tile
            self.bytes += _size(tile)
            while self.bytes > self.capacity:
                self.bytes -= _size(self._tiles.popitem(last=False)[1])


_blocks = _Blocks(CACHE_BYTES)


def _size(tile: Tile) -> int:
    return tile.data.nbytes + (0 if tile.mask is None else tile.mask.nbytes)


class Layout(NamedTuple):
    """How a band lies in its file: size, blocks and type."""

    height: int
    width: int
    rows_each: int
    columns_each: int
    dtype: np.dtype


@functools.lru_cache(maxsize=4096)
def layout_of(file: StoredFile, band: int) -> Layout:
    """Return how a band lies in its file; known blocks are then found without opening it."""
    dataset = _datasets.get(file)
    rows_each, columns_each = dataset.block_shapes[band - 1]
    dtype = np.dtype(dataset.dtypes[band - 1])
    return Layout(dataset.height, dataset.width, rows_each, columns_each, dtype)


def read_window(
    file: StoredFile, band: int, column: int, row: int, width: int, height: int
) -> Tile:
    """Return a band's pixels in a window that lies within the file.

    Parameters
    ----------
    file : StoredFile
        The file.
    band : int
        Its band number, from 1.
    column, row, width, height : int
        The window.

    Returns
    -------
    Tile
        Masked pixels are 0, the mask is None where there are none. Its arrays are read-only if
        they are shared.
    """
    layout = layout_of(file, band)
    _, _, rows_each, columns_each, dtype = layout
    if rows_each not in _SIDES or columns_each not in _SIDES:
        return _decoded(file, band, Window(column, row, width, height))
    parts = []
    for y in range(row // rows_each, -(-(row + height) // rows_each)):
        for x in range(column // columns_each, -(-(column + width) // columns_each)):
            tile = _block(file, band, layout, x, y)
            top, left = y * rows_each, x * columns_each
            if (left, top) == (column, row) and tile.data.shape == (height, width):
                return tile
            parts.append((left, top, tile))
    data = np.empty((height, width), dtype)
    mask = None if all(tile.mask is None for *_, tile in parts) else np.empty(data.shape, bool)
    for left, top, tile in parts:
        here, there = _overlap(top, tile.data.shape[0], row, height)
        across, beside = _overlap(left, tile.data.shape[1], column, width)
        data[here, across] = tile.data[there, beside]
        if mask is not None:
            mask[here, across] = True if tile.mask is None else tile.mask[there, beside]
    return Tile(data, None if mask is None or mask.all() else mask)


def _overlap(start: int, size: int, first: int, count: int) -> tuple[slice, slice]:
    """Return where a block lies in a window, and the window in the block, along one axis."""
    low, high = max(start, first), min(start + size, first + count)
    return slice(low - first, high - first), slice(low - start, high - start)


def _block(file: StoredFile, band: int, layout: Layout, across: int, down: int) -> Tile:
    key = (file, band, across, down)
    tile = _blocks.get(key)
    if tile is None:
        left, top = across * layout.columns_each, down * layout.rows_each
        width = min(layout.columns_each, layout.width - left)
        height = min(layout.rows_each, layout.height - top)
        tile = _decoded(file, band, Window(left, top, width, height))
        for array in (tile.data, tile.mask):
            if array is not None:
                array.setflags(write=False)
        _blocks.put(key, tile)
    return tile


def _decoded(file: StoredFile, band: int, window: Window) -> Tile:
    """Read a window from the file and tell its masked pixels."""
    dataset = _datasets.get(file)
    data = dataset.read(band, window=window)
    nodata = dataset.nodatavals[band - 1]
    mask: np.ndarray | None
    if nodata is None:
        if MaskFlags.all_valid not in dataset.mask_flag_enums[band - 1]:
            mask = dataset.read_masks(band, window=window) > 0
        else:
            mask = None if data.dtype.kind in "iu" else ~np.isnan(data)
    elif np.isnan(nodata):
        mask = ~np.isnan(data)
    else:
        mask = data != data.dtype.type(nodata)
        if data.dtype.kind == "f":
            mask &= ~np.isnan(data)
    if mask is None or mask.all():
        return Tile(data)
    return Tile(kept(data, mask, in_place=True), mask)
