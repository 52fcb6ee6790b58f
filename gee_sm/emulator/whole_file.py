"""Files of the emulator appear under their name only when they are whole."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["partial_name", "replacing"]


def partial_name(path: Path) -> Path:
    """Return a hidden name beside a path that nobody else writes to."""
    return path.with_name(f".{path.name}.{uuid.uuid4().hex}.part")


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary path to write to, which takes the place of ``path`` on success.

    Parameters
    ----------
    path : Path
        Final name; its folder is made if it is not there.

    Yields
    ------
    Path
        Where to write. On an exception it is removed and ``path`` stays as it was.

    Raises
    ------
    OSError
        If the folder cannot be made or the file cannot take its place.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = partial_name(path)
    try:
        yield partial
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
