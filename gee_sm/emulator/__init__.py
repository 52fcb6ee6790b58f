"""Google Earth Engine evaluated on local rasters, behind the REST interface of the service.

:func:`connect_client` starts the official client on it; :class:`Emulator` is the service itself.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from gee_sm.emulator.errors import CatalogError, EarthEngineError, UnsupportedFunctionError

__all__ = [
    "CatalogError",
    "CatalogWriter",
    "ClientConnection",
    "EarthEngineError",
    "Emulator",
    "Fault",
    "FaultPlan",
    "Limits",
    "Server",
    "UnsupportedFunctionError",
    "connect_client",
]

if TYPE_CHECKING:
    from gee_sm.emulator.catalog import CatalogWriter
    from gee_sm.emulator.client import ClientConnection, connect_client
    from gee_sm.emulator.emulator import Emulator
    from gee_sm.emulator.faults import Fault, FaultPlan
    from gee_sm.emulator.limits import Limits
    from gee_sm.emulator.service.http import Server

_HOMES = {
    "CatalogWriter": "gee_sm.emulator.catalog",
    "ClientConnection": "gee_sm.emulator.client",
    "Emulator": "gee_sm.emulator.emulator",
    "Fault": "gee_sm.emulator.faults",
    "FaultPlan": "gee_sm.emulator.faults",
    "Limits": "gee_sm.emulator.limits",
    "Server": "gee_sm.emulator.service.http",
    "connect_client": "gee_sm.emulator.client",
}


def __getattr__(name: str) -> Any:
    """Load a name on first use: the raster libraries are not needed to import the package."""
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
