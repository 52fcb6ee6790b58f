"""Pixels of stacks of images: from the cache if they are there, else from Earth Engine."""

from __future__ import annotations

import hashlib
import itertools
import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import TypeVar

import ee
import numpy as np
from ee import serializer
from numpy.typing import NDArray

from gee_sm.client_calls import RequestTooLargeError, fetch_pixels, fetch_value
from gee_sm.pull.cache import PullCache, entry_key, question_hash
from gee_sm.pull.engine import Engine
from gee_sm.pull.pixel_grid import PixelGrid, Window

__all__ = ["ChunkReader", "PullCounts", "in_parallel", "question_of", "stacked"]

_log = logging.getLogger(__name__)

T = TypeVar("T")
R = TypeVar("R")


@dataclass
class PullCounts:
    """How a pull was answered.

    Attributes
    ----------
    asked, cached, halved : int
        Questions that Earth Engine answered, that the cache answered, and that were cut in two
        because they were too large.
    """

    asked: int = 0
    cached: int = 0
    halved: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def add(self, name: str) -> None:
        """Count one more."""
        with self._lock:
            setattr(self, name, getattr(self, name) + 1)

    def __getstate__(self) -> dict[str, int]:
        """Leave the lock behind: workers of dask count for themselves."""
        return {name: value for name, value in vars(self).items() if name != "_lock"}

    def __setstate__(self, state: dict[str, int]) -> None:
        """Take the counts, with a lock of this process."""
        vars(self).update(state, _lock=threading.Lock())


@dataclass(frozen=True)
class ChunkReader:
    """Reads pieces of one product, and keeps what it read.

    Attributes
    ----------
    engine : Engine
        What answers.
    product : str
        Name of the product, for the cache's summary.
    cache : PullCache or None
        None keeps nothing.
    settles : bool
        Whether old data stay as they are; a user's own asset may be written anew at any time.
    counts : PullCounts
        What has been asked so far.
    questions : set of str
        Hashes of what pixels were wanted of.
    """

    engine: Engine
    product: str
    cache: PullCache | None
    settles: bool = True
    counts: PullCounts = field(default_factory=PullCounts)
    questions: set[str] = field(default_factory=set)

    def graph_sha256(self) -> str:
        """Return one hash of all expressions whose pixels were wanted."""
        return hashlib.sha256(" ".join(sorted(self.questions)).encode()).hexdigest()

    def pixels(
        self,
        images_of: Callable[[NDArray[np.intp]], ee.ImageCollection],
        steps: NDArray[np.intp],
        bands: int,
        grid: PixelGrid,
        window: Window,
        *,
        period_end_ms: int | None,
    ) -> NDArray[np.float32]:
        """Return the pixels of a window in some images.

        Parameters
        ----------
        images_of : callable
            Returns one image for each of some steps, in order.
        steps : ndarray of int
            Steps to read.
        bands : int
            Bands of each image.
        grid : PixelGrid
            Grid of the pixels.
        window : Window
            Which of them.
        period_end_ms : int or None
            End of the time the images are from; None for what does not change.

        Returns
        -------
        ndarray of float32, shape (height, width, steps, bands)

        Raises
        ------
        EarthEngineCallError
            If Earth Engine cannot answer, or not even the smallest piece.
        """
        return self._pixels(images_of, steps, bands, grid, window, period_end_ms, whole=True)

    def _pixels(
        self,
        images_of: Callable[[NDArray[np.intp]], ee.ImageCollection],
        steps: NDArray[np.intp],
        bands: int,
        grid: PixelGrid,
        window: Window,
        period_end_ms: int | None,
        *,
        whole: bool = False,
    ) -> NDArray[np.float32]:
        stack = stacked(images_of(steps), len(steps) * bands)
        asked = grid.request(window)
        shape = (window.height, window.width, len(steps), bands)
        question = question_of(stack, asked)
        if whole:
            self.questions.add(question)
        key = self.key(question)
        kept = self.get(key)
        if kept is not None and kept.shape == shape:
            return kept
        try:
            answer = fetch_pixels(stack, asked)
            self.counts.add("asked")
        except RequestTooLargeError as error:
            halves = _halves(steps, window)
            if not halves:
                raise
            self.counts.add("halved")
            _log.info("a request was too large (%s): asking for halves", error)
            parts = [
                self._pixels(images_of, part, bands, grid, tile, period_end_ms)
                for part, tile in halves
            ]
            along = 2 if len(steps) > 1 else (0 if window.height > 1 else 1)
            found = np.concatenate(parts, axis=along)
        else:
            found = np.stack([answer[name] for name in answer.dtype.names], axis=-1)
            found = found.astype(np.float32, copy=False).reshape(shape)
        self.put(key, found, period_end_ms)
        return found

    def times(
        self, listed: Callable[[int, int], ee.List], start_ms: int, end_ms: int
    ) -> NDArray[np.int64]:
        """Return the start times of the images of a span; halves the span if they are too many.

        Raises
        ------
        EarthEngineCallError
            If Earth Engine cannot answer.
        """
        question = listed(start_ms, end_ms)
        key = self.key(question_of(question))
        kept = self.get(key)
        if kept is not None:
            return kept
        try:
            answer = fetch_value(question)
            self.counts.add("asked")
            found = np.sort(np.array(answer, dtype=np.int64))
        except RequestTooLargeError:
            middle = (start_ms + end_ms) // 2
            if middle == start_ms:
                raise
            self.counts.add("halved")
            parts = ((start_ms, middle), (middle, end_ms))
            found = np.concatenate([self.times(listed, *part) for part in parts])
        self.put(key, found, end_ms)
        return found

    def key(self, question: str) -> str:
        """Return the name of an answer in the cache; empty where nothing is cached."""
        if self.cache is None or self.engine.identity is None:
            return ""
        return entry_key(question, self.engine.identity)

    def get(self, key: str) -> NDArray | None:
        """Return a kept answer."""
        if not key or self.cache is None:
            return None
        found = self.cache.get(key)
        if found is not None:
            self.counts.add("cached")
        return found

    def put(self, key: str, values: NDArray, period_end_ms: int | None) -> None:
        """Keep an answer."""
        if key and self.cache is not None:
            if not self.settles:
                period_end_ms = int(time.time() * 1000)
            self.cache.put(key, values, product=self.product, period_end_ms=period_end_ms)


def question_of(value: ee.ComputedObject, pixels: object = None) -> str:
    """Return the hash of what is asked: an expression, and the pixels wanted of it."""
    return question_hash(serializer.encode(value, for_cloud_api=True), pixels)


def stacked(images: ee.ImageCollection, bands: int) -> ee.Image:
    """Return images as the bands of one, image by image, under short names.

    The client reads at most 10,000 characters of names. Naming them also makes a collection that
    holds more or fewer images than it did when it was listed an error instead of a wrong series.
    """
    return images.toBands().rename([f"b{i}" for i in range(bands)])


def in_parallel(work: Callable[[T], R], items: Iterable[T], workers: int) -> Iterator[tuple[T, R]]:
    """Yield items with what a function made of them, as they are done.

    The first exception, or an interruption, ends it; calls under way are waited for, so that what
    they fetched is kept.
    """
    with ThreadPoolExecutor(max_workers=workers, thread_name_prefix="gee-sm-pull") as pool:
        waiting = iter(items)
        under_way: dict[Future[R], T] = {}
        try:
            while True:
                # Few at a time: who waits for a thousand futures looks at each of them every time.
                for item in itertools.islice(waiting, 2 * workers - len(under_way)):
                    under_way[pool.submit(work, item)] = item
                if not under_way:
                    return
                done, _ = wait(under_way, return_when=FIRST_COMPLETED)
                for future in done:
                    yield under_way.pop(future), future.result()
        except BaseException:
            for future in under_way:
                future.cancel()
            raise


def _halves(steps: NDArray[np.intp], window: Window) -> list[tuple[NDArray[np.intp], Window]]:
    if len(steps) > 1:
        middle = len(steps) // 2
        return [(steps[:middle], window), (steps[middle:], window)]
    if window.height > 1:
        half = window.height // 2
        below = Window(window.column, window.row + half, window.width, window.height - half)
        return [
            (steps, Window(window.column, window.row, window.width, half)),
            (steps, below),
        ]
    if window.width > 1:
        half = window.width // 2
        right = Window(window.column + half, window.row, window.width - half, window.height)
        return [
            (steps, Window(window.column, window.row, half, window.height)),
            (steps, right),
        ]
    return []
