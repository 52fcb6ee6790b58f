"""Where exports go: folders that stand for Drive and for buckets, and the store of assets."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.service.asset_names import asset_id_of, check_asset_id
from gee_sm.emulator.whole_file import replacing

__all__ = [
    "AssetDestination",
    "FileDestination",
    "asset_destination",
    "file_destination",
    "write_file",
]

_BUCKET = re.compile(r"[a-z0-9][a-z0-9_.\-]{1,221}\Z")
_LONGEST_NAME = 200


@dataclass(frozen=True)
class FileDestination:
    """Folder and first part of the names of an export's files."""

    folder: Path
    prefix: str

    def path(self, suffix: str) -> Path:
        """Return the path of one file; ``suffix`` includes the extension."""
        return self.folder / f"{self.prefix}{suffix}"


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
        return FileDestination(folder, _literal(drive.get("filenamePrefix") or description))
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
