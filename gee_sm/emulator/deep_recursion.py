"""Deep recursion: in a thread with a stack of its own, under a limit that is set once.

The stack belongs to the thread, Python's recursion limit to the whole process. Raising the limit
for a while is not possible: a thread that is compiling or parsing Python when it changes fails with
a SystemError. So an emulator raises it when it is made, to what repr, json, copy and pickle bear on
a usual stack, and it stays.
"""

from __future__ import annotations

import contextvars
import sys
import threading
from collections.abc import Callable
from typing import Any, TypeVar

__all__ = ["allow_deep_recursion", "deeply"]

_LIMIT = 10_000
_STACK_BYTES = 256 * 1024 * 1024

_Result = TypeVar("_Result")
_lock = threading.Lock()
_thread = threading.local()


def allow_deep_recursion() -> None:
    """Raise the recursion limit of the process, unless it is that high already."""
    if sys.getrecursionlimit() < _LIMIT:
        sys.setrecursionlimit(_LIMIT)


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

    thread = threading.Thread(target=run, name="emulator-deep-graph")
    with _lock:  # the size of stacks is the process's, too
        usual = threading.stack_size(_STACK_BYTES)
        try:
            thread.start()
        finally:
            threading.stack_size(usual)
    thread.join()
    if "error" in outcome:
        raise outcome["error"]
    return outcome["value"]
