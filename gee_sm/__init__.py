"""Soil moisture on Google Earth Engine, on Google's servers or on a local emulator.

Importing this package neither prompts nor initialises anything: :func:`connect` does.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

__all__ = ["__version__", "connect", "map", "pull"]

if TYPE_CHECKING:
    from gee_sm import pull
    from gee_sm.connection import connect
    from gee_sm.mapping import map


def __getattr__(name: str) -> Any:
    """Load the entry points on first use, so that the import stays free of Earth Engine."""
    if name == "connect":
        from gee_sm.connection import connect

        return connect
    if name == "map":
        from gee_sm.mapping import map

        return map
    if name == "pull":
        return importlib.import_module("gee_sm.pull")
    raise AttributeError(f"module 'gee_sm' has no attribute {name!r}")
