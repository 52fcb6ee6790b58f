"""``tables``: features that are fetched by URL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gee_sm.emulator.service.encoders.tables import content_type_of, extension_of, table_bytes
from gee_sm.emulator.service.expression import collection_of, guarded
from gee_sm.emulator.service.message import Request, Response, attachment, json_response
from gee_sm.emulator.service.routes import endpoint

if TYPE_CHECKING:
    from gee_sm.emulator.emulator import Emulator


@endpoint("projects.tables.create", "POST", "v1/{parent=projects/*}/tables", computes=True)
def create(emulator: Emulator, request: Request, parent: str) -> Response:
    """Register a table to be fetched."""
    document = request.json()
    file_format = document.get("fileFormat") or "CSV"
    extension = extension_of(file_format)
    collection = collection_of(emulator, document, of_images=False)
    # Read now: it may be fetched by several at a time, and its errors belong to this answer.
    features = guarded(collection.to_list)
    filename = str(document.get("filename") or "table").replace("/", "_")
    registered = (features, file_format, document.get("selectors"), filename, extension)
    return json_response({"name": emulator.tables.add(parent, registered)})


@endpoint(
    "projects.tables.getFeatures",
    "GET",
    "v1/{name=projects/*/tables/*}:getFeatures",
    computes=True,
    by_url=True,
)
def get_features(emulator: Emulator, request: Request, name: str) -> Response:
    """Answer a registered table as a file."""
    features, file_format, selectors, filename, extension = emulator.tables.get(name)
    body = guarded(lambda: table_bytes(features, file_format, selectors, name=filename))
    return Response(
        200,
        body,
        {"content-type": content_type_of(file_format), **attachment(f"{filename}.{extension}")},
    )
