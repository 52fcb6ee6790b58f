"""A table written as a file or as an asset, in the background."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from gee_sm.emulator.service.destinations import AssetDestination, FileDestination, write_file
from gee_sm.emulator.service.encoders.tables import checked_selectors, table_files
from gee_sm.emulator.service.expression import collection_of
from gee_sm.emulator.service.table_asset import store_table, table_record
from gee_sm.emulator.service.task import Task
from gee_sm.emulator.values.collection import Collection

if TYPE_CHECKING:
    from gee_sm.emulator.emulator import Emulator

__all__ = ["table_to_asset", "table_to_file"]


def table_to_file(
    emulator: Emulator, document: dict[str, Any], destination: FileDestination, task: Task
) -> list[str]:
    """Write a table as a file, or several in the case of a shapefile; return their folder's URI."""
    file_format = document["fileExportOptions"].get("fileFormat") or "CSV"
    collection = collection_of(emulator, document, of_images=False)
    files = table_files(_watched(collection, task), file_format, document.get("selectors"))
    for extension, body in files.items():
        write_file(destination.path(f".{extension}", task), body)
    return [destination.folder.resolve().as_uri()]


def table_to_asset(
    emulator: Emulator, document: dict[str, Any], destination: AssetDestination, task: Task
) -> list[str]:
    """Write a table as an asset that can be loaded again; return its URI."""
    emulator.catalog.made.check_destination(
        destination.asset_id, "TABLE", overwrite=destination.overwrite
    )
    collection = collection_of(emulator, document, of_images=False)
    selectors = checked_selectors(document.get("selectors"))
    records = [
        table_record(feature, number, selectors)
        for number, feature in enumerate(_watched(collection, task))
    ]
    store_table(emulator, destination, records, collection.properties, task)
    return [destination.uri]


def _watched(collection: Collection, task: Task) -> Iterator[Any]:
    """Yield features, stopping when the task is cancelled."""
    for feature in collection:
        task.advance(0.0)
        yield feature
