"""``image:import`` and ``table:import``: files of a bucket that become assets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.service.batch_calls import batch_call, into_asset, submitted
from gee_sm.emulator.service.destinations import AssetDestination, asset_destination
from gee_sm.emulator.service.image_upload import upload_image
from gee_sm.emulator.service.manifest import with_json_names
from gee_sm.emulator.service.message import Request, Response
from gee_sm.emulator.service.routes import endpoint
from gee_sm.emulator.service.table_upload import upload_table
from gee_sm.emulator.service.task import Work

if TYPE_CHECKING:
    from gee_sm.emulator.emulator import Emulator


@endpoint("projects.image.import", "POST", "v1/{project=projects/*}/image:import")
def import_image(emulator: Emulator, request: Request, project: str) -> Response:
    """Queue the upload of an image."""
    return _submitted(emulator, request, project, "image")


@endpoint("projects.table.import", "POST", "v1/{project=projects/*}/table:import")
def import_table(emulator: Emulator, request: Request, project: str) -> Response:
    """Queue the upload of a table."""
    return _submitted(emulator, request, project, "table")


@batch_call("projects.image.import", "INGEST_IMAGE")
def _image_upload(emulator: Emulator, document: dict[str, Any]) -> Work:
    manifest, asset = _manifest(document, "image")
    return into_asset(emulator, asset, lambda task: upload_image(emulator, manifest, asset, task))


@batch_call("projects.table.import", "INGEST_TABLE")
def _table_upload(emulator: Emulator, document: dict[str, Any]) -> Work:
    manifest, asset = _manifest(document, "table")
    return into_asset(emulator, asset, lambda task: upload_table(emulator, manifest, asset, task))


def _submitted(emulator: Emulator, request: Request, project: str, what: str) -> Response:
    document = request.json()
    _, destination = _manifest(document, what)
    description = f'Ingest {what}: "{destination.asset_id}"'
    call = f"projects.{what}.import"
    return submitted(emulator, project, call, document, description=description)


def _manifest(document: dict[str, Any], what: str) -> tuple[dict[str, Any], AssetDestination]:
    manifest = document.get(f"{what}Manifest")
    if not isinstance(manifest, dict):
        raise EarthEngineError(f"Invalid request: '{what}Manifest' is required.")
    named = {"name": manifest.get("name"), "overwrite": document.get("overwrite")}
    return with_json_names(manifest), asset_destination({"earthEngineDestination": named})
