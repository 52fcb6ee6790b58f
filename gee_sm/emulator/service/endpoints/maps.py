"""``maps`` and their tiles: what a web map shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.pixels.grid import Grid, Projection
from gee_sm.emulator.service.encoders.image_file import checked_format, image_file, is_colour_format
from gee_sm.emulator.service.expression import image_of
from gee_sm.emulator.service.message import Request, Response, json_response
from gee_sm.emulator.service.raster import visualized
from gee_sm.emulator.service.routes import endpoint

if TYPE_CHECKING:
    from gee_sm.emulator.emulator import Emulator

__all__ = ["TILE_SIDE", "tile_grid"]

TILE_SIDE = 256
_WORLD = 2 * 20037508.342789244
_MAX_ZOOM = 24


def tile_grid(zoom: int, x: int, y: int) -> Grid:
    """Return the pixels of a Web Mercator tile; rows count from the north."""
    size = _WORLD / 2**zoom / TILE_SIDE
    origin = (-_WORLD / 2 + x * TILE_SIDE * size, _WORLD / 2 - y * TILE_SIDE * size)
    projection = Projection("EPSG:3857", (size, 0.0, origin[0], 0.0, -size, origin[1]))
    return Grid.of(projection, TILE_SIDE, TILE_SIDE)


@endpoint("projects.maps.create", "POST", "v1/{parent=projects/*}/maps", computes=True)
def create(emulator: Emulator, request: Request, parent: str) -> Response:
    """Register an image to be shown, and answer the name under which its tiles are fetched."""
    document = request.json()
    file_format = checked_format(document.get("fileFormat") or "AUTO_JPEG_PNG")
    if not is_colour_format(file_format):
        raise EarthEngineError(f"Map tiles cannot be of format {file_format}.")
    image = image_of(emulator, document)
    image = visualized(emulator, image, document.get("visualizationOptions"))
    return json_response({"name": emulator.maps.add(parent, (image, file_format))})


@endpoint(
    "projects.maps.tiles.get",
    "GET",
    "v1/{parent=projects/*/maps/*}/tiles/{zoom}/{x}/{y}",
    computes=True,
    by_url=True,
)
def tile(emulator: Emulator, request: Request, parent: str, zoom: str, x: str, y: str) -> Response:
    """Answer one tile."""
    image, file_format = emulator.maps.get(parent)
    try:
        level, column, row = int(zoom), int(x), int(y)
    except ValueError:
        raise EarthEngineError(f"Invalid tile: {zoom}/{x}/{y}.") from None
    if not (0 <= level <= _MAX_ZOOM and 0 <= row < 2**level):
        raise EarthEngineError(f"Tile out of range: {zoom}/{x}/{y}.")
    return image_file(image, tile_grid(level, column % 2**level, row), file_format)
