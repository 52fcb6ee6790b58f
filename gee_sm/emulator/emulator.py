"""The emulator: a catalog, limits and tasks, behind one request handler."""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gee_sm.emulator.catalog.reader import Catalog
from gee_sm.emulator.deep_recursion import allow_deep_recursion
from gee_sm.emulator.faults import FaultPlan
from gee_sm.emulator.limits import Limits
from gee_sm.emulator.service.asset_library import AssetLibrary
from gee_sm.emulator.service.asset_store import AssetStore
from gee_sm.emulator.service.batch_calls import work_of
from gee_sm.emulator.service.handler import Handler
from gee_sm.emulator.service.message import Response
from gee_sm.emulator.service.recent import RecentValues
from gee_sm.emulator.service.registrations import Registrations
from gee_sm.emulator.service.task_journal import TaskJournal
from gee_sm.emulator.service.tasks import TaskQueue

__all__ = ["Emulator"]


class Emulator:
    """Earth Engine's service over a folder of local rasters.

    Parameters
    ----------
    catalog : path-like, optional
        Folder of a static STAC catalog; without one there are no stored images, and everything
        that needs none works.
    exports : path-like, optional
        Folder whose ``drive``, ``gcs`` and ``assets`` stand for Google Drive, buckets and user
        assets. By default ``exports`` in the catalog's folder; without a catalog a temporary
        folder that :meth:`close` removes.
    limits : Limits, optional
        Limits in force; the real service's by default.
    faults : FaultPlan, optional
        How the service misbehaves; not at all by default.

    Attributes
    ----------
    catalog : AssetLibrary
        What expressions load from.
    exports : Path
        The folder of exports.
    tasks : TaskQueue
        Exports that wait, run or are done.

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

    def __init__(
        self,
        catalog: Path | str | None = None,
        *,
        exports: Path | str | None = None,
        limits: Limits | None = None,
        faults: FaultPlan | None = None,
    ):
        allow_deep_recursion()
        self.limits = limits or Limits()
        self.faults = faults or FaultPlan()
        stored = None if catalog is None else Catalog(catalog)
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
        if exports is None and stored is None:
            self._temporary = tempfile.TemporaryDirectory(prefix="earth-engine-emulator-")
            exports = self._temporary.name
        self.exports = Path(exports) if exports is not None else stored.path / "exports"
        self.catalog = AssetLibrary(stored, AssetStore(self.exports / "assets"))
        self.tasks = TaskQueue(self.limits, TaskJournal(self.exports))
        self.maps: Registrations[Any] = Registrations("maps")
        self.thumbnails: Registrations[Any] = Registrations("thumbnails")
        self.tables: Registrations[Any] = Registrations("tables")
        self.recent = RecentValues()
        self._handler = Handler(self)
        self.tasks.take_over(functools.partial(work_of, self))

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

    def reload(self) -> None:
        """Read the catalog's folder again, after something was added to it."""
        self.catalog.reload()

    def close(self) -> None:
        """Stop tasks, which the next emulator of these exports takes up; remove temporary ones."""
        self.tasks.close()
        if self._temporary is not None:
            self._temporary.cleanup()

    def __enter__(self) -> Emulator:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
