"""Maps as files: written tile by tile under a temporary name, finished as a COG."""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import rasterio
import rasterio.shutil
from rasterio.errors import RasterioError
from rasterio.windows import Window

from gee_sm.mapping.output_grid import OutputGrid
from gee_sm.mapping.tiling import Tile
from local_core import atomic_write

BLOCK = 512


class MapWriteError(RuntimeError):
    """A map that could not be written; nothing is left under its final name."""


class MapWriter:
    """Writes one layer of a map.

    Used as a context manager: leaving it without an error finishes the file, leaving it with one
    removes what was written.

    Parameters
    ----------
    path : Path
        Final name.
    grid : OutputGrid
        Pixels of the map.
    dtype : str
        ``float32`` with NaN as no data, or ``uint8`` with 255.
    description : str
        What the layer holds, with its unit.
    tags : mapping
        Written into the file.
    units : str
        Unit of the values.
    overview : {"average", "mode", "nearest"}
        How coarser levels are made.

    Raises
    ------
    MapWriteError
        If the file cannot be written, for want of room or of permission.
    """

    def __init__(
        self,
        path: Path,
        grid: OutputGrid,
        *,
        dtype: str,
        description: str,
        tags: Mapping[str, str],
        units: str = "",
        overview: str = "average",
    ):
        self.path = path
        self.grid = grid
        self.overview = overview
        self._raw = path.with_name(f".{path.name}.{os.getpid()}.raw.part")
        self._cog = path.with_name(f".{path.name}.{os.getpid()}.part")
        profile: dict[str, Any] = {
            "driver": "GTiff",
            "dtype": dtype,
            "count": 1,
            "height": grid.height,
            "width": grid.width,
            "crs": grid.crs,
            "transform": grid.transform,
            "nodata": np.nan if dtype == "float32" else 255,
            "tiled": True,
            "blockxsize": BLOCK,
            "blockysize": BLOCK,
            "compress": "zstd",
            "bigtiff": "if_safer",
        }
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = rasterio.open(self._raw, "w", **profile)
            self._file.set_band_description(1, description)
            if units:
                self._file.units = (units,)
            self._file.update_tags(**tags)
        except (OSError, RasterioError) as error:
            self._remove()
            raise MapWriteError(_reason(path, error)) from error

    def write(self, tile: Tile, values: np.ndarray) -> None:
        """Write one tile."""
        try:
            self._file.write(
                values, 1, window=Window(tile.column, tile.row, tile.width, tile.height)
            )
        except (OSError, RasterioError) as error:
            raise MapWriteError(_reason(self.path, error)) from error

    def __enter__(self) -> MapWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self._file.close()
            if error is None:
                self._finish()
        except (OSError, RasterioError) as failure:
            raise MapWriteError(_reason(self.path, failure)) from failure
        finally:
            self._remove()

    def _finish(self) -> None:
        rasterio.shutil.copy(
            self._raw,
            self._cog,
            driver="COG",
            compress="deflate",
            predictor="yes",
            blocksize=BLOCK,
            overview_resampling=self.overview,
        )
        # A full disk can leave a file that only looks finished: read it before it gets its name.
        with rasterio.open(self._cog) as written:
            if written.tags(ns="IMAGE_STRUCTURE").get("LAYOUT") != "COG":
                raise OSError(errno.EIO, "the file is not a Cloud-Optimized GeoTIFF")
            for _, window in written.block_windows(1):
                written.read(1, window=window)
        os.replace(self._cog, self.path)

    def _remove(self) -> None:
        for partial in (self._raw, self._cog):
            _discard(partial)
            _discard(partial.with_name(partial.name + ".aux.xml"))


def _reason(path: Path, error: Exception) -> str:
    number = getattr(error, "errno", None)
    text = str(error)
    if number == errno.ENOSPC or "No space left" in text:
        return f"{path} could not be written: the disk is full. Free some room or change --out."
    if number in (errno.EACCES, errno.EROFS, errno.EPERM) or "Permission denied" in text:
        return f"{path} could not be written: no permission. Choose another --out."
    return f"{path} could not be written: {text}"


def write_text(path: Path, text: str) -> None:
    """Write a text file under a temporary name first.

    Raises
    ------
    MapWriteError
        If it cannot be written.
    """
    try:
        atomic_write.write_text(path, text)
    except OSError as error:
        raise MapWriteError(_reason(path, error)) from error


def _discard(path: Path) -> None:
    """Remove a temporary file; where there is no folder there is none."""
    with suppress(NotADirectoryError):
        path.unlink(missing_ok=True)
