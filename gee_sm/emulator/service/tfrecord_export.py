"""An image written as patches in TFRecord files, in the background."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.pixels.grid import Grid
from gee_sm.emulator.service.destinations import FileDestination, write_file
from gee_sm.emulator.service.encoders.tfrecord import example, record
from gee_sm.emulator.service.image_export import image_to_export
from gee_sm.emulator.service.manifest import check_members
from gee_sm.emulator.service.raster import Raster, compute
from gee_sm.emulator.service.task import Task
from gee_sm.emulator.values.image import Image
from gee_sm.emulator.whole_file import partial_name

if TYPE_CHECKING:
    from gee_sm.emulator.emulator import Emulator

__all__ = ["PatchOptions", "export_patches"]

_PATCH = 256
_LARGEST = 4096  # a row of patches is computed in one piece
_FILE_BYTES = 2**30
_KNOWN = frozenset(
    {
        "tileDimensions",
        "marginDimensions",
        "compress",
        "maxSizeBytes",
        "defaultValue",
        "collapseBands",
        "maxMaskedRatio",
    }
)


@dataclass(frozen=True)
class PatchOptions:
    """How an image is cut into patches.

    Attributes
    ----------
    width, height : int
        Pixels of a patch, without its margin.
    margin_x, margin_y : int
        Pixels by which a patch is larger on each side.
    compress : bool
        Compress the files.
    file_bytes : int
        Size of a file, before compression, beyond which the next one is begun.
    default : float
        Value of pixels that are masked in any band.
    collapse : bool
        Write one array (band, row, column) under the first band's name.
    masked_ratio : float
        Patches of which a larger part is masked are left out.
    """

    width: int
    height: int
    margin_x: int
    margin_y: int
    compress: bool
    file_bytes: int
    default: float
    collapse: bool
    masked_ratio: float

    @classmethod
    def of_request(cls, options: Any) -> PatchOptions:
        """Return the options of a request's ``tfRecordOptions``.

        Raises
        ------
        EarthEngineError
            If one is not what it should be, or is not implemented.
        """
        if not isinstance(options, dict):
            raise EarthEngineError("Invalid request: 'tfRecordOptions' is an object.")
        check_members(options, _KNOWN, "tfRecordOptions")
        width, height = _dimensions(options, "tileDimensions", _PATCH)
        kernel_x, kernel_y = _dimensions(options, "marginDimensions", 1)
        try:
            return cls(
                width,
                height,
                kernel_x // 2,
                kernel_y // 2,
                bool(options.get("compress")),
                int(_value(options, "maxSizeBytes", _FILE_BYTES)),
                float(_value(options, "defaultValue", 0)),
                bool(options.get("collapseBands")),
                float(_value(options, "maxMaskedRatio", 1)),
            )
        except (TypeError, ValueError) as error:
            raise EarthEngineError(f"Invalid tfRecordOptions: {error}.") from None


def export_patches(
    emulator: Emulator, document: dict[str, Any], destination: FileDestination, task: Task
) -> list[str]:
    """Write an image's patches, row by row, and how they lie; return their folder's URI.

    Patches that would stick out on the right and at the bottom are left out.

    Raises
    ------
    EarthEngineError
        If the image holds no patch, or cannot be exported.
    """
    image, grid = image_to_export(emulator, document)
    options = PatchOptions.of_request(document["fileExportOptions"].get("tfRecordOptions") or {})
    columns, rows = grid.width // options.width, grid.height // options.height
    if not columns or not rows:
        raise EarthEngineError(
            f"An image of {grid.width}x{grid.height} pixels holds no patch of "
            f"{options.width}x{options.height}."
        )
    # As Google writes them: a hyphen behind a name, none behind what ends in a separator.
    separator = "" if destination.prefix.endswith(("-", "_")) or not destination.prefix else "-"
    with _Files(destination, separator, options, task) as files:
        for row in range(rows):
            for message in _messages(image, grid, row, columns, options):
                files.write(message)
            task.advance((row + 1) / rows)
    if options.masked_ratio == 1:  # else which patches are there is not told by their number
        mixer = {
            "projection": {
                "crs": grid.lattice.crs,
                "affine": {"doubleMatrix": list(grid.projection.transform)},
            },
            "patchDimensions": [options.width, options.height],
            "patchesPerRow": columns,
            "totalPatches": columns * rows,
        }
        write_file(destination.path(f"{separator}mixer.json", task), json.dumps(mixer).encode())
    return [destination.folder.resolve().as_uri()]


def _messages(
    image: Image, grid: Grid, row: int, columns: int, options: PatchOptions
) -> Iterator[bytes]:
    """Yield the examples of a row of patches, computed in one piece."""
    strip = grid.window(
        grid.x - options.margin_x,
        grid.y + row * options.height - options.margin_y,
        columns * options.width + 2 * options.margin_x,
        options.height + 2 * options.margin_y,
    )
    raster = compute(image, strip)
    masked = ~np.logical_and.reduce([weights > 0 for weights in raster.weights])
    bands = _filled(raster, masked, options.default)
    for column in range(columns):
        start = column * options.width
        part = slice(start, start + options.width + 2 * options.margin_x)
        if masked[:, part].mean() > options.masked_ratio:
            continue
        if options.collapse:
            tensors = {raster.names[0]: np.stack([band[:, part] for band in bands])}
        else:
            tensors = {n: band[:, part] for n, band in zip(raster.names, bands, strict=True)}
        yield record(example(tensors))


def _filled(raster: Raster, masked: np.ndarray, default: float) -> list[np.ndarray]:
    found = []
    for values in raster.values:
        fill = default
        if values.dtype.kind in "iu":
            limits = np.iinfo(values.dtype)
            fill = int(np.clip(int(default), limits.min, limits.max))
        found.append(np.where(masked, np.float32(fill), values.astype(np.float32)))
    return found


class _Files:
    """A sequence of numbered files, each complete when it appears under its name."""

    def __init__(
        self, destination: FileDestination, separator: str, options: PatchOptions, task: Task
    ):
        self._destination = destination
        self._task = task
        self._separator = separator
        self._options = options
        self._count = self._size = 0
        self._open: tuple[IO[bytes], Path, Path] | None = None

    def __enter__(self) -> _Files:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if self._open is not None:
            self._close(keep=kind is None)

    def write(self, message: bytes) -> None:
        if self._open is not None and self._size + len(message) > self._options.file_bytes:
            self._close(keep=True)
        if self._open is None:
            suffix = ".gz" if self._options.compress else ""
            path = self._destination.path(
                f"{self._separator}{self._count:05d}.tfrecord{suffix}", self._task
            )
            path.parent.mkdir(parents=True, exist_ok=True)
            partial = partial_name(path)
            opened = gzip.open if self._options.compress else open
            self._open = (opened(partial, "wb"), partial, path)
            self._count, self._size = self._count + 1, 0
        self._open[0].write(message)
        self._size += len(message)

    def _close(self, *, keep: bool) -> None:
        assert self._open is not None
        file, partial, path = self._open
        self._open = None
        try:
            file.close()
            if keep:
                os.replace(partial, path)
        finally:
            partial.unlink(missing_ok=True)


def _value(options: dict[str, Any], name: str, default: float) -> Any:
    """Return a number that may be wrapped as ``{value: ...}``."""
    value = options.get(name)
    if isinstance(value, dict):
        value = value.get("value")
    return default if value is None else value


def _dimensions(options: dict[str, Any], name: str, default: int) -> tuple[int, int]:
    given = options.get(name)
    if given is None:
        return default, default
    try:
        width, height = int(given["width"]), int(given["height"])
    except (KeyError, TypeError, ValueError):
        width = height = 0
    if not (0 < width <= _LARGEST and 0 < height <= _LARGEST):
        raise EarthEngineError(
            f"Invalid {name} {given!r:.80}: expected width and height from 1 to {_LARGEST}."
        )
    return width, height
