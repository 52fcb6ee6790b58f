"""What answers a pull: Google or an emulator, and over which data."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from gee_sm.connection import Connection, connect

__all__ = ["Engine", "engine_of_client"]


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
    """

    label: str
    identity: str | None


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
        stored = connection.emulator.catalog.stored
        if stored is None:
            return Engine("emulator of gee-sm without a catalog", None)
        folders = (Path(stored.path), connection.emulator.exports / "assets")
        return Engine(f"emulator of gee-sm, catalog {Path(stored.path).name}", _print_of(folders))
    if connection.endpoint.startswith("https://"):
        # Assets are named in full, so the project does not change an answer.
        return Engine(f"Google Earth Engine, project {connection.project}", "google")
    return Engine(f"Earth Engine service at {connection.endpoint}", None)


def _print_of(folders: tuple[Path, ...]) -> str:
    """Return a fingerprint of the descriptions of all assets."""
    found = []
    for folder in folders:
        for path in sorted(folder.rglob("*.json")):
            about = path.stat()
            found.append([str(path.resolve()), about.st_size, about.st_mtime_ns])
    return hashlib.sha256(json.dumps(found).encode()).hexdigest()
