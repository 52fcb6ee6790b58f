"""The only place where this package waits for Earth Engine.

Everything else builds expressions. Here they are sent, and faults are told apart: what passes by
itself is tried again, what is too large is left to the caller to cut, anything else is reported.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from typing import Any, TypeVar

import ee
import numpy as np

logger = logging.getLogger(__name__)

T = TypeVar("T")

ATTEMPTS = 6
"""How often a call is made before a passing fault counts as lasting."""

FIRST_WAIT_S = 1.0
"""Seconds before the second attempt; doubled each time, with jitter."""

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
    "429",
    "500",
    "502",
    "503",
)
_TOO_LARGE = (
    "user memory limit exceeded",
    "computation timed out",
    "total request size",
    "pixel grid dimensions",
    "reprojection output too large",
    "output of image computation is too large",
    "computed value is too large",
)


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
    request = {"expression": image, "fileFormat": "NUMPY_NDARRAY", "grid": grid}
    return _call(lambda: ee.data.computePixels(request))


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
            return function()
        except (ee.EEException, OSError) as error:
            text = str(error)
            lowered = text.lower()
            if any(phrase in lowered for phrase in _TOO_LARGE):
                raise RequestTooLargeError(text) from error
            passing = isinstance(error, OSError) or any(p in lowered for p in _PASSING)
            if not passing or attempt == ATTEMPTS:
                raise EarthEngineCallError(text) from error
            pause = wait * (0.5 + random.random())
            logger.info("attempt %d failed (%s); again in %.1f s", attempt, text, pause)
            time.sleep(pause)
            wait *= 2
    raise AssertionError("unreachable: the last attempt returns or raises")
