"""Slope, aspect and shading of a surface, from the four neighbours of each pixel."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.functions.scalar_bands import of_scalars
from gee_sm.emulator.pixels import neighbourhood as nb
from gee_sm.emulator.pixels.grid import METERS_PER_DEGREE, Grid, crs_of, transformer
from gee_sm.emulator.pixels.source import Pick, Pixelwise, Shared, Source
from gee_sm.emulator.pixels.tile import Tile, empty
from gee_sm.emulator.registry import implements
from gee_sm.emulator.values.image import Band, Image
from gee_sm.emulator.values.pixel_type import BYTE, DOUBLE

_HALO = (1, 1, 1, 1)


@dataclass(frozen=True)
class GroundSteps:
    """How far a step to the next column and to the next row leads, in metres on the ground.

    Each is a number, or an array that broadcasts over the grid.
    """

    column_east: np.ndarray | float
    row_east: np.ndarray | float
    column_north: np.ndarray | float
    row_north: np.ndarray | float


def ground_steps(grid: Grid) -> GroundSteps:
    """Return the steps of a grid, also of a turned or sheared one.

    In degrees steps to the east shrink with the cosine of the latitude, on the sphere that the
    service uses for its nominal scale.
    """
    a, b, _, d, e, _ = grid.lattice.transform
    crs = crs_of(grid.lattice.crs)
    if crs.is_geographic:
        shrink = np.cos(np.deg2rad(_northings(grid)))
        east = [step * METERS_PER_DEGREE * shrink if step else 0.0 for step in (a, b)]
        return GroundSteps(*east, d * METERS_PER_DEGREE, e * METERS_PER_DEGREE)
    if grid.lattice.crs == "EPSG:3857":
        ys = _northings(grid)
        _, latitude = transformer("EPSG:3857", "EPSG:4326").transform(np.zeros_like(ys), ys)
        shrink = np.cos(np.deg2rad(latitude))
        return GroundSteps(*(step * shrink if step else 0.0 for step in (a, b, d, e)))
    unit = crs.axis_info[0].unit_conversion_factor if crs.axis_info else 1.0
    return GroundSteps(*(step * unit for step in (a, b, d, e)))


def _northings(grid: Grid) -> np.ndarray:
    """Return y of the pixel centres; one column is enough where rows run along the axes."""
    return grid.axes()[1][:, None] if grid.is_rectilinear else grid.centers()[1]


def gradients(source: Source) -> Shared:
    """Return the shared computation of (dz/dx, dz/dy) per metre, x to the east, y to the north."""

    def function(grid: Grid, tiles: list[Tile]) -> tuple[Tile, ...]:
        (tile,) = tiles
        if tile.is_empty:
            return empty(DOUBLE.dtype), empty(DOUBLE.dtype)
        wide = grid.padded(*_HALO)
        values, valid = nb.split(tile, wide.shape)
        values = values.astype(np.float64)
        good = nb.inner(valid, _HALO).copy()
        for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            good &= nb.shifted(valid, _HALO, dx, dy)
        across = nb.shifted(values, _HALO, 1, 0) - nb.shifted(values, _HALO, -1, 0)
        down = nb.shifted(values, _HALO, 0, 1) - nb.shifted(values, _HALO, 0, -1)
        east, north = _along_axes(across, down, ground_steps(grid), turned=not grid.is_rectilinear)
        mask = None if good.all() else good
        return Tile(east, mask), Tile(north, mask)

    return Shared(function, (source,), _HALO)


def _along_axes(
    across: np.ndarray, down: np.ndarray, steps: GroundSteps, *, turned: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Turn differences over two columns and two rows into changes per metre east and north."""
    if not turned:
        return across / (2 * steps.column_east), down / (2 * steps.row_north)
    # across = 2 (column_east dz/dx + column_north dz/dy), and so down; solved for both.
    twice = 2 * (steps.column_east * steps.row_north - steps.row_east * steps.column_north)
    east = (steps.row_north * across - steps.column_north * down) / twice
    north = (steps.column_east * down - steps.row_east * across) / twice
    return east, north


def _slope(east: np.ndarray, north: np.ndarray) -> np.ndarray:
    return np.rad2deg(np.arctan(np.hypot(east, north)))


def _aspect(east: np.ndarray, north: np.ndarray) -> np.ndarray:
    """Direction the slope faces, clockwise from north; 0 on flat ground."""
    found = np.rad2deg(np.arctan2(-east, -north)) % 360.0
    return np.where((east == 0) & (north == 0), 0.0, found)


def elevation_band(image: Image) -> Band:
    """Return the only band, or the one named elevation."""
    if len(image.bands) == 1:
        return image.first_band
    for band in image.bands:
        if band.name == "elevation":
            return band
    raise EarthEngineError(
        "Terrain: The image must have one band, or one named 'elevation'. "
        f"Available bands: [{', '.join(image.names)}]"
    )


def _derived(image: Image, name: str, function: object) -> Band:
    band = elevation_band(image)
    shared = gradients(band.source)
    source = Pixelwise(function, (Pick(shared, 0), Pick(shared, 1)), DOUBLE.dtype)
    return Band(name, DOUBLE, band.projection, source)


@implements("Terrain.slope")
@of_scalars("input")
def slope(input: Image) -> Image:
    """Return the slope in degrees."""
    return replace(input.with_bands([_derived(input, "slope", _slope)]), id=None)


@implements("Terrain.aspect")
@of_scalars("input")
def aspect(input: Image) -> Image:
    """Return the aspect in degrees: 0 north, 90 east."""
    return replace(input.with_bands([_derived(input, "aspect", _aspect)]), id=None)


def _shading(azimuth: float, elevation: float) -> object:
    zenith = math.radians(90 - elevation)
    direction = math.radians(azimuth)

    def function(east: np.ndarray, north: np.ndarray) -> np.ndarray:
        incline = np.arctan(np.hypot(east, north))
        facing = np.deg2rad(_aspect(east, north))
        light = np.cos(incline) * math.cos(zenith) + np.sin(incline) * math.sin(zenith) * np.cos(
            direction - facing
        )
        return np.rint(255 * np.clip(light, 0, 1))

    return function


@implements("Terrain.hillshade")
@of_scalars("input")
def hillshade(input: Image, azimuth: float, elevation: float) -> Image:
    """Return the shading by a light, 0 to 255."""
    band = _derived(input, "hillshade", _shading(azimuth, elevation))
    source = Pixelwise(lambda a: a, (band.source,), BYTE.dtype)
    return replace(input.with_bands([Band("hillshade", BYTE, band.projection, source)]), id=None)


@implements("Terrain.products", "Terrain")
@of_scalars("input")
def products(input: Image) -> Image:
    """Add slope, aspect and hillshade to the image."""
    return input.with_bands(
        [
            *input.bands,
            *slope(input).bands,
            *aspect(input).bands,
            *hillshade(input, 270.0, 45.0).bands,
        ]
    )
