"""Arrays to Cloud-Optimized GeoTIFFs, complete on disk or not there at all."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import numpy as np
from affine import Affine
from rasterio.crs import CRS
from rasterio.io import MemoryFile

from gee_sm.emulator.whole_file import replacing

__all__ = ["BLOCK_SIZE", "write_cog"]

BLOCK_SIZE = 512
"""Width and height of the internal tiles, in pixels."""

_OVERVIEW_RESAMPLING = {"MODE": "MODE", "SAMPLE": "NEAREST"}

_log = logging.getLogger(__name__)


def write_cog(
    path: str | os.PathLike[str],
    values: np.ndarray,
    *,
    crs: CRS,
    transform: Affine,
    nodata: float | int | None,
    pyramiding_policy: str = "MEAN",
    overviews: bool = True,
    tags: dict[str, str] | None = None,
) -> Path:
    """Write one band as a Cloud-Optimized GeoTIFF (512-pixel tiles, DEFLATE, predictor).

    The file is encoded in memory and reaches `path` by a rename. GDAL only logs a failed flush;
    writing the bytes here turns a full disk into an :class:`OSError` and leaves nothing behind.

    Parameters
    ----------
    path : path-like
        Where the file goes; its folder must exist.
    values : ndarray, shape (y, x)
        The band, of a type that GDAL can store.
    crs : rasterio.crs.CRS
        Coordinate reference system.
    transform : affine.Affine
        Pixel (column, row) to coordinates of the upper-left corner.
    nodata : float or int or None
        Value that marks masked pixels.
    pyramiding_policy : str, default "MEAN"
        MODE and SAMPLE fill the overviews without mixing values, everything else averages.
    overviews : bool, default True
        Add overviews down to one tile; without them a small file stays small.
    tags : dict of str, optional
        GeoTIFF metadata.

    Returns
    -------
    pathlib.Path
        `path`.

    Raises
    ------
    OSError
        The file cannot be written, for example on a full disk.

    Examples
    --------
    >>> import numpy as np, rasterio
    >>> from affine import Affine
    >>> grid = Affine(10, 0, 400000, 0, -10, 3600000)
    >>> _ = write_cog("ones.tif", np.ones((4, 5), "float32"), crs=rasterio.CRS.from_epsg(32646),
    ...               transform=grid, nodata=float("nan"))
    """
    path = Path(path)
    height, width = values.shape
    with MemoryFile() as memory:
        with memory.open(
            driver="COG",
            height=height,
            width=width,
            count=1,
            dtype=values.dtype,
            crs=crs,
            transform=transform,
            nodata=nodata,
            blocksize=BLOCK_SIZE,
            compress="DEFLATE",
            predictor="YES",
            num_threads="ALL_CPUS",
            overviews="AUTO" if overviews else "NONE",
            overview_resampling=_OVERVIEW_RESAMPLING.get(pyramiding_policy, "AVERAGE"),
        ) as dataset:
            dataset.write(values, 1)
            if tags:
                dataset.update_tags(**tags)
        with replacing(path) as partial:
            partial.write_bytes(memory.getbuffer())
    _log.debug("wrote %s (%d x %d %s)", path, width, height, values.dtype)
    return path
