"""Blocks of a cube, read through xee and kept like the pixels of stations."""

from __future__ import annotations

import itertools
import threading
from dataclasses import dataclass, field
from typing import Any, ClassVar

import ee
import numpy as np
import xarray as xr
from numpy.typing import NDArray

from gee_sm.client_calls import RequestTooLargeError, fetch_block, open_collection
from gee_sm.pull.chunk_reader import ChunkReader, question_of
from gee_sm.pull.chunking import PAIRS, cut_time
from gee_sm.pull.pixel_grid import PixelGrid, Window
from gee_sm.pull.plan import PullPlan
from gee_sm.pull.status import PullStatus, coded

__all__ = ["CubeBand", "CubeSpan", "cube_spans"]

SPAN_IMAGES = 366
"""Images of one collection that xee opens. It takes slices by counting from the first image, which
the service works out up to the slice and refuses beyond 5,000 elements."""

BLOCK_IMAGES = 183
BLOCK_PIXELS = 200
"""A request of xee has one band of so many images and pixels a side: 37 MB of the 48 MB allowed,
and names that fit into the 10,000 characters the client reads of them."""


@dataclass
class CubeSpan:
    """Consecutive steps whose images are one collection.

    Attributes
    ----------
    images : ee.ImageCollection
        One image for each of `steps`.
    steps : ndarray of int
        Steps of the cube that have an image.
    first, stop : int
        Steps of the cube that belong to this span, with an image or without.
    grid, window
        Pixels of the cube.
    reader : ChunkReader
        Cache and counts.
    period_end_ms : int or None
        When the time of the images ends.
    """

    images: ee.ImageCollection
    steps: NDArray[np.intp]
    first: int
    stop: int
    grid: PixelGrid
    window: Window
    reader: ChunkReader
    period_end_ms: int | None
    _opened: xr.Dataset | None = None
    _question: str = ""
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def __getstate__(self) -> dict[str, Any]:
        """Leave behind what belongs to this process: workers of dask open the collection anew."""
        return {**vars(self), "_opened": None, "_lock": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take what a span is, with a lock of this process."""
        vars(self).update(state, _lock=threading.Lock())

    @property
    def question(self) -> str:
        """Hash of the collection and the grid."""
        with self._lock:
            if not self._question:
                self._question = question_of(self.images, self.grid.request(self.window))
                self.reader.questions.add(self._question)
            return self._question

    def read(self, band: str, steps: slice, rows: slice, columns: slice) -> NDArray[np.float32]:
        """Return a block of one band, steps counted in the cube; reasons where there is nothing."""
        shape = tuple(part.stop - part.start for part in (steps, rows, columns))
        found = np.full(shape, coded(PullStatus.NO_IMAGE), dtype=np.float32)
        inside = (self.steps >= steps.start) & (self.steps < steps.stop)
        if not inside.any():
            return found
        positions = np.flatnonzero(inside)
        images = slice(int(positions[0]), int(positions[-1]) + 1)
        found[self.steps[inside] - steps.start] = self._images(band, images, rows, columns)
        return found

    def _images(self, band: str, images: slice, rows: slice, columns: slice) -> NDArray[np.float32]:
        part = [[piece.start, piece.stop] for piece in (images, rows, columns)]
        key = self.reader.key(f"{self.question} {band} {part}")
        kept = self.reader.get(key)
        if kept is not None:
            return kept
        self.reader.engine.reach()
        piece = self._dataset()[band].isel(time=images, y=rows, x=columns)
        try:
            found = fetch_block(piece).astype(np.float32, copy=False)
            self.reader.counts.add("asked")
        except RequestTooLargeError:
            sizes = [piece.stop - piece.start for piece in (images, rows, columns)]
            axis = int(np.argmax(np.array(sizes) > 1))
            if sizes[axis] < 2:
                raise
            self.reader.counts.add("halved")
            whole = [images, rows, columns]
            middle = whole[axis].start + sizes[axis] // 2
            halves = []
            for half in (slice(whole[axis].start, middle), slice(middle, whole[axis].stop)):
                parts = [*whole[:axis], half, *whole[axis + 1 :]]
                halves.append(self._images(band, *parts))
            found = np.concatenate(halves, axis=axis)
        self.reader.put(key, found, self.period_end_ms)
        return found

    def _dataset(self) -> xr.Dataset:
        """Open the collection when a pixel of it is needed first."""
        with self._lock:
            if self._opened is None:
                opened = open_collection(
                    self.images,
                    crs=self.grid.crs,
                    transform=self.grid.origin_at(self.window),
                    shape=(self.window.width, self.window.height),
                    io_chunks={
                        "time": SPAN_IMAGES,
                        "y": self.window.height,
                        "x": self.window.width,
                    },
                )
                self.reader.counts.add("asked")
                if opened.sizes["time"] != len(self.steps):
                    raise ValueError(
                        f"{self.reader.product}: {opened.sizes['time']} images where "
                        f"{len(self.steps)} were listed: the collection has changed; clear the "
                        "cache (gee-sm pull --clear-cache) and pull again"
                    )
                self._opened = opened
            return self._opened


@dataclass(frozen=True)
class CubeBand:
    """One band of a cube as something dask takes slices of.

    Attributes
    ----------
    name : str
        The band.
    spans : tuple of CubeSpan
        In order, together all steps.
    shape : (int, int, int)
        Steps, rows, columns.
    """

    name: str
    spans: tuple[CubeSpan, ...]
    shape: tuple[int, int, int]
    dtype: ClassVar[np.dtype] = np.dtype(np.float32)
    ndim: ClassVar[int] = 3

    def __getitem__(self, key: tuple[Any, ...]) -> NDArray[np.float32]:
        """Read what a key of slices and numbers names."""
        wanted = [np.arange(size)[part] for size, part in zip(self.shape, key, strict=True)]
        dropped = tuple(i for i, positions in enumerate(wanted) if positions.ndim == 0)
        wanted = [np.atleast_1d(positions) for positions in wanted]
        if any(len(positions) == 0 for positions in wanted):
            return np.empty([len(positions) for positions in wanted], dtype=self.dtype)
        box = [slice(int(p.min()), int(p.max()) + 1) for p in wanted]
        read = []
        for span in self.spans:
            steps = slice(max(box[0].start, span.first), min(box[0].stop, span.stop))
            if steps.start < steps.stop:
                read.append(span.read(self.name, steps, box[1], box[2]))
        found = np.concatenate(read, axis=0)
        within = np.ix_(*[p - part.start for p, part in zip(wanted, box, strict=True)])
        return np.squeeze(found[within], axis=dropped)


def cube_spans(plan: PullPlan) -> list[tuple[int, int]]:
    """Cut the steps of a cube into spans that xee can open.

    Returns
    -------
    list of (int, int)
        First step, and the one after the last.
    """
    if plan.axis is None:
        return [(0, 1)]
    groups = cut_time(
        plan.axis.start_ms,
        plan.images,
        1,
        most=SPAN_IMAGES,
        most_bands=SPAN_IMAGES,
        most_pairs=PAIRS if plan.request.step is not None else None,
    )
    return [(int(group[0]), int(group[-1]) + 1) for group in groups]


def block_sizes(
    spans: list[tuple[int, int]], window: Window, chunks: dict[str, int] | None
) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    """Return the sizes of the blocks of a cube: one request each.

    Parameters
    ----------
    spans : list of (int, int)
        Blocks do not reach over their borders.
    window : Window
        Pixels of the cube.
    chunks : dict, optional
        Largest size by ``time``, ``y`` and ``x``; -1 for all.
    """
    asked = dict(chunks or {})
    unknown = set(asked) - {"time", "y", "x"}
    if unknown:
        raise ValueError(f"chunks name time, y and x; got {sorted(unknown)}")
    largest = {"time": BLOCK_IMAGES, "y": BLOCK_PIXELS, "x": BLOCK_PIXELS, **asked}

    def cut(size: int, dim: str) -> tuple[int, ...]:
        most = largest[dim] if largest[dim] > 0 else size
        return tuple(min(most, size - at) for at in range(0, size, most))

    along_time = tuple(itertools.chain(*(cut(stop - first, "time") for first, stop in spans)))
    return along_time, cut(window.height, "y"), cut(window.width, "x")
