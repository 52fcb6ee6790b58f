"""``maps`` and their tiles: what a web map shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.service.encoders.image_file import checked_format, image_file, is_colour_format
from gee_sm.emulator.service.expression import image_of
from gee_sm.emulator.service.message import Request, Response, json_response
from gee_sm.emulator.service.raster import visualized
from gee_sm.emulator.service.routes import endpoint
from gee_sm.emulator.service.web_map import MAX_ZOOM, tile_grid

if TYPE_CHECKING:
    from gee_sm.emulator.emulator import Emulator


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
    if not (0 <= level <= MAX_ZOOM and 0 <= row < 2**level):
        raise EarthEngineError(f"Tile out of range: {zoom}/{x}/{y}.")
    return image_file(image, tile_grid(level, column % 2**level, row), file_format)
