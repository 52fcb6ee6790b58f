"""An image written into the store of assets."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import shapely

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.pixels.grid import Grid
from gee_sm.emulator.service.destinations import AssetDestination
from gee_sm.emulator.service.encoders.geotiff import stored_type
from gee_sm.emulator.service.encoders.geotiff_writer import FileLayout, write_files
from gee_sm.emulator.service.feature_json import geojson_geometry
from gee_sm.emulator.service.stored_properties import stored_properties
from gee_sm.emulator.service.task import Task
from gee_sm.emulator.values.geometry import Geometry
from gee_sm.emulator.values.image import Band, Image
from gee_sm.emulator.values.pixel_type import of_dtype

if TYPE_CHECKING:
    from gee_sm.emulator.emulator import Emulator

__all__ = ["checked_policy", "store_image"]

_POLICIES = ("MEAN", "MODE", "SAMPLE", "MIN", "MAX", "MEDIAN")
_EDGES = 32


def checked_policy(policy: Any) -> str:
    """Return a pyramiding policy.

    Raises
    ------
    EarthEngineError
        If there is none of that name.
    """
    if policy not in _POLICIES:
        raise EarthEngineError(
            f"Invalid pyramiding policy '{policy!s:.40}': expected one of {', '.join(_POLICIES)}."
        )
    return str(policy)


def store_image(
    emulator: Emulator,
    destination: AssetDestination,
    parts: Sequence[tuple[Image, Grid]],
    policies: Mapping[str, str],
    properties: Mapping[str, Any],
    task: Task,
) -> None:
    """Compute an image and make it an asset, which appears when it is complete.

    Parameters
    ----------
    emulator : Emulator
        Whose store it goes to.
    destination : AssetDestination
        Under which id.
    parts : sequence of (Image, Grid)
        Bands by grid, in the order of the asset's bands.
    policies : mapping of str to str
        Pyramiding policy by band.
    properties : mapping
        The asset's properties; those that cannot be stored are left out.
    task : Task
        Told of the progress; stops the work when it is cancelled.

    Raises
    ------
    EarthEngineError
        If the id is taken, in the service's words.
    """
    store = emulator.catalog.made
    store.check_destination(destination.asset_id, overwrite=destination.overwrite)
    total = sum(grid.width * grid.height for _, grid in parts)
    done = 0

    def on_tile(pixels: int) -> None:
        nonlocal done
        done += pixels
        task.advance(done / total)

    staged = store.staging()
    try:
        records: list[dict[str, Any]] = []
        for image, grid in parts:
            # One file a band, as their types may differ, but all computed in one pass.
            layouts = {
                staged / f"{len(records) + index}.tif": FileLayout((index,), internal_mask=True)
                for index in range(len(image.bands))
            }
            write_files(image, grid, layouts, on_tile=on_tile)
            records += [
                _record(band, grid, path.name, policies[band.name])
                for band, path in zip(image.bands, layouts, strict=True)
            ]
        store.store(
            destination.asset_id,
            "IMAGE",
            staged,
            {"bands": records, "geometry": _footprint([grid for _, grid in parts])},
            stored_properties(dict(properties)),
            overwrite=destination.overwrite,
        )
    finally:
        shutil.rmtree(staged, ignore_errors=True)


def _record(band: Band, grid: Grid, file: str, policy: str) -> dict[str, Any]:
    kind = of_dtype(stored_type(band.type.dtype))
    return {
        "name": band.name,
        "file": file,
        "crs": grid.lattice.crs,
        "transform": list(grid.projection.transform),
        "size": [grid.width, grid.height],
        "precision": kind.precision,
        "minimum": kind.minimum,
        "maximum": kind.maximum,
        "policy": policy,
    }


def _footprint(grids: Sequence[Grid]) -> dict[str, Any] | None:
    """Return the outline of all grids as GeoJSON."""
    outlines = []
    for grid in grids:
        box = shapely.box(*grid.bounds())
        dense = shapely.segmentize(box, box.length / _EDGES)
        outlines.append(Geometry(dense, grid.lattice.crs, False).in_crs("EPSG:4326"))
    return geojson_geometry(Geometry(shapely.union_all(outlines), "EPSG:4326", False))
