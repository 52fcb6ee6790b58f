"""How long an interactive computation may take."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from gee_sm.emulator.errors import EarthEngineError

__all__ = ["check_deadline", "deadline"]

_until: ContextVar[float | None] = ContextVar("until", default=None)


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Give what runs inside, in this thread, a time after which it is given up."""
    token = _until.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _until.reset(token)


def check_deadline() -> None:
    """Give up if the time is over; called between steps of a computation.

    Raises
    ------
    EarthEngineError
        In the service's words.
    """
    until = _until.get()
    if until is not None and time.monotonic() > until:
        raise EarthEngineError("Computation timed out.")
