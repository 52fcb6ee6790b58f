"""Deep recursion in a thread of its own, so that the caller's stack and limits stay as they are.

Python's recursion limit belongs to the whole process and the stack to the thread. A deep graph is
therefore evaluated in a thread with a large stack, and the limit is raised while such threads run.
"""

from __future__ import annotations

import contextvars
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

__all__ = ["deeply"]

_LIMIT = 20_000
_STACK_BYTES = 256 * 1024 * 1024

_Result = TypeVar("_Result")
_lock = threading.Lock()
_thread = threading.local()
_running = 0
_usual_limit = 0


def deeply(function: Callable[[], _Result]) -> _Result:
    """Call a function where it may recurse deeply, with the caller's context variables.

    Raises
    ------
    BaseException
        What the function raises.
    """
    if getattr(_thread, "deep", False):
        return function()
    context = contextvars.copy_context()
    outcome: dict[str, Any] = {}

    def run() -> None:
        _thread.deep = True
        try:
            outcome["value"] = context.run(function)
        except BaseException as error:  # handed to the caller, whatever it is
            outcome["error"] = error

    with _raised_limit():
        thread = threading.Thread(target=run, name="emulator-deep-graph")
        with _lock:
            usual = threading.stack_size(_STACK_BYTES)
            try:
                thread.start()
            finally:
                threading.stack_size(usual)
        thread.join()
    if "error" in outcome:
        raise outcome["error"]
    return outcome["value"]


@contextmanager
def _raised_limit() -> Iterator[None]:
    global _running, _usual_limit
    with _lock:
        if not _running:
            _usual_limit = sys.getrecursionlimit()
            sys.setrecursionlimit(max(_LIMIT, _usual_limit))
        _running += 1
    try:
        yield
    finally:
        with _lock:
            _running -= 1
            if not _running:
                sys.setrecursionlimit(_usual_limit)
