"""``image:export`` and ``table:export``: computations that run in the background."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.service.destinations import asset_destination, file_destination
from gee_sm.emulator.service.encoders.tables import extension_of
from gee_sm.emulator.service.expression import check_graph
from gee_sm.emulator.service.image_export import export_to_asset, export_to_files
from gee_sm.emulator.service.message import Request, Response, json_response
from gee_sm.emulator.service.routes import endpoint
from gee_sm.emulator.service.table_export import table_to_asset, table_to_file
from gee_sm.emulator.service.tasks import Task, operation_json

if TYPE_CHECKING:
    from gee_sm.emulator.emulator import Emulator

Work = Callable[[Task], list[str]]

_KINDS = {
    "projects.image.export": "EXPORT_IMAGE",
    "projects.table.export": "EXPORT_FEATURES",
}


@endpoint("projects.image.export", "POST", "v1/{project=projects/*}/image:export")
def export_image(emulator: Emulator, request: Request, project: str) -> Response:
    """Queue the export of an image to Drive, a bucket or an asset."""
    document = request.json()
    check_graph(document.get("expression"))
    if "assetExportOptions" in document:
        asset = asset_destination(document["assetExportOptions"])

        def work(task: Task) -> list[str]:
            return export_to_asset(emulator, document, asset, task)

    else:
        files = file_destination(
            emulator.exports, document.get("fileExportOptions"), _description(document)
        )
        file_format = document["fileExportOptions"].get("fileFormat") or "GEO_TIFF"
        if file_format != "GEO_TIFF":
            raise EarthEngineError(
                f"Image file format '{file_format!s:.40}' is not available in the emulator's "
                "exports; expected GEO_TIFF."
            )

        def work(task: Task) -> list[str]:
            return export_to_files(emulator, document, files, task)

    return _submitted(emulator, project, "projects.image.export", document, work)


@endpoint("projects.table.export", "POST", "v1/{project=projects/*}/table:export")
def export_table(emulator: Emulator, request: Request, project: str) -> Response:
    """Queue the export of a table to Drive, a bucket or an asset."""
    document = request.json()
    check_graph(document.get("expression"))
    if "assetExportOptions" in document:
        asset = asset_destination(document["assetExportOptions"])

        def work(task: Task) -> list[str]:
            return table_to_asset(emulator, document, asset, task)

    else:
        files = file_destination(
            emulator.exports, document.get("fileExportOptions"), _description(document)
        )
        extension_of(document["fileExportOptions"].get("fileFormat") or "CSV")

        def work(task: Task) -> list[str]:
            return table_to_file(emulator, document, files, task)

    return _submitted(emulator, project, "projects.table.export", document, work)


def _description(document: dict[str, Any]) -> str:
    return str(document.get("description") or "export")


def _submitted(
    emulator: Emulator, project: str, call: str, document: dict[str, Any], work: Work
) -> Response:
    request_id = document.get("requestId")
    if request_id is not None and not isinstance(request_id, str):
        raise EarthEngineError("Invalid request: 'requestId' is text.")
    task = emulator.tasks.submit(
        project,
        _KINDS[call],
        work,
        fault=lambda: emulator.faults.for_task(call),
        description=_description(document),
        priority=document.get("priority"),
        request_id=request_id,
    )
    return json_response(operation_json(task))
