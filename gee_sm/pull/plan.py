"""What a pull will read: which pixels, which steps of time, and how many images in each."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass

import ee
import numpy as np
from numpy.typing import NDArray

from gee_sm.catalog.products import PRODUCTS
from gee_sm.client_calls import EarthEngineCallError, fetch_value
from gee_sm.pull.chunk_reader import ChunkReader, question_of
from gee_sm.pull.chunking import PAIRS, cut_time, listing_spans
from gee_sm.pull.pixel_grid import PixelGrid, grid_of_bands
from gee_sm.pull.product_images import ProductRequest
from gee_sm.pull.time_axis import DAY_MS, TimeAxis, composite_axis, ms_of, native_axis

__all__ = ["PullPlan", "make_plan"]

_MOST_TILES = 60
"""Images of one step whose extents are asked for; of more, their cover is not known."""


@dataclass(frozen=True)
class PullPlan:
    """What will be read.

    Attributes
    ----------
    request : ProductRequest
        What is wanted.
    grid : PixelGrid
        The product's own pixels.
    axis : TimeAxis or None
        Steps of time; None for what does not change.
    images : ndarray of int64, shape (steps,)
        Stored images of each step; one step for what does not change.
    """

    request: ProductRequest
    grid: PixelGrid
    axis: TimeAxis | None
    images: NDArray[np.int64]

    @property
    def steps(self) -> int:
        """How many steps of time there are; 1 for what does not change."""
        return len(self.images)

    @property
    def overlapping(self) -> bool:
        """Whether a step has several of the product's own images."""
        return self.request.step is None and bool((self.images > 1).any())

    def groups(self) -> list[NDArray[np.intp]]:
        """Return the steps that have images, cut into groups for one request each."""
        bands = len(self.request.numbers)
        if self.axis is None:
            return [np.arange(1)]
        # Composites of a period without images are images too, and say so.
        read = np.maximum(self.images, 1) if self.request.step else self.images
        pairs = PAIRS if self.request.step else None
        cut = cut_time(self.axis.start_ms, read, bands, most_pairs=pairs)
        kept = [group[read[group] > 0] for group in cut]
        return [group for group in kept if len(group)]

    def images_of(self, steps: NDArray[np.intp]) -> ee.ImageCollection:
        """Return one image for each of some steps that have images, gaps told by reasons."""
        if self.axis is None:
            return self.request.images(*self._static_span())
        if self.request.step is not None:
            return self.request.composites(*self.span_of(steps))
        if (self.images[steps] > 1).any():
            return self.request.mosaics(self.spans_of(steps))
        return self.request.images(*self.span_of(steps))

    def masked_of(self, steps: NDArray[np.intp]) -> ee.ImageCollection:
        """Return the same with gaps masked, for what computes with the images further."""
        if self.axis is None:
            return self.request.masked_images(*self._static_span())
        if self.request.step is None and (self.images[steps] > 1).any():
            return self.request.mosaics(self.spans_of(steps), reasons=False)
        return self.request.masked_images(*self.span_of(steps))

    def span_of(self, steps: NDArray[np.intp]) -> tuple[int, int]:
        """Return the time in which the images of consecutive steps start."""
        assert self.axis is not None
        return int(self.axis.start_ms[steps[0]]), int(self.axis.reach_ms[steps[-1]])

    def spans_of(self, steps: NDArray[np.intp]) -> list[tuple[int, int]]:
        """Return the time in which the images of each step start."""
        assert self.axis is not None
        reach = self.axis.reach_ms
        return [(int(self.axis.start_ms[i]), int(reach[i])) for i in steps]

    def period_end_ms(self, steps: NDArray[np.intp]) -> int | None:
        """Return when the time of some steps ends; None for what does not change."""
        return None if self.axis is None else int(self.axis.end_ms[steps[-1]])

    def _static_span(self) -> tuple[int, int]:
        return ms_of(self.request.start), ms_of(self.request.end)


def make_plan(request: ProductRequest, reader: ChunkReader) -> PullPlan:
    """Find out what there is to read.

    Asks for one image's grid and, for a product's own images, when they start.

    Parameters
    ----------
    request : ProductRequest
        What is wanted.
    reader : ChunkReader
        Asks, and remembers.

    Raises
    ------
    EarthEngineCallError
        If Earth Engine cannot answer.
    """
    entry = request.product
    try:
        bands = _kept_value(reader, request.stored_band())["bands"]
    except EarthEngineCallError as error:
        raise _with_what_there_is(error, request, reader) from error
    one_image = entry.is_static and entry.sources[0].kind == "image"
    grid = grid_of_bands(bands, complete=one_image or not entry.is_static)
    if entry.is_static:
        return PullPlan(request, grid, None, np.ones(1, dtype=np.int64))
    if request.step is not None:
        axis = composite_axis(request.start, request.end, request.step)
        days = (axis.end_ms - axis.start_ms) / DAY_MS
        images = np.ceil(days / entry.period_days).astype(np.int64)
        return PullPlan(request, grid, axis, images)
    # A composite that began earlier may reach into the period.
    before = max(0, math.ceil(entry.period_days) - 1) * DAY_MS
    start_ms, end_ms = ms_of(request.start) - before, ms_of(request.end)
    listed = [
        reader.times(request.image_times, *span) for span in listing_spans(entry, start_ms, end_ms)
    ]
    times = np.concatenate(listed)
    axis = native_axis(entry, request.start, request.end, times)
    at = axis.steps_of(times)
    images = np.bincount(at[at >= 0], minlength=len(axis)).astype(np.int64)
    plan = PullPlan(request, grid, axis, images)
    if plan.overlapping:
        return PullPlan(request, _grid_of_tiles(plan, reader), axis, images)
    return plan


def _with_what_there_is(
    error: EarthEngineCallError, request: ProductRequest, reader: ChunkReader
) -> EarthEngineCallError:
    """Return an error that names the products of a local catalog, if this one is not among them."""
    held = reader.engine.assets
    if not held or held & set(request.source_ids):
        return error
    there = [name for name, entry in PRODUCTS.items() if held & {s.id for s in entry.sources}]
    return EarthEngineCallError(
        f"{reader.engine.label}, has no {request.product.name}: it holds {', '.join(there)}. "
        f"(The answer was: {error})"
    )


def _grid_of_tiles(plan: PullPlan, reader: ChunkReader) -> PixelGrid:
    """Return the grid of a product that comes in several images a step."""
    fullest = int(plan.images.argmax())
    (span,) = plan.spans_of(np.array([fullest]))
    tiles = plan.request.stored_bands(*span).limit(_MOST_TILES)
    found = _kept_value(reader, tiles)["features"]
    return grid_of_bands(
        [tile["bands"][0] for tile in found], complete=int(plan.images[fullest]) <= _MOST_TILES
    )


def _kept_value(reader: ChunkReader, question: ee.ComputedObject) -> dict:
    """Return a small answer; kept as the bytes of its JSON."""
    key = reader.key(question_of(question))
    kept = reader.get(key)
    if kept is not None:
        return json.loads(kept.tobytes())
    answer = fetch_value(question)
    reader.counts.add("asked")
    reader.put(key, np.frombuffer(json.dumps(answer).encode(), dtype=np.uint8), None)
    return answer
