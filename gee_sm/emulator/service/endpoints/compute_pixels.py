"""``image:computePixels`` and ``:getPixels`` of a stored image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gee_sm.emulator.service.encoders.image_file import image_file
from gee_sm.emulator.service.expression import image_of
from gee_sm.emulator.service.message import Request, Response
from gee_sm.emulator.service.pixel_grid import check_size, grid_of_request
from gee_sm.emulator.service.raster import visualized
from gee_sm.emulator.service.routes import endpoint
from gee_sm.emulator.values.image import Image

if TYPE_CHECKING:
    from gee_sm.emulator.emulator import Emulator


@endpoint(
    "projects.image.computePixels",
    "POST",
    "v1/{project=projects/*}/image:computePixels",
    computes=True,
)
def compute_pixels(emulator: Emulator, request: Request, project: str) -> Response:
    """Answer the pixels of a computed image as a file."""
    document = request.json()
    return _pixels(emulator, image_of(emulator, document), document)


def _pixels(emulator: Emulator, image: Image, document: dict[str, Any]) -> Response:
    if document.get("visualizationOptions"):
        image = visualized(emulator, image, document["visualizationOptions"])
    grid = grid_of_request(image, document.get("grid"))
    limits = emulator.limits
    check_size(
        image,
        grid,
        side=limits.pixels_side,
        total=limits.pixels_bytes,
        bands=limits.pixels_bands,
    )
    return image_file(emulator, image, grid, document.get("fileFormat"))
