"""Rasters of a bucket made into image assets."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rasterio
import rasterio.errors

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.pixels.asset import AssetBand
from gee_sm.emulator.pixels.grid import Grid, Projection, crs_of
from gee_sm.emulator.pixels.source import Masking, Source
from gee_sm.emulator.pixels.tile import Tile, intersect
from gee_sm.emulator.service.bucket import bucket_file
from gee_sm.emulator.service.destinations import AssetDestination
from gee_sm.emulator.service.image_asset import checked_policy, store_image
from gee_sm.emulator.service.manifest import check_members, manifest_properties, members
from gee_sm.emulator.service.task import Task
from gee_sm.emulator.values.image import Band, Image, unique_names
from gee_sm.emulator.values.pixel_type import of_dtype

if TYPE_CHECKING:
    from gee_sm.emulator.emulator import Emulator

__all__ = ["raster_bands", "upload_image"]

_MANIFEST = frozenset(
    {
        "name",
        "tilesets",
        "bands",
        "maskBands",
        "pyramidingPolicy",
        "missingData",
        "startTime",
        "endTime",
        "properties",
    }
)


def upload_image(
    emulator: Emulator, manifest: dict[str, Any], destination: AssetDestination, task: Task
) -> list[str]:
    """Make an asset of a manifest's files; return its URI.

    Parameters
    ----------
    emulator : Emulator
        Whose bucket is read and whose store is written.
    manifest : dict
        ``name``, ``tilesets`` of one file each (with a ``crs``, if the file's is not the right
        one), and optionally ``bands``, ``maskBands`` (a tileset whose last band is 0 where all its
        others are masked), ``pyramidingPolicy``, ``missingData``, ``startTime``, ``endTime`` and
        ``properties``.
    destination : AssetDestination
        The asset.
    task : Task
        Told of the progress.

    Raises
    ------
    EarthEngineError
        If a file is not there, no raster, or lacks a band.
    """
    check_members(manifest, _MANIFEST, "an image")
    store = emulator.catalog.made
    with store.staging() as staged:
        tilesets = {
            name: raster_bands(_local_copy(bucket_file(emulator.exports / "gcs", uri), staged), crs)
            for name, (uri, crs) in _sources(manifest).items()
        }
        parts, policies = _parts(manifest, tilesets)
        store_image(emulator, destination, parts, policies, manifest_properties(manifest), task)
    return [destination.uri]


def _local_copy(path: Path, folder: Path) -> Path:
    """Return a copy under a new name: readers keep files open, and the original may change."""
    copy = folder / f"{len(list(folder.iterdir()))}{path.suffix}"
    shutil.copyfile(path, copy)
    return copy


def _sources(manifest: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Return the URI of each tileset's one file, and the coordinate system it is said to have."""
    found = {}
    for index, tileset in enumerate(members(manifest, "tilesets")):
        check_members(tileset, {"id", "sources", "crs"}, "a tileset")
        uris = [uri for source in members(tileset, "sources") for uri in source.get("uris", ())]
        if len(uris) != 1:
            raise EarthEngineError(
                f"A tileset of {len(uris)} files is not implemented by the emulator: give one "
                "file each."
            )
        found[str(tileset.get("id", index))] = (uris[0], tileset.get("crs"))
    if not found:
        raise EarthEngineError("Invalid manifest: 'tilesets' is required.")
    return found


def _parts(
    manifest: dict[str, Any], rasters: dict[str, tuple[Grid, list[Band]]]
) -> tuple[list[tuple[Image, Grid]], dict[str, str]]:
    """Return the bands to store, grouped by grid, and their pyramiding policies."""
    first = next(iter(rasters))
    masked_by = _without_masks(manifest, rasters)
    described = members(manifest, "bands") or [
        {"id": name, "tilesetId": tileset, "tilesetBandIndex": position}
        for tileset, (_, bands) in rasters.items()
        for position, name in enumerate(band.name for band in bands)
    ]
    names = unique_names(str(entry.get("id", f"b{i + 1}")) for i, entry in enumerate(described))
    default = manifest.get("pyramidingPolicy") or "MEAN"
    missing = _missing_values(manifest)
    parts: list[tuple[Image, Grid]] = []
    policies = {}
    for name, entry in zip(names, described, strict=True):
        tileset = str(entry.get("tilesetId") or first)
        position = entry.get("tilesetBandIndex") or 0
        if tileset not in rasters or position not in range(len(rasters[tileset][1])):
            raise EarthEngineError(
                f"Band '{name:.80}': there is no band {position!r:.40} in '{tileset:.80}'."
            )
        position = int(position)
        grid, bands = rasters[tileset]
        policies[name] = checked_policy(entry.get("pyramidingPolicy") or default)
        stored = bands[position]
        values = _missing_values(entry) or missing
        source = _masked(stored.source, values)
        if tileset in masked_by:
            source = Masking(_where_not_zero, [source, masked_by[tileset]])
        band = Band(name, stored.type, stored.projection, source)
        if parts and parts[-1][1] == grid:
            image = parts[-1][0]
            parts[-1] = (image.with_bands((*image.bands, band)), grid)
        else:
            parts.append((Image((band,)), grid))
    return parts, policies


def _without_masks(
    manifest: dict[str, Any], rasters: dict[str, tuple[Grid, list[Band]]]
) -> dict[str, Source]:
    """Take the bands that are masks out of their tilesets, and return them by tileset."""
    found: dict[str, Source] = {}
    given = manifest.get("maskBands") or []
    for entry in given if isinstance(given, list) else [given]:
        tileset = str(entry.get("tilesetId")) if isinstance(entry, dict) else ""
        if tileset not in rasters or entry.get("bandIds"):
            raise EarthEngineError(
                "Invalid manifest: 'maskBands' is {tilesetId} of a tileset, whose last band masks "
                "all its others; 'bandIds' is not implemented by the emulator."
            )
        found[tileset] = rasters[tileset][1].pop().source
    return found


def _where_not_zero(tile: Tile, mask: Tile) -> Tile:
    return Tile(tile.data, intersect(tile.mask, mask.mask, mask.data != 0))


def raster_bands(path: Path, crs: Any = None) -> tuple[Grid, list[Band]]:
    """Return the grid and the bands of a file, in its own coordinate system if none is given.

    Raises
    ------
    EarthEngineError
        If it is no raster, or has no coordinate system and none is given.
    """
    try:
        with rasterio.open(path) as dataset:
            if crs is None and dataset.crs is None:
                raise EarthEngineError(
                    "The file has no coordinate reference system: give its tileset a 'crs'."
                )
            if crs is None:
                code = dataset.crs.to_epsg()
                crs = f"EPSG:{code}" if code else dataset.crs.to_wkt()
            crs = str(crs)
            crs_of(crs)
            projection = Projection(crs, tuple(dataset.transform)[:6])
            size = (dataset.width, dataset.height)
            names = unique_names(n or f"b{i + 1}" for i, n in enumerate(dataset.descriptions))
            types = [of_dtype(dtype) for dtype in dataset.dtypes]
    except rasterio.errors.RasterioError as error:
        raise EarthEngineError(f"The file is not a raster: {error}") from error
    bands = [
        Band(name, kind, projection, AssetBand(path, i + 1, projection, *size), size)
        for i, (name, kind) in enumerate(zip(names, types, strict=True))
    ]
    return Grid.of(projection, *size), bands


def _missing_values(document: dict[str, Any]) -> list[float]:
    missing = document.get("missingData") or {}
    values = missing.get("values", []) if isinstance(missing, dict) else None
    if not isinstance(values, list) or not all(isinstance(v, int | float) for v in values):
        raise EarthEngineError("Invalid manifest: 'missingData' is {values: [numbers]}.")
    return values


def _masked(source: Source, values: list[float]) -> Source:
    """Return the source with pixels of the given values masked."""
    if not values:
        return source

    def mask(tile: Tile) -> Tile:
        present = ~(tile.data == values[0])
        for value in values[1:]:
            present &= ~(tile.data == value)
        return Tile(tile.data, intersect(tile.mask, present))

    return Masking(mask, [source])
