"""What answers a pull: Google or an emulator, and over which data."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ee

from gee_sm import emulator
from gee_sm.connection import Connection, connect
from gee_sm.emulator.service.asset_store import STAGING

__all__ = ["Engine", "engine_of_client"]

_OF_A_CATALOG = (".json", ".geojson", ".tif", ".tiff")
"""Files of a catalog; what else lies there, such as the results of a pull, changes no answer."""


@dataclass(frozen=True)
class Engine:
    """What the client is connected to.

    Attributes
    ----------
    label : str
        Name for people.
    identity : str or None
        What tells answers of this engine from others'; None where that cannot be known, and
        nothing is cached then.
    reached_by : dict
        Arguments of :func:`gee_sm.connect` that lead to it from another process. No credentials:
        those are found there as everywhere.
    assets : frozenset of str
        What it holds, where that is known: an emulator's catalog.
    """

    label: str
    identity: str | None
    reached_by: dict[str, Any] = field(default_factory=dict, compare=False)
    assets: frozenset[str] = frozenset()

    def reach(self) -> None:
        """Connect the client of this process, such as a worker of dask, if nothing has yet.

        Raises
        ------
        EarthEngineConnectionError
            If it cannot be connected.
        """
        if not ee.data.is_initialized():
            connect(**self.reached_by)


def engine_of_client(connection: Connection | None = None) -> Engine:
    """Return what the client is connected to.

    Parameters
    ----------
    connection : Connection, optional
        By default the one there is.

    Raises
    ------
    EarthEngineConnectionError
        If the client is not connected and cannot be.
    """
    connection = connection or connect()
    if connection.emulator is not None:
        stored, exports = connection.emulator.catalog.stored, connection.emulator.exports
        if stored is None:
            return Engine("emulator of gee-sm without a catalog", None)
        folder = Path(stored.path).resolve()
        return Engine(
            f"emulator of gee-sm, catalog {folder.name}",
            _print_of(folder, exports.resolve()),
            {"emulator": folder, "exports": exports.resolve()},
            frozenset(connection.emulator.catalog.asset_ids),
        )
    reached_by = {"project": connection.project, "endpoint": connection.endpoint}
    if connection.endpoint.startswith("https://"):
        # Assets are named in full, so the project does not change an answer.
        return Engine(f"Google Earth Engine, project {connection.project}", "google", reached_by)
    return Engine(f"Earth Engine service at {connection.endpoint}", None, reached_by)


def _print_of(catalog: Path, exports: Path) -> str:
    """Return a fingerprint of an emulator: the state of its assets' files, and of its own."""
    paths = {
        *_files(catalog, _OF_A_CATALOG, besides=exports),
        *_files(exports / "assets", _OF_A_CATALOG),
        *_files(Path(emulator.__file__).parent, (".py",)),
    }
    found = []
    for path in sorted(paths):
        with contextlib.suppress(FileNotFoundError):  # gone since it was listed
            about = os.stat(path)
            found.append([path, about.st_size, about.st_mtime_ns])
    return hashlib.sha256(json.dumps(found).encode()).hexdigest()


def _files(folder: Path, endings: tuple[str, ...], *, besides: Path | None = None) -> Iterator[str]:
    for here, folders, names in os.walk(folder):
        folders[:] = [
            name for name in folders if Path(here, name) != besides and not name.startswith(STAGING)
        ]
        yield from (os.path.join(here, name) for name in names if name.endswith(endings))
