"""Values of recent expressions, so that the pages of one table are not each computed anew."""

from __future__ import annotations

import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

__all__ = ["RecentValues"]

_KEPT = 8


@dataclass
class _Entry:
    lock: threading.RLock = field(default_factory=threading.RLock)
    value: Any = None
    known: bool = False


class RecentValues:
    """The last few values by expression and version of the assets they came from.

    A collection yields its elements once, to one reader at a time: whoever uses a value holds its
    lock meanwhile.
    """

    def __init__(self) -> None:
        self._entries: OrderedDict[tuple[str, int], _Entry] = OrderedDict()
        self._lock = threading.Lock()

    def use(
        self, expression: Any, generation: int, make: Callable[[], Any], read: Callable[[Any], Any]
    ) -> Any:
        """Return ``read(value)`` of an expression's value, made only when it is not kept.

        Parameters
        ----------
        expression : object
            The JSON that identifies the value.
        generation : int
            Version of the assets; another one makes the value anew.
        make, read : callable
            How the value is made, and what is wanted of it.
        """
        text = json.dumps(expression, sort_keys=True)
        key = (hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(), generation)
        with self._lock:
            entry = self._entries.setdefault(key, _Entry())
            self._entries.move_to_end(key)
            if len(self._entries) > _KEPT:
                self._entries.popitem(last=False)
        with entry.lock:
            if not entry.known:
                entry.value = make()
                entry.known = True
            return read(entry.value)
