"""The only place where this package waits for Earth Engine.

Everything else builds expressions. Here they are sent, and faults are told apart: what passes by
itself is tried again, what is too large is left to the caller to cut, anything else is reported.
However many threads call, no more requests are under way than the service answers at a time.
"""

from __future__ import annotations

import http.client
import logging
import random
import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

import ee
import httplib2
import numpy as np
import xarray as xr
from ee.image_converter import NumPyConverter
from google.auth.exceptions import TransportError

logger = logging.getLogger(__name__)

T = TypeVar("T")

ATTEMPTS = 6
"""How often a call is made before a passing fault counts as lasting."""

FIRST_WAIT_S = 1.0
"""Seconds before the second attempt; doubled each time, with jitter."""

CONCURRENT_REQUESTS = 40
"""Requests of one project that the service answers at a time; more are refused."""

_PASSING = (
    "too many requests",
    "quota exceeded",
    "too many concurrent aggregations",
    "capacity exceeded",
    "internal error",
    "service unavailable",
    "deadline exceeded",
    "rate limit",
    "connection reset",
    "timed out waiting",
)
# Not "5000 elements", which no waiting mends.
_PASSING_CODE = re.compile(r"\b(429|500|502|503)\b")
_TOO_LARGE = (
    "user memory limit exceeded",
    "computation timed out",
    "total request size",
    "request payload size",
    "pixel grid dimensions",
    "number of bands (",
    "reprojection output too large",
    "output of image computation is too large",
    "computed value is too large",
    "object too large",
    "response size exceeds",
    "collection query aborted",
)
_PARSER_RACE = "AST constructor recursion depth mismatch"
_BROKEN_LINE = (OSError, http.client.HTTPException, httplib2.HttpLib2Error, TransportError)

_under_way = threading.BoundedSemaphore(CONCURRENT_REQUESTS)


class _OneHeaderAtATime(NumPyConverter):
    """Reads NPY answers one after the other.

    Their header is parsed as Python, and before 3.11.8 two threads that do so at once may meet a
    SystemError (python/cpython#113035); the headers of many bands are long enough to show it.
    """

    _lock = threading.Lock()

    def do_conversion(self, data: bytes) -> np.ndarray:
        """Return the structured array."""
        with self._lock:
            return super().do_conversion(data)


class EarthEngineCallError(RuntimeError):
    """Earth Engine refused a call, or kept failing; the message is its own."""


class RequestTooLargeError(EarthEngineCallError):
    """A request that would succeed if it were smaller."""


def fetch_value(value: Any) -> Any:
    """Return the value of a server-side object.

    Parameters
    ----------
    value : ee.ComputedObject
        Anything with ``getInfo``; keep it small.

    Raises
    ------
    EarthEngineCallError
        If Earth Engine cannot answer.
    """
    return _call(value.getInfo)


def fetch_pixels(image: ee.Image, grid: dict[str, Any]) -> np.ndarray:
    """Return the pixels of an image.

    Parameters
    ----------
    image : ee.Image
        What is read; masked pixels come as each type's fill, so unmask before.
    grid : dict
        ``dimensions``, ``affineTransform`` and ``crsCode`` of the REST interface.

    Returns
    -------
    ndarray
        Structured array of shape (height, width), one field per band.

    Raises
    ------
    RequestTooLargeError
        If a part of the grid might succeed.
    EarthEngineCallError
        If Earth Engine cannot answer.
    """
    request = {"expression": image, "fileFormat": _OneHeaderAtATime(), "grid": grid}
    return _call(lambda: ee.data.computePixels(request))


def open_collection(
    images: ee.ImageCollection,
    *,
    crs: str,
    transform: Sequence[float],
    shape: tuple[int, int],
    io_chunks: dict[str, int],
) -> xr.Dataset:
    """Open images as a lazy Dataset through xee; :func:`fetch_block` reads pieces of it.

    Parameters
    ----------
    images : ee.ImageCollection
        Images of the same bands, each with ``system:time_start``.
    crs : str
        Code of the reference system.
    transform : sequence of float
        Six numbers from pixels to the system, x scale first.
    shape : (int, int)
        Width and height.
    io_chunks : dict
        Largest piece of one request, by ``time``, ``y`` and ``x``.

    Raises
    ------
    EarthEngineCallError
        If Earth Engine cannot answer.

    Notes
    -----
    Never with ``fast_time_slicing=True``: xee then loads the stored images by their ids, and
    whatever was mapped over the collection (units, quality rules) is lost without a word.
    """
    agent = ee.data.getUserAgent()
    try:
        return _call(
            lambda: xr.open_dataset(
                images,
                engine="ee",
                crs=crs,
                crs_transform=tuple(transform),
                shape_2d=shape,
                io_chunks=io_chunks,
                fast_time_slicing=False,
                # Faults are told apart here; xee would repeat what is too large as well.
                getitem_kwargs={"max_retries": 0},
                cache=False,
            )
        )
    finally:
        # xee presents itself to the service, and would go on doing so for everybody.
        ee.data.setUserAgent(agent)


def fetch_block(piece: xr.DataArray) -> np.ndarray:
    """Return the values of a piece of what :func:`open_collection` opened.

    Raises
    ------
    RequestTooLargeError
        If a part of it might succeed.
    EarthEngineCallError
        If Earth Engine cannot answer.
    """
    return _call(lambda: np.asarray(piece.variable.values))


def fetch_features(collection: ee.FeatureCollection) -> Iterator[dict[str, Any]]:
    """Yield the features of a table as GeoJSON, page by page, so that no limit on lists is met.

    Raises
    ------
    EarthEngineCallError
        If Earth Engine cannot answer.
    """
    token = None
    while True:
        request: dict[str, Any] = {"expression": collection}
        if token:
            request["pageToken"] = token
        page = _call(lambda request=request: ee.data.computeFeatures(request))
        yield from page.get("features", [])
        token = page.get("nextPageToken")
        if not token:
            return


def start_task(task: ee.batch.Task) -> str:
    """Start a batch task and return its id; starting again after a fault is harmless.

    Raises
    ------
    EarthEngineCallError
        If Earth Engine does not accept it.
    """
    _call(task.start)
    return task.id


def task_status(task: ee.batch.Task) -> dict[str, Any]:
    """Return a task's status dictionary.

    Raises
    ------
    EarthEngineCallError
        If Earth Engine cannot answer.
    """
    return _call(task.status)


def _call(function: Callable[[], T]) -> T:
    wait = FIRST_WAIT_S
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with _under_way:
                return function()
        except SystemError as error:
            # xee reads NPY answers in threads as well, see _OneHeaderAtATime.
            if _PARSER_RACE not in str(error) or attempt == ATTEMPTS:
                raise
        except (ee.EEException, *_BROKEN_LINE) as error:
            text = str(error)
            lowered = text.lower()
            if any(phrase in lowered for phrase in _TOO_LARGE):
                raise RequestTooLargeError(text) from error
            passing = (
                isinstance(error, _BROKEN_LINE)
                or any(phrase in lowered for phrase in _PASSING)
                or _PASSING_CODE.search(text) is not None
            )
            if not passing or attempt == ATTEMPTS:
                raise EarthEngineCallError(text) from error
            pause = wait * (0.5 + random.random())
            logger.info("attempt %d failed (%s); again in %.1f s", attempt, text, pause)
            time.sleep(pause)
            wait *= 2
    raise AssertionError("unreachable: the last attempt returns or raises")
