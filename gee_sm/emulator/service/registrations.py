"""What a client registers first and fetches later by a name: maps, thumbnails, tables."""

from __future__ import annotations

import threading
import uuid
from collections import OrderedDict
from typing import Any, Generic, TypeVar

from gee_sm.emulator.errors import EarthEngineError

__all__ = ["Registrations"]

T = TypeVar("T")

_KEPT = 256


class Registrations(Generic[T]):
    """Values by name; the oldest are forgotten, as the service forgets them after some hours.

    Parameters
    ----------
    collection : str
        Last part of the names' parent, such as ``maps``.
    """

    def __init__(self, collection: str):
        self.collection = collection
        self._values: OrderedDict[str, T] = OrderedDict()
        self._lock = threading.Lock()

    def add(self, parent: str, value: T) -> str:
        """Keep a value and return its name."""
        name = f"{parent}/{self.collection}/{uuid.uuid4().hex}"
        with self._lock:
            self._values[name] = value
            if len(self._values) > _KEPT:
                self._values.popitem(last=False)
        return name

    def get(self, name: str) -> T:
        """Return the value of a name.

        Raises
        ------
        EarthEngineError
            If there is none, with code 404.
        """
        with self._lock:
            value: Any = self._values.get(name)
        if value is None:
            raise EarthEngineError(
                f"Resource '{name:.200}' could not be found: it is unknown, or has expired.",
                code=404,
                status="NOT_FOUND",
            )
        return value
