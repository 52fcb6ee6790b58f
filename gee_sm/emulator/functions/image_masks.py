"""Which pixels are valid: masks, filling, clipping and blending."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.functions.image_math import pairs
from gee_sm.emulator.functions.scalar_bands import of_scalars
from gee_sm.emulator.pixels.array_pixels import chosen, typed
from gee_sm.emulator.pixels.coverage import coverage
from gee_sm.emulator.pixels.grid import Grid
from gee_sm.emulator.pixels.source import Masking, Positional
from gee_sm.emulator.pixels.tile import EMPTY_MASK, Tile, as_mask, intersect, positive
from gee_sm.emulator.pixels.zeroing import kept
from gee_sm.emulator.registry import implements
from gee_sm.emulator.values.collection import Collection
from gee_sm.emulator.values.geometry import Geometry, geometry_of_geojson
from gee_sm.emulator.values.image import Band, Image
from gee_sm.emulator.values.pixel_type import PixelType, union

_MASK_TYPE = PixelType("float", 0.0, 1.0)


def _one_for_all(name: str, image: Image, mask: Image) -> list[Band]:
    """Return the mask band of each band: one serves all, else the counts must agree."""
    if len(mask.bands) == 1:
        return list(mask.bands) * len(image.bands)
    if len(mask.bands) != len(image.bands):
        raise EarthEngineError(
            f"{name}: The mask must have one band or as many as the image: got "
            f"{len(mask.bands)} for {len(image.bands)}."
        )
    return list(mask.bands)


@implements("Image.mask")
@of_scalars("mask")
def mask(image: Image, mask: Image | None) -> Image:
    """Return the mask, or replace it; pixels that become valid are 0."""
    if mask is None:
        return replace(
            image.map_bands(
                lambda band: Band(
                    band.name, _MASK_TYPE, band.projection, Masking(_weights, (band.source,))
                )
            ),
            id=None,
        )
    bands = [
        replace(band, source=Masking(_replaced, (band.source, other.source)), size=None)
        for band, other in zip(image.bands, _one_for_all("Image.mask", image, mask), strict=True)
    ]
    return image.with_bands(bands)


def _weights(tile: Tile) -> Tile:
    if tile.mask is None:
        return Tile(np.ones((), np.float32))
    return Tile(tile.mask.astype(np.float32))


def _replaced(tile: Tile, other: Tile) -> Tile:
    found = as_mask(other.data, other.mask)
    data = tile.data
    if tile.mask is not None:
        data = kept(data, _aligned(positive(tile.mask), data))
    return Tile(data, found)


def _aligned(condition: np.ndarray, data: np.ndarray) -> np.ndarray:
    """Give a per-pixel condition the further axes of an array band."""
    if data.ndim > 2 and condition.ndim == 2:
        return condition.reshape(condition.shape + (1,) * (data.ndim - 2))
    return condition


@implements("Image.updateMask")
@of_scalars("mask")
def update_mask(image: Image, mask: Image) -> Image:
    """Keep only pixels where another image is not 0; of two fractions the lesser remains."""
    bands = [
        replace(band, source=Masking(_updated, (band.source, other.source)), size=None)
        for band, other in zip(
            image.bands, _one_for_all("Image.updateMask", image, mask), strict=True
        )
    ]
    return image.with_bands(bands)


def _updated(tile: Tile, other: Tile) -> Tile:
    if tile.is_empty:
        return tile
    return Tile(tile.data, intersect(tile.mask, as_mask(other.data, other.mask)))


@implements("Image.selfMask")
def self_mask(image: Image) -> Image:
    """Use each band's own values as its mask."""
    return image.map_bands(
        lambda band: replace(
            band, source=Masking(lambda tile: _updated(tile, tile), (band.source,)), size=None
        )
    )


@implements("Image.unmask")
def unmask(input: Image, value: Image | None, sameFootprint: bool) -> Image:
    """Give fully masked pixels the value and mask of another image.

    With ``sameFootprint`` only pixels inside the image's footprint are filled.
    """
    if value is None:
        from gee_sm.emulator.functions.image_bands import constant

        value = constant(0)
    fillers = _one_for_all("Image.unmask", input, value)
    footprint = input.footprint if sameFootprint else None
    bands = []
    for band, filler in zip(input.bands, fillers, strict=True):
        if band.type.dimensions != filler.type.dimensions:
            raise EarthEngineError(
                f"Band '{band.name}' has {band.type.dimensions} array dimensions, the value "
                f"{filler.type.dimensions}: give arrays, such as ee.Image(ee.Array([0]))."
            )
        result = union(band.type, filler.type)
        sources = [band.source, filler.source]
        if footprint is not None:
            sources.append(Positional(_inside(footprint)))
        bands.append(Band(band.name, result, band.projection, Masking(_filler(result), sources)))
    return input.with_bands(bands)


def _inside(geometry: Geometry) -> Any:
    def function(grid: Grid) -> Tile:
        inside = coverage(geometry.in_crs(grid.lattice.crs), grid) > 0
        if inside.all():
            return Tile(np.ones((), bool))
        return Tile(inside if inside.any() else np.zeros((), bool))

    return function


def _filler(result: PixelType) -> Any:
    dtype = result.dtype

    def function(tile: Tile, filler: Tile, inside: Tile | None = None) -> Tile:
        if tile.mask is None:
            return Tile(typed(tile.data, dtype))
        holes = ~positive(tile.mask)
        if inside is not None:
            holes = holes & inside.data
        data = chosen(holes, filler.data, tile.data, dtype)
        filled = np.ones((), bool) if filler.mask is None else filler.mask
        if tile.mask.dtype == bool and filler.mask is None:
            mask = np.asarray(tile.mask | holes)
        elif tile.mask.dtype == bool and filled.dtype == bool:
            mask = np.asarray(tile.mask | (holes & filled))
        else:
            mask = np.where(holes, filled, tile.mask).astype(np.float32)
        return Tile(data, None if mask.all() and mask.dtype == bool else mask)

    return function


@implements("Image.where")
@of_scalars("test")
def where(input: Image, test: Image, value: Image) -> Image:
    """Replace values where a test is not 0; where test or value are masked nothing changes."""
    tests = _one_for_all("Image.where", input, test)
    values = _one_for_all("Image.where", input, value)
    bands = []
    for band, condition, new in zip(input.bands, tests, values, strict=True):
        if new.type.dimensions not in (0, band.type.dimensions):
            raise EarthEngineError(
                f"Band '{band.name}' has {band.type.dimensions} array dimensions, the value "
                f"{new.type.dimensions}."
            )
        result = union(band.type, new.type)
        sources = (band.source, condition.source, new.source)
        bands.append(Band(band.name, result, band.projection, Masking(_chooser(result), sources)))
    return input.with_bands(bands)


def _chooser(result: PixelType) -> Any:
    dtype = result.dtype

    def function(tile: Tile, test: Tile, value: Tile) -> Tile:
        if tile.is_empty or test.is_empty or value.is_empty:
            return Tile(typed(tile.data, dtype), tile.mask)
        condition = test.data != 0
        for other in (test.mask, value.mask):
            if other is not None:
                condition = condition & positive(other)
        data = chosen(condition, value.data, tile.data, dtype)
        return Tile(data, tile.mask)

    return function


@implements("Image.blend")
def blend(bottom: Image, top: Image) -> Image:
    """Lay one image over another, masks taken as opacity."""
    bands = []
    for below, above, _ in pairs("Image.blend", bottom, top):
        result = union(below.type, above.type)
        bands.append(
            Band(
                below.name,
                result,
                below.projection,
                Masking(_overlay(result), (below.source, above.source)),
            )
        )
    return bottom.with_bands(bands)


def _overlay(result: PixelType) -> Any:
    dtype = result.dtype

    def function(below: Tile, above: Tile) -> Tile:
        if above.is_empty:
            return Tile(below.data.astype(dtype), below.mask)
        if above.mask is None:
            return Tile(above.data.astype(dtype))
        opacity = above.mask.astype(np.float64)
        under = np.ones(()) if below.mask is None else below.mask.astype(np.float64)
        total = opacity + under * (1 - opacity)
        mixed = (above.data * opacity + below.data * under * (1 - opacity)) / np.where(
            total == 0, 1, total
        )
        if result.precision == "int":
            mixed = np.rint(mixed)
        whole = ((total == 0) | (total == 1)).all()
        return Tile(mixed.astype(dtype), total > 0 if whole else total.astype(np.float32))

    return function


@implements("Image.clip")
def clip(input: Image, geometry: Any) -> Image:
    """Mask what lies outside of a geometry; pixels on its edge keep the covered fraction."""
    region = _region(geometry)
    return replace(_clipped(input, region), footprint=region)


@implements("Image.clipToCollection")
def clip_to_collection(input: Image, collection: Any) -> Image:
    """Mask what lies outside of all features; edges keep the covered fraction."""
    return clip(input, collection)


def _region(geometry: Any) -> Geometry:
    if isinstance(geometry, Geometry):
        return geometry
    if isinstance(geometry, Collection):
        import shapely

        shapes = [_region(feature).in_crs("EPSG:4326") for feature in geometry]
        # Their edges have got the vertices that they need to be straight in degrees.
        return Geometry(shapely.union_all(shapes), "EPSG:4326", geodesic=False)
    if isinstance(geometry, dict):
        return geometry_of_geojson(geometry)
    inner = getattr(geometry, "geometry", None)
    if isinstance(inner, Geometry):
        return inner
    footprint = getattr(geometry, "footprint", None)
    if isinstance(footprint, Geometry):
        return footprint
    raise EarthEngineError(f"Image.clip: '{type(geometry).__name__}' has no geometry.")


def _clipped(image: Image, region: Geometry) -> Image:
    inside = Positional(_covered(region))
    return image.map_bands(
        lambda band: replace(band, source=Masking(_within, (band.source, inside)), size=None)
    )


def _covered(region: Geometry) -> Any:
    def function(grid: Grid) -> Tile:
        weights = coverage(region.in_crs(grid.lattice.crs), grid)
        if not weights.any():
            return Tile(np.zeros((), np.uint8), EMPTY_MASK)
        if (weights == 1).all():
            return Tile(np.ones((), np.uint8))
        binary = ((weights == 0) | (weights == 1)).all()
        return Tile(np.ones((), np.uint8), weights > 0 if binary else weights)

    return function


def _within(tile: Tile, inside: Tile) -> Tile:
    if inside.is_empty:
        return Tile(np.zeros((), tile.data.dtype), EMPTY_MASK)
    return Tile(tile.data, intersect(tile.mask, inside.mask))
