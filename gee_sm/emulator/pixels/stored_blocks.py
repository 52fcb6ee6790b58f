"""Blocks of stored bands, decoded once for all requests and threads.

A file is compressed in blocks. A block that is read is decoded, its mask made and its masked pixels
set to 0; the result is kept, read-only, until newer ones need the room. Windows are put together
from blocks, and a window that is a block is that block, without a copy. GDAL's own cache holds the
raw pixels of one open file in one thread, which is why it cannot take this place.

Files of series have a band an image, hundreds of them, and rasterio asks GDAL about every band of a
file before it reads one. Small blocks are therefore decoded together with those of the bands beside
them, which are the images before and after.
"""

from __future__ import annotations

import functools
import os
import threading
from collections import OrderedDict
from collections.abc import Sequence
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
# Files in strips, or in blocks of other sizes, are read window by window, unless a block is a band.
_SIDES = range(128, 1025)
# What is decoded at once: blocks of so many bands, and bytes.
_BANDS_AT_ONCE = 64
_BYTES_AT_ONCE = 256 * 2**10


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
    """Decoded blocks of one or some bands, those used longest ago leaving first."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.bytes = 0
        self._tiles: OrderedDict[Key, list[Tile]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Key) -> list[Tile] | None:
        with self._lock:
            tiles = self._tiles.get(key)
            if tiles is not None:
                self._tiles.move_to_end(key)
            return tiles

    def put(self, key: Key, tiles: list[Tile]) -> None:
        with self._lock:
            if key in self._tiles:  # decoded by two threads at once
                return
            self._tiles[key] = tiles
            self.bytes += _size(tiles)
            while self.bytes > self.capacity:
                self.bytes -= _size(self._tiles.popitem(last=False)[1])


_blocks = _Blocks(CACHE_BYTES)


def held_bytes() -> int:
    """Return how many bytes of decoded blocks are kept now, at most ``CACHE_BYTES``."""
    return _blocks.bytes


def _size(tiles: list[Tile]) -> int:
    return sum(t.data.nbytes + (0 if t.mask is None else t.mask.nbytes) for t in tiles)


class Layout(NamedTuple):
    """How a band lies in its file: size, blocks and type, and what tells its masked pixels.

    ``nodata`` is the value of masked pixels besides NaN; None where there is none, also where it is
    NaN, which does not equal itself: bands alike would differ. ``masked`` is whether the file has a
    mask besides the values.
    """

    height: int
    width: int
    rows_each: int
    columns_each: int
    dtype: np.dtype
    nodata: float | None
    masked: bool

    @property
    def keeps_blocks(self) -> bool:
        """Whether the blocks are such that decoded ones are kept."""
        whole = self.rows_each >= self.height and self.columns_each >= self.width
        sides = (self.rows_each, self.columns_each)
        return max(sides) <= _SIDES[-1] and (whole or min(sides) >= _SIDES[0])


class Layouts(NamedTuple):
    """The layouts of a file's bands, and of how many bands blocks are decoded at once."""

    bands: tuple[Layout, ...]
    together: int


def layout_of(file: StoredFile, band: int) -> Layout:
    """Return how a band lies in its file; known blocks are then found without opening it."""
    return _layouts(file).bands[band - 1]


@functools.lru_cache(maxsize=4096)
def _layouts(file: StoredFile) -> Layouts:
    """Return the layouts of all bands: GDAL is asked for each of them to answer for one."""
    dataset = _datasets.get(file)
    known: dict[Layout, Layout] = {}  # the bands of a series are alike
    layouts = (
        Layout(
            dataset.height,
            dataset.width,
            *blocks,
            np.dtype(dtype),
            None if nodata is None or np.isnan(nodata) else nodata,
            nodata is None and MaskFlags.all_valid not in flags,
        )
        for blocks, dtype, nodata, flags in zip(
            dataset.block_shapes,
            dataset.dtypes,
            dataset.nodatavals,
            dataset.mask_flag_enums,
            strict=True,
        )
    )
    bands = tuple(known.setdefault(layout, layout) for layout in layouts)
    if len(known) > 1:
        return Layouts(bands, 1)
    block = bands[0].rows_each * bands[0].columns_each * bands[0].dtype.itemsize
    return Layouts(bands, min(_BANDS_AT_ONCE, max(1, _BYTES_AT_ONCE // block)))


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
    if not layout.keeps_blocks:
        return _decoded(file, [band], layout, Window(column, row, width, height))[0]
    rows_each, columns_each = layout.rows_each, layout.columns_each
    parts = []
    for y in range(row // rows_each, -(-(row + height) // rows_each)):
        for x in range(column // columns_each, -(-(column + width) // columns_each)):
            tile = _block(file, band, layout, x, y)
            top, left = y * rows_each, x * columns_each
            if (left, top) == (column, row) and tile.data.shape == (height, width):
                return tile
            parts.append((left, top, tile))
    data = np.empty((height, width), layout.dtype)
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
    bands, together = _layouts(file)
    group, place = divmod(band - 1, together)
    key = (file, group, across, down)
    tiles = _blocks.get(key)
    if tiles is None:
        left, top = across * layout.columns_each, down * layout.rows_each
        width = min(layout.columns_each, layout.width - left)
        height = min(layout.rows_each, layout.height - top)
        first = group * together + 1
        numbers = range(first, min(first + together, len(bands) + 1))
        window = Window(left, top, width, height)
        try:
            tiles = _decoded(file, numbers, layout, window)
        except rasterio.errors.RasterioIOError:
            if len(numbers) == 1:
                raise
            # One of the others may be damaged; that is no business of who wants this band.
            return _decoded(file, [band], layout, window)[0]
        for tile in tiles:
            for array in (tile.data, tile.mask):
                if array is not None:
                    array.setflags(write=False)
        _blocks.put(key, tiles)
    return tiles[place]


def _decoded(file: StoredFile, bands: Sequence[int], layout: Layout, window: Window) -> list[Tile]:
    """Read a window of bands of one layout from the file and tell their masked pixels."""
    dataset = _datasets.get(file)
    data = dataset.read(list(bands), window=window)
    nodata = layout.nodata
    mask: np.ndarray | None
    if layout.masked:
        mask = dataset.read_masks(list(bands), window=window) > 0
    elif nodata is None:
        mask = None if data.dtype.kind in "iu" else ~np.isnan(data)
    else:
        mask = data != data.dtype.type(nodata)
        if data.dtype.kind == "f":
            mask &= ~np.isnan(data)
    if mask is None:
        return [Tile(values) for values in data]
    data = kept(data, mask, in_place=True)
    return [
        Tile(values, None if valid.all() else valid)
        for values, valid in zip(data, mask, strict=True)
    ]
