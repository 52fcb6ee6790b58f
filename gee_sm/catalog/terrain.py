"""Digital elevation models."""

from __future__ import annotations

import datetime as dt

import ee

from gee_sm.catalog.dataset import Band, Dataset

_TILES = "EPSG:4326, 1 arc second; from east to west more beyond 50 degrees"

SRTM = Dataset(
    id="USGS/SRTMGL1_003",
    title="SRTM elevation, 1 arc-second, voids filled",
    bands=(Band("elevation", "m", description="height above the EGM96 geoid"),),
    native_scale_m=30.0,
    start=dt.date(2000, 2, 11),
    end=dt.date(2000, 2, 23),
    kind="image",
    native_grid="EPSG:4326, 1 arc second",
    note="the model that Sentinel-1 scenes were geocoded with, below 60 degrees north",
)

NASADEM = Dataset(
    id="NASA/NASADEM_HGT/001",
    title="NASADEM, SRTM reprocessed",
    bands=(Band("elevation", "m", description="height above the EGM96 geoid"),),
    native_scale_m=30.0,
    native_grid="EPSG:4326, 1 arc second",
    start=dt.date(2000, 2, 11),
    end=dt.date(2000, 2, 23),
    kind="image",
)

GTOPO30 = Dataset(
    id="USGS/GTOPO30",
    title="GTOPO30 elevation, 30 arc-seconds",
    bands=(Band("elevation", "m", description="height above mean sea level"),),
    native_scale_m=927.67,
    native_grid="EPSG:4326, 30 arc seconds",
    start=dt.date(1996, 1, 1),
    end=dt.date(1997, 1, 1),
    kind="image",
)

GLO30_2024 = Dataset(
    id="COPERNICUS/DEM/GLO30_2024_1",
    title="Copernicus surface model, 30 m, edition 2024",
    bands=(Band("DEM", "m", description="height above the EGM2008 geoid"),),
    native_scale_m=30.0,
    start=dt.date(2010, 12, 1),
    end=dt.date(2020, 11, 14),
    native_grid=_TILES,
    note="a collection of tiles: a mosaic of it has no grid until one is set",
)

GLO30 = Dataset(
    id="COPERNICUS/DEM/GLO30",
    title="Copernicus surface model, 30 m",
    bands=(Band("DEM", "m", description="height above the EGM2008 geoid"),),
    native_scale_m=30.0,
    start=dt.date(2010, 12, 1),
    end=dt.date(2015, 2, 1),
    native_grid=_TILES,
    successor="COPERNICUS/DEM/GLO30_2024_1",
)

DATASETS = (SRTM, NASADEM, GTOPO30, GLO30_2024, GLO30)


def elevation(source: Dataset = SRTM) -> ee.Image:
    """Return elevation in metres as one band ``elevation``, to be read bilinearly.

    Nearest-neighbour elevation has steps whose slopes are not the terrain's; they show as stripes
    in every slope correction. Each tile of a collection is marked before the mosaic because the
    mark must sit on the stored pixels.

    Parameters
    ----------
    source : Dataset
        One of the elevation models of this module.

    Returns
    -------
    ee.Image
        Band ``elevation``, m.
    """
    name = source.bands[0].name
    if source.kind == "image":
        return source.image().select([name], ["elevation"]).resample("bilinear")
    tiles = source.collection().select([name], ["elevation"])
    grid = tiles.first().projection()
    return tiles.map(lambda tile: tile.resample("bilinear")).mosaic().setDefaultProjection(grid)
