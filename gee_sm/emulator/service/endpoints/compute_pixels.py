"""``image:computePixels`` and ``:getPixels`` of a stored image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gee_sm.emulator.service.asset_names import asset_id_of
from gee_sm.emulator.service.encoders.image_file import checked_format, image_file, is_colour_format
from gee_sm.emulator.service.expression import image_of, select_bands
from gee_sm.emulator.service.message import Request, Response
from gee_sm.emulator.service.pixel_grid import check_size, grid_of_request
from gee_sm.emulator.service.raster import visualized
from gee_sm.emulator.service.routes import endpoint
from gee_sm.emulator.values.image import Image

if TYPE_CHECKING:
    from gee_sm.emulator.emulator import Emulator

_GET_PIXELS = frozenset(
    {"fileFormat", "grid", "region", "bandIds", "visualizationOptions", "workloadTag"}
)
_COMPUTE_PIXELS = _GET_PIXELS - {"region"} | {"expression"}


@endpoint(
    "projects.image.computePixels",
    "POST",
    "v1/{project=projects/*}/image:computePixels",
    computes=True,
)
def compute_pixels(emulator: Emulator, request: Request, project: str) -> Response:
    """Answer the pixels of a computed image as a file."""
    document = request.json(known=_COMPUTE_PIXELS)
    return _pixels(emulator, image_of(emulator, document), document)


@endpoint(
    "projects.assets.getPixels",
    "POST",
    "v1/{name=projects/*/assets/**}:getPixels",
    computes=True,
)
def get_pixels(emulator: Emulator, request: Request, name: str) -> Response:
    """Answer the pixels of a stored image as a file."""
    document = request.json(known=_GET_PIXELS)
    image = select_bands(emulator.catalog.image(asset_id_of(name)), document.get("bandIds"))
    return _pixels(emulator, image, document)


def _pixels(emulator: Emulator, image: Image, document: dict[str, Any]) -> Response:
    file_format = checked_format(document.get("fileFormat"))
    if document.get("visualizationOptions"):
        image = visualized(emulator, image, document["visualizationOptions"])
    grid = grid_of_request(image, document.get("grid"), document.get("region"))
    limits = emulator.limits
    check_size(
        image,
        grid,
        side=limits.pixels_side,
        total=limits.pixels_bytes,
        bands=limits.pixels_bands,
    )
    if is_colour_format(file_format):
        image = visualized(emulator, image)
    return image_file(image, grid, file_format)
