"""Terrain, soil texture and land cover of the wide region: layers without a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
from affine import Affine
from rasterio.warp import transform
from scipy import ndimage

from gee_sm.emulator.catalog import CatalogWriter
from gee_sm.sample.ground import Ground
from gee_sm.sample.region import CRS, Grid, geographic_grid
from gee_sm.sample.wide_region import (
    TRUTH_GRID,
    WIDE_BOUNDS,
    inside_bounds,
    sinusoidal_grid,
)
from gee_sm.sample.wide_truth import WideTruth

__all__ = [
    "CLAY_ID",
    "ELEVATION_ID",
    "LAND_COVER_ID",
    "SAND_ID",
    "STATIC_PARAMETERS",
    "elevation_of_scenes",
    "write_land_cover",
    "write_soil_texture",
    "write_terrain",
]

ELEVATION_ID = "USGS/SRTMGL1_003"
SAND_ID = "OpenLandMap/SOL/SOL_SAND-WFRACTION_USDA-3A1A1A_M/v02"
CLAY_ID = "OpenLandMap/SOL/SOL_CLAY-WFRACTION_USDA-3A1A1A_M/v02"
LAND_COVER_ID = "MODIS/061/MCD12Q1"

_ARC_SECOND = 1 / 3600
_PIXELS_PER_NODE = 30
_SCENES_MARGIN = 36 * _ARC_SECOND
_TEXTURE_PIXEL = 1 / 480
_DEPTHS_CM = (0, 10, 30, 60, 100, 200)
_BARREN, _GRASSLAND, _WETLAND = 16, 10, 11
_BARREN_BELOW_NDVI = 0.2

STATIC_PARAMETERS = {
    "elevation": "30 m inside the scenes; elsewhere between nodes of 30 arc-seconds",
    "sand_percent_per_m_of_depth": -2.0,
    "clay_percent_per_m_of_depth": 2.0,
    "land_cover": {
        "1 steppe": f"{_GRASSLAND}, or {_BARREN} where NDVI peaks below {_BARREN_BELOW_NDVI}",
        "2 meadow": _GRASSLAND,
        "3 swamp meadow": _WETLAND,
    },
}
"""What the truth folder says of these layers."""


def elevation_of_scenes(ground: Ground) -> tuple[Grid, np.ndarray]:
    """Return the 1 arc-second grid around the scenes and whole metres on it."""
    grid = geographic_grid(_ARC_SECOND, margin=_SCENES_MARGIN)
    longitude, latitude = np.broadcast_arrays(grid.x, grid.y)
    x, y = transform("EPSG:4326", CRS, longitude.ravel(), latitude.ravel())
    elevation = ground.elevation(np.reshape(x, grid.shape), np.reshape(y, grid.shape))
    return grid, np.rint(elevation).astype(np.int16)


def write_terrain(
    catalog: CatalogWriter, truth: WideTruth, seed: int, years: Sequence[int]
) -> None:
    """Add elevation: the scenes' terrain, and smooth ranges around it."""
    west, south, east, north = WIDE_BOUNDS
    step = _ARC_SECOND * _PIXELS_PER_NODE
    rows, columns = round((north - south) / step), round((east - west) / step)
    nodes = Grid(
        "EPSG:4326", Affine(step, 0, west - step, 0, -step, north + step), (rows + 2, columns + 2)
    )
    coarse = _interpolated(truth.ground.elevation, nodes).astype(np.float32)
    shape = (rows * _PIXELS_PER_NODE, columns * _PIXELS_PER_NODE)
    elevation = np.empty(shape, np.int16)
    along, right = _between_nodes(shape[1])
    down, lower = _between_nodes(shape[0])
    wide = coarse[:, along] * (1 - right) + coarse[:, along + 1] * right
    for row in range(0, shape[0], 300):
        part = slice(row, row + 300)
        weight = lower[part, None]
        elevation[part] = np.rint(wide[down[part]] * (1 - weight) + wide[down[part] + 1] * weight)
    grid, detail = elevation_of_scenes(Ground(seed))
    column = round((grid.transform.c - west) / _ARC_SECOND)
    row = round((north - grid.transform.f) / _ARC_SECOND)
    elevation[row : row + grid.shape[0], column : column + grid.shape[1]] = detail
    catalog.add_image(
        ELEVATION_ID,
        bands={"elevation": elevation},
        crs="EPSG:4326",
        transform=Affine(_ARC_SECOND, 0, west, 0, -_ARC_SECOND, north),
        nodata=-32768,
        time_start=datetime(2000, 2, 11, tzinfo=UTC),
        time_end=datetime(2000, 2, 22, tzinfo=UTC),
    )
    catalog.describe(ELEVATION_ID, title="Elevation, 1 arc-second (synthetic)")


def write_soil_texture(
    catalog: CatalogWriter, truth: WideTruth, seed: int, years: Sequence[int]
) -> None:
    """Add sand and clay at the depths of OpenLandMap, whole percent."""
    west, south, east, north = WIDE_BOUNDS
    size = _TEXTURE_PIXEL
    shape = (round((north - south) / size), round((east - west) / size))
    grid = Grid("EPSG:4326", Affine(size, 0, west, 0, -size, north), shape)
    for asset_id, title, surface, per_m in (
        (SAND_ID, "sand", truth.ground.sand, STATIC_PARAMETERS["sand_percent_per_m_of_depth"]),
        (CLAY_ID, "clay", truth.ground.clay, STATIC_PARAMETERS["clay_percent_per_m_of_depth"]),
    ):
        percent = _interpolated(surface, grid)
        catalog.add_image(
            asset_id,
            bands={
                f"b{depth}": np.rint(np.clip(percent + per_m * depth / 100, 0, 100)).astype(
                    np.uint8
                )
                for depth in _DEPTHS_CM
            },
            crs="EPSG:4326",
            transform=grid.transform,
            nodata=255,
            time_start=datetime(1950, 1, 1, tzinfo=UTC),
            time_end=datetime(2018, 1, 1, tzinfo=UTC),
        )
        catalog.describe(asset_id, title=f"OpenLandMap {title} (synthetic)")


def write_land_cover(
    catalog: CatalogWriter, truth: WideTruth, seed: int, years: Sequence[int]
) -> None:
    """Add the yearly MODIS land cover, IGBP classes by vegetation type."""
    grid = sinusoidal_grid(2400)
    classes = np.array([0, _GRASSLAND, _GRASSLAND, _WETLAND], np.uint8)[truth.vegetation]
    bare = (truth.vegetation == 1) & (truth.ground.ndvi < _BARREN_BELOW_NDVI)
    row, column = _truth_pixel(grid)
    rows, columns = TRUTH_GRID.shape
    row = np.clip(np.floor(row + 0.5).astype(int), 0, rows - 1)
    column = np.clip(np.floor(column + 0.5).astype(int), 0, columns - 1)
    stored = np.where(inside_bounds(grid), np.where(bare, _BARREN, classes)[row, column], 255)
    for year in years:
        catalog.add_image(
            LAND_COVER_ID,
            f"{year}_01_01",
            bands={"LC_Type1": stored.astype(np.uint8)},
            crs=grid.crs,
            transform=grid.transform,
            nodata=255,
            pyramiding={"LC_Type1": "MODE"},
            time_start=datetime(year, 1, 1, tzinfo=UTC),
            time_end=datetime(year + 1, 1, 1, tzinfo=UTC),
        )
    catalog.describe(LAND_COVER_ID, title="MODIS land cover, 500 m (synthetic)")


def _between_nodes(pixels: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the node before each pixel centre, and the share of the next."""
    position = (np.arange(pixels) + 0.5) / _PIXELS_PER_NODE + 0.5
    before = position.astype(int)
    return before, (position - before).astype(np.float32)


def _truth_pixel(grid: Grid) -> tuple[np.ndarray, np.ndarray]:
    """Return row and column of the truth's grid (centres are whole) at a grid's centres."""
    x, y = np.broadcast_arrays(grid.x, grid.y)
    to_x, to_y = map(np.asarray, transform(grid.crs, CRS, x.ravel(), y.ravel()))
    inverse = ~TRUTH_GRID.transform
    row = (inverse.e * to_y + inverse.f - 0.5).reshape(grid.shape)
    return row, (inverse.a * to_x + inverse.c - 0.5).reshape(grid.shape)


def _interpolated(values: np.ndarray, grid: Grid) -> np.ndarray:
    """Return values of the truth's grid between its centres."""
    t = grid.transform
    coarse = Grid(
        grid.crs,
        Affine(4 * t.a, 0, t.c, 0, 4 * t.e, t.f),
        (-(-grid.shape[0] // 4) + 1, -(-grid.shape[1] // 4) + 1),
    )
    if grid.shape[0] * grid.shape[1] < 500_000:
        return ndimage.map_coordinates(values, _truth_pixel(grid), order=1, mode="nearest")
    # Texture is smooth over kilometres: a quarter of the nodes says the same.
    sparse = ndimage.map_coordinates(values, _truth_pixel(coarse), order=1, mode="nearest")
    rows = (np.arange(grid.shape[0]) + 0.5) / 4 - 0.5
    columns = (np.arange(grid.shape[1]) + 0.5) / 4 - 0.5
    return ndimage.map_coordinates(
        sparse, np.meshgrid(rows, columns, indexing="ij"), order=1, mode="nearest"
    )
