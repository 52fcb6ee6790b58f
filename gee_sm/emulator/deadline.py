"""When a computation is given up: its time is over, or nobody wants it any more."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from gee_sm.emulator.errors import EarthEngineError

__all__ = ["check_deadline", "deadline", "given_up_by"]

_until: ContextVar[float | None] = ContextVar("until", default=None)
_check: ContextVar[Callable[[], None] | None] = ContextVar("check", default=None)


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Give what runs inside, in this context, a time after which it is given up."""
    token = _until.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _until.reset(token)


@contextmanager
def given_up_by(check: Callable[[], None]) -> Iterator[None]:
    """Give what runs inside, in this context, a function that ends it by what it raises."""
    token = _check.set(check)
    try:
        yield
    finally:
        _check.reset(token)


def check_deadline() -> None:
    """Give up if that is due; called between steps of a computation.

    Raises
    ------
    EarthEngineError
        In the service's words, if the time is over; or what the function of :func:`given_up_by`
        raises.
    """
    check = _check.get()
    if check is not None:
        check()
    until = _until.get()
    if until is not None and time.monotonic() > until:
        raise EarthEngineError("Computation timed out.")
