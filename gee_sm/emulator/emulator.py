"""The emulator: a catalog, limits and tasks, behind one request handler."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from gee_sm.emulator.catalog.reader import Catalog
from gee_sm.emulator.limits import Limits
from gee_sm.emulator.service.handler import Handler
from gee_sm.emulator.service.message import Response

__all__ = ["Emulator"]


class Emulator:
    """Earth Engine's service over a folder of local rasters.

    Parameters
    ----------
    catalog : path-like, optional
        Folder of a static STAC catalog; without one there are no stored images, and everything
        that needs none works.
    limits : Limits, optional
        Limits in force; the real service's by default.

    Raises
    ------
    CatalogError
        If the folder holds no catalog.

    Examples
    --------
    >>> emulator = Emulator()
    >>> graph = '{"expression": {"result": "0", "values": {"0": {"constantValue": 42}}}}'
    >>> emulator.handle("POST", "/v1/projects/any/value:compute", {}, {}, graph.encode()).body
    b'{"result":42}'
    """

    def __init__(self, catalog: Path | str | None = None, *, limits: Limits | None = None):
        self.limits = limits or Limits()
        self.catalog = Catalog(catalog) if catalog is not None else None
        self._handler = Handler(self)

    def handle(
        self,
        method: str,
        path: str,
        query: Mapping[str, str],
        headers: Mapping[str, str],
        body: bytes,
    ) -> Response:
        """Answer one REST request; see :class:`gee_sm.emulator.service.handler.Handler`."""
        return self._handler.handle(method, path, query, headers, body)

    def close(self) -> None:
        """Stop what runs in the background."""
