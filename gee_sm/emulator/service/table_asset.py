"""A table written into the store of assets."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gee_sm.emulator.encode import encode
from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.service.destinations import AssetDestination
from gee_sm.emulator.service.stored_properties import stored_properties
from gee_sm.emulator.service.task import Task
from gee_sm.emulator.values.geometry import Geometry

if TYPE_CHECKING:
    from gee_sm.emulator.emulator import Emulator

__all__ = ["store_table", "table_record"]


def table_record(
    feature: Any, number: int, selectors: Sequence[str] | None = None
) -> dict[str, Any]:
    """Return a feature as a row of :func:`store_table`.

    Parameters
    ----------
    feature : Feature
        The row; its properties that cannot be stored are left out.
    number : int
        Its index if it has none.
    selectors : sequence of str, optional
        Properties to keep.
    """
    properties = stored_properties(feature.properties)
    if selectors:
        properties = {k: v for k, v in properties.items() if k in selectors}
    properties["system:index"] = str(feature.properties.get("system:index", number))
    geometry = getattr(feature, "geometry", None)
    # With the coordinate system, and how edges run between the points: the same geometry.
    kept = encode(geometry) if isinstance(geometry, Geometry) else None
    return {"geometry": kept, "properties": encode(properties)}


def store_table(
    emulator: Emulator,
    destination: AssetDestination,
    records: Sequence[Mapping[str, Any]],
    properties: Mapping[str, Any],
    task: Task | None = None,
) -> None:
    """Make rows an asset, which appears when it is complete.

    Parameters
    ----------
    emulator : Emulator
        Whose store it goes to.
    destination : AssetDestination
        Under which id.
    records : sequence of mapping
        ``{geometry: GeoJSON or None, properties}``, ``system:index`` among the properties.
    properties : mapping
        The asset's properties.
    task : Task, optional
        What makes it.

    Raises
    ------
    EarthEngineError
        If the table is empty, or the id is taken.
    """
    if not records:
        raise EarthEngineError("Unable to make an asset of an empty table.")
    store = emulator.catalog.made
    store.check_destination(destination.asset_id, "TABLE", overwrite=destination.overwrite)
    with store.staging() as staged:
        (staged / "features.json").write_text(
            json.dumps(list(records), ensure_ascii=False), encoding="utf-8"
        )
        store.store(
            destination.asset_id,
            "TABLE",
            staged,
            {},
            stored_properties(dict(properties)),
            overwrite=destination.overwrite,
            made_by=None if task is None else task.name,
        )
