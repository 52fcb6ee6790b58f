"""The official client's one global state: set aside, put back, and kept from calling Google."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

__all__ = ["put_back", "set_aside", "without_stac_fetch", "without_waiting"]


def set_aside() -> Any:
    """Give the client a fresh state, and return the one it had."""
    from ee import _state

    former = _state.get_state()
    _state.reset_state()
    return former


def put_back(state: Any) -> None:
    """Give the client back a state that was set aside; reset it if that was not initialised."""
    import ee
    from ee import _state

    if state is not None and state.initialized:
        _state._state = state
    else:
        ee.Reset()


@contextmanager
def without_stac_fetch() -> Iterator[None]:
    """Keep the client, while it starts, from asking Google for a list of deprecated assets.

    An emulator must start without a network; where names cannot be resolved the client would wait.
    """
    from ee import deprecation

    original = deprecation._FetchDataCatalogStac
    deprecation._FetchDataCatalogStac = dict
    try:
        yield
    finally:
        deprecation._FetchDataCatalogStac = original


@contextmanager
def without_waiting() -> Iterator[None]:
    """Let the client repeat what failed for a moment as often as ever, but at once.

    It waits longer and longer between its attempts, half a minute in all, which is kind to Google
    and a waste in a test. Everything else that sleeps still does.
    """
    from googleapiclient import http

    original = http.time
    http.time = SimpleNamespace(sleep=lambda seconds: None, time=time.time)
    try:
        yield
    finally:
        http.time = original
