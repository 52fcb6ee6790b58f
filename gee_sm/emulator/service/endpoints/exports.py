"""Exports of images, tables, map tiles and classifiers, which run in the background."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.service.batch_calls import (
    batch_call,
    description_of,
    into_asset,
    into_files,
    submitted,
)
from gee_sm.emulator.service.classifier_asset import export_classifier
from gee_sm.emulator.service.destinations import (
    AssetDestination,
    asset_destination,
    file_destination,
)
from gee_sm.emulator.service.encoders.tables import extension_of
from gee_sm.emulator.service.expression import check_graph
from gee_sm.emulator.service.image_export import export_to_asset, export_to_files
from gee_sm.emulator.service.message import Request, Response
from gee_sm.emulator.service.routes import endpoint
from gee_sm.emulator.service.table_export import table_to_asset, table_to_file
from gee_sm.emulator.service.task import Task, Work
from gee_sm.emulator.service.tfrecord_export import PatchOptions, export_patches
from gee_sm.emulator.service.tile_export import export_tiles, tile_format

if TYPE_CHECKING:
    from gee_sm.emulator.emulator import Emulator

_AssetExport = Callable[["Emulator", dict[str, Any], AssetDestination, Task], list[str]]

_ABSENT_DESTINATIONS = {
    "bigqueryExportOptions": "BigQuery",
    "featureViewExportOptions": "feature views",
}


@endpoint("projects.image.export", "POST", "v1/{project=projects/*}/image:export")
def export_image(emulator: Emulator, request: Request, project: str) -> Response:
    """Queue the export of an image to Drive, a bucket or an asset."""
    return submitted(emulator, project, "projects.image.export", request.json())


@batch_call("projects.image.export", "EXPORT_IMAGE")
def _image_export(emulator: Emulator, document: dict[str, Any]) -> Work:
    check_graph(document.get("expression"))
    if "assetExportOptions" in document:
        return _to_asset(emulator, document, export_to_asset)
    options = document.get("fileExportOptions")
    files = file_destination(emulator.exports, options, description_of(document))
    file_format = options.get("fileFormat") or "GEO_TIFF"
    if file_format == "TF_RECORD_IMAGE":
        PatchOptions.of_request(options.get("tfRecordOptions") or {})
        return into_files(files, lambda task: export_patches(emulator, document, files, task))
    if file_format != "GEO_TIFF":
        raise EarthEngineError(
            f"Image file format '{file_format!s:.40}' is not available in the emulator's "
            "exports; expected GEO_TIFF or TF_RECORD_IMAGE."
        )
    return into_files(files, lambda task: export_to_files(emulator, document, files, task))


@endpoint("projects.table.export", "POST", "v1/{project=projects/*}/table:export")
def export_table(emulator: Emulator, request: Request, project: str) -> Response:
    """Queue the export of a table to Drive, a bucket or an asset."""
    return submitted(emulator, project, "projects.table.export", request.json())


@batch_call("projects.table.export", "EXPORT_FEATURES")
def _table_export(emulator: Emulator, document: dict[str, Any]) -> Work:
    check_graph(document.get("expression"))
    for name, what in _ABSENT_DESTINATIONS.items():
        if name in document:
            raise EarthEngineError(
                f"Exports to {what} are not implemented by the emulator.", status="UNIMPLEMENTED"
            )
    if "assetExportOptions" in document:
        return _to_asset(emulator, document, table_to_asset)
    options = document.get("fileExportOptions")
    files = file_destination(emulator.exports, options, description_of(document))
    extension_of(options.get("fileFormat") or "CSV")
    return into_files(files, lambda task: table_to_file(emulator, document, files, task))


@endpoint("projects.map.export", "POST", "v1/{project=projects/*}/map:export")
def export_map(emulator: Emulator, request: Request, project: str) -> Response:
    """Queue the export of an image as map tiles to a bucket."""
    return submitted(emulator, project, "projects.map.export", request.json())


@batch_call("projects.map.export", "EXPORT_TILES")
def _map_export(emulator: Emulator, document: dict[str, Any]) -> Work:
    check_graph(document.get("expression"))
    options = document.get("tileExportOptions")
    files = file_destination(emulator.exports, options, description_of(document))
    tile_format(options)
    return lambda task: export_tiles(emulator, document, files, task)


@endpoint("projects.classifier.export", "POST", "v1/{project=projects/*}/classifier:export")
def export_trained(emulator: Emulator, request: Request, project: str) -> Response:
    """Queue the export of a trained classifier to an asset."""
    return submitted(emulator, project, "projects.classifier.export", request.json())


@batch_call("projects.classifier.export", "EXPORT_CLASSIFIER")
def _classifier_export(emulator: Emulator, document: dict[str, Any]) -> Work:
    check_graph(document.get("expression"))
    return _to_asset(emulator, document, export_classifier)


def _to_asset(emulator: Emulator, document: dict[str, Any], export: _AssetExport) -> Work:
    asset = asset_destination(document.get("assetExportOptions"))
    return into_asset(emulator, asset, lambda task: export(emulator, document, asset, task))
