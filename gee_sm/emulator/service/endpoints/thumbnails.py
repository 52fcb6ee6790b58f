"""``thumbnails``: pictures and downloads that are fetched by URL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gee_sm.emulator.service.encoders.image_file import checked_format, image_file, is_colour_format
from gee_sm.emulator.service.expression import image_of
from gee_sm.emulator.service.message import Request, Response, json_response
from gee_sm.emulator.service.pixel_grid import check_size, grid_of_request
from gee_sm.emulator.service.raster import visualized
from gee_sm.emulator.service.routes import endpoint
from gee_sm.emulator.values.image import Image

if TYPE_CHECKING:
    from gee_sm.emulator.emulator import Emulator


@endpoint("projects.thumbnails.create", "POST", "v1/{parent=projects/*}/thumbnails", computes=True)
def create(emulator: Emulator, request: Request, parent: str) -> Response:
    """Register an image to be fetched, refusing at once what is too large."""
    document = request.json()
    file_format = checked_format(document.get("fileFormat"))
    image = image_of(emulator, document)
    if is_colour_format(file_format):
        image = visualized(emulator, image, document.get("visualizationOptions"))
    grid = grid_of_request(image, document.get("grid"))
    limits = emulator.limits
    check_size(
        image,
        grid,
        side=limits.download_side,
        total=limits.download_bytes,
        bands=limits.pixels_bands,
    )
    name = document.get("filenamePrefix") or _default_name(image)
    registered = (image, grid, file_format, str(name).replace("/", "_"))
    return json_response({"name": emulator.thumbnails.add(parent, registered)})


@endpoint(
    "projects.thumbnails.getPixels",
    "GET",
    "v1/{name=projects/*/thumbnails/*}:getPixels",
    computes=True,
    by_url=True,
)
def get_pixels(emulator: Emulator, request: Request, name: str) -> Response:
    """Answer a registered image as a file."""
    image, grid, file_format, prefix = emulator.thumbnails.get(name)
    return image_file(image, grid, file_format, name=prefix)


def _default_name(image: Image) -> str:
    return image.id.replace("/", "_") if image.id else "download"
