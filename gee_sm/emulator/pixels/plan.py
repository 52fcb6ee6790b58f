"""The plan of a request: which source is computed over which window, and for how long it is kept.

Planning walks from the requested bands to the assets once and orders the sources. A run then goes
through that order twice: backwards to add up what each source must yield (the union, on each
lattice, of all its readers' windows), forwards to compute it. A tile is dropped when its last
reader is done, so that memory follows the width of the graph, not its size. A request whose
largest window is too large (a coarse map of a chain pinned to fine pixels) is cut in halves until
it is not, so that memory does not follow the region either.
"""

from __future__ import annotations

import contextvars
import functools
import os
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TypeVar

import numpy as np

from gee_sm.emulator.deadline import check_deadline
from gee_sm.emulator.pixels.grid import Grid
from gee_sm.emulator.pixels.source import Source
from gee_sm.emulator.pixels.tile import Tile

Result = TypeVar("Result")
# Windows of each source by lattice, and how many reads each of them serves.
Windows = dict[int, dict[object, Grid]]
Readers = dict[tuple[int, object], int]

TILE_SIZE = 512
# Largest window of any source in one run: a tile and the halo of a small neighbourhood. One such
# array of doubles takes 2.4 MB.
WINDOW_PIXELS = 300_000
# The same for windows that are mostly surroundings: of distances over hundreds of pixels, say.
_WINDOW_PIXELS_AROUND = 4_000_000
# Seconds that a request has to itself before other threads join in. Two threads that copy blocks
# from a cache wake each other for every block, and take longer than one.
_HEAD_START = 0.004


@functools.cache
def _pool(workers: int) -> ThreadPoolExecutor:
    """Return a lasting pool: its threads keep the files they have open."""
    return ThreadPoolExecutor(workers, thread_name_prefix="emulator-pixels")


def ordered(outputs: Sequence[Source]) -> list[Source]:
    """Return all sources behind the outputs, each after the sources it reads, the first one first.

    What is to be computed beside a source follows it at once.
    """
    order: list[Source] = []
    seen: set[int] = set()
    wanted: set[int] | None = None
    stack: list[tuple[Source, bool]] = [(source, False) for source in reversed(outputs)]
    while stack:
        source, expanded = stack.pop()
        if expanded:
            order.append(source)
            if source.beside:
                wanted = _behind(outputs) if wanted is None else wanted
                stack.extend((other, False) for other in source.beside if id(other) in wanted)
        elif id(source) not in seen:
            seen.add(id(source))
            stack.append((source, True))
            stack.extend((child, False) for child in reversed(source.inputs))
    return order


def _behind(outputs: Sequence[Source]) -> set[int]:
    """Return the ids of all sources behind the outputs."""
    found: set[int] = set()
    pending = list(outputs)
    while pending:
        source = pending.pop()
        if id(source) not in found:
            found.add(id(source))
            pending.extend(source.inputs)
    return found


class Plan:
    """The ordered sources of a set of bands, ready to be run over any number of grids."""

    def __init__(self, outputs: Sequence[Source]):
        self.outputs = list(outputs)
        self.order = ordered(self.outputs)
        self._last: tuple[Grid, Windows, Readers] | None = None

    def _wanted(self, grid: Grid) -> tuple[Windows, Readers]:
        """Return each source's windows by lattice, and how many reads each window serves.

        The last answer is kept: a request of one piece is asked about its size, and then run.
        """
        last = self._last
        if last is None or last[0] != grid:
            last = self._last = (grid, *self._windows_and_readers(grid))
        return last[1], dict(last[2])

    def _windows_and_readers(self, grid: Grid) -> tuple[Windows, Readers]:
        wanted: Windows = {}
        readers: Readers = {}

        def want(source: Source, window: Grid) -> None:
            windows = wanted.setdefault(id(source), {})
            known = windows.get(window.lattice)
            windows[window.lattice] = window if known is None else known.union(window)

        for output in self.outputs:
            want(output, grid)
        for source in reversed(self.order):
            for window in wanted.get(id(source), {}).values():
                for child, part in zip(source.inputs, source.demand(window), strict=True):
                    if part is not None:
                        want(child, part)
                        key = (id(child), part.lattice)
                        readers[key] = readers.get(key, 0) + 1
        return wanted, readers

    def pieces(self, grid: Grid, tile_size: int = TILE_SIZE) -> list[Grid]:
        """Cut a grid into tiles, and these until no source has too large a window."""
        found = []
        pending = [(piece, self._largest_window(piece)) for piece in grid.tiles(tile_size)[::-1]]
        while pending:
            check_deadline()
            piece, largest = pending.pop()
            if largest <= WINDOW_PIXELS or piece.width * piece.height == 1:
                found.append(piece)
                continue
            halves = [(half, self._largest_window(half)) for half in _halves(piece)]
            # Where what lies around a piece outweighs it, a cut only computes that again; where it
            # is nearly all there is, even a window that is too large would stay so.
            left = max(size for _, size in halves) / largest
            if left > (0.7 if largest <= _WINDOW_PIXELS_AROUND else 0.9):
                found.append(piece)
            else:
                pending.extend(halves[::-1])
        return found

    def _largest_window(self, grid: Grid) -> int:
        """Return the pixels of the largest window that any source computes for a grid."""
        groups = self._wanted(grid)[0].values()
        return max((w.width * w.height for group in groups for w in group.values()), default=0)

    def run(self, grid: Grid) -> list[Tile]:
        """Compute all outputs over one grid, in one piece.

        Between sources it may be given up; see :func:`gee_sm.emulator.deadline.check_deadline`.
        """
        wanted, readers = self._wanted(grid)
        results: dict[tuple[int, object], Tile] = {}
        kept = {(id(output), grid.lattice) for output in self.outputs}
        for source in self.order:
            for lattice, window in wanted.get(id(source), {}).items():
                tiles: list[Tile | None] = []
                used = []
                for child, part in zip(source.inputs, source.demand(window), strict=True):
                    if part is None:
                        tiles.append(None)
                        continue
                    key = (id(child), part.lattice)
                    tiles.append(_cut(results[key], wanted[id(child)][part.lattice], part))
                    used.append(key)
                check_deadline()
                results[id(source), lattice] = source.compute(window, tiles)
                for key in used:
                    readers[key] -= 1
                    if not readers[key] and key not in kept:
                        del results[key]
        return [
            _cut(results[id(output), grid.lattice], wanted[id(output)][grid.lattice], grid)
            for output in self.outputs
        ]

    def each_tile(
        self,
        grid: Grid,
        visit: Callable[[Grid, list[Tile]], None],
        *,
        tile_size: int = TILE_SIZE,
        workers: int | None = None,
    ) -> None:
        """Run over a grid piece by piece, handing each one's results to ``visit`` in order."""
        for piece, tiles in _in_order(self.run, self.pieces(grid, tile_size), workers):
            visit(piece, tiles)

    def arrays(
        self,
        grid: Grid,
        dtypes: Sequence[np.dtype],
        *,
        workers: int | None = None,
    ) -> list[tuple[np.ndarray, np.ndarray]]:
        """Compute all outputs over a grid of any size.

        Parameters
        ----------
        grid : Grid
            The pixels.
        dtypes : sequence of dtype
            Of the outputs.
        workers : int, optional
            Threads; by default one for each core, at most four.

        Returns
        -------
        list of (ndarray, ndarray)
            For each output its values and its mask, of shape (height, width): booleans, or
            float32 weights if any pixel's is a fraction.
        """
        values = [np.empty(grid.shape, dtype) for dtype in dtypes]
        masks = [np.empty(grid.shape, bool) for _ in dtypes]
        fractions: list[list[tuple[tuple[slice, slice], np.ndarray]]] = [[] for _ in dtypes]

        def fill(piece: Grid) -> None:
            """Put a piece's pixels in place, in its thread; keep masks that are fractions."""
            index = grid.slices(piece)
            tiles = self.run(piece)
            for value, mask, parts, tile in zip(values, masks, fractions, tiles, strict=True):
                value[index] = 0 if tile.is_empty else tile.data
                mask[index] = True if tile.mask is None else tile.mask
                if tile.mask is not None and tile.mask.dtype != bool:
                    parts.append((index, tile.mask))

        _in_any_order(fill, self.pieces(grid), workers)
        return [
            (value, _with_fractions(mask, parts))
            for value, mask, parts in zip(values, masks, fractions, strict=True)
        ]


def _with_fractions(
    mask: np.ndarray, parts: list[tuple[tuple[slice, slice], np.ndarray]]
) -> np.ndarray:
    if not parts:
        return mask
    weights = mask.astype(np.float32)
    for index, fraction in parts:
        weights[index] = fraction
    return weights


def _in_any_order(work: Callable[[Grid], None], pieces: list[Grid], workers: int | None) -> None:
    """Do the work for all pieces, each thread taking the next one that is left.

    Other threads join this one when it is not done soon.
    """
    workers = workers or min(os.cpu_count() or 1, 4)
    left = deque(pieces)

    def take() -> None:
        while True:
            try:
                piece = left.popleft()
            except IndexError:
                return
            try:
                work(piece)
            except BaseException:
                left.clear()
                raise

    threads = min(workers, len(pieces)) - 1
    if threads < 1:
        take()
        return
    finished = threading.Event()
    joined: list[int] = []

    def join(number: int) -> None:
        if not finished.wait(_HEAD_START):
            joined.append(number)  # before it takes: who is not there at the end took nothing
            take()

    pool = _pool(workers)
    helpers = [pool.submit(contextvars.copy_context().run, join, n) for n in range(threads)]
    try:
        take()
    finally:
        left.clear()
        finished.set()
        busy = [helpers[number] for number in joined]
        wait(busy)
    for helper in busy:
        helper.result()


def _in_order(
    work: Callable[[Grid], Result], pieces: list[Grid], workers: int | None
) -> Iterator[tuple[Grid, Result]]:
    """Yield each piece with what ``work`` makes of it, a few pieces ahead in other threads."""
    workers = workers or min(os.cpu_count() or 1, 4)
    if len(pieces) == 1 or workers == 1:
        for piece in pieces:
            yield piece, work(piece)
        return
    pool = _pool(workers)
    # What is ahead is bounded, and with it the memory, by the number of workers.
    ahead: deque[tuple[Grid, Future[Result]]] = deque()
    try:
        for piece in pieces:
            # A thread of the pool is given this one's context, and with it what ends the work.
            ahead.append((piece, pool.submit(contextvars.copy_context().run, work, piece)))
            if len(ahead) > workers:
                done, future = ahead.popleft()
                yield done, future.result()
        while ahead:
            done, future = ahead.popleft()
            yield done, future.result()
    finally:
        for _, future in ahead:
            future.cancel()


def _halves(grid: Grid) -> list[Grid]:
    """Cut a window across its longer side."""
    if grid.width >= grid.height:
        half = grid.width // 2
        return [
            grid.window(grid.x, grid.y, half, grid.height),
            grid.window(grid.x + half, grid.y, grid.width - half, grid.height),
        ]
    half = grid.height // 2
    return [
        grid.window(grid.x, grid.y, grid.width, half),
        grid.window(grid.x, grid.y + half, grid.width, grid.height - half),
    ]


def _cut(tile: Tile | tuple[Tile, ...], have: Grid, want: Grid) -> Tile | tuple[Tile, ...]:
    """Return the part of a computed window that a reader asked for."""
    if have == want:
        return tile
    rows, columns = have.slices(want)
    if isinstance(tile, tuple):
        return tuple(part.window(rows, columns) for part in tile)
    return tile.window(rows, columns)
