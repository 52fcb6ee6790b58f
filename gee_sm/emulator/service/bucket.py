"""The folder that stands for Cloud Storage, read."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from gee_sm.emulator.errors import EarthEngineError

__all__ = ["bucket_file"]

_URI = re.compile(r"gs://([a-z0-9][a-z0-9_.\-]*)/([^\x00]+)\Z")


def bucket_file(root: Path, uri: Any) -> Path:
    """Return the file behind a ``gs://`` URI.

    Parameters
    ----------
    root : Path
        Folder that holds the buckets.
    uri : str
        ``gs://bucket/path``.

    Raises
    ------
    EarthEngineError
        If it is no such URI, leads out of the folder, or there is no such file.
    """
    found = _URI.match(uri) if isinstance(uri, str) else None
    if found is None:
        raise EarthEngineError(f"Invalid source {uri!r:.200}: expected gs://bucket/path.")
    folder = root.resolve()
    path = (folder / found[1] / found[2]).resolve()
    if not path.is_relative_to(folder) or not path.is_file():
        raise EarthEngineError(
            f"Source file '{uri:.200}' does not exist: the bucket is a folder below {folder.name}.",
            status="NOT_FOUND",
        )
    return path
