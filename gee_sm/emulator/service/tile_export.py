"""An image written as a pyramid of map tiles, in the background."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.service.destinations import FileDestination, write_file
from gee_sm.emulator.service.encoders.colours import jpeg_bytes, png_bytes
from gee_sm.emulator.service.encoders.image_file import checked_format, is_colour_format
from gee_sm.emulator.service.expression import image_of
from gee_sm.emulator.service.pixel_grid import image_bounds, is_unbounded
from gee_sm.emulator.service.raster import compute, visualized
from gee_sm.emulator.service.task import Task
from gee_sm.emulator.service.web_map import MAX_ZOOM, WORLD, tile_grid

if TYPE_CHECKING:
    from gee_sm.emulator.emulator import Emulator

__all__ = ["export_tiles", "tile_format"]

_MOST_TILES = 1_000_000

Bounds = tuple[float, float, float, float]


def tile_format(options: dict[str, Any]) -> str:
    """Return the file format of an export's tiles.

    Raises
    ------
    EarthEngineError
        If tiles cannot be of that format.
    """
    name = checked_format(options.get("fileFormat") or "AUTO_JPEG_PNG")
    if not is_colour_format(name):
        raise EarthEngineError(f"Map tiles cannot be of format {name}.")
    return name


def export_tiles(
    emulator: Emulator, document: dict[str, Any], destination: FileDestination, task: Task
) -> list[str]:
    """Write an image's tiles as ``ZOOM/COLUMN/ROW`` below a folder; return the folder's URI.

    Raises
    ------
    EarthEngineError
        If the image is unbounded, or the zoom levels are not a range or hold too many tiles.
    """
    image = image_of(emulator, document)
    if is_unbounded(image):
        raise EarthEngineError("Unable to export unbounded image.")
    options = document.get("tileOptions") or {}
    if not isinstance(options, dict):
        raise EarthEngineError("Invalid request: 'tileOptions' is an object.")
    levels = _levels(options, image.bands[0].projection.nominal_scale)
    bounds = image_bounds(image, "EPSG:3857")
    total = sum(len(columns) * len(rows) for columns, rows in (_range(bounds, z) for z in levels))
    if total > _MOST_TILES:
        raise EarthEngineError(
            f"Export too large: {total} map tiles (max: {_MOST_TILES}). Specify a smaller maxZoom."
        )
    encoded = jpeg_bytes if tile_format(document["tileExportOptions"]) == "JPEG" else png_bytes
    image = visualized(emulator, image)
    folder = destination.folder / destination.prefix
    for count, (zoom, column, row) in enumerate(_tiles(bounds, levels), start=1):
        raster = compute(image, tile_grid(zoom, column, row))
        if not options.get("skipEmpty") or any(weights.any() for weights in raster.weights):
            write_file(folder / str(zoom) / str(column) / str(row), encoded(raster))
        task.advance(count / total)
    return [folder.resolve().as_uri()]


def _levels(options: dict[str, Any], native: float) -> range:
    """Return the zoom levels, up to that of a scale, or of the image, unless one is given."""
    scale = options.get("scale") or native
    first, last = options.get("startZoom") or 0, options.get("endZoom")
    try:
        if last is None:
            last = max(0, min(MAX_ZOOM, round(math.log2(WORLD / 256 / float(scale)))))
        levels = range(int(first), int(last) + 1)
    except (TypeError, ValueError):
        levels = range(0)
    if not levels or levels[0] < 0 or levels[-1] > MAX_ZOOM:
        raise EarthEngineError(
            f"Invalid zoom levels {first!r:.20} to {last!r:.20}: expected 0 to {MAX_ZOOM}."
        )
    return levels


def _range(bounds: Bounds, zoom: int) -> tuple[range, range]:
    """Return columns and rows of the tiles that bounds meet at a zoom level."""
    side, count = WORLD / 2**zoom, 2**zoom

    def tiles(low: float, high: float) -> range:
        first = math.floor(low / side)
        return range(max(first, 0), min(max(math.ceil(high / side), first + 1), count))

    west, south, east, north = bounds
    return tiles(west + WORLD / 2, east + WORLD / 2), tiles(WORLD / 2 - north, WORLD / 2 - south)


def _tiles(bounds: Bounds, levels: range) -> Iterator[tuple[int, int, int]]:
    for zoom in levels:
        columns, rows = _range(bounds, zoom)
        for column in columns:
            for row in rows:
                yield zoom, column, row
