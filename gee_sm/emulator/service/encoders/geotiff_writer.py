"""An image written to GeoTIFFs tile by tile: each file is complete on disk, or not there at all."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import rasterio
import rasterio.shutil
from rasterio.windows import Window

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.pixels.grid import Grid
from gee_sm.emulator.pixels.tile import Tile
from gee_sm.emulator.service.encoders.geotiff import filled, gdal_type, profile, stored_type
from gee_sm.emulator.service.raster import each_tile
from gee_sm.emulator.values.image import Image
from gee_sm.emulator.whole_file import partial_name

__all__ = ["FileLayout", "check_joint_type", "write_files"]


@dataclass(frozen=True)
class FileLayout:
    """What one file holds.

    Attributes
    ----------
    bands : tuple of int
        Positions of its bands in the image; they are of one type.
    nodata : float or None
        Value for the nodata tag. It replaces no pixel: masked ones hold NaN, or 0 for integers.
    cloud_optimized : bool
        With overviews, in the order of a Cloud-Optimized GeoTIFF.
    internal_mask : bool
        Keep the mask of integer bands, for which no value can stand.
    skip_empty : bool
        Write no file that would not have a valid pixel.
    tags : mapping of str to str
        Metadata.
    """

    bands: tuple[int, ...]
    nodata: float | None = None
    cloud_optimized: bool = False
    internal_mask: bool = False
    skip_empty: bool = False
    tags: Mapping[str, str] = field(default_factory=dict)


def check_joint_type(image: Image) -> None:
    """Check that all bands may share a file.

    Raises
    ------
    EarthEngineError
        If their types differ, in the service's words.
    """
    types = list(dict.fromkeys(gdal_type(band.type.dtype) for band in image.bands))
    if len(types) > 1:
        raise EarthEngineError(
            "Exported bands must have compatible data types; found inconsistent types: "
            f"{' and '.join(types)}."
        )


def write_files(
    image: Image,
    grid: Grid,
    layouts: Mapping[Path, FileLayout],
    *,
    on_tile: Callable[[int], None] | None = None,
) -> list[Path]:
    """Compute an image over a grid once and write it into files.

    Parameters
    ----------
    image : Image
        What to write.
    grid : Grid
        Pixels of all files.
    layouts : mapping of Path to FileLayout
        The files; their folders are made.
    on_tile : callable, optional
        Called with the number of pixels after each tile; what it raises ends the writing.

    Returns
    -------
    list of Path
        The files that were written.

    Raises
    ------
    OSError
        If the disk does not take them.
    """
    files = [_File(path, layout, image, grid) for path, layout in layouts.items()]
    try:
        with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True), ExitStack() as stack:
            for file in files:
                file.open(stack)

            def visit(part: Grid, tiles: list[Tile]) -> None:
                for file in files:
                    file.put(part, tiles)
                if on_tile is not None:
                    on_tile(part.width * part.height)

            each_tile(image, grid, visit)
        return [file.path for file in files if file.finish()]
    except rasterio.errors.RasterioError as error:
        raise OSError(f"a GeoTIFF could not be written: {error}") from error
    finally:
        for file in files:
            file.clean()


class _File:
    """One file in the making, under a hidden name."""

    def __init__(self, path: Path, layout: FileLayout, image: Image, grid: Grid):
        self.path = path
        self.layout = layout
        self.grid = grid
        bands = [image.bands[index] for index in layout.bands]
        self.names = [band.name for band in bands]
        self.dtype = stored_type(bands[0].type.dtype)
        self.floating = self.dtype.kind == "f"
        self.partial = partial_name(path)
        self.finished = self.partial.with_suffix(".cog")
        self.valid_somewhere = False

    def open(self, stack: ExitStack) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        nodata = self.layout.nodata
        if nodata is None and self.floating:
            nodata = float("nan")
        options = profile(self.grid, self.dtype, len(self.names), nodata)
        if self.layout.cloud_optimized:  # written again; to compress it twice takes twice as long
            options["compress"] = "NONE"
        self.dataset = stack.enter_context(rasterio.open(self.partial, "w", **options))
        self.dataset.update_tags(**self.layout.tags)
        for index, name in enumerate(self.names, start=1):
            self.dataset.set_band_description(index, name)

    def put(self, part: Grid, tiles: list[Tile]) -> None:
        window = Window(part.x - self.grid.x, part.y - self.grid.y, part.width, part.height)
        fill = np.nan if self.floating else 0
        for index, position in enumerate(self.layout.bands, start=1):
            tile = tiles[position]
            valid = tile.valid(part.shape)
            values = tile.filled(part.shape)
            self.dataset.write(filled(values, valid, self.dtype, fill), index, window=window)
            self.valid_somewhere = self.valid_somewhere or bool(valid.any())
            if self.layout.internal_mask and not self.floating:
                self.dataset.write_mask(valid, window=window)

    def finish(self) -> bool:
        """Give the file its name; return False for an empty one that was to be left out."""
        if self.layout.skip_empty and not self.valid_somewhere:
            return False
        if self.layout.cloud_optimized:
            rasterio.shutil.copy(
                self.partial,
                self.finished,
                driver="COG",
                compress="DEFLATE",
                blocksize=512,
                overview_resampling="AVERAGE",
                bigtiff="IF_SAFER",
                num_threads="ALL_CPUS",
            )
            os.replace(self.finished, self.path)
        else:
            os.replace(self.partial, self.path)
        return True

    def clean(self) -> None:
        self.partial.unlink(missing_ok=True)
        self.finished.unlink(missing_ok=True)
