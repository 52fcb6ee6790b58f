"""How a pull is cut into requests: over time by the calendar, over the ground by nearness.

Limits of the service and how they are kept:

* 1,024 bands and 48 MiB a request for pixels, and a header of 10,000 characters that the client
  reads of the answer: a request has at most ``BANDS`` short-named bands.
* Five minutes and the memory of one computation: a request reads at most ``BAND_IMAGES`` bands of
  stored images, so that composites of 3-hourly images get shorter requests than daily images.
* A composite looks for its images among all of a request: there, images times periods are at most
  ``PAIRS``.
* 5,000 elements of a list: image times are asked for in spans of at most ``LISTED_IMAGES``.

What is too large all the same is halved when the service says so.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Hashable, Iterator

import numpy as np
from numpy.typing import NDArray

from gee_sm.catalog.product import Product
from gee_sm.pull.pixel_grid import Window

__all__ = ["PAIRS", "cut_time", "cut_windows", "listing_spans"]

BANDS = 400
BAND_IMAGES = 400
PAIRS = 2_000
LISTED_IMAGES = 3_000
WINDOW_PIXELS = 4_096
"""Pixels of a rectangle that several places share; places farther apart get their own."""

_CALENDAR: tuple[Callable[[dt.date], Hashable], ...] = (
    lambda day: day.year // 10,
    lambda day: day.year // 5,
    lambda day: day.year,
    lambda day: (day.year, (day.month - 1) // 6),
    lambda day: (day.year, (day.month - 1) // 3),
    lambda day: (day.year, day.month),
    *(
        (lambda day, most=most: (day.year, day.month, (day.day - 1) // most))
        for most in (16, 8, 4, 2)
    ),
    lambda day: day,
)
"""Spans of the calendar, each within the one before, so that another pull of other years cuts the
years they share alike."""


def cut_time(
    start_ms: NDArray[np.int64],
    images: NDArray[np.int64],
    bands: int,
    *,
    most: int = BAND_IMAGES,
    most_bands: int = BANDS,
    most_pairs: int | None = None,
) -> list[NDArray[np.intp]]:
    """Cut steps of time into groups for one request each.

    Parameters
    ----------
    start_ms : ndarray of int64, shape (steps,)
        Start of each step, in order.
    images : ndarray of int64, shape (steps,)
        How many stored images each step reads.
    bands : int
        Bands of one step.
    most, most_bands : int
        Stored band images that a request may read, and bands it may return.
    most_pairs : int, optional
        Images times steps of a request, where each step looks through all images.

    Returns
    -------
    list of ndarray of int
        Positions of the steps of each group: whole decades or half decades where they fit, else
        years, half years, quarters, months, 16, 8, 4, 2 days, days, single steps.

    Examples
    --------
    >>> days = np.arange(0, 365 * 3) * 86_400_000
    >>> [len(group) for group in cut_time(days, np.ones(365 * 3, int), 1)]
    [365, 365, 365]
    """
    days = start_ms.astype("datetime64[ms]").astype("datetime64[D]").astype(object)

    def fits(group: NDArray[np.intp]) -> bool:
        read = int(images[group].sum())
        if len(group) == 1:
            return True
        if most_pairs is not None and read * len(group) > most_pairs:
            return False
        return read * bands <= most and len(group) * bands <= most_bands

    def cut(group: NDArray[np.intp], level: int) -> Iterator[NDArray[np.intp]]:
        if level >= 0 and fits(group):
            yield group
        elif level + 1 == len(_CALENDAR):
            yield from (group[i : i + 1] for i in range(len(group)))
        else:
            keys = [_CALENDAR[level + 1](days[i]) for i in group]
            borders = [i for i in range(1, len(keys)) if keys[i] != keys[i - 1]]
            for part in np.split(group, borders):
                yield from cut(part, level + 1)

    everything = np.arange(len(start_ms))
    return [group for group in cut(everything, -1) if len(group)]


def cut_windows(boxes: NDArray[np.int64]) -> list[tuple[Window, NDArray[np.intp]]]:
    """Gather places into rectangles of pixels, one request each.

    Parameters
    ----------
    boxes : ndarray of int64, shape (places, 4)
        First column, first row, and those after the last, that each place needs.

    Returns
    -------
    list of (Window, ndarray of int)
        Rectangles, and the places each holds whole. A rectangle of several places has at most
        ``WINDOW_PIXELS`` pixels; places are parted where the gap between them is widest.

    Examples
    --------
    >>> boxes = np.array([[0, 0, 1, 1], [3, 2, 4, 3], [5000, 0, 5001, 1]])
    >>> [(window.width, window.height, places.tolist()) for window, places in cut_windows(boxes)]
    [(4, 3, [0, 1]), (1, 1, [2])]
    """
    pending = [np.arange(len(boxes))] if len(boxes) else []
    found: list[tuple[Window, NDArray[np.intp]]] = []
    while pending:
        places = pending.pop()
        left, top = boxes[places, :2].min(axis=0)
        right, bottom = boxes[places, 2:].max(axis=0)
        window = Window(int(left), int(top), int(right - left), int(bottom - top))
        parts = _parted(boxes, places) if window.width * window.height > WINDOW_PIXELS else []
        if len(parts) < 2:
            found.append((window, places))
        else:
            pending += parts
    return sorted(found, key=lambda item: (item[0].row, item[0].column))


def _parted(boxes: NDArray[np.int64], places: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    """Part places at the widest gap between their first pixels, on either axis."""
    best = (0, 0, 0)
    orders = [places[np.argsort(boxes[places, axis], kind="stable")] for axis in (0, 1)]
    for axis, order in enumerate(orders):
        gaps = np.diff(boxes[order, axis])
        if gaps.size and gaps.max() > best[0]:
            best = (int(gaps.max()), axis, int(gaps.argmax()) + 1)
    gap, axis, at = best
    if gap == 0:
        return [places]
    if gap == 1:
        # Pixels without a gap: halves, lest single rows are cut off one by one.
        axis = int(np.ptp(boxes[places, 1]) > np.ptp(boxes[places, 0]))
        firsts = boxes[orders[axis], axis]
        at = int(np.searchsorted(firsts, firsts[len(firsts) // 2]))
        at = at or int(np.searchsorted(firsts, firsts[0], side="right"))
    return [np.sort(orders[axis][:at]), np.sort(orders[axis][at:])]


def listing_spans(
    product: Product, start_ms: int, end_ms: int, *, most: int = LISTED_IMAGES
) -> list[tuple[int, int]]:
    """Cut a period into spans of time with few enough images to be listed.

    Returns
    -------
    list of (int, int)
        Milliseconds since 1970, ends exclusive: whole years, or months of products with more than
        `most` images a year.
    """
    unit = "Y" if 366 / product.period_days <= most else "M"
    first, last = (
        np.datetime64(ms, "ms").astype(f"datetime64[{unit}]") for ms in (start_ms, end_ms)
    )
    borders = np.arange(first + 1, last + 1).astype("datetime64[ms]").astype(np.int64)
    edges = [start_ms, *(int(ms) for ms in borders if start_ms < ms < end_ms), end_ms]
    return list(itertools.pairwise(edges))
