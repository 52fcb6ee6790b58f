"""Answers kept on disk: a pull that was made before costs nothing, an interrupted one goes on.

An answer is filed under the hash of what was asked: the expression as it is sent, the pixels, and
the engine that answered (an emulator by the sizes and times of its catalog's files and of its own
code). Neither the expression nor anything of the account is stored. A damaged file counts as
absent.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import time
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from local_core.atomic_write import replacing

__all__ = ["CacheSummary", "PullCache", "default_cache_folder", "entry_key", "question_hash"]

_log = logging.getLogger(__name__)

_MAGIC = b"gee-sm pull 2\n"
_SETTLED_DAYS = 120
"""After so many days a period counts as complete: the latest images arrive late or are replaced.
ECMWF puts the final ERA5-Land in the place of the preliminary one after up to three months."""

_FRESH_S = 86_400.0
_DAY_MS = 86_400_000


def default_cache_folder() -> Path:
    """Return ``$XDG_CACHE_HOME/gee-sm/pull``, or ``~/.cache/gee-sm/pull``."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gee-sm" / "pull"


@dataclass(frozen=True)
class CacheSummary:
    """What a cache holds.

    Attributes
    ----------
    folder : Path
        Where it is.
    entries, bytes : int
        Answers, and their size on disk.
    by_product : dict of str to int
        Answers of each product.
    """

    folder: Path
    entries: int
    bytes: int
    by_product: dict[str, int]


class PullCache:
    """Arrays in a folder, each under the hash of the question it answers.

    Parameters
    ----------
    folder : path-like, optional
        By default :func:`default_cache_folder`.

    Examples
    --------
    >>> import tempfile
    >>> cache = PullCache(tempfile.mkdtemp())
    >>> cache.put("ab12", np.array([1.0, 2.0]), product="smap", period_end_ms=0)
    >>> cache.get("ab12").tolist(), cache.get("cd34")
    ([1.0, 2.0], None)
    """

    def __init__(self, folder: str | os.PathLike[str] | None = None):
        self.folder = Path(folder) if folder is not None else default_cache_folder()

    def get(self, key: str) -> NDArray[Any] | None:
        """Return an answer, or None if there is none, or it is damaged or no longer fresh."""
        path = self._path(key)
        try:
            with path.open("rb") as file:
                header = _header(file)
                payload = file.read()
            if _checksum(header, payload) != header["sha256"]:
                raise ValueError("the contents do not match their checksum")
            if not _is_fresh(header, path.stat().st_mtime):
                return None
            values = np.frombuffer(zlib.decompress(payload), dtype=header["dtype"])
            return values.reshape(header["shape"])
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError, zlib.error) as error:
            _log.warning("cache entry %s is damaged (%s) and is asked for again", path, error)
            return None

    def put(
        self, key: str, values: NDArray[Any], *, product: str, period_end_ms: int | None
    ) -> None:
        """Keep an answer; a disk that is full only costs the cache."""
        payload = zlib.compress(np.ascontiguousarray(values).tobytes(), 3)
        header = {
            "dtype": values.dtype.str,
            "shape": list(values.shape),
            "product": product,
            "period_end_ms": period_end_ms,
        }
        header["sha256"] = _checksum(header, payload)
        try:
            with replacing(self._path(key)) as temporary, temporary.open("wb") as file:
                file.write(_MAGIC + json.dumps(header).encode() + b"\n" + payload)
        except OSError as error:
            _log.warning("cannot keep an answer in %s (%s): going on without", self.folder, error)

    def summary(self) -> CacheSummary:
        """Return what the cache holds."""
        entries = size = 0
        by_product: dict[str, int] = {}
        for path in self._entries():
            try:
                size += path.stat().st_size
                with path.open("rb") as file:
                    name = str(_header(file)["product"])
            except (OSError, ValueError, KeyError):
                name = "(damaged)"
            entries += 1
            by_product[name] = by_product.get(name, 0) + 1
        return CacheSummary(self.folder, entries, size, by_product)

    def clear(self) -> int:
        """Remove all answers; return how many there were."""
        entries = self._entries()
        for path in entries:
            path.unlink(missing_ok=True)
        return len(entries)

    def _entries(self) -> list[Path]:
        return sorted(self.folder.glob("*/*.pull")) if self.folder.is_dir() else []

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / f"{key}.pull"


def question_hash(expression: Any, pixels: Any) -> str:
    """Return the hash of a question: a serialized expression, and the pixels wanted of it."""
    text = json.dumps([expression, pixels], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def entry_key(question: str, engine: str) -> str:
    """Return the name of an answer: of a question, by what answers it, in this format."""
    return hashlib.sha256(_MAGIC + f"{question} {engine}".encode()).hexdigest()


def _checksum(header: dict[str, Any], payload: bytes) -> str:
    """Return the hash of an entry: what is told of the values, and the values."""
    told = {name: value for name, value in header.items() if name != "sha256"}
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode() + payload).hexdigest()


def _header(file: Any) -> dict[str, Any]:
    if file.read(len(_MAGIC)) != _MAGIC:
        raise ValueError("no entry of this format")
    header = json.loads(file.readline())
    if not isinstance(header, dict):
        raise ValueError("no header")
    return header


def _is_fresh(header: dict[str, Any], written_s: float) -> bool:
    end_ms = header["period_end_ms"]
    settled = end_ms is None or end_ms + _SETTLED_DAYS * _DAY_MS < written_s * 1000
    return settled or time.time() - written_s < _FRESH_S
