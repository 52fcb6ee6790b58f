"""A copy of an asset: of one that users made by its files, of the catalog's by what it holds."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.pixels.asset import AssetBand
from gee_sm.emulator.service.asset_store import not_found
from gee_sm.emulator.service.destinations import AssetDestination
from gee_sm.emulator.service.image_asset import store_image
from gee_sm.emulator.service.table_asset import store_table, table_record
from gee_sm.emulator.values.image import Image

if TYPE_CHECKING:
    from gee_sm.emulator.emulator import Emulator

__all__ = ["copy_asset"]


def copy_asset(emulator: Emulator, source: str, destination: AssetDestination) -> None:
    """Copy an image, a table or a classifier that can be read to where the user may write.

    The catalog's images may lie in a series, or be made of others when they are asked for; so their
    pixels are read and written, not their files.

    Raises
    ------
    EarthEngineError
        If there is no such asset, it is of a kind that cannot be copied, or the destination is
        taken.
    """
    library = emulator.catalog
    kind = library.kind(source)
    if kind is None:
        raise not_found(source)
    if library.made.record(source) is not None:
        library.made.copy(source, destination.asset_id, overwrite=destination.overwrite)
    elif kind == "IMAGE":
        _copy_image(emulator, library.image(source), destination)
    elif kind == "TABLE":
        table = library.table(source)
        records = [table_record(feature, number) for number, feature in enumerate(table)]
        store_table(emulator, destination, records, table.properties)
    else:
        raise EarthEngineError(f"Cannot copy '{source}': it is of type {kind}.")


def _copy_image(emulator: Emulator, image: Image, destination: AssetDestination) -> None:
    parts = [
        (Image(tuple(bands)), grid)
        for grid, bands in itertools.groupby(image.bands, key=lambda band: band.extent)
    ]
    policies = {
        band.name: band.source.policy if isinstance(band.source, AssetBand) else "MEAN"
        for band in image.bands
    }
    store_image(emulator, destination, parts, policies, image.properties, footprint=image.footprint)
