"""The official client's one global state: set aside, put back, and kept from calling Google."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["put_back", "set_aside", "without_stac_fetch"]


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
