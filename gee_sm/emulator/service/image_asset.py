"""An image written into the store of assets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.pixels.grid import Grid
from gee_sm.emulator.pixels.source import Masking
from gee_sm.emulator.pixels.tile import Tile
from gee_sm.emulator.service.destinations import AssetDestination
from gee_sm.emulator.service.encoders.geotiff import stored_type
from gee_sm.emulator.service.encoders.geotiff_writer import FileLayout, write_files
from gee_sm.emulator.service.feature_json import geojson_geometry
from gee_sm.emulator.service.stored_properties import stored_properties
from gee_sm.emulator.service.task import Task
from gee_sm.emulator.values.geometry import Geometry
from gee_sm.emulator.values.image import Band, Image
from gee_sm.emulator.values.pixel_type import FLOAT, of_dtype

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
    task: Task | None = None,
    *,
    footprint: Geometry | None = None,
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
    task : Task, optional
        Told of the progress; stops the work when it is cancelled.
    footprint : Geometry, optional
        Of the asset; that of the grids by default.

    Raises
    ------
    EarthEngineError
        If the id is taken, in the service's words.
    """
    store = emulator.catalog.made
    store.check_destination(destination.asset_id, "IMAGE", overwrite=destination.overwrite)
    total = sum(grid.width * grid.height for _, grid in parts)
    done = 0

    def on_tile(pixels: int) -> None:
        nonlocal done
        done += pixels
        if task is not None:
            task.advance(done / total)

    with store.staging() as staged:
        records: list[dict[str, Any]] = []
        for image, grid in parts:
            watched = [_WatchedMask(band) for band in image.bands]
            # One file a band, as their types may differ, but all computed in one pass.
            layouts = {
                staged / f"{len(records) + index}.tif": FileLayout((index,), internal_mask=True)
                for index in range(len(image.bands))
            }
            image = image.with_bands(mask.watched for mask in watched)
            write_files(image, grid, layouts, on_tile=on_tile)
            described = [
                _record(band, grid, path.name, policies[band.name])
                for band, path in zip(image.bands, layouts, strict=True)
            ]
            # A file says which pixels are valid, not how much: fractions get a file of their own.
            fractions = [index for index, mask in enumerate(watched) if mask.is_fractional]
            for index in fractions:
                described[index]["weights"] = f"{len(records) + index}.weights.tif"
            if fractions:
                weights = image.with_bands(watched[index].weights for index in fractions)
                files = {
                    staged / described[index]["weights"]: FileLayout((position,))
                    for position, index in enumerate(fractions)
                }
                write_files(weights, grid, files, on_tile=lambda _: on_tile(0))
            records += described
        store.store(
            destination.asset_id,
            "IMAGE",
            staged,
            {
                "bands": records,
                "geometry": geojson_geometry(footprint or _outline([g for _, g in parts])),
            },
            stored_properties(dict(properties)),
            overwrite=destination.overwrite,
            made_by=None if task is None else task.name,
        )


class _WatchedMask:
    """The mask of a band that is being computed.

    Attributes
    ----------
    watched : Band
        The band, by whose computation is learned what its mask holds.
    weights : Band
        The mask as a band of its own.
    is_fractional : bool
        Whether a pixel was neither masked nor fully valid.
    """

    def __init__(self, band: Band):
        self.watched = replace(band, source=Masking(self._watch, (band.source,)))
        self.weights = Band(band.name, FLOAT, band.projection, Masking(_weights, (band.source,)))
        self.is_fractional = False

    def _watch(self, tile: Tile) -> Tile:
        mask = tile.mask
        if mask is not None and mask.dtype != bool and ((mask > 0) & (mask < 1)).any():
            self.is_fractional = True
        return tile


def _weights(tile: Tile) -> Tile:
    return Tile(np.ones((), np.float32) if tile.mask is None else tile.mask.astype(np.float32))


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


def _outline(grids: Sequence[Grid]) -> Geometry:
    """Return the outline of all grids."""
    outlines = []
    for grid in grids:
        box = shapely.box(*grid.bounds())
        dense = shapely.segmentize(box, box.length / _EDGES)
        outlines.append(Geometry(dense, grid.lattice.crs, False).in_crs("EPSG:4326"))
    return Geometry(shapely.union_all(outlines), "EPSG:4326", False)
