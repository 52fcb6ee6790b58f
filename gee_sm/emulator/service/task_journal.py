"""Tasks on disk, so that they survive the process that ran them.

Every task is one JSON file in a folder of the service that runs it; those folders lie beside each
other where all services of one exports folder find them. A service holds a lock in its own folder
as long as it lives. A folder whose lock is free belongs to one that ended: the next to start takes
its tasks over.
"""

from __future__ import annotations

import json
import logging
import os
import re
import shutil
import time
import uuid
from pathlib import Path
from typing import IO, Any

from gee_sm.emulator.service.asset_store import STAGING
from gee_sm.emulator.whole_file import replacing

__all__ = ["TaskJournal"]

_log = logging.getLogger(__name__)

_LOCK = "lock"
_STARTED = frozenset({"RUNNING", "CANCELLING"})
_PARTIAL = re.compile(r"\..+\.[0-9a-f]{32}\.(?:part|cog)")


class TaskJournal:
    """Records of one service's tasks.

    Parameters
    ----------
    exports : Path
        The folder of exports, which services may share; the records go to ``operations`` in it,
        made when the first one is written.
    """

    def __init__(self, exports: Path):
        self.exports = exports
        self.path = exports / "operations"
        self._folder: Path | None = None
        self._lock: IO[bytes] | None = None

    def take_over(self) -> list[dict[str, Any]]:
        """Make the records of services that ended this one's, and return them, the oldest first.

        When one ended in the middle of a task, and no other lives, what it left half-written is
        removed.
        """
        found: list[dict[str, Any]] = []
        others_live, now = False, time.time()
        for folder in sorted(self.path.glob("[!.]*/")) if self.path.is_dir() else ():
            try:
                lock = _locked(folder / _LOCK)
                if lock is None:
                    others_live = True
                    continue
                with lock:
                    found += self._moved(folder)
            except OSError as error:
                _log.warning("tasks in %s are left alone: %s", folder, error)
        if not others_live and any(record.get("state") in _STARTED for record in found):
            self._remove_partial_files(now)
        return sorted(found, key=lambda record: record["created"])

    def write(self, record: dict[str, Any]) -> None:
        """Keep a record, in place of the former one of that task.

        A disk that takes no records is no reason to take no tasks: it is logged.
        """
        try:
            folder = self._own_folder()
            path = folder / f"{record['name'].rpartition('/')[2]}.json"
            with replacing(path) as partial:
                partial.write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")
        except OSError as error:
            _log.warning("task %s will not survive this process: %s", record["name"], error)

    def close(self) -> None:
        """Leave the records to the next service."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _remove_partial_files(self, before: float) -> None:
        for folder in (self.exports / "drive", self.exports / "gcs"):
            for path in folder.rglob(".*"):
                # A service that has just started may be writing already.
                if _PARTIAL.fullmatch(path.name) and path.stat().st_mtime < before:
                    path.unlink(missing_ok=True)
        for folder in (self.exports / "assets").glob(f"{STAGING}*"):
            if folder.stat().st_mtime < before:
                shutil.rmtree(folder, ignore_errors=True)

    def _own_folder(self) -> Path:
        """Return this service's folder, made under a hidden name until it is locked."""
        if self._folder is None:
            name = uuid.uuid4().hex
            hidden = self.path / f".{name}"
            hidden.mkdir(parents=True)
            self._lock = _locked(hidden / _LOCK)
            self._folder = self.path / name
            os.replace(hidden, self._folder)
        return self._folder

    def _moved(self, folder: Path) -> list[dict[str, Any]]:
        """Move a folder's records to this service's folder and return them."""
        found = []
        for path in sorted(folder.glob("*.json")):
            try:
                record = json.loads(path.read_text(encoding="utf-8"))
                record["created"] = float(record["created"])
            except (KeyError, TypeError, ValueError) as error:
                _log.warning("%s is no record of a task: %s", path, error)
                continue
            os.replace(path, self._own_folder() / path.name)
            found.append(record)
        if not any(folder.glob("*.json")):
            shutil.rmtree(folder, ignore_errors=True)
        return found


def _locked(path: Path) -> IO[bytes] | None:
    """Return a file that this process alone has locked; None if another one has."""
    file = path.open("ab")
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    return file
