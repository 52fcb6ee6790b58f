"""``imageCollection:computeImages``: the images of a computed collection, page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.service.asset_json import computed_image_json
from gee_sm.emulator.service.expression import collection_of, guarded
from gee_sm.emulator.service.message import Request, Response, json_response
from gee_sm.emulator.service.paging import PAGED_COMPUTATION, page
from gee_sm.emulator.service.routes import endpoint
from gee_sm.emulator.values.image import Image

if TYPE_CHECKING:
    from gee_sm.emulator.emulator import Emulator


@endpoint(
    "projects.imageCollection.computeImages",
    "POST",
    "v1/{project=projects/*}/imageCollection:computeImages",
    computes=True,
)
def compute_images(emulator: Emulator, request: Request, project: str) -> Response:
    """Answer a page of image descriptions."""
    document = request.json(known=PAGED_COMPUTATION)
    collection = collection_of(emulator, document, of_images=True)
    found, following = guarded(
        lambda: page(
            collection, document.get("pageSize"), document.get("pageToken"), emulator.limits
        )
    )
    if not all(isinstance(image, Image) for image in found):
        raise EarthEngineError("Expected an image collection, got one of features.")
    answer: dict[str, Any] = {
        "images": guarded(lambda: [computed_image_json(image) for image in found])
    }
    if following is not None:
        answer["nextPageToken"] = following
    return json_response(answer)
