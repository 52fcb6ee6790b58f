"""Where exports go: folders that stand for Drive and for buckets, and the store of assets."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.service.asset_names import asset_id_of, check_asset_id
from gee_sm.emulator.whole_file import replacing

if TYPE_CHECKING:
    from gee_sm.emulator.service.task import Task

__all__ = [
    "AssetDestination",
    "FileDestination",
    "asset_destination",
    "file_destination",
    "write_file",
]

_BUCKET = re.compile(r"[a-z0-9][a-z0-9_.\-]{1,221}\Z")
_LONGEST_NAME = 200


_naming = threading.Lock()
_promised: set[Path] = set()
"""Files of Drive that are being written, and will be there under these names."""


class FileDestination:
    """Folder and first part of the names of one task's files.

    Parameters
    ----------
    folder : Path
        Where the files go.
    prefix : str
        How their names begin.
    keeps_equal_names : bool
        Whether files that are there already stay, as on Drive, where any number of files may have
        one name. On a disk they cannot, so those of a later task are numbered. In a bucket a file
        takes the place of the one that had its name.
    """

    def __init__(self, folder: Path, prefix: str, *, keeps_equal_names: bool = False):
        self.folder = folder
        self.prefix = prefix
        self.keeps_equal_names = keeps_equal_names
        self._number = 0
        self._paths: set[Path] = set()

    def path(self, suffix: str, task: Task) -> Path:
        """Return the path of one file; ``suffix`` includes the extension.

        A task that is begun anew is given the names that it had before.
        """
        if not self.keeps_equal_names:
            return self.folder / f"{self.prefix}{suffix}"
        with _naming:
            if suffix not in task.file_names:
                task.file_names[suffix] = self._free_name(suffix)
                task.keep()
            path = self.folder / task.file_names[suffix]
            _promised.add(path)
            self._paths.add(path)
        return path

    def _free_name(self, suffix: str) -> str:
        """Return a name that no file has; all files of a task have one number if they can."""
        while True:
            number = f" ({self._number})" if self._number else ""
            name = f"{self.prefix}{number}{suffix}"
            path = self.folder / name
            if path not in _promised and not path.exists():
                return name
            self._number += 1

    def release(self) -> None:
        """Let others have the names under which nothing was written in the end."""
        with _naming:
            _promised.difference_update(self._paths)
            self._paths.clear()


@dataclass(frozen=True)
class AssetDestination:
    """Id of the asset that an export makes."""

    asset_id: str
    overwrite: bool

    @property
    def uri(self) -> str:
        """Where Google shows the asset, which is how operations name it."""
        return f"https://code.earthengine.google.com/?asset={self.asset_id}"


def file_destination(root: Path, options: Any, description: str) -> FileDestination:
    """Return where the files of an export go.

    Parameters
    ----------
    root : Path
        Folder that holds ``drive`` and ``gcs``.
    options : dict
        The request's ``fileExportOptions``.
    description : str
        The task's description, the default name of Drive files.

    Raises
    ------
    EarthEngineError
        If there is no destination, or its name is not fit for a file.
    """
    if not isinstance(options, dict):
        raise EarthEngineError("Invalid request: 'fileExportOptions' is an object.")
    drive, bucket = options.get("driveDestination"), options.get("cloudStorageDestination")
    if isinstance(drive, dict):
        folder = root / "drive"
        if drive.get("folder"):
            folder /= _literal(drive["folder"])
        prefix = _literal(drive.get("filenamePrefix") or description)
        return FileDestination(folder, prefix, keeps_equal_names=True)
    if isinstance(bucket, dict):
        name = bucket.get("bucket")
        if not isinstance(name, str) or not _BUCKET.match(name):
            raise EarthEngineError(f"Invalid bucket name {name!r:.80}.")
        *folders, prefix = _text(bucket.get("filenamePrefix") or description).split("/")
        path = root / "gcs" / name
        for part in folders:
            path /= _literal(part)
        return FileDestination(path, _literal(prefix) if prefix else "")
    raise EarthEngineError(
        "Invalid export destination: expected driveDestination or cloudStorageDestination."
    )


def asset_destination(options: Any) -> AssetDestination:
    """Return the asset that an export makes.

    Raises
    ------
    EarthEngineError
        If the request does not name one.
    """
    destination = options.get("earthEngineDestination") if isinstance(options, dict) else None
    name = destination.get("name") if isinstance(destination, dict) else None
    if not isinstance(name, str) or not name:
        raise EarthEngineError("Invalid export destination: expected earthEngineDestination.name.")
    return AssetDestination(check_asset_id(asset_id_of(name)), bool(destination.get("overwrite")))


def write_file(path: Path, body: bytes) -> None:
    """Write a file that is complete when it appears under its name."""
    with replacing(path) as partial:
        partial.write_bytes(body)


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise EarthEngineError(f"Invalid file name {value!r:.80}.")
    return value


def _literal(value: Any) -> str:
    """Return a name as one part of a path: Drive takes separators literally, a disk cannot."""
    name = re.sub(r"[\x00-\x1f/\\:]", "_", _text(value))
    if name.strip(". ") == "" or len(name.encode()) > _LONGEST_NAME:
        raise EarthEngineError(f"Invalid file name {value!r:.80}.")
    return name
