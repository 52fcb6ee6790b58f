"""An image written as files or as an asset, in the background."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.pixels.grid import Grid
from gee_sm.emulator.service.destinations import AssetDestination, FileDestination
from gee_sm.emulator.service.encoders.geotiff_writer import (
    FileLayout,
    check_joint_type,
    write_files,
)
from gee_sm.emulator.service.expression import image_of
from gee_sm.emulator.service.image_asset import checked_policy, store_image
from gee_sm.emulator.service.pixel_grid import grid_of_request, is_unbounded
from gee_sm.emulator.service.raster import check_scalar
from gee_sm.emulator.service.task import Task
from gee_sm.emulator.values.image import Image

if TYPE_CHECKING:
    from gee_sm.emulator.emulator import Emulator

__all__ = ["export_to_asset", "export_to_files", "image_to_export"]

_SHARD = 256


def image_to_export(emulator: Emulator, document: dict[str, Any]) -> tuple[Image, Grid]:
    """Return the image of an export request and its grid.

    Raises
    ------
    EarthEngineError
        If it is unbounded or has more pixels than the request's ``maxPixels``.
    """
    image = image_of(emulator, document)
    check_scalar(image)
    given = document.get("grid")
    complete = isinstance(given, dict) and given.get("dimensions")
    if not complete and is_unbounded(image):
        raise EarthEngineError("Unable to export unbounded image.")
    grid = grid_of_request(image, given)
    allowed = _int64("maxPixels", document.get("maxPixels"), emulator.limits.export_pixels)
    pixels = grid.width * grid.height
    if pixels > allowed:
        raise EarthEngineError(
            f"Export too large: specified {pixels} pixels (max: {allowed}). Specify higher "
            "maxPixels value if you intend to export a large area."
        )
    return image, grid


def export_to_files(
    emulator: Emulator,
    document: dict[str, Any],
    destination: FileDestination,
    task: Task,
) -> list[str]:
    """Write an image as one GeoTIFF, or several when it is large; return their folder's URI."""
    image, grid = image_to_export(emulator, document)
    options = document["fileExportOptions"].get("geoTiffOptions") or {}
    if not isinstance(options, dict):
        raise EarthEngineError("Invalid request: 'geoTiffOptions' is an object.")
    check_joint_type(image)
    layout = FileLayout(
        tuple(range(len(image.bands))),
        nodata=_no_data(options.get("noData")),
        cloud_optimized=bool(options.get("cloudOptimized")),
        skip_empty=bool(options.get("skipEmptyFiles")),
        tags=_tags(image, options.get("metadataKeys")),
    )
    width, height = _file_size(image, options, emulator.limits.export_file_bytes)
    parts = _parts(grid, width, height)
    done = 0

    def on_tile(pixels: int) -> None:
        nonlocal done
        done += pixels
        task.advance(done / (grid.width * grid.height))

    for part in parts:
        suffix = ".tif"
        if len(parts) > 1:
            suffix = f"-{part.y - grid.y:010d}-{part.x - grid.x:010d}.tif"
        write_files(image, part, {destination.path(suffix, task): layout}, on_tile=on_tile)
    return [destination.folder.resolve().as_uri()]


def export_to_asset(
    emulator: Emulator,
    document: dict[str, Any],
    destination: AssetDestination,
    task: Task,
) -> list[str]:
    """Write an image as an asset that can be loaded again; return its URI."""
    emulator.catalog.made.check_destination(
        destination.asset_id, "IMAGE", overwrite=destination.overwrite
    )
    image, grid = image_to_export(emulator, document)
    options = document["assetExportOptions"]
    policies = {band.name: _policy(options, band.name) for band in image.bands}
    store_image(emulator, destination, [(image, grid)], policies, image.properties, task)
    return [destination.uri]


def _int64(name: str, value: Any, default: int) -> int:
    if isinstance(value, dict):
        value = value.get("value")
    if value is None:
        return default
    try:
        number = int(float(value))
    except (TypeError, ValueError, OverflowError):
        number = 0
    if number <= 0:
        raise EarthEngineError(f"Invalid {name} {value!r:.40}: expected a positive number.")
    return number


def _no_data(value: Any) -> float | None:
    if isinstance(value, dict):
        value = value.get("floatValue")
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise EarthEngineError(f"Invalid noData {value!r:.40}: expected a number.")
    return float(value)


def _tags(image: Image, keys: Any) -> dict[str, str]:
    if keys is not None and (
        not isinstance(keys, list) or not all(isinstance(key, str) for key in keys)
    ):
        raise EarthEngineError("Invalid request: 'metadataKeys' is a list of property names.")
    return {key: str(image.properties[key]) for key in keys or () if key in image.properties}


def _file_size(image: Image, options: dict[str, Any], file_bytes: int) -> tuple[int, int]:
    """Return width and height of the largest file."""
    shard = _int64("shardSize", options.get("tileSize"), _SHARD)
    given = options.get("tileDimensions")
    if given is None:
        pixel = sum(band.type.dtype.itemsize + 1 for band in image.bands)
        side = math.isqrt(file_bytes // pixel) // shard * shard
        return max(side, shard), max(side, shard)
    try:
        width, height = int(given["width"]), int(given["height"])
    except (KeyError, TypeError, ValueError):
        raise EarthEngineError("Invalid fileDimensions: expected width and height.") from None
    if width <= 0 or height <= 0 or width % shard or height % shard:
        raise EarthEngineError(
            f"Invalid fileDimensions ({width}x{height}): must be a multiple of shardSize ({shard})."
        )
    return width, height


def _parts(grid: Grid, width: int, height: int) -> list[Grid]:
    return [
        grid.window(
            grid.x + left,
            grid.y + top,
            min(width, grid.width - left),
            min(height, grid.height - top),
        )
        for top in range(0, grid.height, height)
        for left in range(0, grid.width, width)
    ]


def _policy(options: dict[str, Any], band: str) -> str:
    default = options.get("pyramidingPolicy") or "MEAN"
    overrides = options.get("pyramidingPolicyOverrides") or {}
    return checked_policy(overrides.get(band, default) if isinstance(overrides, dict) else default)
