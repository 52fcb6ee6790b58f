"""Projections of images: reading, pinning and changing them; coordinates and sizes of pixels."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pyproj
import shapely

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.pixels.aggregation import Aggregated
from gee_sm.emulator.pixels.asset import AssetBand
from gee_sm.emulator.pixels.grid import (
    DEFAULT,
    Grid,
    Projection,
    crs_of,
    pixel_coordinates,
    transformer,
)
from gee_sm.emulator.pixels.resampling import Reprojected
from gee_sm.emulator.pixels.source import Pick, Positional, Source
from gee_sm.emulator.pixels.tile import Tile
from gee_sm.emulator.registry import implements
from gee_sm.emulator.values.geometry import Geometry
from gee_sm.emulator.values.image import Band, Image
from gee_sm.emulator.values.pixel_type import DOUBLE
from gee_sm.emulator.values.reducer import Reducer

# Metres. Beyond these, doubles no longer hold the places of pixels.
_SMALLEST_PIXEL, _LARGEST_PIXEL = 1e-6, 1e9
_FARTHEST = 1e9
_GEOD = pyproj.Geod(ellps="WGS84")


@implements("Image.projection")
def projection(image: Image) -> Projection:
    """Return the default projection, which all bands must share."""
    found = {band.projection for band in image.bands}
    if len(found) > 1:
        raise EarthEngineError(
            "Image.projection: The bands of the specified image contain different projections. "
            "Use Image.select to pick a single band."
        )
    if not found:
        raise EarthEngineError("Image.projection: The image has no bands.")
    return found.pop()


def chosen_projection(
    crs: Projection, transform: list[float] | None, scale: float | None
) -> Projection:
    """Return the projection that ``crs``, ``crsTransform`` and ``scale`` describe together."""
    if transform is not None and scale is not None:
        raise EarthEngineError("Cannot specify both crsTransform and scale.")
    if transform is not None:
        if len(transform) != 6:
            raise EarthEngineError(f"crsTransform must have 6 numbers, got {len(transform)}.")
        return Projection(crs.crs, tuple(float(v) for v in transform))
    if scale is not None:
        return crs.at_scale(checked_scale(scale))
    return crs


def checked_scale(scale: float) -> float:
    """Return the side of a pixel in metres.

    Raises
    ------
    EarthEngineError
        If no grid on Earth has such pixels.
    """
    if not _SMALLEST_PIXEL <= scale <= _LARGEST_PIXEL:
        raise EarthEngineError(
            f"The scale must lie between {_SMALLEST_PIXEL:g} and {_LARGEST_PIXEL:g} metres, "
            f"got {scale:g}."
        )
    return scale


@implements("Image.reproject")
def reproject(
    image: Image, crs: Projection, crsTransform: list[float] | None, scale: float | None
) -> Image:
    """Compute everything before this on a given grid."""
    target = chosen_projection(crs, crsTransform, scale)
    return replace(
        image.map_bands(
            lambda band: Band(band.name, band.type, target, Reprojected(band.source, target))
        ),
        id=None,
    )


@implements("Image.setDefaultProjection")
def set_default_projection(
    image: Image, crs: Projection, crsTransform: list[float] | None, scale: float | None
) -> Image:
    """Change the default projection without moving a pixel."""
    target = chosen_projection(crs, crsTransform, scale)
    return image.map_bands(lambda band: replace(band, projection=target, size=None))


@implements("Image.resample")
def resample(image: Image, mode: str) -> Image:
    """Interpolate when the image is next read in another grid."""
    if mode not in ("bilinear", "bicubic"):
        raise EarthEngineError(f"Resampling mode must be 'bilinear' or 'bicubic', got '{mode}'.")

    def change(band: Band) -> Band:
        if isinstance(band.source, AssetBand):
            return replace(band, source=band.source.resampled(mode))
        source: Source = Reprojected(band.source, band.projection, mode, pyramid=True)
        if band.projection.is_default:
            # A composite has no grid to interpolate on: the call is without effect.
            source = band.source
        return replace(band, source=source, size=None)

    return image.map_bands(change)


@implements("Image.reduceResolution")
def reduce_resolution(image: Image, reducer: Reducer, bestEffort: bool, maxPixels: int) -> Image:
    """Aggregate the image's own pixels when it is next read in a coarser grid."""
    for band in image.bands:
        if band.projection.is_default:
            raise EarthEngineError(
                "The input to reduceResolution does not have a valid default projection. "
                "Use setDefaultProjection() or reproject() first."
            )
    if not 1 <= maxPixels <= 65536:
        raise EarthEngineError(f"maxPixels must be between 1 and 65536, got {maxPixels}.")
    bands = []
    if reducer.inputs == 1:
        for band in image.bands:
            shared = Aggregated(
                (band.source,), (band.type,), band.projection, reducer, maxPixels, bestEffort
            )
            names = (
                [band.name]
                if len(reducer.outputs) == 1
                else [f"{band.name}_{output}" for output in reducer.outputs]
            )
            bands.extend(_outputs(shared, names, band, reducer))
    else:
        first = image.first_band
        shared = Aggregated(
            tuple(band.source for band in image.bands),
            tuple(band.type for band in image.bands),
            first.projection,
            reducer,
            maxPixels,
            bestEffort,
        )
        bands.extend(_outputs(shared, list(reducer.outputs), first, reducer))
    return replace(image.with_bands(bands), id=None)


def _outputs(shared: Aggregated, names: list[str], band: Band, reducer: Reducer) -> list[Band]:
    return [
        Band(name, rule(band.type).scalar(), band.projection, Pick(shared, index))
        for index, (name, rule) in enumerate(zip(names, reducer.types, strict=True))
    ]


@implements("Image.changeProj")
def change_proj(input: Image, srcProj: Projection, dstProj: Projection) -> Image:
    """Move pixels: the coordinates in one projection are read as coordinates in another."""
    return input.map_bands(
        lambda band: Band(band.name, band.type, dstProj, _Moved(band.source, srcProj, dstProj))
    )


class _Moved(Source):
    """A source whose pixels lie at the same coordinates of another projection."""

    __slots__ = ("source_projection", "target_projection")

    def __init__(self, source: Source, source_projection: Projection, target: Projection):
        super().__init__((source,))
        self.source_projection = source_projection
        self.target_projection = target

    def _stand_in(self, grid: Grid) -> Grid:
        """Return the grid on the source's side that stands for a grid on the target's side."""
        return Grid.of(
            Projection(
                self.source_projection.crs,
                tuple(self.source_projection.affine @ ~self.target_projection.affine @ grid.affine)[
                    :6
                ],
            ),
            grid.width,
            grid.height,
        )

    def demand(self, grid: Grid) -> list[Grid | None]:
        """Return the stand-in on the source's side."""
        if grid.lattice.crs != self.target_projection.crs:
            raise EarthEngineError(
                "changeProj: an image moved to "
                f"'{self.target_projection.crs}' must be read in it; use reproject() after it."
            )
        return [self._stand_in(grid)]

    def compute(self, grid: Grid, tiles: list[Tile | None]) -> Tile:
        """Return the moved pixels as they are."""
        return tiles[0]


@implements("Image.pixelLonLat")
def pixel_lon_lat() -> Image:
    """Return longitude and latitude of the pixel centres, in degrees."""

    def coordinate(index: int) -> Positional:
        def function(grid: Grid) -> Tile:
            xs, ys = grid.centers()
            if grid.lattice.crs != "EPSG:4326":
                found = transformer(grid.lattice.crs, "EPSG:4326").transform(
                    np.ascontiguousarray(xs), np.ascontiguousarray(ys)
                )
                return Tile(np.asarray(found[index]))
            return Tile(np.ascontiguousarray((xs, ys)[index]))

        return Positional(function)

    return Image(
        (
            Band("longitude", DOUBLE, DEFAULT, coordinate(0)),
            Band("latitude", DOUBLE, DEFAULT, coordinate(1)),
        )
    )


@implements("Image.pixelCoordinates")
def pixel_coordinates_image(projection: Projection) -> Image:
    """Return the coordinates of the pixel centres in pixels of a projection."""
    unit = Grid.of(projection, 1, 1)

    def coordinate(index: int) -> Positional:
        def function(grid: Grid) -> Tile:
            columns, rows = pixel_coordinates(projection, grid)
            values = (columns - unit.x, rows - unit.y)[index]
            return Tile(np.ascontiguousarray(np.broadcast_to(values, grid.shape)))

        return Positional(function)

    return Image(
        (
            Band("x", DOUBLE, projection, coordinate(0)),
            Band("y", DOUBLE, projection, coordinate(1)),
        )
    )


@implements("Image.pixelArea")
def pixel_area() -> Image:
    """Return the area of each pixel of the request on the WGS84 ellipsoid, in square metres."""
    return Image((Band("area", DOUBLE, DEFAULT, Positional(_area)),))


def _area(grid: Grid) -> Tile:
    a, _, _, _, e, _ = grid.lattice.transform
    size = abs(grid.lattice.affine.determinant)
    crs = crs_of(grid.lattice.crs)
    if crs.is_geographic and grid.is_rectilinear:
        edges = grid.lattice.transform[5] + (grid.y + np.arange(grid.height + 1)) * e
        bands = _zone(np.clip(edges, -90, 90))
        area = np.abs(np.diff(bands)) * math.radians(abs(a))
        return Tile(np.ascontiguousarray(np.broadcast_to(area[:, None], grid.shape)))
    xs, ys = (np.ascontiguousarray(axis) for axis in grid.centers())
    if crs.is_geographic:
        return Tile(size * math.radians(1) ** 2 * _area_of_a_square_radian(ys))
    longitude, latitude = transformer(grid.lattice.crs, "EPSG:4326").transform(xs, ys)
    if grid.lattice.crs == "EPSG:3857":
        # It treats latitudes of the ellipsoid as if they were of a sphere; PROJ's factors do not.
        shrink = np.cos(np.deg2rad(latitude)) / _GEOD.a**2
        return Tile(size * shrink * _area_of_a_square_radian(latitude))
    factors = pyproj.Proj(crs).get_factors(longitude, latitude)
    meters = crs.axis_info[0].unit_conversion_factor if crs.axis_info else 1.0
    return Tile(size * meters**2 / np.asarray(factors.areal_scale))


def _area_of_a_square_radian(latitude: np.ndarray) -> np.ndarray:
    """Return the area per radian of longitude and of latitude on the ellipsoid (m2)."""
    sine, cosine = np.sin(np.deg2rad(latitude)), np.cos(np.deg2rad(latitude))
    return _GEOD.b**2 * cosine / (1 - _GEOD.es * sine**2) ** 2


def _zone(latitude: np.ndarray) -> np.ndarray:
    """Area between the equator and a latitude per radian of longitude on the ellipsoid (m2)."""
    radius, eccentricity = _GEOD.b, math.sqrt(_GEOD.es)
    sine = np.sin(np.deg2rad(latitude))
    return (radius**2 / 2) * (
        sine / (1 - _GEOD.es * sine**2) + np.arctanh(eccentricity * sine) / eccentricity
    )


@implements("Image.clipToBoundsAndScale")
def clip_to_bounds_and_scale(
    input: Image,
    geometry: Geometry | None,
    width: int | None,
    height: int | None,
    maxDimension: int | None,
    scale: float | None,
) -> Image:
    """Clip to a geometry's bounding box in the image's projection, and set its pixel size."""
    base = input.first_band.projection
    extent = input.first_band.extent
    region = input.footprint if geometry is None else geometry
    if geometry is None and extent is not None:
        region = Geometry(shapely.box(*extent.bounds()), base.crs, geodesic=False)
    if region is None:
        raise EarthEngineError(
            "Image.clipToBoundsAndScale: geometry for image clipping must be bounded."
        )
    box = region.in_crs(base.crs)
    if box.is_empty or not all(map(math.isfinite, box.bounds)):
        raise EarthEngineError(
            "Image.clipToBoundsAndScale: geometry for image clipping must be bounded."
        )
    west, south, east, north = box.bounds
    if scale is not None:
        target = base.at_scale(checked_scale(scale))
        a, _, _, _, e, _ = target.transform
        if base.is_default:
            target = Projection(base.crs, (a, 0.0, 0.0, 0.0, -abs(e), 0.0))
    elif width is not None or height is not None or maxDimension is not None:
        for size in (width, height, maxDimension):
            if size is not None and size < 1:
                raise EarthEngineError(f"Width, height and maxDimension are positive, got {size}.")
        if maxDimension is not None:
            longest = max(east - west, north - south)
            step_x = step_y = longest / maxDimension
        else:
            step_x = (east - west) / (width or height)
            step_y = (north - south) / (height or width)
            if width is None or height is None:
                step_x = step_y = step_x if width else step_y
        target = Projection(base.crs, (step_x, 0.0, west, 0.0, -step_y, north))
    else:
        target = base
    from gee_sm.emulator.functions.image_masks import clip
    from gee_sm.emulator.pixels.grid import grid_of_bounds

    pinned = input.map_bands(
        lambda band: Band(
            band.name,
            band.type,
            target,
            band.source if target == band.projection else Reprojected(band.source, target),
        )
    )
    window = grid_of_bounds(target, (west, south, east, north))
    box = shapely.box(west, south, east, north)
    clipped = clip(pinned, Geometry(box, base.crs, geodesic=False))
    origin = window.projection
    return clipped.map_bands(
        lambda band: replace(band, projection=origin, size=(window.width, window.height))
    )


@implements("Image.translate")
def translate(input: Image, x: float, y: float, units: str, proj: Projection | None) -> Image:
    """Move the image by an offset in metres or pixels."""
    if not (abs(x) < _FARTHEST and abs(y) < _FARTHEST):
        raise EarthEngineError(
            f"The offset must be less than {_FARTHEST:g} metres or pixels, got {x:g} and {y:g}."
        )

    def change(band: Band) -> Band:
        base = proj or band.projection
        a, b, c, d, e, f = base.transform
        if units == "pixels":
            dx, dy = x * a, y * e
        else:
            meters = base.nominal_scale / abs(a)
            dx, dy = x / meters, y / meters
        moved = Projection(base.crs, (a, b, c + dx, d, e, f + dy))
        return Band(band.name, band.type, band.projection, _Moved(band.source, base, moved))

    return input.map_bands(change)


@implements("Image.random")
def random(seed: int, distribution: str) -> Image:
    """Return random numbers that depend on the seed and the pixel alone, not on the tile."""
    if distribution not in ("uniform", "normal"):
        raise EarthEngineError(f"Unknown distribution '{distribution}'.")

    def function(grid: Grid) -> Tile:
        columns = (grid.x + np.arange(grid.width)).astype(np.int64).view(np.uint64)[None, :]
        rows = (grid.y + np.arange(grid.height)).astype(np.int64).view(np.uint64)[:, None]
        first = _hashed(columns, rows, seed)
        if distribution == "uniform":
            return Tile(first)
        second = _hashed(columns, rows, seed + 0x9E3779B9)
        return Tile(np.sqrt(-2 * np.log1p(-first)) * np.cos(2 * np.pi * second))

    return Image((Band("random", DOUBLE, DEFAULT, Positional(function)),))


def _hashed(columns: np.ndarray, rows: np.ndarray, seed: int) -> np.ndarray:
    """Mix column, row and seed into a number in [0, 1) (splitmix64's finaliser)."""
    with np.errstate(over="ignore"):
        state = columns * np.uint64(0x9E3779B97F4A7C15) ^ rows * np.uint64(0xC2B2AE3D27D4EB4F)
        state = state + np.uint64(seed % 2**63) * np.uint64(0x165667B19E3779F9)
        for multiplier, shift in ((0xBF58476D1CE4E5B9, 30), (0x94D049BB133111EB, 27)):
            state = (state ^ (state >> np.uint64(shift))) * np.uint64(multiplier)
        state = state ^ (state >> np.uint64(31))
    return (state >> np.uint64(11)).astype(np.float64) / 2.0**53
