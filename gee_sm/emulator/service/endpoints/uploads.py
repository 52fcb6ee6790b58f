"""``image:import`` and ``table:import``: files of a bucket that become assets."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.service.destinations import AssetDestination, asset_destination
from gee_sm.emulator.service.image_upload import upload_image
from gee_sm.emulator.service.message import Request, Response, json_response
from gee_sm.emulator.service.routes import endpoint
from gee_sm.emulator.service.table_upload import upload_table
from gee_sm.emulator.service.tasks import operation_json

if TYPE_CHECKING:
    from gee_sm.emulator.emulator import Emulator

Upload = Callable[..., list[str]]


@endpoint("projects.image.import", "POST", "v1/{project=projects/*}/image:import")
def import_image(emulator: Emulator, request: Request, project: str) -> Response:
    """Queue the upload of an image."""
    return _submitted(emulator, request, project, "image", "INGEST_IMAGE", upload_image)


@endpoint("projects.table.import", "POST", "v1/{project=projects/*}/table:import")
def import_table(emulator: Emulator, request: Request, project: str) -> Response:
    """Queue the upload of a table."""
    return _submitted(emulator, request, project, "table", "INGEST_TABLE", upload_table)


def _submitted(
    emulator: Emulator, request: Request, project: str, what: str, kind: str, upload: Upload
) -> Response:
    document = request.json()
    manifest: Any = document.get(f"{what}Manifest")
    if not isinstance(manifest, dict):
        raise EarthEngineError(f"Invalid request: '{what}Manifest' is required.")
    destination: AssetDestination = asset_destination(
        {
            "earthEngineDestination": {
                "name": manifest.get("name"),
                "overwrite": document.get("overwrite"),
            }
        }
    )
    request_id = document.get("requestId")
    task = emulator.tasks.submit(
        project,
        kind,
        lambda task: upload(emulator, manifest, destination, task),
        description=f'Ingest {what}: "{destination.asset_id}"',
        request_id=str(request_id) if request_id else None,
        fault=lambda: emulator.faults.for_task(f"projects.{what}.import"),
    )
    return json_response(operation_json(task))
